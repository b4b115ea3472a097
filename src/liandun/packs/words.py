"""Writes a typed expression back as the text an analyst would write."""

from __future__ import annotations

import datetime as dt

from liandun.packs.model import Call, Const, Expr, InList, Type

_INFIX = {
    **{"or": ("or", 1), "and": ("and", 2)},
    **{"eq": ("=", 4), "ne": ("<>", 4), "lt": ("<", 4), "le": ("<=", 4), "gt": (">", 4), "ge": (">=", 4)},
    **{"add": ("+", 5), "sub": ("-", 5), "mul": ("*", 6), "div": ("/", 6), "mod": ("%", 6)},
}
_NOT, _IS, _SIGN, _ATOM = 3, 4, 7, 8


def text_of(expr: Expr) -> str:
    """`expr` as SQL text, with no more brackets than it needs."""
    return _written(expr)[0]


def _written(expr: Expr) -> tuple[str, int]:
    """The text, and how tightly its outermost operation binds."""
    if isinstance(expr, Const):
        return _constant(expr), _ATOM
    if isinstance(expr, InList):
        return f"in_list({expr.role}, {_quoted(expr.list)})", _ATOM
    if not isinstance(expr, Call):
        return expr.name, _ATOM
    if expr.op in _INFIX:
        return _infix(expr)
    if expr.op == "float":  # inserted by the type checker, not written by anyone
        return _written(expr.args[0])
    if expr.op == "not":
        return _negation(expr)
    if expr.op == "is_null":
        return f"{_inside(expr.args[0], _IS + 1)} is null", _IS
    if expr.op == "neg":
        return f"-{_inside(expr.args[0], _SIGN + 1)}", _SIGN
    if expr.op == "if":
        return _case(expr), _ATOM
    return f"{expr.op}({', '.join(text_of(arg) for arg in expr.args)})", _ATOM


def _infix(expr: Call) -> tuple[str, int]:
    if _is_seconds(expr):
        return _written(expr.args[0])
    sign, binds = _INFIX[expr.op]
    chain = expr.op in ("and", "or")
    first = _inside(expr.args[0], binds + (binds == _IS))
    rest = (_inside(arg, binds if chain else binds + 1) for arg in expr.args[1:])
    return f" {sign} ".join([first, *rest]), binds


def _is_seconds(expr: Call) -> bool:
    """Is it the division that turns the difference of two times into seconds?"""
    left = expr.args[0]
    return (
        expr.op == "div"
        and isinstance(left, Call)
        and left.op == "float"
        and isinstance(left.args[0], Call)
        and left.args[0].op == "sub"
        and left.args[0].args[0].type is Type.TIME
    )


def _negation(expr: Call) -> tuple[str, int]:
    inner = expr.args[0]
    if isinstance(inner, Call) and inner.op == "is_null":
        return f"{_inside(inner.args[0], _IS + 1)} is not null", _IS
    return f"not {_inside(inner, _NOT)}", _NOT


def _case(expr: Call) -> str:
    parts, rest = ["case"], expr
    while isinstance(rest, Call) and rest.op == "if":
        condition, then, otherwise = rest.args
        parts.append(f"when {text_of(condition)} then {text_of(then)}")
        rest = otherwise  # type: ignore[assignment]  # a chain of any kind of expression
    if not (isinstance(rest, Const) and rest.value is None):
        parts.append(f"else {text_of(rest)}")
    return " ".join([*parts, "end"])


def _inside(expr: Expr, least: int) -> str:
    text, binds = _written(expr)
    return text if binds >= least else f"({text})"


def _constant(expr: Const) -> str:
    value = expr.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if expr.type is Type.TIME:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=value)
        return f"timestamp '{moment.isoformat(sep=' ')}'"
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
