"""Lists that the engine owns: which keys are on which list, until when, for whom.

Jitted parts are exempt from the function length of the house. Nothing but `KindLists` writes these arrays; a change
takes effect between two events, so a replay sees exactly what the live stream saw.

An index cell is (key, flags in the low and head entry + 1 in the high half). A key's entries hang in a chain.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import heapq

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.schema import NULL

SPREAD = np.uint64(0x9E3779B97F4A7C15)
NO_ENTRY = np.uint32(0)


@njit(cache=True)
def cell_of(cells, mask, key):
    """Number of the key's cell, or of the empty one where it belongs."""
    place = (np.uint64(key) * SPREAD >> np.uint64(32)) & np.uint64(mask)
    while cells[place, 0] != np.uint64(0) and cells[place, 0] != np.uint64(key):
        place = (place + np.uint64(1)) & np.uint64(mask)
    return place


@njit(cache=True)
def link_entries(cells, mask, entry_keys, bits, following, first, stop):
    """Hang entries `first` to `stop` under their keys; returns how many keys are new."""
    fresh = 0
    for entry in range(first, stop):
        place = cell_of(cells, mask, entry_keys[entry])
        if cells[place, 0] == np.uint64(0):
            cells[place, 0] = entry_keys[entry]
            fresh += 1
        head = cells[place, 1] >> np.uint64(32)
        flags = cells[place, 1] & np.uint64(0xFFFFFFFF)
        following[entry] = np.uint32(head)
        cells[place, 1] = np.uint64(entry + 1) << np.uint64(32) | flags | np.uint64(bits[entry])
    return fresh


@njit(cache=True)
def flags_of_many(cells, mask, keys):
    """List bits of each key."""
    flags = np.zeros(len(keys), np.uint32)
    for number in range(len(keys)):
        flags[number] = np.uint32(cells[cell_of(cells, mask, keys[number]), 1] & np.uint64(0xFFFFFFFF))
    return flags


@njit(cache=True)
def refill(old, cells, mask):
    """Move every cell with entries into another index."""
    for number in range(len(old)):
        if old[number, 1] != np.uint64(0):
            place = cell_of(cells, mask, old[number, 0])
            cells[place, 0] = old[number, 0]
            cells[place, 1] = old[number, 1]


def salted(key: int, party: int) -> int:
    """`key` as it is held within one party."""
    return key ^ party * int(SPREAD) % 2**64


