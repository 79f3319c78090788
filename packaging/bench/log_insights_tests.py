"""Tests of the query language that tests of saved queries use."""

import unittest

import log_insights
from log_insights import QueryError, event

EVENTS = [
    {"@timestamp": 1000, "@message": "1", "node": "a", "n": 1, "kind.name": "x-1"},
    {"@timestamp": 2000, "@message": "2", "node": "a", "n": 3, "kind.name": "y"},
    {"@timestamp": 3000, "@message": "3", "node": "b", "n": 2, "kind.name": "x-2"},
    {"@timestamp": 4000, "@message": "4", "node": "b"},
]


def rows(query: str) -> list[list[object]]:
    """What a query answers, a list a row."""
    columns, found = log_insights.run(query, EVENTS, now=5)
    return [[row.get(column) for column in columns] for row in found]


class Answers(unittest.TestCase):
    """Each against what the user guide says."""

    CASES = {
        "filter n > 1 | fields @timestamp, n": [[2000, 3], [3000, 2]],
        "filter n != 3 | fields n": [[1], [2]],
        "filter not ispresent(n) | fields node": [["b"]],
        'filter node = "a" and n = 1 or n = 2 | fields n': [[1], [2]],
        'filter node = "a" and (n = 1 or n = 2) | fields n': [[1]],
        'filter kind.name in ["y", "x-2"] | fields kind.name': [["y"], ["x-2"]],
        "filter kind.name like /^x-[0-9]$/ | fields kind.name as k": [["x-1"], ["x-2"]],
        "filter toMillis(@timestamp) >= now() * 1000 - 2000 | fields n * 2 + 1 as m": [[5], [None]],
        "stats count(*) as c, sum(n) as s, min(n) as low, max(n) as high by node | sort node desc":
            [["b", 2, 2, 2, 2], ["a", 2, 4, 1, 3]],
        "stats count(n) as c": [[3]],
        "stats count_distinct(node) as c, latest(n) as l": [[2, 2]],
        "stats max(@timestamp) as t by node | filter t < 3000 | display node": [["a"]],
        "sort n desc | limit 2 | fields n": [[3], [2]],
        "sort node desc, n asc | fields n": [[None], [2], [1], [3]],
    }

    def test_answers(self) -> None:
        for query, answer in self.CASES.items():
            with self.subTest(query):
                self.assertEqual(rows(query), answer)

    def test_what_is_not_known(self) -> None:
        for query in ("dedup node", "filter abs(n) > 1", "stats pct(n, 9) as p", "filter n >", "fields n n", "filter 'a'",
                      "limit n", "filter (n", "stats count(*)", ""):
            with self.subTest(query), self.assertRaises(QueryError):
                rows(query)

    def test_events(self) -> None:
        line = '{"_aws": {"Timestamp": 7, "CloudWatchMetrics": []}, "a": {"b": {"c": 1}, "d": null}, "e": [1]}'
        found = event(line)
        self.assertEqual((found["@timestamp"], found["a.b.c"], found["e"]), (7, 1, "[1]"))
        self.assertNotIn("a.d", found)


if __name__ == "__main__":
    unittest.main()
