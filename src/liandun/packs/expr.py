"""Parses the text of an expression: SQL scalar text in, a syntax tree of allowed nodes out, nothing is ever executed.

The text is scanned first, so the parser sees only names, numbers, quoted texts and known signs. Names and types are
`typed`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from liandun.packs.errors import Problems, nearest
from liandun.packs.model import Place
from liandun.packs.nodes import Scalar

LONGEST = 4_000
"""Characters an expression may have."""

DEEPEST = 60
"""Levels an expression may be nested; long chains of `and` or `or` are not nesting."""

FUNCTIONS = (
    *("coalesce", "nullif", "least", "greatest", "abs", "floor"),
    *("if", "hour", "weekday", "day", "in_list"),
)
"""What may be called."""

BUILTINS = ("now", "lag", "stream", "score")
"""Names that every expression may use; `score` in outcomes only."""

_AGGREGATES = ("mean", "var", "std", "distinct", "rate", "since_last")
_TIMES = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.DATE)

# What may stand in a tree, and under which arguments; further ones that sqlglot sets are flags without a meaning here.
_NODES: dict[type[exp.Expr], frozenset[str]] = {
    exp.Column: frozenset({"this"}),
    exp.Identifier: frozenset({"this"}),
    exp.Literal: frozenset({"this"}),
    exp.Boolean: frozenset({"this"}),
    exp.Null: frozenset(),
    exp.Paren: frozenset({"this"}),
    exp.Not: frozenset({"this"}),
    exp.Neg: frozenset({"this"}),
    exp.Is: frozenset({"this", "expression"}),
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Least: frozenset({"this", "expressions"}),
    exp.Greatest: frozenset({"this", "expressions"}),
    exp.Abs: frozenset({"this"}),
    exp.Floor: frozenset({"this"}),
    exp.Hour: frozenset({"this"}),
    exp.Day: frozenset({"this"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
    **dict.fromkeys(
        (exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Div),
        frozenset({"this", "expression"}),
    ),
    **dict.fromkeys((exp.Mod, exp.Nullif), frozenset({"this", "expression"})),
}

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--|/\*)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'(?:[^'\\]|'')*')
      | (?P<sign><>|!=|<=|>=|-(?!>)|=(?![>=])|[+*/%<>(),])""",
    re.VERBOSE | re.ASCII,
)
_MEANT = {
    **{"==": "=", "&&": "and", "||": "or"},
    **{"≥": ">=", "≤": "<=", "≠": "<>", "×": "*", "÷": "/", "−": "-"},
    **dict(zip("（），＝＞＜＋－＊／％", "(),=><+-*/%", strict=True)),
}
"""Signs that are written for those of an expression."""

_REFUSED_WORDS = {
    "select": "subquery",
    "exists": "subquery",
    "over": "subquery",
    "from": "no_such_operation",
    "like": "no_such_operation",
    "ilike": "no_such_operation",
    "cast": "no_such_operation",
    "interval": "no_such_operation",
}


@dataclass(frozen=True, slots=True)
class Source:
    """An expression as written: its syntax tree, its text, and where it starts."""

    tree: exp.Expr
    text: str
    place: Place
    block: bool

    def at(self, node: exp.Expr) -> tuple[Place, int]:
        """File, line and 1-based column of the first name in `node`; the start where it has none."""
        start = position(node)
        before = self.text[: start or 0]
        down = before.count("\n")
        line = self.place.line + 1 + down if self.block else self.place.line
        return Place(self.place.file, line), len(before) - (before.rfind("\n") + 1) + 1 if down else len(before) + 1

    @property
    def names(self) -> set[str]:
        """Every name the expression uses."""
        return {column.name for column in self.tree.find_all(exp.Column)}


def parse(node: Scalar, problems: Problems) -> Source | None:
    """The syntax tree of an expression; None with every problem noted that its text alone shows."""
    text = node.text
    if not text.strip():
        problems.add("expr_empty", node.place)
        return None
    if len(text) > LONGEST:
        problems.add("expr_long", node.place, length=len(text), limit=LONGEST)
        return None
    if not _scan(text, node, problems):
        return None
    try:
        tree = sqlglot.parse_one(text, into=exp.Condition)
    except RecursionError:
        problems.add("expr_deep", node.place, limit=DEEPEST)
        return None
    except SqlglotError as error:
        _syntax(error, node, problems)
        return None
    source = Source(tree, text, node.place, node.block)
    if _depth(tree) > DEEPEST:
        problems.add("expr_deep", node.place, limit=DEEPEST)
        return None
    return source if _allowed(source, problems) else None