class ListIndex:
    """The entries of one kind that hold everywhere, or (keys salted by owner) those that hold at one party only."""

    def __init__(self, size: int = 1024) -> None:
        self.keys_held = 0
        self.entries = 0
        self.free: list[int] = []
        self.keys = np.zeros(size, np.uint64)
        self.bits = np.zeros(size, np.uint32)
        self.owners = np.zeros(size, np.uint64)
        self.following = np.zeros(size, np.uint32)
        self.numbers = np.zeros(size, np.int64)
        self.expires = np.zeros(size, np.int64)
        self.head = np.zeros(2, np.uint64)  # address of the cells and their number, as the kernel reads them
        self._make_cells(2 * size)

    def _make_cells(self, capacity: int) -> None:
        self.cells = np.zeros((capacity, 2), np.uint64)
        self.head[:] = self.cells.ctypes.data, capacity

    def reserve(self, more: int) -> None:
        """Make room for `more` entries, so that the index stays at most 60 % full."""
        if self.entries + more > len(self.keys):
            size = max(2 * len(self.keys), self.entries + more)
            for name in ("keys", "bits", "owners", "following", "numbers", "expires"):
                held = getattr(self, name)
                wider = np.zeros(size, held.dtype)
                wider[: self.entries] = held[: self.entries]
                setattr(self, name, wider)
        if (self.keys_held + more) * 5 > len(self.cells) * 3:
            old = self.cells
            self.keys_held = int(np.count_nonzero(old[:, 1]))  # keys whose last entry has gone are forgotten here
            self._make_cells(1 << int((self.keys_held + more) * 5 // 3 + 1024).bit_length())
            refill(old, self.cells, len(self.cells) - 1)

    def add_many(
        self, keys: NDArray[np.uint64], bit: int, numbers: NDArray[np.int64], expires: NDArray[np.int64]
    ) -> None:
        """Append entries that are not there yet."""
        self.reserve(len(keys))
        first, stop = self.entries, self.entries + len(keys)
        self.keys[first:stop], self.bits[first:stop] = keys, bit
        self.numbers[first:stop], self.expires[first:stop] = numbers, expires
        self.entries = stop
        self.keys_held += link_entries(
            self.cells, len(self.cells) - 1, self.keys, self.bits, self.following, first, stop
        )

    def chain(self, key: int) -> list[int]:
        """Entry numbers of `key`, newest first."""
        place = cell_of(self.cells, len(self.cells) - 1, np.uint64(key))
        found, entry = [], int(self.cells[place, 1]) >> 32
        while entry:
            found.append(entry - 1)
            entry = int(self.following[entry - 1])
        return found

    def holds(self, keys: NDArray[np.uint64], bit: int) -> NDArray[np.bool_]:
        """Which keys have an entry on the list of `bit`, whoever owns it?"""
        if not self.entries:
            return np.zeros(len(keys), np.bool_)
        return (flags_of_many(self.cells, len(self.cells) - 1, keys) & bit) != 0

    def find(self, key: int, bit: int, owner: int) -> int | None:
        """The owner's entry of `key` on the list of `bit`."""
        for entry in self.chain(key):
            if self.bits[entry] == bit and self.owners[entry] == owner:
                return entry
        return None

    def put(self, key: int, bit: int, owner: int, end: tuple[int, int]) -> None:
        """Add or renew the owner's entry of `key` on the list of `bit`; `end` is (number, expires)."""
        number, expires = end
        found = self.find(key, bit, owner)
        if found is not None:
            self.numbers[found], self.expires[found] = number, expires
            return
        if self.free:
            entry = self.free.pop()
            self.keys[entry], self.bits[entry] = key, bit
            self.numbers[entry], self.expires[entry] = number, expires
            self.reserve(1)
            self.keys_held += link_entries(
                self.cells, len(self.cells) - 1, self.keys, self.bits, self.following, entry, entry + 1
            )
        else:
            entry = self.entries
            one = np.array([key], np.uint64)
            self.add_many(one, bit, np.array([number], np.int64), np.array([expires], np.int64))
        self.owners[entry] = owner

    def drop(self, key: int, bit: int, owner: int) -> None:
        """Remove the owner's entry of `key` on the list of `bit`, if any."""
        gone = self.find(key, bit, owner)
        if gone is None:
            return
        place = cell_of(self.cells, len(self.cells) - 1, np.uint64(key))
        kept = [entry for entry in self.chain(key) if entry != gone]
        self.free.append(gone)
        head, flags = 0, 0
        for entry in reversed(kept):
            self.following[entry] = head
            head, flags = entry + 1, flags | int(self.bits[entry])
        self.cells[place, 1] = np.uint64(head << 32 | flags)

    def flags(self, key: int) -> int:
        """All lists that `key` is on, as bits."""
        return int(self.cells[cell_of(self.cells, len(self.cells) - 1, np.uint64(key)), 1]) & 0xFFFFFFFF


class KindLists:
    """All lists of one entity kind (at most 32)."""

    def __init__(self) -> None:
        self.joint = ListIndex()
        self.owned = ListIndex()
        self.bit: dict[str, int] = {}
        self.joint_lists: set[str] = set()
        self.ends: list[tuple[int, int, str, int]] = []  # heap: expires, key, list, party
        self.bulk: list[tuple[NDArray[np.int64], NDArray[np.uint64], str]] = []  # sorted ends of bulk loads

    def declare(self, name: str, joint: bool) -> None:
        """Give list `name` a bit."""
        self.bit.setdefault(name, 1 << len(self.bit))
        if joint:
            self.joint_lists.add(name)

    def _index(self, name: str) -> tuple[ListIndex, bool]:
        joint = name in self.joint_lists
        return (self.joint if joint else self.owned), joint

    def change(self, name: str, key: int, party: int, number: int | None, expires: int) -> None:
        """Add or renew (`number` given) or remove an entry."""
        index, joint = self._index(name)
        held = key if joint else salted(key, party)
        if number is None:
            index.drop(held, self.bit[name], party)
            return
        index.put(held, self.bit[name], party, (number, expires))
        if expires != NULL:
            heapq.heappush(self.ends, (int(expires), int(key), name, int(party)))
            if len(self.ends) > 2 * (self.joint.entries + self.owned.entries) + 1024:
                self._forget_old_ends()

    def load(self, name: str, keys: NDArray[np.uint64], numbers: NDArray[np.int64], expires: NDArray[np.int64]) -> None:
        """Add or renew many entries of a joint list; of a key that comes twice the later entry counts."""
        _, back = np.unique(keys[::-1], return_index=True)
        last = np.sort(len(keys) - 1 - back)
        keys, numbers, expires = keys[last], numbers[last], expires[last]
        bit = self.bit[name]
        held = self.joint.holds(keys, bit)
        for at in np.flatnonzero(held):
            self.change(name, int(keys[at]), 0, int(numbers[at]), int(expires[at]))
        keys, numbers, expires = keys[~held], numbers[~held], expires[~held]
        self.joint.add_many(keys, bit, numbers, expires)
        ending = np.flatnonzero(expires != NULL)
        if len(ending):
            order = ending[np.argsort(expires[ending], kind="stable")]
            self.bulk.append((expires[order], keys[order], name))

    def _forget_old_ends(self) -> None:
        """Renewals leave their old ends behind: keep each entry's own."""
        kept = []
        for end, key, name, party in set(self.ends):
            index, joint = self._index(name)
            entry = index.find(key if joint else salted(key, party), self.bit[name], party)
            if entry is not None and index.expires[entry] == end:
                kept.append((end, key, name, party))
        heapq.heapify(kept)
        self.ends = kept

    @property
    def next_end(self) -> int | None:
        """When the next entry expires."""
        ends = [self.ends[0][0]] if self.ends else []
        ends += [int(times[0]) for times, _, _ in self.bulk if len(times)]
        return min(ends, default=None)

    def expire(self, now: int) -> list[tuple[str, int, int]]:
        """Remove every entry that ends at or before `now`; returns (list, key, party) of each."""
        gone = []
        for number, (times, keys, name) in enumerate(self.bulk):
            count = int(np.searchsorted(times, now, side="right"))
            gone += [(name, int(key), 0) for key in keys[:count]]
            self.bulk[number] = (times[count:], keys[count:], name)
        self.bulk = [item for item in self.bulk if len(item[0])]
        while self.ends and self.ends[0][0] <= now:
            _, key, name, party = heapq.heappop(self.ends)
            gone.append((name, key, party))
        return [item for item in gone if self._end(*item, now)]

    def _end(self, name: str, key: int, party: int, now: int) -> bool:
        index, joint = self._index(name)
        held = key if joint else salted(key, party)
        entry = index.find(held, self.bit[name], party)
        if entry is None or index.expires[entry] == NULL or index.expires[entry] > now:
            return False
        index.drop(held, self.bit[name], party)
        return True

    def hits(self, key: int, party: int) -> list[tuple[str, int]]:
        """(list, entry number) of every list that `key` is on for `party`."""
        names = {bit: name for name, bit in self.bit.items()}
        found = [(self.joint, key), (self.owned, salted(key, party))]
        return [
            (names[int(index.bits[entry])], int(index.numbers[entry]))
            for index, held in found
            for entry in index.chain(held)
        ]

    def flags(self, key: int, party: int) -> int:
        """List bits of `key` at `party`."""
        return self.joint.flags(key) | self.owned.flags(salted(key, party))
