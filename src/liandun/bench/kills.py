"""Kills a real gateway under load, again and again, and asks what became of every event it had acknowledged."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic, sleep, time

import msgspec

from liandun.bench.server import Server
from liandun.gateway.client import NDJSON, Connection
from liandun.replay.journal_chain import Kind
from liandun.replay.journal_events import decode_events
from liandun.replay.journal_files import read_records

SENDERS = 4
_BATCH = 40
_LONGEST_S = 0.5
_AGAIN = 500
_NAMED = 1000


@dataclass(slots=True)
class Told:
    """What clients sent and were told before each kill: the event and the whole verdict by id."""

    events: dict[str, bytes] = field(default_factory=dict)
    verdicts: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def drill(server: Server, key: str, kills: int, seed: int = 1) -> dict[str, object]:
    """Kill `server` (not yet started) `kills` times at random moments, then check all that was acknowledged.

    Returns:
        kills, acknowledged, lost (acknowledged and not in the journal), doubled (ids that are there more than once),
        changed (another verdict after a restart).
    """
    rng = random.Random(seed)
    told = Told()
    for number in range(kills):
        server.start()
        _send_until_killed(server, key, told, (number, rng.uniform(0.05, _LONGEST_S)))
    server.start()
    changed = _ask_again(server, key, told)
    server.stop()
    counts = journal_ids(server)
    return {
        "kills": kills,
        "acknowledged": len(told.verdicts),
        "lost": sum(id not in counts for id in told.verdicts),
        "doubled": sum(count > 1 for count in counts.values()),
        "changed": changed,
        "refused": len(told.wrong),
    }


def _send_until_killed(server: Server, key: str, told: Told, moment: tuple[int, float]) -> None:
    number, seconds = moment
    stop = threading.Event()
    threads = [
        threading.Thread(target=_send, args=(server.url, key, told, (f"k{number}t{thread}", stop)))
        for thread in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    sleep(seconds)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


def _send(url: str, key: str, told: Told, mine: tuple[str, threading.Event]) -> None:
    """Send single events and batches by turns, and every tenth request again, until the gateway is gone."""
    name, stop = mine
    connection = Connection(url, key, timeout_s=5.0)
    count = 0
    lines: list[bytes] = []
    while not stop.is_set():
        if count % 10 != 9:
            lines = [_event(f"{name}-{count}-{row}", row) for row in range(1 if count % 3 else _BATCH)]
        rows = len(lines)
        try:
            if rows == 1:
                status, _, answer = connection.post("/v1/decide", lines[0])
            else:
                status, _, answer = connection.post("/v1/decide/batch", b"\n".join(lines), NDJSON)
        except OSError:
            return
        with told.lock:
            _note(told, status, lines, answer)
        count += 1


def _note(told: Told, status: int, events: list[bytes], answer: bytes) -> None:
    if status != 200:
        told.wrong.append(answer.decode())
        return
    for event, line in zip(events, answer.splitlines(), strict=True):
        row = msgspec.json.decode(line)
        told.events[row["id"]] = event
        if "outcome" not in row or told.verdicts.setdefault(row["id"], line) != line:
            told.wrong.append(line.decode())


def _event(id: str, row: int) -> bytes:
    number = sum(id.encode())
    event = {
        "id": id,
        "paid_at": int(time() * 1000),
        "amount_minor": 100 + 7 * row,
        "channel": row % 2,
        "mcc": number % 300,
        "card": f"62{number % 50:014d}",
        "device": f"d-{number % 30:06d}",
        "merchant": f"M{number % 20:06d}",
    }
    return msgspec.json.encode(event)


def _ask_again(server: Server, key: str, told: Told) -> int:
    """Send every acknowledged event again, and ask for some verdicts by name; how many are missing or another."""
    connection = Connection(server.url, key)
    changed = 0
    ids = list(told.verdicts)
    for first in range(0, len(ids), _AGAIN):
        changed += _send_again(connection, told, ids[first : first + _AGAIN])
    for id in ids[:: len(ids) // _NAMED + 1]:
        status, _, answer = connection.get(f"/v1/verdicts/kills/{id}")
        changed += status != 200 or answer != told.verdicts[id]
    return changed


def _send_again(connection: Connection, told: Told, ids: list[str]) -> int:
    """How many of these get another verdict than before; rows whose old verdict is to be asked for later are."""
    changed = 0
    while ids:
        _, _, body = connection.post("/v1/decide/batch", b"\n".join(told.events[id] for id in ids), NDJSON)
        answers = dict(zip(ids, body.splitlines(), strict=True))
        later = [id for id, line in answers.items() if b"urn:liandun:problem:busy" in line]
        if len(later) == len(ids):
            return changed + len(ids)
        changed += sum(line != told.verdicts[id] for id, line in answers.items() if id not in later)
        ids = later
    return changed


def journal_ids(server: Server) -> Counter[str]:
    """How often each event's id is in the journal."""
    counts: Counter[str] = Counter()
    for record in read_records(server.data / "journal"):
        if record.kind in (Kind.EVENTS, Kind.LATE):
            counts.update(decode_events(record.body, record.arrived).ids)
    return counts


def timed_start(server: Server) -> float:
    """Seconds from the start of the process until it decides events."""
    began = monotonic()
    server.start()
    return monotonic() - began
