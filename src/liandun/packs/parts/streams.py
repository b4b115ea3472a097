"""Reads the streams of pack.yaml."""

from __future__ import annotations

import re

from liandun.packs.errors import nearest
from liandun.packs.model import FieldSpec, Stream, Type
from liandun.packs.nodes import Mapping, Node, Scalar
from liandun.packs.parts.namespace import Namespace, stream_has
from liandun.packs.reader import Reader

_KEYS = ("time", "money", "keys", "fields", "channel", "required", "decides")
_TYPES = {
    "int": Type.INT,
    "float": Type.FLOAT,
    "bool": Type.BOOL,
    "code": Type.CODE,
    "time": Type.TIME,
}
_MOST_STREAMS = 32
_MOST_DECIMALS = 9


def read_streams(node: Node | None, reader: Reader, names: Namespace) -> None:
    """Fill `names.streams`, `fields`, `times` and `kinds`."""
    streams = reader.mapping(node, "streams")
    if streams is None:
        return
    if len(streams.entries) > _MOST_STREAMS:
        reader.problems.add("too_many", streams.place, what="streams", limit=_MOST_STREAMS)
    for name, entry in streams.entries.items():
        body = reader.mapping(entry, name)
        if body is None or reader.name(name, streams.places[name]) is None:
            continue
        _Stream(name, body, reader, names).read()


