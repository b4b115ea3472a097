"""Reads typed values out of YAML nodes and notes what does not fit; a missing or bad value is None or the default."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TypeVar

from liandun.packs.errors import Problems, nearest
from liandun.packs.model import Place, Text
from liandun.packs.nodes import Mapping, Node, Scalar, Sequence

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SPOKEN = re.compile(r"([1-9][0-9]{0,8})\s*([a-z]+|[\u3400-\u9fff]+)")
_UNITS_SPOKEN = {
    "s": ("s", "sec", "secs", "second", "seconds", "秒", "秒钟"),
    "m": ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    "h": ("h", "hr", "hrs", "hour", "hours", "小时", "时", "个小时"),
    "d": ("d", "day", "days", "天", "日"),
}
_SHORTEST_MS = 1_000
_LONGEST_MS = 400 * 86_400_000

Choice = TypeVar("Choice", bound=StrEnum)


class Reader:
    """The readers of one pack, noting into `problems`."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """`node` as a mapping; `what` names it in the complaint."""
        if isinstance(node, Mapping):
            return node
        if node is not None:
            self.problems.add("wants_mapping", node.place, what=what)
        return None

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The items of a list."""
        if isinstance(node, Sequence):
            return node.items
        if node is not None:
            self.problems.add("wants_list", node.place, what=what)
        return ()

    def keys(self, mapping: Mapping, known: Iterable[str], required: Iterable[str] = ()) -> None:
        """Note keys that are not known and required ones that are absent or empty."""
        known = tuple(known)
        for key, place in mapping.places.items():
            if key not in known:
                self.problems.add("unknown_key", place, key=key, advice=nearest(key, known))
        for key in required:
            node = mapping.entries.get(key)
            if node is None or (isinstance(node, Scalar) and node.empty):
                self.problems.add("missing_key", mapping.places.get(key, mapping.place), key=key)

    def text(self, mapping: Mapping, key: str) -> str | None:
        """The text under `key`, stripped; None where absent."""
        node = mapping.entries.get(key)
        return None if node is None else self.scalar(node, key)

    def scalar(self, node: Node, what: str) -> str | None:
        """`node` as a text; None where it is empty."""
        if isinstance(node, Scalar):
            return None if node.empty else node.text.strip()
        self.problems.add("wants_text", node.place, what=what)
        return None

    def name(self, text: str, place: Place) -> str | None:
        """`text` if expressions can call something by it."""
        if _NAME.fullmatch(text):
            return text
        self.problems.add("bad_name", place, name=text)
        return None

    def identifier(self, mapping: Mapping, key: str) -> str | None:
        """The text under `key` if it can be a rule's id."""
        text = self.text(mapping, key)
        if text is None or _ID.fullmatch(text):
            return text
        self.problems.add("bad_id", mapping.places[key], name=text)
        return None

    def texts(self, mapping: Mapping, key: str) -> tuple[str, ...] | None:
        """The list of texts under `key`; a single text counts as a list of one."""
        node = mapping.entries.get(key)
        if node is None:
            return None
        nodes = (node,) if isinstance(node, Scalar) else self.items(node, key)
        found: list[str] = []
        for item in nodes:
            text = self.scalar(item, key)
            if text in found:
                self.problems.add("twice", item.place, name=text, what=key)
            elif text is not None:
                found.append(text)
        return tuple(found)

    def whole(self, mapping: Mapping, key: str) -> int | None:
        """The whole number under `key`."""
        text = self.text(mapping, key)
        if text is None:
            return None
        if _WHOLE.fullmatch(text):
            return int(text)
        self.problems.add("wants_whole", mapping.places[key], what=key, value=text)
        return None

    def flag(self, mapping: Mapping, key: str, *, default: bool) -> bool:
        """True or false under `key`."""
        text = self.text(mapping, key)
        if text is None or text.lower() in ("true", "false"):
            return default if text is None else text.lower() == "true"
        self.problems.add("wants_flag", mapping.places[key], what=key, value=text)
        return default

    def choice(self, mapping: Mapping, key: str, known: Collection[Choice]) -> Choice | None:
        """The member of `known` that is written under `key`."""
        text = self.text(mapping, key)
        if text is None:
            return None
        for member in known:
            if member == text:
                return member
        self.problems.add("bad_choice", mapping.places[key], what=key, value=text, advice=nearest(text, known))
        return None

    def duration_ms(self, mapping: Mapping, key: str) -> int | None:
        """The duration under `key` in ms, 1 s to 400 d."""
        text = self.text(mapping, key)
        if text is None:
            return None
        match = _DURATION.fullmatch(text)
        length = int(match[1]) * _UNIT_MS[match[2]] if match else 0
        if _SHORTEST_MS <= length <= _LONGEST_MS:
            return length
        self.problems.add("bad_duration", mapping.places[key], what=key, value=text, advice=_duration_advice(text))
        return None

    def both(self, mapping: Mapping, key: str) -> Text:
        """Words in Chinese and English under `key`; notes a missing or swapped language."""
        node = mapping.entries.get(key)
        if node is None:
            return Text("", "")
        place = mapping.places[key]
        if not isinstance(node, Mapping):
            self.problems.add("wants_both", place, what=key)
            return Text("", "")
        self.keys(node, ("zh", "en"))
        zh, en = self.text(node, "zh") or "", self.text(node, "en") or ""
        for language, text in (("zh", zh), ("en", en)):
            if not text:
                self.problems.add("translation_missing", node.places.get(language, place), what=key, language=language)
        if zh and not _CHINESE.search(zh):
            self.problems.add("zh_not_chinese", node.places["zh"], what=key)
        if _CHINESE.search(en):
            self.problems.add("en_chinese", node.places["en"], what=key)
        return Text(zh, en)


def _duration_advice(text: str) -> Text:
    """How to write a duration that people write as `10 minutes`, else how to write any."""
    match = _SPOKEN.fullmatch(text.lower())
    unit = next((each for each, words in _UNITS_SPOKEN.items() if match and match[2] in words), None)
    if match and unit and _SHORTEST_MS <= int(match[1]) * _UNIT_MS[unit] <= _LONGEST_MS:
        return Text(f"写 {match[1]}{unit}", f"write {match[1]}{unit}")
    return Text(
        "写整数加 s、m、h 或 d，1s 到 400d，例如 30d",
        "write a whole number and s, m, h or d, from 1s to 400d, such as 30d",
    )


def duration_text(length_ms: int) -> str:
    """A duration as a pack writes it, in the largest unit that fits: 3600000 gives `1h`."""
    for unit in "dhms":
        if length_ms % _UNIT_MS[unit] == 0:
            return f"{length_ms // _UNIT_MS[unit]}{unit}"
    return f"{length_ms}ms"
