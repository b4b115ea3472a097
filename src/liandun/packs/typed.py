"""Gives the syntax tree of an expression its names and types: a typed tree of `model`, or every problem found.

Whole numbers become `float` where they meet decimal ones; NULL takes the type of what stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from liandun.packs.alike import (
    NUMBERS,
    as_float,
    as_type,
    common_type,
    common_type_of,
    is_null,
    size_of,
    texts_of,
)
from liandun.packs.errors import Problems, nearest
from liandun.packs.expr import Source, operands, shown
from liandun.packs.literals import moment, number
from liandun.packs.model import Call, Const, Expr, InList, Ref, Type
from liandun.packs.model import Source as Origin
from liandun.packs.scope import WORDS, Scope

LARGEST = 2_000
"""Operations and names an expression may have once `between`, `in` and `case` are written out."""

_COMPARE: dict[type[exp.Expr], str] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "add",
    exp.Sub: "sub",
    exp.Mul: "mul",
    exp.Div: "div",
    exp.Mod: "mod",
}
_CHOICES: dict[type[exp.Expr], str] = {exp.Coalesce: "coalesce", exp.Least: "least", exp.Greatest: "greatest"}
_CLOCK: dict[type[exp.Expr], str] = {exp.Hour: "hour", exp.Day: "day"}
_CHAINS: dict[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or"}


def type_expression(source: Source, scope: Scope, problems: Problems, *, want: Type | None = None) -> Expr | None:
    """The typed tree of `source`, of type `want` if given (whole numbers pass for decimal ones); None with problems."""
    before = problems.errors
    typing = _Typing(source, scope, problems)
    expr = typing.of(source.tree)
    if expr is None or problems.errors > before:
        return None
    if size_of(expr) > LARGEST:
        problems.add("expr_large", source.place, limit=LARGEST)
        return None
    if is_null(expr):
        expr = None if want is None else Const(None, want)
    if expr is None:
        problems.add("null_alone", source.place)
    elif want is not None and expr.type is not want:
        if want is Type.FLOAT and expr.type is Type.INT:
            return as_float(expr)
        problems.add("wants_type", source.place, want=WORDS[want], got=WORDS[expr.type], text=shown(source.tree))
        return None
    return expr


class _Typing:
    """Types one expression; every method answers None where it has noted a problem."""

    def __init__(self, source: Source, scope: Scope, problems: Problems) -> None:
        self._source, self._scope, self._problems = source, scope, problems
        self._typed: dict[int, Expr | None] = {}
        self._by_node: dict[type[exp.Expr], Callable[..., Expr | None]] = {
            exp.Paren: lambda node: self.of(node.this),
            exp.Literal: self._literal,
            exp.Boolean: lambda node: Const(bool(node.this), Type.BOOL),
            exp.Null: lambda node: Const(None, Type.BOOL),
            exp.Column: self._name,
            exp.Cast: self._time,
            exp.Not: self._not,
            exp.Neg: self._negative,
            exp.Abs: self._absolute,
            exp.Floor: self._floor,
            exp.Is: self._is,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Case: self._case,
            exp.If: self._if,
            exp.Nullif: self._nullif,
            exp.Anonymous: self._function,
            **dict.fromkeys(_CHAINS, self._chain),
            **dict.fromkeys(_COMPARE, self._comparison),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            **dict.fromkeys(_CHOICES, self._choice),
            **dict.fromkeys(_CLOCK, lambda node: self._clock(_CLOCK[type(node)], node.this)),
        }

    def of(self, node: exp.Expr) -> Expr | None:
        if id(node) not in self._typed:  # `x between …` and `case x when …` ask for `x` again
            self._typed[id(node)] = self._by_node[type(node)](node)
        return self._typed[id(node)]

    def _note(self, code: str, node: exp.Expr, **words: object) -> None:
        place, column = self._source.at(node)
        self._problems.add(code, place, column=column, **words)

    def _all(self, nodes: Sequence[exp.Expr]) -> list[Expr] | None:
        typed = [self.of(node) for node in nodes]
        found = [expr for expr in typed if expr is not None]
        return found if len(found) == len(typed) else None

    def _literal(self, node: exp.Literal) -> Expr | None:
        constant = Const(node.this, Type.CODE) if node.is_string else number(node.this)
        if constant is None:
            self._note("number_large", node, value=node.this[:40])
        return constant

    def _time(self, node: exp.Cast) -> Expr | None:
        constant = moment(node.this.this, self._scope.zone)
        if constant is None:
            self._note("bad_time", node, value=node.this.this[:40])
        return constant

    def _name(self, node: exp.Column) -> Expr | None:
        name, scope = node.name, self._scope
        if name in scope.names:
            return scope.names[name]
        if name in scope.broken:
            return None
        if name in scope.elsewhere:
            self._note("name_elsewhere", node, name=name, why=scope.elsewhere[name])
        else:
            self._note("unknown_name", node, name=name, advice=nearest(name, scope.names))
        return None

    def _condition(self, node: exp.Expr) -> Expr | None:
        expr = self.of(node)
        if expr is None or expr.type is Type.BOOL:
            return expr
        if is_null(expr):
            return Const(None, Type.BOOL)
        self._note("wants_condition", node, text=shown(node), got=WORDS[expr.type])
        return None

    def _number(self, node: exp.Expr) -> Expr | None:
        return self._as_number(node, self.of(node))

    def _as_number(self, node: exp.Expr, expr: Expr | None) -> Expr | None:
        if expr is None or expr.type in NUMBERS:
            return expr
        if is_null(expr):
            return Const(None, Type.INT)
        self._note("wants_number", node, text=shown(node), got=WORDS[expr.type])
        return None

    def _chain(self, node: exp.Expr) -> Expr | None:
        typed = [self._condition(part) for part in operands(node)]
        parts = [part for part in typed if part is not None]
        return Call(_CHAINS[type(node)], tuple(parts), Type.BOOL) if len(parts) == len(typed) else None

    def _not(self, node: exp.Not) -> Expr | None:
        inner = self._condition(node.this)
        return None if inner is None else Call("not", (inner,), Type.BOOL)

    def _negative(self, node: exp.Neg) -> Expr | None:
        inner = self._number(node.this)
        if isinstance(inner, Const) and inner.value is not None and not isinstance(inner.value, str):
            return Const(-inner.value, inner.type)
        return None if inner is None else Call("neg", (inner,), inner.type)

    def _absolute(self, node: exp.Abs) -> Expr | None:
        inner = self._number(node.this)
        return None if inner is None else Call("abs", (inner,), inner.type)

    def _floor(self, node: exp.Floor) -> Expr | None:
        inner = self._number(node.this)
        if inner is None or inner.type is Type.INT:
            return inner
        return Call("floor", (inner,), Type.INT)

    def _is(self, node: exp.Is) -> Expr | None:
        if not isinstance(node.expression, exp.Null):
            self._note("is_what", node, text=shown(node.this))
            return None
        inner = self.of(node.this)
        return None if inner is None else Call("is_null", (inner,), Type.BOOL)

    def _comparison(self, node: exp.Expr) -> Expr | None:
        return self._compare(_COMPARE[type(node)], node.this, node.expression)

    def _compare(self, op: str, left: exp.Expr, right: exp.Expr) -> Expr | None:
        pair = self._all((left, right))
        for expr, other in zip(pair or (), (right, left), strict=False):
            if is_null(expr):
                self._note("compare_null", other, text=shown(other), not_="not " if op == "ne" else "")
                return None
        both = None if pair is None or self._is_chained(left, right) else self._alike((left, right), pair)
        if both is None or pair is None:
            return None
        type_ = both[0].type
        if op not in ("eq", "ne") and type_ in (Type.BOOL, Type.CODE, Type.KEY):
            self._note("no_order", left, text=shown(left), got=WORDS[type_])
            return None
        if type_ is Type.KEY and not self._same_kind(left, both):
            return None
        self._check_texts((left, right), both)
        self._check_scale(left, pair)
        return Call(op, tuple(both), Type.BOOL)

    def _is_chained(self, left: exp.Expr, right: exp.Expr) -> bool:
        """Is it `1 < x < 5`, which SQL reads as (1 < x) < 5?"""
        if type(left) not in _COMPARE:
            return False
        self._note("chained", left, first=shown(left), second=shown(left.expression), third=shown(right))
        return True

    def _same_kind(self, node: exp.Expr, both: Sequence[Expr]) -> bool:
        kinds = [self._scope.kinds[expr.name] for expr in both if isinstance(expr, Ref)]
        if len(set(kinds)) == 1:
            return True
        self._note("kinds_differ", node, left=kinds[0], right=kinds[1])
        return False

    def _check_texts(self, nodes: Sequence[exp.Expr], both: Sequence[Expr]) -> None:
        for node, index in ((nodes[0], 0), (nodes[1], 1)):
            constant = both[1 - index]
            if isinstance(constant, Const) and constant.type is Type.CODE and constant.value is not None:
                allowed, text = texts_of(both[index], self._scope.values), str(constant.value)
                if allowed is not None and text not in allowed:
                    self._note("not_a_value", node, value=text, text=shown(node), advice=nearest(text, allowed))

    def _check_scale(self, node: exp.Expr, pair: Sequence[Expr]) -> None:
        for name, constant in (tuple(pair), tuple(reversed(pair))):
            if not isinstance(name, Ref) or not isinstance(constant, Const) or not isinstance(constant.value, float):
                continue
            scale = self._scope.scales.get(name.name)
            if scale:
                scaled = round(constant.value * 10**scale)
                self._note("scaled_field", node, name=name.name, scale=scale, value=constant.value, scaled=scaled)

    def _alike(self, nodes: Sequence[exp.Expr], typed: Sequence[Expr]) -> list[Expr] | None:
        """The expressions with one type in common."""
        type_ = common_type(typed)
        if type_ is not None:
            return [as_type(expr, type_) for expr in typed]
        valued = [(node, expr.type) for node, expr in zip(nodes, typed, strict=True) if not is_null(expr)]
        if not valued:
            self._note("null_alone", nodes[0])
            return None
        left, left_type = valued[0]
        right, right_type = next(pair for pair in valued if common_type_of(left_type, pair[1]) is None)
        if {left_type, right_type} == {Type.TIME, Type.CODE}:
            self._note("time_as_text", left, text=shown(right if right_type is Type.CODE else left))
            return None
        words = {"left_type": WORDS[left_type], "right_type": WORDS[right_type]}
        self._note("type_clash", left, left=shown(left), right=shown(right), **words)
        return None

    def _in(self, node: exp.In) -> Expr | None:
        if not node.expressions:
            self._note("in_empty", node)
            return None
        tests = [self._compare("eq", node.this, choice) for choice in node.expressions]
        found = [test for test in tests if test is not None]
        if len(found) < len(tests):
            return None
        return found[0] if len(found) == 1 else Call("or", tuple(found), Type.BOOL)

    def _between(self, node: exp.Between) -> Expr | None:
        low = self._compare("ge", node.this, node.args["low"])
        high = self._compare("le", node.this, node.args["high"])
        return None if low is None or high is None else Call("and", (low, high), Type.BOOL)

    def _case(self, node: exp.Case) -> Expr | None:
        branches = node.args["ifs"]
        conditions = [
            self._condition(branch.this) if node.this is None else self._compare("eq", node.this, branch.this)
            for branch in branches
        ]
        default = node.args.get("default") or exp.Null()
        results = self._branches([*(branch.args["true"] for branch in branches), default])
        if results is None:
            return None
        answer = results[-1]
        for condition, result in zip(reversed(conditions), reversed(results[:-1]), strict=True):
            if condition is None:
                return None
            answer = Call("if", (condition, result, answer), answer.type)
        return answer

    def _if(self, node: exp.If) -> Expr | None:
        condition = self._condition(node.this)
        results = self._branches([node.args["true"], node.args.get("false") or exp.Null()])
        if condition is None or results is None:
            return None
        return Call("if", (condition, *results), results[0].type)

    def _branches(self, nodes: Sequence[exp.Expr]) -> list[Expr] | None:
        typed = self._all(nodes)
        alike = None if typed is None else self._alike(nodes, typed)
        return None if alike is None or not self._is_value(nodes[0], alike[0]) else alike

    def _is_value(self, node: exp.Expr, expr: Expr) -> bool:
        if expr.type is not Type.KEY:
            return True
        self._note("key_value", node, text=shown(node))
        return False

    def _choice(self, node: exp.Expr) -> Expr | None:
        nodes = [node.this, *node.expressions]
        op = _CHOICES[type(node)]
        if len(nodes) < 2:
            self._note("arguments", node, name=op, want="2+", got=len(nodes))
            return None
        alike = self._branches(nodes)
        if alike is None:
            return None
        if op != "coalesce" and alike[0].type in (Type.BOOL, Type.CODE):
            self._note("no_order", nodes[0], text=shown(nodes[0]), got=WORDS[alike[0].type])
            return None
        return Call(op, tuple(alike), alike[0].type)

    def _nullif(self, node: exp.Nullif) -> Expr | None:
        nodes = (node.this, node.expression)
        alike = self._branches(nodes)
        if alike is None:
            return None
        self._check_texts(nodes, alike)
        return Call("nullif", tuple(alike), alike[0].type)

    def _arithmetic(self, node: exp.Expr) -> Expr | None:
        op = _ARITHMETIC[type(node)]
        pair = self._all((node.this, node.expression))
        if pair is None:
            return None
        if Type.TIME in (pair[0].type, pair[1].type):
            return self._time_between(op, node, pair)
        left, right = self._as_number(node.this, pair[0]), self._as_number(node.expression, pair[1])
        if left is None or right is None:
            return None
        if op == "mod" and Type.FLOAT in (left.type, right.type):
            self._note("mod_decimal", node, text=shown(node))
            return None
        if op == "div" or Type.FLOAT in (left.type, right.type):
            return Call(op, (as_float(left), as_float(right)), Type.FLOAT)
        return Call(op, (left, right), Type.INT)

    def _time_between(self, op: str, node: exp.Expr, pair: Sequence[Expr]) -> Expr | None:
        if op != "sub" or pair[0].type is not pair[1].type:
            self._note("time_arithmetic", node, text=shown(node))
            return None
        milliseconds = Call("float", (Call("sub", tuple(pair), Type.INT),), Type.FLOAT)
        return Call("div", (milliseconds, Const(1000.0, Type.FLOAT)), Type.FLOAT)

    def _clock(self, op: str, argument: exp.Expr) -> Expr | None:
        inner = self.of(argument)
        if inner is None:
            return None
        if inner.type is not Type.TIME:
            self._note("wants_time", argument, name=op, text=shown(argument), got=WORDS[inner.type])
            return None
        return Call(op, (inner,), Type.INT)

    def _function(self, node: exp.Anonymous) -> Expr | None:
        name, arguments = str(node.this).lower(), node.expressions
        want = 2 if name == "in_list" else 1
        if len(arguments) != want:
            self._note("arguments", node, name=name, want=want, got=len(arguments))
            return None
        return self._clock(name, arguments[0]) if want == 1 else self._in_list(node, *arguments)

    def _in_list(self, node: exp.Expr, role: exp.Expr, name: exp.Expr) -> Expr | None:
        lists = self._scope.lists
        if lists is None:
            self._note("list_here", node)
            return None
        if not (isinstance(name, exp.Literal) and name.is_string):
            self._note("list_name", node, text=shown(name))
            return None
        key = self.of(role)
        if key is None or name.this in self._scope.broken:
            return None
        if not isinstance(key, Ref) or key.source is not Origin.KEY:
            self._note("list_key", node, text=shown(role), got=WORDS[key.type])
            return None
        if name.this not in lists:
            self._note("unknown_list", node, name=name.this, advice=nearest(name.this, lists))
            return None
        kind = self._scope.kinds[key.name]
        if lists[name.this] != kind:
            self._note("list_kind", node, name=name.this, list_kind=lists[name.this], role=key.name, kind=kind)
            return None
        return InList(key.name, name.this)
