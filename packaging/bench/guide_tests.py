"""Tests of the guide (Sources/breakoutd/Documentation.docc): its links, its table of modules, and its commands' syntax."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
GUIDE = REPOSITORY / "Sources/breakoutd/Documentation.docc"
PAGES = {page.stem: page.read_text() for page in GUIDE.glob("*.md")}
README = (REPOSITORY / "README.md").read_text()


class Guide(unittest.TestCase):
    """What a page says of the repository is so."""

    def test_links(self) -> None:
        linked = {name for text in PAGES.values() for name in re.findall(r"<doc:(\w+)>", text)}
        self.assertEqual(linked, set(PAGES) - {"breakoutd"})
        self.assertEqual(set(re.findall(r"Documentation\.docc/(\w+)\.md", README)), linked)

    def test_paths(self) -> None:
        for name, text in PAGES.items():
            for path in re.findall(r"`((?:packaging|systemd|Sources|Tests)/[\w./-]+)`", text):
                with self.subTest(name, path=path):
                    self.assertTrue((REPOSITORY / path).exists())

    def test_modules(self) -> None:
        rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*) \|$", PAGES["Architecture"], re.MULTILINE)
        said = {name: set(re.findall(r"`(\w+)`", imports)) for name, imports in rows}
        manifest = (REPOSITORY / "Package.swift").read_text()
        targets = re.findall(
            r'(?:module\(|\.(?:target|executableTarget)\(\s*name: )\s*"(\w+)",\s*(?:dependencies: )?\[(.*?)\]', manifest,
            re.DOTALL)
        found = {name: set(re.findall(r'"(\w+)"', re.sub(r"\.product\([^)]*\)", "", imports)))
                 for name, imports in targets if name not in ("TestSupport", "BenchSupport")}
        self.assertEqual(said, found)

    def test_costs(self) -> None:
        """The table is what fleet-cost makes of the sizes that the page says."""
        sizes = re.search(r"(\d+) bytes a minute, (\d+) a finding, (\d+) metrics", PAGES["Fleet"])
        assert sizes
        minute, finding, metrics = map(int, sizes.groups())
        names = [{"Name": f"m{number}"} for number in range(metrics)]
        # Of an event, 26 bytes are its frame.
        records = ({"Heartbeat": 1, "_aws": {"CloudWatchMetrics": [{"Metrics": names}]}}, minute), ({"finding": {}}, finding)
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            for record, size in records:
                line = json.dumps({**record, "filler": ""})
                print(json.dumps({**record, "filler": "x" * (size - 26 - len(line) - 1)}), file=log, flush=True)
            made = subprocess.run([REPOSITORY / "packaging/fleet-cost", log.name], capture_output=True, text=True, check=True)
        self.assertIn(made.stdout.split("\n", 2)[2], PAGES["Fleet"])

    def test_shell(self) -> None:
        """Every block that is no output, YAML or MIME is right for a shell."""
        for name, text in PAGES.items():
            for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
                if language or re.match(r"(policy|MIME| the node)", block):
                    continue
                with self.subTest(name, block=block):
                    checked = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
                    self.assertEqual(checked.stderr, "")


if __name__ == "__main__":
    unittest.main()
