"""A part of CloudWatch Logs Insights' query language, for tests of saved queries: no stand-in answers them.

Commands fields, filter, stats, sort, limit and display; operators and functions as far as packaging/cloudformation/queries.yaml
uses them. What is not known is an error, never ignored. Meaning as in the CloudWatch Logs user guide, "Logs Insights QL".
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

Row = dict[str, Any]
Expression = Callable[[Row], Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|"(?P<text>[^"]*)"|(?P<name>[@A-Za-z_][\w.@]*)"""
    r"""|(?P<pattern>(?<=like )/(?:[^/\\]|\\.)*/)|(?P<sign>!=|<=|>=|[=<>()\[\],|*/+-]))"""
)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
}
AGGREGATES: dict[str, Callable[[list[tuple[Any, Any]]], Any]] = {
    "count": len,
    "count_distinct": lambda pairs: len({value for _, value in pairs}),
    "sum": lambda pairs: sum(value for _, value in pairs),
    "min": lambda pairs: min((value for _, value in pairs), default=None),
    "max": lambda pairs: max((value for _, value in pairs), default=None),
    "latest": lambda pairs: max(pairs, key=lambda pair: pair[0], default=(0, None))[1],
}


class QueryError(Exception):
    """A query that is wrong, or that uses what is not here."""


