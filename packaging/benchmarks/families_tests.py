"""Tests of the part `families`: every check is in one family, and every pattern names one."""

import json
import sys
import unittest
from fnmatch import fnmatchcase
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from families import FAMILIES  # pylint: disable=wrong-import-position

SCHEMA = HERE.parent / "schema/breakoutd-report-1.schema.json"


class Families(unittest.TestCase):
    """The schema lists every check."""

    IDS = json.loads(SCHEMA.read_text())["$defs"]["finding"]["properties"]["technique"]["enum"]

    def test_every_check_is_in_one_family(self) -> None:
        for name in self.IDS:
            families = [family for family, patterns in FAMILIES.items()
                        if any(fnmatchcase(name, pattern) for pattern in patterns)]
            self.assertEqual(len(families), 1, f"{name} is in {families}")

    def test_every_pattern_names_a_check(self) -> None:
        for pattern in (pattern for patterns in FAMILIES.values() for pattern in patterns):
            self.assertTrue(any(fnmatchcase(name, pattern) for name in self.IDS), pattern)


if __name__ == "__main__":
    unittest.main()
