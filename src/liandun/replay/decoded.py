"""What every decoder answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandun.engine.schema import Columns
from liandun.replay.troubles import FieldProblem


@dataclass(frozen=True, slots=True)
class Decoded:
    """The rows of one body: row i of everything is the body's row i.

    Attributes:
        columns: every row, `t` and `party` still 0; what stands in a row with a problem means nothing.
        ids: the rows' own ids: `Texts`, or a pyarrow string array; both have `to_pylist`.
        problems: by row; a row may have several.
        ignored: members (in a table: columns) that nothing reads.
    """

    columns: Columns
    ids: Any  # pyarrow has no types
    problems: list[FieldProblem]
    ignored: int

    def good(self) -> NDArray[np.intp]:
        """Numbers of the rows with nothing wrong."""
        good = np.ones(len(self.columns), np.bool_)
        good[[problem.row for problem in self.problems]] = False
        return np.flatnonzero(good)


class Texts(Sequence[str]):
    """Texts that lie somewhere in one buffer; made into `str` only when asked for.

    Args:
        buffer: UTF-8; lone surrogates, which a text may have in Python, as three bytes each.
        starts: (n,) first byte of each.
        stops: (n,) one behind its last.
    """

    __slots__ = ("buffer", "starts", "stops")

    def __init__(self, buffer: bytes, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        self.buffer, self.starts, self.stops = buffer, starts, stops

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """A copy of `texts`."""
        raw = [text.encode(errors="surrogatepass") for text in texts]
        ends = np.cumsum([0, *map(len, raw)], dtype=np.int64)
        return cls(b"".join(raw), ends[:-1], ends[1:])

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, at: Any) -> Any:  # the two forms of Sequence.__getitem__
        if isinstance(at, slice):
            return Texts(self.buffer, self.starts[at], self.stops[at])
        return self.buffer[self.starts[at] : self.stops[at]].decode(errors="surrogatepass")

    def __iter__(self) -> Iterator[str]:
        pairs = zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        if self.buffer.isascii():
            text = self.buffer.decode("ascii")
            return (text[start:stop] for start, stop in pairs)
        return (self.buffer[start:stop].decode(errors="surrogatepass") for start, stop in pairs)

    def to_pylist(self) -> list[str]:
        """All of them."""
        return list(self)
