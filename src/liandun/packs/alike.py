"""Small facts about typed expressions: what type some have in common, how large one is, which texts it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liandun.packs.model import Call, Const, Expr, InList, Ref, Type

NUMBERS = (Type.INT, Type.FLOAT)


def size_of(expr: Expr) -> int:
    """Operations and names in `expr`, counting shared parts as often as they stand; without walking them again."""
    sizes: dict[int, int] = {}

    def size(part: Expr) -> int:
        if id(part) not in sizes:
            sizes[id(part)] = 1 + sum(map(size, part.args)) if isinstance(part, Call) else 1
        return sizes[id(part)]

    return size(expr)


def is_null(expr: Expr) -> bool:
    """Is it a bare NULL?"""
    return isinstance(expr, Const) and expr.value is None


def as_float(expr: Expr) -> Expr:
    """A whole number as a decimal one; a constant is converted now."""
    if expr.type is Type.FLOAT:
        return expr
    if isinstance(expr, Const):
        return Const(None if expr.value is None else float(expr.value), Type.FLOAT)
    return Call("float", (expr,), Type.FLOAT)


def as_type(expr: Expr, type_: Type) -> Expr:
    """`expr` as one of the `type_` it has in common with others."""
    if is_null(expr):
        return Const(None, type_)
    return as_float(expr) if type_ is Type.FLOAT else expr


def common_type_of(one: Type, other: Type) -> Type | None:
    """The type both can take: whole numbers become decimal ones; None if there is none."""
    if one is other:
        return one
    return Type.FLOAT if one in NUMBERS and other in NUMBERS else None


def common_type(typed: Sequence[Expr]) -> Type | None:
    """The type all can take; a bare NULL takes any. None if there is none or all are NULL."""
    common: Type | None = None
    for expr in typed:
        if not is_null(expr):
            common = expr.type if common is None else common_type_of(common, expr.type)
            if common is None:
                return None
    return common


def texts_of(expr: Expr, values: Mapping[str, Sequence[str]]) -> frozenset[str] | None:
    """Every text that `expr` can be, given those of names; None = any."""
    if isinstance(expr, Const):
        return frozenset() if expr.value is None else frozenset({str(expr.value)})
    if isinstance(expr, Ref):
        return frozenset(values[expr.name]) if expr.name in values else None
    if isinstance(expr, InList):
        return None
    parts = {"if": expr.args[1:], "nullif": expr.args[:1]}.get(expr.op, expr.args)
    known = [texts_of(part, values) for part in parts]
    return None if None in known else frozenset().union(*(part for part in known if part))
