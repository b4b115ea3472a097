"""Compiles what the first request would otherwise wait for: decoders, index of ids, journal columns, replies."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pyarrow as pa

from liandun.gateway.batcher import Form, Work
from liandun.gateway.gather import Gatherer
from liandun.gateway.ids import IdIndex
from liandun.gateway.keys import Key
from liandun.gateway.limits import Allowance
from liandun.gateway.rendering import Answers, render
from liandun.gateway.replies import Replies
from liandun.gateway.screening import screen
from liandun.packs.model import Pack, Stream, Type
from liandun.replay.journal_codec import KeptVerdicts, encode_verdicts
from liandun.replay.journal_events import Events, encode_events

_SAMPLES: dict[Type, object] = {
    Type.INT: 1,
    Type.FLOAT: 1.5,
    Type.BOOL: True,
    Type.CODE: "a",
    Type.TIME: 1_800_000_000_000,
}


class _Nobody:
    def finish(self, work: Work, body: object) -> None:
        pass


def rehearse(pack: Pack, progress: Callable[[str], None]) -> None:
    """Send a made-up event of every stream through all that touches it before the engine and after it."""
    progress("compiling the decoders")
    gatherer, replies = Gatherer(pack, bytes(16)), Replies(pack)
    verdicts = _verdicts(pack)
    events = [_event(stream) for stream in pack.streams]
    index = IdIndex(1)
    for work in [_work("json", msgspec.json.encode(event)) for event in events] + [
        _work("arrow", pa.RecordBatch.from_pylist([event])) for event in events
    ]:
        gathered = gatherer.gather([work])
        columns, answers = gathered.columns, Answers.empty(1, len(verdicts.fired), {})
        screening = screen(columns, [], index, np.ones(3, np.int64))
        index.add(columns.id, screening.digests, np.ones(1, np.int64), 1)
        encode_events(Events(columns, gathered.sources, gathered.source, gathered.ids()))
        encode_verdicts(verdicts)
        answers.put(screening.fresh, verdicts)
        render(gathered, answers, replies)
    many = np.arange(1, 10_000, dtype=np.uint64)
    index.add(many, many, np.ones(len(many), np.int64), 1)
    index.add(many[:1], many[:1], np.ones(1, np.int64), 1)


def _event(stream: Stream) -> dict[str, object]:
    values = {spec.name: spec.values[0] if spec.values else _SAMPLES[spec.type] for spec in stream.fields}
    keys = dict.fromkeys(stream.keys, "a1")
    return {"id": "rehearsal", "stream": stream.name, stream.time: _SAMPLES[Type.TIME], **keys, **values}


def _verdicts(pack: Pack) -> KeptVerdicts:
    bits = np.zeros((max(1, (len(pack.running) + 63) // 64), 1), np.uint64)
    return KeptVerdicts(np.zeros(1, np.uint8), np.zeros(1, np.int64), bits, bits.copy())


def _work(form: Form, data: object) -> Work:
    key = Key(prefix="", digest="", source="rehearsal")
    return Work(Allowance(key, 0.0), form, data, _Nobody())
