"""Verdicts as replies: JSON rows and Arrow batches, in the words of one pack.

Most verdicts of a pack look like few others, so what follows the number is built once and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandun.engine.schema import Columns
from liandun.gateway.lines import looks, write_lines
from liandun.gateway.missing import Missing, on_missing
from liandun.packs.model import OUTCOMES, Pack, Status
from liandun.replay.decoded import Texts
from liandun.replay.journal_codec import HIT, KeptVerdicts, PackRef, Verdicts

Details = Mapping[int, tuple[int, bytes]]
TAKEN = len(OUTCOMES)
"""In place of an outcome: an event of a stream that only feeds features, which is taken and gets no verdict."""

_KEPT = 20_000
"""Reply tails kept; then all are forgotten, which costs little."""


class Replies:
    """Writes the verdicts of one pack. Only rules that act are named; shadow rules stay in the journal."""

    def __init__(self, pack: Pack) -> None:
        running = pack.running
        self._words = max(1, (len(running) + 63) // 64)
        self._ids = [rule.id for rule in running]
        self._whys = [rule.why for rule in running]
        self._live = [rule.status is Status.LIVE for rule in running]
        self._lists = pack.lists
        self._missing = Missing(pack)
        self._roles = _roles(pack)
        self._silent = {stream.name for stream in pack.streams if not stream.decides}
        self.ref = PackRef(pack.name, pack.hash)
        reasons = {rule.id: {"zh": rule.why.zh, "en": rule.why.en} for rule in running}
        words = {"reasons": msgspec.json.encode(reasons), "on_missing": msgspec.json.encode(on_missing(pack))}
        self.schema = ARROW_SCHEMA.with_metadata(words)
        self._tails: dict[tuple[int, ...], bytes] = {}
        self._texts: dict[tuple[int, ...], str] = {}

    def marked(self, columns: Columns, verdicts: Verdicts) -> Verdicts:
        """The verdicts with `TAKEN` as the outcome of events that get none; `verdicts` itself where there are none.

        Args:
            columns: (n,) the events, in any schema.
            verdicts: (n,) as the engine or the journal gives them.
        """
        if not self._silent:
            return verdicts
        is_silent = np.array([name in self._silent for name in columns.schema.streams])[columns.stream]
        if not is_silent.any():
            return verdicts
        outcome = np.where(is_silent, np.uint8(TAKEN), verdicts.outcome)
        return KeptVerdicts(outcome, verdicts.score, verdicts.fired, verdicts.unknown, verdicts.hits)

    def json_lines(self, ids: Texts, seqs: NDArray[np.int64], verdicts: Verdicts) -> tuple[bytes, NDArray[np.int64]]:
        """One JSON document a line: `{id, seq, outcome, score, rules, unknown, lists, reasons, pack}`.

        Events without a verdict have `{id, seq, taken, pack}`.

        Args:
            ids: the events' own ids.
            seqs: their numbers in the journal.
            verdicts: (n,) as `marked` gives them.

        Returns:
            The lines, each with its line end, and (n + 1,) where each begins.
        """
        look, firsts = looks(verdicts)
        return write_lines(ids, seqs, look, self._tails_of(verdicts, firsts))

    def json_row(self, id: str, seq: int, verdicts: Verdicts) -> bytes:
        """The document of one event, without a line end."""
        return self.json_lines(Texts.of([id]), np.array([seq]), verdicts)[0][:-1]

    def _tails_of(self, verdicts: Verdicts, rows: NDArray[np.int64]) -> list[bytes]:
        """The tails of some rows."""
        shown = zip(
            verdicts.outcome[rows].tolist(),
            verdicts.score[rows].tolist(),
            *verdicts.fired[:, rows].tolist(),
            *verdicts.unknown[:, rows].tolist(),
            strict=True,
        )
        kept = self._tails
        if not len(verdicts.hits):
            return [kept.get(look) or self._keep(look) for look in shown]
        by_row: dict[int, list[int]] = {}
        for number, row in enumerate(verdicts.hits["event"].tolist()):
            by_row.setdefault(row, []).append(number)
        return [
            self._tail(look, verdicts.hits[by_row[row]]) if row in by_row else kept.get(look) or self._keep(look)
            for row, look in zip(rows.tolist(), shown, strict=True)
        ]

    def _keep(self, look: tuple[int, ...]) -> bytes:
        if len(self._tails) >= _KEPT:
            self._tails.clear()
        tail = self._tails[look] = self._tail(look, np.zeros(0, HIT))
        return tail

    def _tail(self, look: tuple[int, ...], hits: NDArray[np.void]) -> bytes:
        """What follows `"seq":1`, for a verdict that looks like (outcome, score, fired words, unknown words)."""
        if look[0] == TAKEN:
            return b"," + msgspec.json.encode({"taken": True, "pack": self.ref.hash})[1:]
        fired, unknown = self._numbers(look[2 : 2 + self._words]), self._numbers(look[2 + self._words :])
        found = [(self._lists[hit["list"]], self._roles[hit["role"]], int(hit["number"])) for hit in hits]
        reasons = [item.title for item, _, _ in found] + [self._whys[rule] for rule in fired]
        missing = self._missing.reason((look[0], look[1]), fired, unknown, [item for item, _, _ in found])
        if missing is not None:
            reasons.append(missing)
        document = {
            "outcome": OUTCOMES[look[0]].value,
            "score": look[1],
            "rules": [self._ids[rule] for rule in fired],
            "unknown": [self._ids[rule] for rule in unknown],
            "lists": [{"list": item.name, "role": role, "number": number} for item, role, number in found],
            "reasons": {"zh": [reason.zh for reason in reasons], "en": [reason.en for reason in reasons]},
            "pack": self.ref.hash,
        }
        return b"," + msgspec.json.encode(document)[1:]

    def _numbers(self, words: tuple[int, ...]) -> list[int]:
        """The live rules in `words`, by their number among those that run."""
        return [rule for rule, is_live in enumerate(self._live) if is_live and words[rule // 64] >> (rule % 64) & 1]

    def arrow(self, ids: pa.Array, seqs: NDArray[np.int64], verdicts: Verdicts, details: Details) -> pa.RecordBatch:
        """The rows as one Arrow record batch of `ARROW_SCHEMA`.

        Args:
            ids: the events' own ids.
            seqs: their numbers in the journal; those in `details` don't count.
            verdicts: (n,) as `marked` gives them.
            details: status and JSON of rows that have something else to say than a verdict.
        """
        n = len(seqs)
        status, detail, is_other = _details(details, n)
        look, firsts = looks(verdicts)
        is_untold = is_other
        if self._silent:
            is_taken = verdicts.outcome == TAKEN
            is_untold = is_taken if is_other is None else is_taken | is_other
        outcome = pa.array(verdicts.outcome.astype(np.int8), mask=is_untold)
        columns = [
            ids.cast(pa.string()),
            pa.array(status),
            pa.array(seqs, mask=is_other),
            pa.DictionaryArray.from_arrays(outcome, _OUTCOME_NAMES),
            pa.array(verdicts.score, mask=is_untold),
            self._named_column(verdicts.fired[:, firsts], look),
            self._named_column(verdicts.unknown[:, firsts], look),
            self._hit_texts(verdicts.hits, n),
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int8)), pa.array([self.ref.hash])),
            detail,
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _named_column(self, words: NDArray[np.uint64], look: NDArray[np.int32]) -> pa.Array:
        """The rules in `words`, (words, looks), for each row by its look."""
        numbers: dict[str, int] = {}
        texts = [self._joined(each) for each in zip(*words.tolist(), strict=True)]
        places = np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(places[look]), pa.array(list(numbers), pa.string()))

    def _joined(self, look: tuple[int, ...]) -> str:
        """Ids of the rules in `look`, with spaces between."""
        text = self._texts.get(look)
        if text is None:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            text = self._texts[look] = " ".join(self._ids[rule] for rule in self._numbers(look))
        return text

    def _hit_texts(self, hits: NDArray[np.void], n: int) -> pa.Array:
        if not len(hits):
            return pa.nulls(n, pa.string())
        texts: list[str | None] = [None] * n
        for hit in hits:
            row, text = hit["event"], f"{self._lists[hit['list']].name}:{self._roles[hit['role']]}:{hit['number']}"
            texts[row] = text if texts[row] is None else f"{texts[row]} {text}"
        return pa.array(texts, pa.string())


_OUTCOME_NAMES = pa.array([outcome.value for outcome in OUTCOMES])
_CHOSEN = pa.dictionary(pa.int32(), pa.string())

ARROW_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("status", pa.int16()),
        ("seq", pa.int64()),
        ("outcome", pa.dictionary(pa.int8(), pa.string())),
        ("score", pa.int64()),
        ("rules", _CHOSEN),
        ("unknown", _CHOSEN),
        ("lists", pa.string()),
        ("pack", pa.dictionary(pa.int8(), pa.string())),
        ("detail", pa.string()),
    ]
)
"""An Arrow reply: `status` is 200 or the problem's; `rules` and `unknown` hold rule ids with spaces between, `lists`
`list:role:number` likewise; `detail` is JSON: the problem, or the verdict of an event that was sent before, under an
earlier pack. The stream's schema has the rules' reasons in its metadata, once: `reasons`, JSON by
rule id, and `on_missing`, why an outcome is stronger than rules and lists explain while `unknown` is not empty."""


def problem_rows(ids: Sequence[str], details: Details) -> pa.RecordBatch:
    """Rows of which none has a verdict."""
    status, detail, _ = _details(details, len(ids))
    columns = {"id": pa.array(ids, pa.string()), "status": pa.array(status), "detail": detail}
    arrays = [columns.get(field.name, pa.nulls(len(ids), field.type)) for field in ARROW_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=ARROW_SCHEMA)


def _details(details: Details, n: int) -> tuple[NDArray[np.int16], pa.Array, NDArray[np.bool_] | None]:
    """The columns `status` and `detail`, and which rows have no verdict (None = all have one)."""
    status = np.full(n, 200, np.int16)
    if not details:
        return status, pa.nulls(n, pa.string()), None
    texts: list[bytes | None] = [None] * n
    is_other = np.zeros(n, np.bool_)
    for row, (code, text) in details.items():
        status[row], texts[row], is_other[row] = code, text, True
    return status, pa.array(texts, pa.binary()).cast(pa.string()), is_other


def _roles(pack: Pack) -> list[str]:
    """Names of the key roles in the schema's order: all streams', in order of first appearance."""
    return list(dict.fromkeys(role for stream in pack.streams for role in stream.keys))
