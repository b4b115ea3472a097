"""What the engine answers: views of the columns that the kernels wrote."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.engine.hits import NO_HITS
from liandun.engine.instructions import ProgramWord
from liandun.engine.layout import BLOCK, Context
from liandun.engine.program import LinkedProgram
from liandun.engine.state import address

Features = dict[str, tuple[NDArray[np.generic], NDArray[np.bool_]]]


class Answers:
    """Where one program writes its answers for the bound columns."""

    def __init__(self, rules: int, capacity: int) -> None:
        words = max(1, -(-rules // BLOCK))
        # Filled, not only reserved: the kernels should not wait for a page of each column every few hundred events.
        self.outcome = np.full(capacity, 0, np.uint8)
        self.score = np.full(capacity, 0, np.int64)
        self.fired = np.full((words, capacity), 0, np.uint64)
        self.unknown = np.full((words, capacity), 0, np.uint64)

    def attach(self, linked: LinkedProgram) -> None:
        words = linked.words
        words[ProgramWord.OUTCOMES], words[ProgramWord.SCORES] = address(self.outcome), address(self.score)
        words[ProgramWord.FIRED], words[ProgramWord.UNKNOWN] = address(self.fired), address(self.unknown)
        words[ProgramWord.CAPACITY] = len(self.outcome)


class Decision:
    """Answers for rows `start` to `stop`: views that the next `decide` overwrites.

    Attributes:
        hits: (hits,) of `liandun.engine.hits.HIT`; `event` counts from `start`.
        features: name -> (values, null) of (n,) arrays, when asked for.
    """

    __slots__ = ("_answers", "_made", "_part", "features", "hits")

    def __init__(
        self,
        answers: tuple[Answers, ...],
        made: NDArray[np.uint8],
        part: slice,
        hits: NDArray[np.void] = NO_HITS,
        features: Features | None = None,
    ) -> None:
        self._answers, self._made, self._part, self.hits, self.features = answers, made, part, hits, features or {}

    @property
    def outcome(self) -> NDArray[np.uint8]:
        """(n,): weakest 0 (approve) to strongest 4 (block)."""
        return self._answers[0].outcome[self._part]

    @property
    def score(self) -> NDArray[np.int64]:
        """(n,)."""
        return self._answers[0].score[self._part]

    @property
    def fired(self) -> NDArray[np.uint64]:
        """(words, n); bit r of word w: running rule 64 w + r fired."""
        return self._answers[0].fired[:, self._part]

    @property
    def unknown(self) -> NDArray[np.uint64]:
        """(words, n): the same for rules that could not be told."""
        return self._answers[0].unknown[:, self._part]

    @property
    def created(self) -> NDArray[np.uint8]:
        """(n,): rows that the event made."""
        return self._made[self._part]

    @property
    def shadows(self) -> tuple[Decision, ...]:
        """The same answers of each shadow pack, without hits and features."""
        return tuple(Decision((answers,), self._made, self._part) for answers in self._answers[1:])


class Kept:
    """Columns with room for `n` rows into which the kernels copy features."""

    def __init__(self, linked: LinkedProgram, n: int) -> None:
        self._outputs = outputs = linked.program.outputs
        self.room = n
        self._values = np.zeros((len(outputs), n), np.int64)
        self._null = np.zeros((len(outputs), n), np.bool_)
        self._triples = np.zeros((len(outputs), 3), np.uint64)
        self._triples[:, 0] = linked.output_columns
        self._rows = np.arange(len(outputs)) * n

    def begin(self, context: NDArray[np.uint64], first: int) -> None:
        """Keep the features of rows `first` onwards."""
        self._triples[:, 1] = address(self._values) - 8 * first + 8 * self._rows
        self._triples[:, 2] = address(self._null) - first + self._rows
        context[Context.KEPT], context[Context.KEPT_COUNT] = address(self._triples), len(self._outputs)

    def named(self, n: int) -> Features:
        """The first `n` rows by name; where null, the value is 0."""
        floats = self._values.view(np.float64)
        return {
            name: ((floats if is_float else self._values)[number, :n], self._null[number, :n])
            for number, (name, _, is_float) in enumerate(self._outputs)
        }
