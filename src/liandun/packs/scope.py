"""What the names in an expression mean, and what types are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liandun.packs.expr import BUILTINS
from liandun.packs.model import Ref, Text, Type
from liandun.packs.model import Source as Origin

WORDS = {
    Type.INT: Text("整数", "a whole number"),
    Type.FLOAT: Text("小数", "a decimal number"),
    Type.BOOL: Text("真假值", "true or false"),
    Type.CODE: Text("文本", "a text"),
    Type.TIME: Text("时间", "a time"),
    Type.KEY: Text("键", "a key"),
}
"""What a type is called in messages."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in an expression mean.

    Attributes:
        names: what may be named here.
        values: the texts a CODE name may have; absent = any.
        scales: decimals of scaled fields.
        kinds: role -> kind of the key roles.
        lists: list -> kind; None where a list may not be asked.
        zone: zone of written times.
        elsewhere: names that exist but not here, with why.
        broken: names whose own definition is wrong, so that nothing is said twice.
    """

    names: Mapping[str, Ref]
    values: Mapping[str, tuple[str, ...]]
    scales: Mapping[str, int]
    kinds: Mapping[str, str]
    lists: Mapping[str, str] | None
    zone: str
    elsewhere: Mapping[str, Text] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


def builtin_refs(*, score: bool) -> dict[str, Ref]:
    """The names every expression may use."""
    types = {"now": Type.TIME, "lag": Type.FLOAT, "stream": Type.CODE, "score": Type.INT}
    return {name: Ref(name, Origin.BUILTIN, types[name]) for name in BUILTINS if score or name != "score"}
