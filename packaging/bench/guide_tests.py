"""Tests of the guide (Sources/breakoutd/Documentation.docc): its links, its table of modules, its commands' syntax, and the user
data that it has nodes run."""

import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
import unittest
from collections.abc import Callable
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


class UserData(unittest.TestCase):
    """packaging/user-data.sh with a node's places in a folder, and stand-ins for curl and systemctl."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.node = Path(folder.name)
        for name in ("bin", "lib", "etc", "breakoutd"):
            (self.node / name).mkdir()
        self.script("bin/curl", f"""while [ "$1" != --output ]; do shift; done; cp {self.node}/release.tar.gz "$2" """)
        self.script("bin/systemctl", f"""echo "$*" >>{self.node}/calls""")
        self.release("echo installed")

    def script(self, name: str, text: str) -> None:
        """A program of the node."""
        (self.node / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.node / name).chmod(0o755)

    def release(self, installer: str) -> None:
        """What curl fetches; its digest is in the user data."""
        self.script("breakoutd/install.sh", installer)
        with tarfile.open(self.node / "release.tar.gz", "w:gz") as archive:
            archive.add(self.node / "breakoutd", "breakoutd")
        self.digest = hashlib.sha256((self.node / "release.tar.gz").read_bytes()).hexdigest()

    def boot(self) -> tuple[list[str], str]:
        """What the user data writes, the next line of which is the one by which the node joins, and its last complaint."""
        text = (REPOSITORY / "packaging/user-data.sh").read_text().replace("0" * 64, self.digest)
        text = text.replace("/var/lib/", f"{self.node}/lib/").replace("/etc/", f"{self.node}/etc/")
        (self.node / "user-data").write_text(f"{text}echo joins\n")
        # Whoever puts it into a script of their own may have that end at the first failure.
        ran = subprocess.run(["bash", "-e", self.node / "user-data"], capture_output=True, text=True, check=True,
                             env={**os.environ, "PATH": f"{self.node}/bin:{os.environ['PATH']}"})
        self.assertEqual(list((self.node / "lib").iterdir()), [])
        return ran.stdout.splitlines(), ran.stderr

    def test_installs(self) -> None:
        self.assertEqual(self.boot(), (["installed", "joins"], ""))
        self.assertEqual((self.node / "calls").read_text(), "enable breakoutd.service\nstart breakoutd.service\n")
        self.assertIn("clusterName: demo\n", (self.node / "etc/breakoutd/config.yaml").read_text())

    def test_joins_without(self) -> None:
        """A node on which breakoutd cannot be installed is a node all the same."""
        faults: dict[str, Callable[[], object]] = {
            "no route": lambda: self.script("bin/curl", "echo no route >&2; exit 7"),
            "FAILED": lambda: (self.node / "release.tar.gz").write_bytes(b"another"),
            "refused": lambda: self.release("echo refused >&2; exit 1"),
            "does not start": lambda: self.script("bin/systemctl", "echo does not start >&2; exit 1"),
        }
        for reason, make_fault in faults.items():
            with self.subTest(reason):
                self.setUp()
                make_fault()
                said, complaint = self.boot()
                self.assertEqual(said[-1], "joins")
                self.assertIn(reason, "\n".join([*said, complaint]))
                self.assertTrue(complaint.endswith(
                    "user data: breakoutd is not installed, or does not run, for the reason above\n"), complaint)


if __name__ == "__main__":
    unittest.main()
