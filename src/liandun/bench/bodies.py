"""Request bodies of W1 events, ready to send: JSON tails for wrk, NDJSON and Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from liandun.bench.workload import SALT, Arrays, events

LUA = """
local tails, at, run = {}, 0, os.getenv("LIANDUN_BENCH_RUN")
for line in io.lines(os.getenv("LIANDUN_BENCH_TAILS")) do tails[#tails + 1] = line end
wrk.method = "POST"
wrk.headers["authorization"] = "Bearer " .. os.getenv("LIANDUN_BENCH_KEY")
wrk.headers["content-type"] = "application/json"
request = function()
  at = at + 1
  return wrk.format(nil, "/v1/decide", nil, '{"id":"' .. run .. "-" .. at .. '",' .. tails[at % #tails + 1])
end
"""


FORMS = {
    "card": ("62%014d", 14),
    "account": ("A%010d", 10),
    "device": ("dev%09d", 9),
    "merchant": ("M%06d", 6),
    "store": ("S%04d", 4),
    "phone": ("13%09d", 9),
}
"""How identifiers of each kind look, and how many digits of W1's number they take."""


def w1_events(n: int) -> Arrays:
    """`n` events as dense as W1; identifiers stay whole numbers."""
    return events(n)


def tail(ev: Arrays, n: int) -> Arrays:
    """The last `n` events."""
    return {name: column[-n:] for name, column in ev.items()}


def json_tails(ev: Arrays) -> list[bytes]:
    """JSON objects without their opening brace and id, about 200 bytes each."""
    texts = {kind: np.char.mod(form, ev[kind] % np.uint64(10**digits)) for kind, (form, digits) in FORMS.items()}
    minor = np.rint(ev["amount"] * 100).astype(np.int64)
    rows = zip(
        ev["ts"].tolist(),
        minor.tolist(),
        ev["channel"].tolist(),
        ev["mcc"].tolist(),
        *(column.tolist() for column in texts.values()),
        strict=True,
    )
    return [_tail(row) for row in rows]


def _tail(row: tuple[object, ...]) -> bytes:
    ts, minor, channel, mcc, *keys = row
    named = "".join(
        f',"{kind}":"{key}"' for kind, key in zip(SALT, keys, strict=True) if not (kind == "store" and channel == 0)
    )
    return f'"paid_at":{ts},"amount_minor":{minor},"channel":{channel},"mcc":{mcc}{named}}}'.encode()


def ndjson_bodies(tails: list[bytes], rows: int, run: str) -> Iterator[bytes]:
    for first in range(0, len(tails) - rows + 1, rows):
        lines = [b'{"id":"%b-%d",%b' % (run.encode(), first + i, tails[first + i]) for i in range(rows)]
        yield b"\n".join(lines)


def arrow_bodies(ev: Arrays, rows: int, run: str) -> Iterator[bytes]:
    """Batches with entity keys in place of identifiers, as a second gateway would send them."""
    n = len(ev["ts"])
    for first in range(0, n - rows + 1, rows):
        part = slice(first, first + rows)
        columns = {
            "id": pa.array([f"{run}-{i}" for i in range(first, first + rows)]),
            "paid_at": pa.array(ev["ts"][part]),
            "amount_minor": pa.array(np.rint(ev["amount"][part] * 100).astype(np.int64)),
            "channel": pa.array(ev["channel"][part].astype(np.int64)),
            "mcc": pa.array(ev["mcc"][part].astype(np.int64)),
            **{kind: pa.array(ev[kind][part], mask=ev[kind][part] == 0) for kind in SALT},
        }
        batch = pa.RecordBatch.from_pydict(columns)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        yield sink.getvalue().to_pybytes()


def write_tails(tails: list[bytes], path: Path) -> None:
    path.write_bytes(b"\n".join(tails) + b"\n")
