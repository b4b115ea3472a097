"""Turns typed expressions into instructions of the rule machine; equal sub-expressions are computed once."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from liandun.engine.instructions import Code
from liandun.engine.plan import Constant, Line, Trees
from liandun.engine.siphash import code as code_cell
from liandun.packs.model import Call, Const, Expr, InList, Ref, Source, Type

_NUMBER_CODE = {
    "add": (Code.ADD, Code.ADD_FLOAT),
    "sub": (Code.SUBTRACT, Code.SUBTRACT_FLOAT),
    "mul": (Code.MULTIPLY, Code.MULTIPLY_FLOAT),
    "div": (Code.DIVIDE_FLOAT, Code.DIVIDE_FLOAT),
    "mod": (Code.MODULO, Code.MODULO),
    "neg": (Code.NEGATE, Code.NEGATE_FLOAT),
    "abs": (Code.MAGNITUDE, Code.MAGNITUDE_FLOAT),
    "least": (Code.LEAST, Code.LEAST_FLOAT),
    "greatest": (Code.GREATEST, Code.GREATEST_FLOAT),
    "float": (Code.TO_FLOAT, Code.TO_FLOAT),
    "floor": (Code.TO_FLOOR, Code.TO_FLOOR),
    "hour": (Code.HOUR, Code.HOUR),
    "weekday": (Code.WEEKDAY, Code.WEEKDAY),
    "day": (Code.DAY, Code.DAY),
}
_AGAINST_CONSTANT = {
    ("lt", False): Code.LESS_CONSTANT,
    ("gt", False): Code.MORE_CONSTANT,
    ("eq", False): Code.SAME_CONSTANT,
    ("lt", True): Code.LESS_FLOAT_CONSTANT,
    ("gt", True): Code.MORE_FLOAT_CONSTANT,
    ("eq", True): Code.SAME_FLOAT_CONSTANT,
}
_MIRRORED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_OPPOSITE = {"le": "gt", "ge": "lt", "ne": "eq"}
_NOW = Ref("now", Source.BUILTIN, Type.TIME)
_AT = Ref("at", Source.BUILTIN, Type.TIME)
LAG = Call(
    "div",
    (Call("float", (Call("sub", (_NOW, _AT), Type.INT),), Type.FLOAT), Const(1000.0, Type.FLOAT)),
    Type.FLOAT,
)
"""Seconds between the event's own time and its arrival."""


def cell(value: int | float | bool | str | None, kind: Type) -> int:
    """The 64 bits of a constant."""
    if value is None:
        return 0
    if kind is Type.CODE:
        return code_cell(str(value))
    if kind is Type.FLOAT:
        return int(struct.unpack("<q", struct.pack("<d", float(value)))[0])
    return int(value)


@dataclass(slots=True)
class Names:
    """What names in expressions stand for: columns by name, expressions of derived values, models, list bits."""

    columns: dict[str, int]
    streams: dict[str, int]
    derived: dict[str, Expr] = field(default_factory=dict)
    models: dict[str, tuple[int, tuple[Expr, ...]]] = field(default_factory=dict)
    lists: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # (role, list) -> (table, bit)