def operands(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a chain such as `a and b and c`, left to right, without their brackets."""
    kind, parts = type(node), [node]
    while parts:
        part = parts.pop()
        bare = part.unnest()
        if type(bare) is kind:
            parts += (bare.args["expression"], bare.args["this"])
        else:
            yield part


def shown(node: exp.Expr) -> str:
    """A part of an expression for a message, shortened."""
    text = node.sql()
    return text if len(text) <= 40 else f"{text[:37]}…"


def position(node: exp.Expr) -> int | None:
    """Offset of the first name in `node`, None where it has none."""
    starts = [each.meta["start"] for each in node.find_all(exp.Identifier) if "start" in each.meta]
    return min(starts, default=None)


def _scan(text: str, node: Scalar, problems: Problems) -> bool:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup == "comment":
            _note_sign(text, at, node, problems)
            return False
        word = token.group().lower()
        if token.lastgroup == "name" and word in _REFUSED_WORDS:
            problems.add(_REFUSED_WORDS[word], node.place, name=word, column=at + 1)
            return False
        if word == "if" and not text[token.end() :].lstrip().startswith("("):  # elsewhere it begins a script
            problems.add("expr_syntax", node.place, near=text[at : at + 20], column=at + 1)
            return False
        if token.lastgroup == "number" and text[token.end() : token.end() + 1].isidentifier():
            problems.add("bad_number", node.place, value=text[at : token.end() + 1], column=at + 1)
            return False
        at = token.end()
    return True


def _note_sign(text: str, at: int, node: Scalar, problems: Problems) -> None:
    meant = next((sign for sign in (text[at : at + 2], text[at]) if sign in _MEANT), None)
    if meant is not None:
        problems.add("other_sign", node.place, sign=meant, column=at + 1, meant=_MEANT[meant])
        return
    found = re.match(r"[^\w\s'\"]{1,2}|.", text[at:], re.DOTALL)
    problems.add(_sign_problem(text[at]), node.place, sign=found[0] if found else "", column=at + 1)


def _sign_problem(sign: str) -> str:
    return {'"': "double_quote", "“": "double_quote", "'": "open_text", "‘": "double_quote"}.get(sign, "bad_sign")


def _syntax(error: SqlglotError, node: Scalar, problems: Problems) -> None:
    details = error.errors if isinstance(error, ParseError) else []
    column = details[0].get("col") if details else None
    if column is None:
        problems.add("expr_syntax", node.place, near=node.text.strip()[-12:], column=len(node.text))
        return
    near = (details[0].get("highlight") or "") + (details[0].get("end_context") or "")
    problems.add("expr_syntax", node.place, near=near.strip()[:20] or node.text[-12:], column=column)


def _depth(tree: exp.Expr) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting and deepest <= DEEPEST:
        node, depth = waiting.pop()
        if isinstance(node, exp.Case):
            depth += len(node.args["ifs"])  # becomes one `if` within the other
        deepest = max(deepest, depth)
        children = operands(node) if isinstance(node, exp.And | exp.Or) else node.iter_expressions()
        waiting += ((child, depth + 1) for child in children)
    return deepest


def _allowed(source: Source, problems: Problems) -> bool:
    refused = [node for node in source.tree.walk(prune=lambda node: not _known(node)) if not _known(node)]
    for node in refused:
        place, column = source.at(node)
        name = str(node.this) if isinstance(node, exp.Anonymous) else _word(node)
        name = name.lower()
        if isinstance(node, exp.Query | exp.Window):
            problems.add("subquery", place, name=name, column=column)
        elif isinstance(node, exp.AggFunc) or name in _AGGREGATES:
            problems.add("aggregate", place, name=name, column=column)
        elif name in BUILTINS:
            problems.add("builtin_called", place, name=name, column=column)
        elif name in FUNCTIONS:  # known, but with more in its brackets than it takes
            problems.add("arguments", place, name=name, want=1, got=len([*node.iter_expressions()]))
        elif isinstance(node, exp.Func):
            problems.add("unknown_function", place, name=name, column=column, advice=nearest(name, FUNCTIONS))
        else:
            problems.add("no_such_operation", place, name=name, column=column)
    return not refused


def _word(node: exp.Expr) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else type(node).__name__


def _known(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in FUNCTIONS
    if isinstance(node, exp.Cast):  # `timestamp '2026-01-01 08:00'`
        return isinstance(node.this, exp.Literal) and node.this.is_string and node.to.this in _TIMES
    if isinstance(node, exp.DataType):
        return isinstance(node.parent, exp.Cast)
    allowed = _NODES.get(type(node))
    given = {key for key, value in node.args.items() if isinstance(value, exp.Expr | list) and value}
    if allowed is None or not given <= allowed:
        return False
    return "this" not in allowed or isinstance(node, exp.Case) or node.args.get("this") is not None