class _Stream:
    """Reads one stream."""

    def __init__(self, name: str, body: Mapping, reader: Reader, names: Namespace) -> None:
        self._name, self._body, self._reader, self._names = name, body, reader, names
        self._note = reader.problems.add

    def read(self) -> None:
        body, reader = self._body, self._reader
        reader.keys(body, _KEYS, ("time",))
        time = reader.text(body, "time") or ""
        self._take_time(time)
        money, currency = self._money()
        fields = self._fields()
        if money is not None:
            fields = (money, *fields)
        stream = Stream(
            name=self._name,
            time=time,
            fields=fields,
            keys=self._keys(),
            money=money.name if money else None,
            currency=currency,
            channel=self._channel(fields),
            required={},
            decides=reader.flag(body, "decides", default=True),
            place=body.place,
        )
        stream.required.update(self._required(stream))
        self._names.streams[self._name] = stream

    def _take_time(self, time: str) -> None:
        place = self._body.places.get("time")
        if not time or place is None or self._reader.name(time, place) is None:
            return
        if time in self._names.fields or time in self._names.kinds:
            self._note("time_clash", place, name=time)
        elif self._names.kind_of(time) is not None and time not in self._names.times:
            self._note("name_taken", place, name=time, by=self._names.kind_of(time))
        else:
            self._names.times[time] = None

    def _money(self) -> tuple[FieldSpec | None, str]:
        node = self._reader.mapping(self._body.entries.get("money"), "money")
        if node is None:
            return None, ""
        self._reader.keys(node, ("field", "currency"), ("field",))
        currency = self._reader.text(node, "currency") or "CNY"
        if not re.fullmatch("[A-Z]{3}", currency):
            self._note("bad_currency", node.places["currency"], value=currency)
        name = self._reader.text(node, "field")
        return (None if name is None else self._take(FieldSpec(name, Type.INT), node, "field")), currency

    def _fields(self) -> tuple[FieldSpec, ...]:
        node = self._reader.mapping(self._body.entries.get("fields"), "fields")
        if node is None:
            return ()
        found = {name: self._field(name, entry, node) for name, entry in node.entries.items()}
        self._names.broken |= {name for name, spec in found.items() if spec is None}
        return tuple(spec for spec in found.values() if spec is not None)

    def _field(self, name: str, entry: Node, fields: Mapping) -> FieldSpec | None:
        place = fields.places[name]
        if isinstance(entry, Mapping) and len(entry.entries) == 1 and "decimal" in entry.entries:
            scale = self._reader.whole(entry, "decimal")
            if scale is None:
                return None
            if 1 <= scale <= _MOST_DECIMALS:
                return self._take(FieldSpec(name, Type.INT, scale), fields, name)
            self._note("bad_decimals", place, value=scale, limit=_MOST_DECIMALS)
        elif isinstance(entry, Mapping) and len(entry.entries) == 1 and "code" in entry.entries:
            values = self._reader.texts(entry, "code")
            return self._take(FieldSpec(name, Type.CODE, values=values or ()), fields, name)
        elif isinstance(entry, Scalar) and entry.text in _TYPES:
            return self._take(FieldSpec(name, _TYPES[entry.text]), fields, name)
        else:
            text = entry.text if isinstance(entry, Scalar) else ", ".join(getattr(entry, "entries", ()))
            self._note("bad_type", place, name=name, value=text, advice=nearest(text, [*_TYPES, "decimal"]))
        return None

    def _take(self, spec: FieldSpec, node: Mapping, key: str) -> FieldSpec | None:
        """Put a field into the namespace unless its name means something else already."""
        place, names = node.places[key], self._names
        if self._reader.name(spec.name, place) is None:
            return None
        known = names.fields.get(spec.name)
        if known is not None and known != spec:
            self._note("field_clash", place, name=spec.name)
        elif spec.name in names.times:
            self._note("time_clash", place, name=spec.name)
        elif known is None and names.kind_of(spec.name) is not None:
            self._note("name_taken", place, name=spec.name, by=names.kind_of(spec.name))
        else:
            names.fields[spec.name] = spec
            return spec
        return None

    def _keys(self) -> dict[str, str]:
        node = self._reader.mapping(self._body.entries.get("keys"), "keys")
        found: dict[str, str] = {}
        for role, entry in node.entries.items() if node else ():
            place = node.places[role] if node else self._body.place
            kind = self._reader.scalar(entry, role)
            if kind is None or self._reader.name(role, place) is None or self._reader.name(kind, place) is None:
                continue
            taken = None if role in self._names.kinds else self._names.kind_of(role)
            if taken is not None:
                self._note("name_taken", place, name=role, by=taken)
            elif self._names.kinds.setdefault(role, kind) != kind:
                self._note("kind_clash", place, name=role, kind=kind, other=self._names.kinds[role])
            else:
                found[role] = kind
        self._names.broken |= set(node.entries) - set(found) - set(self._names.kinds) if node else set()
        return found

    def _channel(self, fields: tuple[FieldSpec, ...]) -> str | None:
        codes = [spec.name for spec in fields if spec.type is Type.CODE]
        name = self._reader.text(self._body, "channel")
        if name is None:
            return "channel" if "channel" in codes else None
        if name in codes:
            return name
        self._note("bad_channel", self._body.places["channel"], name=name, advice=nearest(name, codes))
        return None

    def _required(self, stream: Stream) -> dict[str, tuple[str, ...]]:
        node = self._body.entries.get("required")
        if not isinstance(node, Mapping):
            names = self._reader.texts(self._body, "required")
            return {"*": self._existing(stream, names, self._body, "required")} if names else {}
        if stream.channel is None and set(node.entries) - {"*"}:
            self._note("no_channel", node.place, stream=stream.name)
        values = next((spec.values for spec in stream.fields if spec.name == stream.channel), ())
        found = {}
        for channel in node.entries:
            if values and channel != "*" and channel not in values:
                advice = nearest(channel, values)
                self._note("unknown_channel", node.places[channel], name=channel, advice=advice)
            found[channel] = self._existing(stream, self._reader.texts(node, channel) or (), node, channel)
        return found

    def _existing(self, stream: Stream, names: tuple[str, ...], node: Mapping, key: str) -> tuple[str, ...]:
        known = [*stream.keys, *(spec.name for spec in stream.fields), stream.time]
        for name in names:
            if not stream_has(stream, name):
                advice = nearest(name, known)
                self._note("unknown_required", node.places[key], name=name, stream=stream.name, advice=advice)
        return tuple(name for name in names if stream_has(stream, name))