class Assembler:
    """Collects one program.

    Args:
        names: what names stand for.
        first_column: columns from here on are the program's own.
        shared: columns below this are the event's own.
    """

    def __init__(self, names: Names, first_column: int, shared: int) -> None:
        self.names = names
        self.first_column = first_column
        self.columns = 0
        self.words = 0
        self.lines: list[Line] = []
        self.constants: list[Constant] = []
        self.models: list[tuple[Trees, tuple[int, ...]]] = []
        self.trees: dict[str, Trees] = {}
        self.reads: set[int] = set()
        self.score_column = -1
        self._shared = shared
        self.operands: list[int] = []
        self.rules: list[tuple[int, int]] = []  # (condition, where it applies)
        self._constant_words: dict[int, int] = {}
        self._known_words: dict[object, int] = {}
        self._known_columns: dict[object, int] = {}

    def new_word(self) -> int:
        """Number of a fresh truth value."""
        self.words += 1
        return self.words - 1

    def new_column(self) -> int:
        """Number of a fresh column."""
        self.columns += 1
        return self.first_column + self.columns - 1

    def emit(self, code: Code, left: int = 0, right: int = 0, third: int = 0, constant: int = 0) -> int:
        """The word that a truth instruction makes; the same instruction is not repeated."""
        simple = self._simpler(code, left, right)
        if simple >= 0:
            return simple
        key = (code, left, right, third, constant)
        if key not in self._known_words:
            self._known_words[key] = self.new_word()
            self.lines.append(Line(code, self._known_words[key], left, right, third, constant))
        return self._known_words[key]

    def _simpler(self, code: Code, left: int, right: int) -> int:
        """A word that is the same without an instruction, -1 when there is none."""
        always, never = self._constant_words.get(1, -1), self._constant_words.get(0, -1)
        if code is Code.AND and left in (always, never):
            return right if left == always else never
        if code is Code.AND and right in (always, never):
            return left if right == always else never
        if code is Code.AND_NOT_TRUE and right == never:
            return left
        if code is Code.OR and never in (left, right):
            return right if left == never else left
        return -1

    def calculate(self, code: Code, left: int, right: int = 0, third: int = 0) -> int:
        """The column that a number instruction makes."""
        key = (code, left, right, third)
        if key not in self._known_columns:
            self._known_columns[key] = self.new_column()
            self.lines.append(Line(code, self._known_columns[key], left, right, third))
        return self._known_columns[key]

    def any_of(self, words: list[int]) -> int:
        """OR of words, false when there is none."""
        never = self._constant_words.get(0, -1)
        useful = tuple(dict.fromkeys(word for word in words if word != never))
        if not useful:
            return self.constant_word(0)
        if len(useful) == 1:
            return useful[0]
        if len(useful) == 2:
            return self.emit(Code.OR, *useful)
        if useful not in self._known_words:
            self._known_words[useful] = self.new_word()
            first = len(self.operands)
            self.operands += useful
            self.lines.append(Line(Code.ANY, self._known_words[useful], first, len(useful)))
        return self._known_words[useful]

    def only_if(self, gate: int, make: Callable[[], int]) -> int:
        """The word that `make` assembles, false and not computed in blocks in which `gate` is nowhere true."""
        result = self.new_word()
        self.lines.append(Line(Code.CLEAR, result))
        jump = len(self.lines)
        self.lines.append(Line(Code.SKIP, 0, gate))
        words, columns = dict(self._known_words), dict(self._known_columns)
        inner = make()
        self._known_words, self._known_columns = words, columns
        self.lines.append(Line(Code.OR, result, result, inner))
        self.lines[jump] = Line(Code.SKIP, 0, gate, len(self.lines) - jump - 1)
        return result

    def constant_word(self, value: int) -> int:
        """A word that is always true (1), false (0) or unknown (-1)."""
        if value not in self._constant_words:
            self._constant_words[value] = self.emit(Code.CONSTANT_WORD, constant=value)
        return self._constant_words[value]

    def on_stream(self, stream: str) -> int:
        """The word of events of a stream."""
        if len(self.names.streams) == 1:
            return self.constant_word(1)
        return self.emit(Code.ON_STREAM, constant=self.names.streams[stream])

    def on_list(self, role: str, name: str) -> int:
        """The word of events whose key of `role` is on a list."""
        table, bit = self.names.lists[role, name]
        return self.emit(Code.ON_LIST, table, bit)

    def name(self, name: str) -> int:
        """Column of a field, key, time or feature."""
        column = self.names.columns[name]
        if column < self._shared:
            self.reads.add(column)
        return column

    def constant(self, const: Const) -> int:
        """A column that holds one value."""
        key = ("constant", cell(const.value, const.type), const.value is None)
        if key not in self._known_columns:
            column = self._known_columns[key] = self.new_column()
            self.constants.append(Constant(column, cell(const.value, const.type), const.value is None))
        return self._known_columns[key]

    def word(self, expr: Expr) -> int:
        """The word of a condition."""
        if isinstance(expr, Const):
            return self.constant_word(-1 if expr.value is None else int(bool(expr.value)))
        if isinstance(expr, InList):
            return self.on_list(expr.role, expr.list)
        if isinstance(expr, Ref):
            if expr.source is Source.DERIVED:
                return self._derived(self._known_words, expr.name, self.word)
            return self.emit(Code.IS_SET, self.name(expr.name))
        return self._call_word(expr)

    def _derived(self, known: dict[object, int], name: str, make: Callable[[Expr], int]) -> int:
        """A derived value, worked out once however often it is named."""
        key = ("derived", name)
        if key not in known:
            known[key] = make(self.names.derived[name])
        return known[key]

    def _call_word(self, expr: Call) -> int:
        if expr.op in ("and", "or"):
            code = Code.AND if expr.op == "and" else Code.OR
            result = self.word(expr.args[0])
            for arg in expr.args[1:]:
                result = self.emit(code, result, self.word(arg))
            return result
        if expr.op == "not":
            return self.emit(Code.NOT, self.word(expr.args[0]))
        if expr.op == "is_null":
            return self._is_null(expr.args[0])
        if expr.op in _MIRRORED:
            return self._compare(expr.op, *expr.args)
        return self._choose_word(expr)

    def _is_null(self, arg: Expr) -> int:
        if arg.type is Type.BOOL:
            return self.emit(Code.IS_UNKNOWN, self.word(arg))
        return self.emit(Code.IS_NULL, self.column(arg))

    def _choose_word(self, expr: Call) -> int:
        if expr.op == "if":
            chosen, one, other = (self.word(arg) for arg in expr.args)
            return self.emit(Code.CHOOSE_WORD, one, other, chosen)
        if expr.op == "coalesce":
            result = self.word(expr.args[0])
            for arg in expr.args[1:]:
                result = self.emit(Code.FIRST_WORD, result, self.word(arg))
            return result
        if expr.op == "nullif":
            same = self._compare("eq", *expr.args)
            return self.emit(Code.CHOOSE_WORD, self.constant_word(-1), self.word(expr.args[0]), same)
        raise ValueError(f"no instruction makes a truth value of {expr.op!r}")

    def _compare(self, op: str, left: Expr, right: Expr) -> int:
        if op in _OPPOSITE and left.type in (Type.BOOL, Type.CODE, Type.KEY):
            return self.emit(Code.NOT, self._compare(_OPPOSITE[op], left, right))
        if isinstance(left, Const) and not isinstance(right, Const):
            return self._compare_swapped(op, left, right)
        if _is_null_constant(left) or _is_null_constant(right):
            return self.constant_word(-1)
        if _is_stream(left) and isinstance(right, Const):
            known = str(right.value) in self.names.streams
            return self.on_stream(str(right.value)) if known else self.constant_word(0)
        if left.type is Type.BOOL:
            return self.emit(Code.SAME_WORD, self.word(left), self.word(right))
        negated, op = int(op in _OPPOSITE), _OPPOSITE.get(op, op)
        is_float = left.type is Type.FLOAT
        if isinstance(right, Const):
            constant = cell(right.value, right.type)
            code = _AGAINST_CONSTANT[op, is_float]
            return self.emit(code, self.column(left), third=negated, constant=constant)
        if op == "gt":
            left, right = right, left
        code = {"eq": (Code.SAME, Code.SAME_FLOAT)}.get(op, (Code.LESS, Code.LESS_FLOAT))[is_float]
        return self.emit(code, self.column(left), self.column(right), negated)

    def _compare_swapped(self, op: str, left: Const, right: Expr) -> int:
        return self._compare(_MIRRORED[op], right, left)

    def column(self, expr: Expr) -> int:
        """The column of a value; a condition becomes 0 and 1."""
        if expr.type is Type.BOOL:
            return self.calculate(Code.AS_NUMBER, self.word(expr))
        if isinstance(expr, Const):
            return self.constant(expr)
        if isinstance(expr, Ref):
            return self._ref_column(expr)
        assert isinstance(expr, Call)
        if expr.op in _NUMBER_CODE:
            return self._number(expr)
        if expr.op == "if":
            chosen, one, other = expr.args
            return self.calculate(Code.CHOOSE, self.column(one), self.column(other), self.word(chosen))
        if expr.op == "nullif":
            same, none = self._compare("eq", *expr.args), Const(None, expr.type)
            return self.calculate(Code.CHOOSE, self.column(none), self.column(expr.args[0]), same)
        if expr.op == "coalesce":
            result = self.column(expr.args[0])
            for arg in expr.args[1:]:
                result = self.calculate(Code.FIRST_KNOWN, result, self.column(arg))
            return result
        raise ValueError(f"no instruction makes a value of {expr.op!r}")

    def _number(self, expr: Call) -> int:
        code = _NUMBER_CODE[expr.op][expr.type is Type.FLOAT]
        result = self.column(expr.args[0])
        if len(expr.args) == 1:
            return self.calculate(code, result, result)
        for arg in expr.args[1:]:
            result = self.calculate(code, result, self.column(arg))
        return result

    def _ref_column(self, ref: Ref) -> int:
        if ref.source is Source.DERIVED:
            return self._derived(self._known_columns, ref.name, self.column)
        if ref.source is Source.MODEL:
            return self._model(ref.name)
        if _is_stream(ref):
            return self._stream_column()
        if ref.source is Source.BUILTIN and ref.name == "lag":
            return self.column(LAG)
        if ref.source is Source.BUILTIN and ref.name == "score":
            return self.score_column
        return self.name(ref.name)

    def _stream_column(self) -> int:
        first, *others = self.names.streams
        result = self.constant(Const(first, Type.CODE))
        for name in others:
            result = self.calculate(Code.CHOOSE, self.constant(Const(name, Type.CODE)), result, self.on_stream(name))
        return result

    def _model(self, name: str) -> int:
        key = ("model", name)
        if key not in self._known_columns:
            number, inputs = len(self.models), self.names.models[name][1]
            self.models.append((self.trees[name], tuple(self.column(item) for item in inputs)))
            self._known_columns[key] = self.new_column()
            self.lines.append(Line(Code.FOREST, self._known_columns[key], number))
        return self._known_columns[key]


def _is_null_constant(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.value is None


def _is_stream(expr: Expr) -> bool:
    return isinstance(expr, Ref) and expr.source is Source.BUILTIN and expr.name == "stream"
