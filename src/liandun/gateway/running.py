"""What decides now: a pack on an engine, and what reads events and words verdicts under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liandun.engine.engine import Engine
from liandun.engine.schema import Columns
from liandun.gateway.gather import Gatherer
from liandun.gateway.replies import Replies
from liandun.packs.compile import Compiled, pack_schema
from liandun.packs.model import Pack
from liandun.replay.journal_codec import KeptVerdicts, Verdicts

_BUFFER = 512


@dataclass(frozen=True, slots=True)
class Running:
    """A pack in force.

    Attributes:
        base: the compiled pack that the engine was made for; `pack` is that one or needs nothing more.
    """

    pack: Pack
    base: Compiled
    engine: Engine
    gatherer: Gatherer
    replies: Replies
    buffer: Columns

    @classmethod
    def of(cls, pack: Pack, base: Compiled, engine: Engine, secret: bytes) -> Running:
        """Run `pack` on `engine`, which was made for `base`."""
        return cls(pack, base, engine, Gatherer(pack, secret), Replies(pack), Columns.empty(base.schema, _BUFFER))

    def decide(self, columns: Columns) -> tuple[Verdicts, NDArray[np.uint8]]:
        """Decide events; their verdicts, which stay as they are, and the rows that each made.

        Few events go through a buffer, since the engine takes a while to find its way into new columns.
        """
        n = len(columns)
        if n > _BUFFER:
            decision = self.engine.decide(columns)
            return decision, decision.created
        _copy(columns, self.buffer, n)
        d = self.engine.decide(self.buffer, 0, n)
        kept = KeptVerdicts(d.outcome.copy(), d.score.copy(), d.fired.copy(), d.unknown.copy(), d.hits)
        return kept, d.created.copy()

    @property
    def words(self) -> int:
        """Words of 64 bits that the fired rules of one event take."""
        return max(1, (len(self.pack.running) + 63) // 64)


def _copy(columns: Columns, buffer: Columns, n: int) -> None:
    buffer.t[:n], buffer.at[:n], buffer.stream[:n] = columns.t, columns.at, columns.stream
    buffer.party[:n], buffer.id[:n] = columns.party, columns.id
    buffer.keys[:, :n], buffer.fields[:, :n] = columns.keys, columns.fields


def new_engine(compiled: Compiled) -> Engine:
    """An engine that has seen nothing yet."""
    return Engine(compiled)


def fits(pack: Pack, base: Compiled) -> bool:
    """Can `pack` run on an engine that was made for `base`, with all it has counted?

    The lists must be the same in number and order, since verdicts name them by index.
    """
    is_like = pack_schema([pack]) == base.schema and [item.name for item in base.plan.lists] == [
        item.name for item in pack.lists
    ]
    return is_like and base.program(pack) is not None


def run_on(engine: Engine, base: Compiled, pack: Pack, secret: bytes) -> Running:
    """Let `pack`, which fits, decide on `engine` from the next event on."""
    program = base.program(pack)
    assert program is not None
    running = Running.of(pack, base, engine, secret)
    engine.switch([program])  # last: had the above failed, the pack before would go on
    return running
