"""DuckDB back-end, expressions: SQL text from typed trees, so that DuckDB computes the same bits as the kernel.

SQL has no local names, so a value needed twice becomes a column of an inner SELECT (`Sheet`). Else the text of a nested
expression would double at every level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from liandun.engine.schema import NULL
from liandun.engine.siphash import code
from liandun.packs.model import Call, Const, Expr, InList, Pack, Ref, Source, Type
from liandun.packs.zones import zone_changes
from liandun.replay.zones import DAY_MS

TYPES = {
    Type.INT: "BIGINT",
    Type.FLOAT: "DOUBLE",
    Type.BOOL: "BOOLEAN",
    Type.CODE: "BIGINT",
    Type.TIME: "BIGINT",
    Type.KEY: "UBIGINT",
}
"""The SQL type of each expression type; codes and times are their whole numbers."""

_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*"}


def quoted(name: str) -> str:
    """A column name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def event_column(name: str) -> str:
    """The column that holds a field, a key or the event's time."""
    return quoted(f"event {name}")


def value_column(name: str) -> str:
    """The column that holds a feature, a derived value or a model's output."""
    return quoted(f"value {name}")


def list_column(role: str, name: str) -> str:
    """The column that says whether the key of `role` is on list `name`."""
    return quoted(f"listed {role} {name}")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL and the number of inner SELECTs that must come before it can be used."""

    sql: str
    level: int = 0


@dataclass(slots=True)
class Sheet:
    """A table to which columns are added level by level; a column may use those of lower levels only."""

    pack: Pack
    levels: list[dict[str, str]] = field(default_factory=list)  # SQL of a column -> its name
    known: dict[str, Fragment] = field(default_factory=dict)  # names set by `define`

    def keep(self, fragment: Fragment) -> Fragment:
        """Make the fragment a column, so that it is computed once however often it is used."""
        while len(self.levels) <= fragment.level:
            self.levels.append({})
        level = self.levels[fragment.level]
        name = level.setdefault(fragment.sql, quoted(f"let {fragment.level}.{len(level)}"))
        return Fragment(name, fragment.level + 1)

    def define(self, column: str, expr: Expr) -> None:
        """Give the value of `expr` to all who name `column`."""
        self.known[column] = self.keep(self.compile(expr))

    def query(self, source: str, columns: dict[str, Fragment]) -> str:
        """`SELECT` of the named fragments over the table or sub-query `source`."""
        for level in self.levels:
            added = ", ".join(f"{sql} AS {name}" for sql, name in level.items())
            source = f"(SELECT *, {added} FROM {source})"
        return "SELECT " + ", ".join(f"{part.sql} AS {name}" for name, part in columns.items()) + f" FROM {source}"

    def compile(self, expr: Expr) -> Fragment:
        """The SQL of an expression.

        Raises:
            KeyError: an operation that this back-end does not know.
        """
        match expr:
            case Const():
                return Fragment(literal(expr))
            case Ref():
                column = _named(expr)
                return self.known.get(column, Fragment(column))
            case InList():
                return Fragment(list_column(expr.role, expr.list))
            case Call():
                return self._call(expr, [self.compile(arg) for arg in expr.args])

    def combine(self, parts: Iterable[Fragment], text: Callable[..., str]) -> Fragment:
        """Text made of fragments, each used once."""
        parts = list(parts)
        return Fragment(text(*(part.sql for part in parts)), max((part.level for part in parts), default=0))

    def _call(self, call: Call, args: list[Fragment]) -> Fragment:
        op = call.op
        if op in ("add", "sub", "mul"):
            return self._bounded(self.combine(args, _arithmetic(op, call.type)), call.type)
        if op in _OPERATORS:
            return self.combine(args, lambda left, right: f"({left} {_OPERATORS[op]} {right})")
        if op in ("hour", "weekday", "day"):
            return self._calendar(op, self.keep(args[0]))
        if op == "div":
            return self._bounded(self.combine(args, lambda left, right: f"({left} / {right})"), Type.FLOAT)
        if op in ("least", "greatest"):
            return self._extreme("<=" if op == "least" else ">=", args)
        if op == "floor":
            return self.combine(
                [self.keep(args[0])],
                lambda x: f"CASE WHEN abs({x}) < {2.0**62!r}::DOUBLE THEN floor({x})::BIGINT END",
            )
        if op == "nullif":
            left, right = self.keep(args[0]), args[1]
            return self.combine(
                [left, right], lambda a, b: f"CASE WHEN coalesce({a} = {b}, FALSE) THEN NULL ELSE {a} END"
            )
        return self.combine(args, _TEXTS[op])

    def _bounded(self, value: Fragment, kind: Type) -> Fragment:
        """Null where the result left its type."""
        value = self.keep(value)
        if kind is Type.FLOAT:
            return self.combine([value], lambda x: f"CASE WHEN isfinite({x}) THEN {x} END")
        return self.combine([value], lambda x: f"CASE WHEN {x} <> {_int(NULL)} THEN {x} END")

    def _extreme(self, better: str, args: list[Fragment]) -> Fragment:
        """The best argument, of equal ones the first: `0.0` and `-0.0` are equal but differ in a bit."""
        best = args[0]
        for arg in args[1:]:
            best, arg = self.keep(best), self.keep(arg)
            best = self.combine(
                [best, arg],
                lambda a, b: (
                    f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {a} {better} {b} THEN {a} ELSE {b} END"
                ),
            )
        return best

    def _calendar(self, part: str, time: Fragment) -> Fragment:
        local = self.keep(self.combine([time], lambda x: f"({x} + {offset_sql(self.pack.zone, x)})"))
        into_day = f"(({local.sql} % {DAY_MS} + {DAY_MS}) % {DAY_MS})"
        if part == "hour":
            return Fragment(f"({into_day} // 3600000)", local.level)
        days = self.keep(Fragment(f"(({local.sql} - {into_day}) // {DAY_MS})", local.level))
        # 1 January 1970 was a Thursday, and the calendar repeats every 400 years.
        if part == "weekday":
            return self.combine([days], lambda x: f"((({x} + 3) % 7 + 7) % 7 + 1)")
        return self.combine(
            [days], lambda x: f"day(DATE '1970-01-01' + (({x} % 146097 + 146097) % 146097)::INTEGER)::BIGINT"
        )


def _named(ref: Ref) -> str:
    if ref.source in (Source.FIELD, Source.KEY):
        return event_column(ref.name)
    if ref.source is Source.BUILTIN:
        return {"now": "t", "lag": "lag", "stream": "stream_code", "score": "score"}[ref.name]
    return value_column(ref.name)


def _arithmetic(op: str, kind: Type) -> Callable[[str, str], str]:
    sign = _OPERATORS[op]
    if kind is Type.FLOAT:
        return lambda left, right: f"({left} {sign} {right})"
    return lambda left, right: f"TRY({left} {sign} {right})"  # DuckDB raises an error where the result overflows


_TEXTS: dict[str, Callable[..., str]] = {
    "and": lambda *args: "(" + " AND ".join(args) + ")",
    "or": lambda *args: "(" + " OR ".join(args) + ")",
    "not": lambda a: f"(NOT {a})",
    "is_null": lambda a: f"({a} IS NULL)",
    "coalesce": lambda *args: f"coalesce({', '.join(args)})",
    "if": lambda c, a, b: f"CASE WHEN {c} THEN {a} ELSE {b} END",
    "mod": lambda a, b: f"({a} % nullif({b}, 0))",
    "neg": lambda a: f"(-({a}))",
    "abs": lambda a: f"abs({a})",
    "float": lambda a: f"({a})::DOUBLE",
}


def _int(number: int) -> str:
    return f"({number})::BIGINT"


def literal(const: Const) -> str:
    """A constant in SQL, of its own type."""
    kind = TYPES[const.type]
    if const.value is None:
        return f"NULL::{kind}"
    if isinstance(const.value, bool):
        return "TRUE" if const.value else "FALSE"
    if isinstance(const.value, str):
        return _int(code(const.value))
    return f"'{float(const.value)!r}'::DOUBLE" if const.type is Type.FLOAT else _int(int(const.value))


def offset_sql(zone: str, time: str) -> str:
    """Milliseconds to add to a time for the zone's clock, as SQL over the column `time`."""
    changes = zone_changes(zone)
    branches = " ".join(f"WHEN {time} >= {start} THEN {offset}" for start, offset in reversed(changes[1:]))
    return f"CASE {branches} ELSE {changes[0][1]} END::BIGINT" if branches else f"{changes[0][1]}::BIGINT"
