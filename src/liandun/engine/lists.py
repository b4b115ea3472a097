"""Lists that the engine owns: which keys are on which list, until when, for whom.

Jitted parts are exempt from the function length of the house. Nothing but `KindLists` writes an index; a change
takes effect between two events, so a replay sees exactly what the live stream saw.

Ends are kept apart from entries: a heap of those that came last, and a few sorted runs of the others. An end that its
entry outlived (renewed or removed) stays until it comes, or until its run is merged with another.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import heapq

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import load_i64, store_i64
from liandun.engine.layout import EntryWord
from liandun.engine.listindex import (
    AT_ONCE,
    ZERO,
    ListIndex,
    drop_entry,
    expect_key,
    find_entry,
    missing,
    put_entries,
    put_entry,
)
from liandun.engine.rows import SPREAD, U8
from liandun.engine.schema import NULL

NEAR = 1024
"""Most ends in the heap."""

TIME, KEY, BIT, OWNER = range(4)
"""Rows of a run of ends; all but the time are unsigned."""

EXPIRES = np.uint64(EntryWord.EXPIRES) * U8
Ends = NDArray[np.int64]
_NO_ENDS = np.zeros((4, 0), np.int64)


@njit(cache=True)
def entry_of_end(joint, owned, joint_bits, ends, number):
    """Address of the entry that an end is of, 0 when it is gone."""
    key, bit, owner = np.uint64(ends[KEY, number]), np.uint64(ends[BIT, number]), np.uint64(ends[OWNER, number])
    if bit & joint_bits != ZERO:
        return find_entry(joint, key, bit, owner)
    return find_entry(owned, key ^ owner * SPREAD, bit, owner)


@njit(cache=True)
def live_ends(joint, owned, joint_bits, ends):
    """Which of these is the end of an entry, and the first that says so."""
    live, entries = np.zeros(ends.shape[1], np.bool_), np.zeros(ends.shape[1], np.uint64)
    for first in range(0, ends.shape[1], AT_ONCE):
        stop = min(first + AT_ONCE, ends.shape[1])
        for number in range(first, stop):
            key, owner = np.uint64(ends[KEY, number]), np.uint64(ends[OWNER, number])
            if np.uint64(ends[BIT, number]) & joint_bits != ZERO:
                expect_key(joint, key)
            else:
                expect_key(owned, key ^ owner * SPREAD)
        for number in range(first, stop):
            entry = entry_of_end(joint, owned, joint_bits, ends, number)
            if entry != ZERO and load_i64(entry + EXPIRES) == ends[TIME, number]:
                live[number], entries[number] = True, entry
                store_i64(entry + EXPIRES, np.int64(NULL))  # for now, so that the same end once more finds no match
    for number in range(ends.shape[1]):
        if live[number]:
            store_i64(entries[number] + EXPIRES, ends[TIME, number])
    return live


@njit(cache=True)
def end_entries(joint, owned, joint_bits, ends, now):
    """Remove the entries of these ends that end at or before `now`; which were there?"""
    gone = np.zeros(ends.shape[1], np.bool_)
    for number in range(ends.shape[1]):
        entry = entry_of_end(joint, owned, joint_bits, ends, number)
        if entry != ZERO and load_i64(entry + EXPIRES) <= now and load_i64(entry + EXPIRES) != NULL:
            gone[number] = True
            key, bit, owner = np.uint64(ends[KEY, number]), np.uint64(ends[BIT, number]), np.uint64(ends[OWNER, number])
            if bit & joint_bits != ZERO:
                drop_entry(joint, key, bit, owner)
            else:
                drop_entry(owned, key ^ owner * SPREAD, bit, owner)
    return gone


def salted(key: int, party: int) -> int:
    """`key` as it is held within one party."""
    return key ^ int(party) * int(SPREAD) % 2**64


class KindLists:
    """All lists of one entity kind (at most 32)."""

    def __init__(self) -> None:
        self.joint = ListIndex()
        self.owned = ListIndex()
        self.bit: dict[str, int] = {}
        self.joint_lists: set[str] = set()
        self._joint_bits = np.uint64(0)
        self.near: list[tuple[int, int, int, int]] = []  # heap: expires, key, bit, party
        self.runs: list[Ends] = []  # (4, n) each, sorted by time; each less than half as long as the one before

    def declare(self, name: str, joint: bool) -> None:
        """Give list `name` a bit."""
        bit = self.bit.setdefault(name, 1 << len(self.bit))
        if joint:
            self.joint_lists.add(name)
            self._joint_bits |= np.uint64(bit)

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
            heapq.heappush(self.near, (int(expires), int(key), bit, int(party)))
            if len(self.near) > NEAR:
                self._add_run(_run_of(self.near))
                self.near = []

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
            run = np.zeros((4, len(ending)), np.int64)
            run[TIME], run[KEY], run[BIT] = expires[ending], keys[ending].view(np.int64), bit
            self._add_run(_in_order(run))
        return keys

    def _add_run(self, run: Ends) -> None:
        """Each run is merged with the next before it is half as long, so there are few, and outlived ends go."""
        self.runs.append(run)
        while len(self.runs) > 1 and self.runs[-2].shape[1] <= 2 * self.runs[-1].shape[1]:
            last, before = self.runs.pop(), self.runs.pop()
            merged = _in_order(np.concatenate((before, last), axis=1))
            live = live_ends(self.joint.address, self.owned.address, self._joint_bits, merged)
            if live.any():
                self.runs.append(np.compress(live, merged, axis=1))

    @property
    def next_end(self) -> int | None:
        """When the next entry expires, or an earlier time at which one that has been changed would have."""
        ends = [self.near[0][TIME]] if self.near else []
        ends += [run.item(TIME, 0) for run in self.runs]
        return min(ends, default=None)

    def expire(self, now: int) -> Ends:
        """Remove every entry that ends at or before `now`; returns their ends, a run in no order."""
        near = []
        while self.near and self.near[0][TIME] <= now:
            near.append(heapq.heappop(self.near))
        due = [_run_of(near)] if near else []
        for number, run in enumerate(self.runs):
            if run.item(TIME, 0) <= now:
                count = int(run[TIME].searchsorted(now, side="right"))
                due.append(run[:, :count])
                self.runs[number] = run[:, count:]
        self.runs = [run for run in self.runs if run.shape[1]]
        ends = np.ascontiguousarray(due[0] if len(due) == 1 else np.concatenate([_NO_ENDS, *due], axis=1))
        gone = end_entries(self.joint.address, self.owned.address, self._joint_bits, ends, np.int64(now))
        return np.compress(gone, ends, axis=1)  # which, unlike an index, leaves each row in one piece

    def parted(self, ends: Ends) -> tuple[NDArray[np.uint64], list[tuple[int, NDArray[np.uint64]]]]:
        """Keys of the ends on joint lists, and by owner those on other lists."""
        keys, owners = ends[KEY].view(np.uint64), ends[OWNER].view(np.uint64)
        joint = (ends[BIT].view(np.uint64) & self._joint_bits) != 0
        if joint.all():
            return keys, []
        rest = [(int(owner), keys[~joint & (owners == owner)]) for owner in np.unique(owners[~joint])]
        return keys[joint], rest


def _run_of(ends: list[tuple[int, int, int, int]]) -> Ends:
    run = np.zeros((4, len(ends)), np.int64)
    for row, column in enumerate(zip(*sorted(ends), strict=True)):
        run[row] = np.array(column, np.int64 if row == TIME else np.uint64).view(np.int64)
    return run


def _in_order(ends: Ends) -> Ends:
    return np.take(ends, np.argsort(ends[TIME], kind="stable"), axis=1)