def event(line: str) -> Row:
    """The fields of a log event in the embedded metric format; members of objects by their paths, nulls left out."""
    document = json.loads(line)
    fields: Row = {"@timestamp": document["_aws"]["Timestamp"], "@message": line}

    def flatten(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                flatten(f"{prefix}.{name}" if prefix else name, member)
        elif value is not None:
            fields[prefix] = json.dumps(value) if isinstance(value, list) else value

    flatten("", document)
    return fields


def run(query: str, events: Iterable[Row], now: int) -> tuple[list[str], list[Row]]:
    """The columns and rows of the result; `now` is in seconds since 1970."""
    return Query(query, now).run(list(events))


class Query:
    """One query, parsed while it runs: each command works on the rows of the one before."""

    def __init__(self, text: str, now: int) -> None:
        self.tokens = list(self.scan(text))
        self.position = 0
        self.now = now
        self.columns = ["@timestamp", "@message"]

    @staticmethod
    def scan(text: str) -> Iterable[tuple[str, str]]:
        position = 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if not match or not match.lastgroup:
                raise QueryError(f"cannot read {text[position:position + 20]!r}")
            yield match.lastgroup, match[match.lastgroup]
            position = match.end()

    # --- tokens ---

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self, *wanted: str) -> str | None:
        """The next token if it is one of these signs or words."""
        kind, text = self.peek()
        if kind not in ("sign", "name") or text not in wanted:
            return None
        self.position += 1
        return text

    def need(self, kind: str) -> str:
        found, text = self.peek()
        if found != kind:
            raise QueryError(f"{kind} expected, found {text!r}")
        self.position += 1
        return text

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise QueryError(f"{sign!r} expected, found {self.peek()[1]!r}")

    def listed(self, item: Callable[[], Any]) -> list[Any]:
        items = [item()]
        while self.take(","):
            items.append(item())
        return items

    # --- commands ---

    def run(self, rows: list[Row]) -> tuple[list[str], list[Row]]:
        while True:
            command = self.need("name")
            method = getattr(self, f"command_{command}", None)
            if method is None:
                raise QueryError(f"no such command here: {command}")
            rows = method(rows)
            if self.peek()[0] == "end":
                return self.columns, rows
            self.expect("|")

    def command_filter(self, rows: list[Row]) -> list[Row]:
        condition = self.either()
        return [row for row in rows if condition(row) is True]

    def command_fields(self, rows: list[Row]) -> list[Row]:
        named = self.listed(self.named)
        self.columns = [name for name, _ in named]
        return [row | {name: value(row) for name, value in named} for row in rows]

    def command_display(self, rows: list[Row]) -> list[Row]:
        self.columns = self.listed(lambda: self.need("name"))
        return rows

    def command_limit(self, rows: list[Row]) -> list[Row]:
        return rows[: int(self.need("number"))]

    def command_sort(self, rows: list[Row]) -> list[Row]:
        keys = self.listed(lambda: (self.need("name"), self.take("asc", "desc") or "asc"))
        for name, order in reversed(keys):
            rows = sorted(rows, key=lambda row, name=name: (row.get(name) is not None, row.get(name)),
                          reverse=order == "desc")
        return rows

    def command_stats(self, rows: list[Row]) -> list[Row]:
        aggregates = self.listed(self.aggregate)
        keys = self.listed(lambda: self.need("name")) if self.take("by") else []
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            groups.setdefault(tuple(row.get(key) for key in keys), []).append(row)
        self.columns = keys + [name for name, _ in aggregates]
        return [dict(zip(keys, group)) | {name: value(members) for name, value in aggregates}
                for group, members in groups.items()]

    def aggregate(self) -> tuple[str, Callable[[list[Row]], Any]]:
        name = self.need("name")
        if name not in AGGREGATES:
            raise QueryError(f"no such aggregate here: {name}")
        self.expect("(")
        argument = (lambda row: row["@message"]) if self.take("*") else self.sum()
        self.expect(")")

        def value(rows: list[Row]) -> Any:
            pairs = [(row["@timestamp"], argument(row)) for row in rows]
            return AGGREGATES[name]([pair for pair in pairs if pair[1] is not None])

        self.expect("as")
        return self.need("name"), value

    # --- expressions: a value that is not there makes the whole one be not there ---

    def named(self) -> tuple[str, Expression]:
        name, value = self.peek()[1], self.sum()
        return (self.need("name") if self.take("as") else name), value

    def either(self) -> Expression:
        left = self.both()
        while self.take("or"):
            left = (lambda a, b: lambda row: a(row) is True or b(row) is True)(left, self.both())
        return left

    def both(self) -> Expression:
        left = self.comparison()
        while self.take("and"):
            left = (lambda a, b: lambda row: a(row) is True and b(row) is True)(left, self.comparison())
        return left

    def comparison(self) -> Expression:
        if self.take("not"):
            inner = self.comparison()
            return lambda row: inner(row) is not True
        left = self.sum()
        if self.take("in"):
            self.expect("[")
            values = [value({}) for value in self.listed(self.atom)]
            self.expect("]")
            return lambda row: left(row) in values
        if self.take("like"):
            pattern = re.compile(self.need("pattern")[1:-1])
            return lambda row: left(row) is not None and bool(pattern.search(str(left(row))))
        sign = self.take(*COMPARISONS)
        return self.apply(COMPARISONS[sign], left, self.sum()) if sign else left

    def sum(self) -> Expression:
        left = self.product()
        while sign := self.take("+", "-"):
            left = self.apply(ARITHMETIC[sign], left, self.product())
        return left

    def product(self) -> Expression:
        left = self.atom()
        while sign := self.take("*", "/"):
            left = self.apply(ARITHMETIC[sign], left, self.atom())
        return left

    @staticmethod
    def apply(operation: Callable[[Any, Any], Any], left: Expression, right: Expression) -> Expression:
        def value(row: Row) -> Any:
            operands = left(row), right(row)
            return None if None in operands else operation(*operands)

        return value

    def atom(self) -> Expression:
        kind, text = self.peek()
        if self.take("("):
            inner = self.either()
            self.expect(")")
            return inner
        if kind not in ("number", "text", "name"):
            raise QueryError(f"value expected, found {text!r}")
        self.position += 1
        if kind == "number":
            return lambda row: float(text) if "." in text else int(text)
        if kind == "text":
            return lambda row: text
        if self.take("("):
            return self.function(text)
        return lambda row: row.get(text)

    def function(self, name: str) -> Expression:
        if name == "now":
            self.expect(")")
            return lambda row: self.now
        argument = self.sum()
        self.expect(")")
        if name == "ispresent":
            return lambda row: argument(row) is not None
        if name == "toMillis":
            return argument
        raise QueryError(f"no such function here: {name}")
