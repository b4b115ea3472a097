"""The bodies of `POST /v1/labels` and `POST /v1/lists`: what became known of events, and changes of lists."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from liandun.engine.schema import NO_KEY, NULL, Label, ListChange
from liandun.gateway.limits import MAX_FEED_ITEMS, MAX_ID_BYTES
from liandun.gateway.problems import Problem
from liandun.packs.identity import entity_key, event_id
from liandun.packs.model import ListSpec, Pack
from liandun.replay.journal_codec import KnownLabel

T = TypeVar("T")
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class LabelItem(msgspec.Struct, forbid_unknown_fields=True):
    """One label: the event's own id, 1 = fraud or 0 = genuine, and since when that is known."""

    of: Text
    value: Annotated[int, msgspec.Meta(ge=0, le=1)]
    known_at: Moment | None = None


class ChangeItem(msgspec.Struct, forbid_unknown_fields=True):
    """One change of a list: its name, the raw identifier, and its number in the feed it comes from, if it has one."""

    list: Text
    value: Text
    number: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    add: bool = True
    expires: Moment | None = None


def read_labels(body: bytes, source: str, secret: bytes, now: int) -> list[KnownLabel]:
    """The labels of a body, of events that `source` sent; `now` in ms since 1970 UTC.

    Raises:
        Problem: malformed or field.
    """
    labels = []
    for place, item in enumerate(_items(body, LabelItem)):
        known_at = NULL if item.known_at is None else _ms(item.known_at)
        if known_at > now:
            words = "is in the future; send the label when it is known", "在将来；请在得知后再发送标签"
            raise Problem("field", *words, field=f"[{place}].known_at")
        if len(item.of.encode()) > MAX_ID_BYTES:
            raise Problem("field", f"at most {MAX_ID_BYTES} bytes", f"最多 {MAX_ID_BYTES} 字节", field=f"[{place}].of")
        labels.append(KnownLabel(Label(event_id(source, item.of, secret), item.value), source, item.of, known_at))
    return labels


def read_changes(body: bytes, pack: Pack, secret: bytes, party: int) -> list[ListChange]:
    """The list changes of a body, made for `party`; number 0 = it had none.

    Raises:
        Problem: malformed or field.
    """
    specs = {spec.name: spec for spec in pack.lists}
    return [_change(item, specs, f"[{place}]", (secret, party)) for place, item in enumerate(_items(body, ChangeItem))]


def _change(item: ChangeItem, specs: dict[str, ListSpec], at: str, hub: tuple[bytes, int]) -> ListChange:
    secret, party = hub
    spec = specs.get(item.list)
    if spec is None:
        known = ", ".join(sorted(specs)) or "none"
        raise Problem("field", f"the pack's lists are: {known}", f"规则包中的名单有：{known}", field=f"{at}.list")
    key = entity_key(spec.kind, item.value, secret)
    if key == NO_KEY:
        words = f"not an identifier of kind {spec.kind}", f"不是有效的 {spec.kind} 标识"
        raise Problem("field", *words, field=f"{at}.value")
    expires = NULL if item.expires is None else _ms(item.expires)
    return ListChange(item.list, key, item.add, item.number or 0, expires, party)


def _items(body: bytes, kind: type[T]) -> list[T]:
    """One object, or an array of them."""
    try:
        if body.lstrip()[:1] == b"[":
            items = msgspec.json.decode(body, type=list[kind])  # type: ignore[valid-type]  # chosen by the caller
        else:
            items = [msgspec.json.decode(body, type=kind)]
    except msgspec.ValidationError as error:
        raise _wrong_item(str(error), kind) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem("malformed", f"not JSON: {error}", "不是有效的 JSON") from error
    if not items:
        raise Problem(
            "field",
            "nothing was sent: give an object, or an array of at least one",
            "未发送任何内容：请发送一个对象，或至少含一个对象的数组",
        )
    if len(items) > MAX_FEED_ITEMS:
        words = f"send 1 to {MAX_FEED_ITEMS} at once", f"每次发送 1 到 {MAX_FEED_ITEMS} 条"
        raise Problem("too-large", *words)
    return items


def _wrong_item(message: str, kind: type[Any]) -> Problem:
    """What msgspec says of an item, with the member's name and in Chinese."""
    what, _, path = message.partition(" - at `$")
    place = path.rstrip("`").lstrip(".")
    if named := _NAMED.fullmatch(what):
        name = named[2]
        place = f"{place}.{name}" if place else name
        if named[1] == _LACKS:
            return Problem("field", f"{name} is missing", f"缺少 {name}：应为{_WANTED.get(name, '有效值')}", place)
        known = kind.__struct_fields__
        return Problem(
            "field",
            f"there is no member {name}; use {', '.join(known)}",
            f"没有名为 {name} 的成员；可用的有 {'、'.join(known)}",
            place,
        )
    name = place.rpartition(".")[2]
    return Problem("field", what, f"应为{_WANTED[name]}" if name in _WANTED else "应为一个 JSON 对象", place or None)


_LACKS = "missing required"
_NAMED = re.compile(rf"Object ({_LACKS}|contains unknown) field `(.*)`", re.DOTALL)
_WANTED = {
    "of": "事件编号，1 到 256 个字符的文本",
    "known_at": "带时区的时间，例如 2026-11-20T09:00:00Z",
    "list": "名单名称，1 到 256 个字符的文本",
    "value": "标签的 0 或 1，或名单变更的标识文本（1 到 256 个字符）",
    "number": "不小于 1 的整数",
    "add": "true 或 false",
    "expires": "带时区的时间，例如 2027-01-01T00:00:00Z",
}


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
