"""Lists that the engine owns: which keys are on which list, until when, for whom.

Nothing but `KindLists` writes an index; a change takes effect between two events, so a replay sees exactly what the
live stream saw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.engine.ends import BIT, KEY, TIME, EndColumns, Ends
from liandun.engine.listindex import ListIndex, drop_entry, missing, put_entries, put_entry
from liandun.engine.rows import SPREAD
from liandun.engine.schema import NULL


def salted(key: int, party: int) -> int:
    """`key` as it is held within one party."""
    return key ^ int(party) * int(SPREAD) % 2**64


class KindLists:
    """All lists of one entity kind (at most 32)."""

    def __init__(self) -> None:
        self.joint = ListIndex()
        self.owned = ListIndex()
        self.ends = Ends(self.joint, self.owned)
        self.bit: dict[str, int] = {}
        self.joint_lists: set[str] = set()

    def declare(self, name: str, joint: bool) -> None:
        """Give list `name` a bit."""
        bit = self.bit.setdefault(name, 1 << len(self.bit))
        if joint:
            self.joint_lists.add(name)
            self.ends.joint_bits |= np.uint64(bit)

    def change(self, name: str, key: int, party: int, number: int | None, expires: int) -> None:
        """Add or renew (`number` given) or remove an entry."""
        joint = name in self.joint_lists
        index = self.joint if joint else self.owned
        held, bit = np.uint64(key if joint else salted(key, party)), self.bit[name]
        if number is None:
            drop_entry(index.address, held, np.uint64(bit), np.uint64(party))
            return
        index.reserve(1)
        ends_otherwise = put_entry(
            index.address, held, np.uint64(bit), np.uint64(party), np.int64(number), np.int64(expires)
        )
        if ends_otherwise and expires != NULL:
            self.ends.add(int(expires), key, bit, party)

    def load(
        self, name: str, keys: NDArray[np.uint64], numbers: NDArray[np.int64], expires: NDArray[np.int64]
    ) -> NDArray[np.uint64]:
        """Add or renew many entries of a joint list; of a key that comes twice the later entry counts.

        Returns:
            the keys in one piece, as kernels want them.
        """
        bit, keys = self.bit[name], np.require(keys, np.uint64, ["C", "W"])
        numbers, expires = np.require(numbers, np.int64, ["C", "W"]), np.require(expires, np.int64, ["C", "W"])
        self.joint.reserve(missing(self.joint.address, keys, np.uint64(bit)))
        put_entries(self.joint.address, keys, np.uint64(bit), numbers, expires)
        ending = np.flatnonzero(expires != NULL)
        if len(ending):
            ends: EndColumns = np.zeros((4, len(ending)), np.int64)
            ends[TIME], ends[KEY], ends[BIT] = expires[ending], keys[ending].view(np.int64), bit
            self.ends.add_many(ends)
        return keys
