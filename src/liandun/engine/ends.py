"""When list entries end, so that each ends at its millisecond and the next end is known at once.

Jitted parts are exempt from the function length of the house. Ends lie in sorted runs, soonest last: one short run
that takes new ends, and a few long ones. An end that its entry outlived (renewed or removed) stays until it comes, or
until its run is merged with another.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import load_i64, store_i64
from liandun.engine.layout import EntryWord
from liandun.engine.listindex import AT_ONCE, ZERO, ListIndex, drop_entry, expect_key, find_entry
from liandun.engine.rows import SPREAD, U8
from liandun.engine.schema import NULL

NEAR = 1024
"""Most ends in the run that takes new ones."""

TIME, KEY, BIT, OWNER = range(4)
"""Rows of `EndColumns`; all but the time are unsigned."""

EXPIRES = np.uint64(EntryWord.EXPIRES) * U8
EndColumns = NDArray[np.int64]


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
def end_entries(joint, owned, joint_bits, ends, count, now):
    """Remove the entries that end at or before `now`, by the last of `count` ends.

    Returns:
        how many ends are left, and the ends of the entries removed.
    """
    left = count
    while left > 0 and ends[TIME, left - 1] <= now:
        left -= 1
    gone, removed = np.zeros((4, count - left), np.int64), 0
    for number in range(left, count):
        entry = entry_of_end(joint, owned, joint_bits, ends, number)
        if entry != ZERO and load_i64(entry + EXPIRES) <= now and load_i64(entry + EXPIRES) != NULL:
            for row in range(4):
                gone[row, removed] = ends[row, number]
            gone[TIME, removed] = load_i64(entry + EXPIRES)  # this end may be one that the entry had before
            removed += 1
            key, bit, owner = np.uint64(ends[KEY, number]), np.uint64(ends[BIT, number]), np.uint64(ends[OWNER, number])
            if bit & joint_bits != ZERO:
                drop_entry(joint, key, bit, owner)
            else:
                drop_entry(owned, key ^ owner * SPREAD, bit, owner)
    return left, gone[:, :removed]


@njit(cache=True)
def insert_end(ends, count, time, key, bit, owner):
    """Put an end among `count` sorted ones; there must be room for it."""
    place = count
    while place > 0 and ends[TIME, place - 1] < time:
        for row in range(4):
            ends[row, place] = ends[row, place - 1]
        place -= 1
    ends[TIME, place], ends[KEY, place] = time, np.int64(key)
    ends[BIT, place], ends[OWNER, place] = np.int64(bit), np.int64(owner)


@dataclass(slots=True)
class Run:
    """Sorted ends, soonest last; those from `count` on have come."""

    columns: EndColumns
    count: int

    @property
    def next(self) -> int:
        """The soonest; there must be one."""
        return self.columns.item(TIME, self.count - 1)

    @property
    def ends(self) -> EndColumns:
        """Those that are to come."""
        return self.columns[:, : self.count]


class Ends:
    """The ends of all entries of one entity kind, whose indexes these are."""

    def __init__(self, joint: ListIndex, owned: ListIndex) -> None:
        self._joint, self._owned = joint, owned
        self.joint_bits = np.uint64(0)
        self.near = Run(np.zeros((4, NEAR), np.int64), 0)
        self.runs: list[Run] = []  # each less than half as long as the one before

    @property
    def next(self) -> int | None:
        """When the next entry ends, or an earlier time at which one that has been changed would have."""
        return min([run.next for run in (self.near, *self.runs) if run.count], default=None)

    def add(self, time: int, key: int, bit: int, owner: int) -> None:
        """Note an entry's end."""
        near = self.near
        if near.count == NEAR:
            self.add_many(near.ends)
            near.count = 0
        words = np.uint64(key), np.uint64(bit), np.uint64(owner)
        insert_end(near.columns, np.int64(near.count), np.int64(time), *words)
        near.count += 1

    def add_many(self, ends: EndColumns) -> None:
        """Note many ends, in any order. Runs are merged before one is half as long as the next, so outlived ends go."""
        run = _in_order(ends)
        while self.runs and self.runs[-1].count <= 2 * run.shape[1]:
            merged = _in_order(np.concatenate((self.runs.pop().ends, run), axis=1))
            live = live_ends(self._joint.address, self._owned.address, self.joint_bits, merged)
            run = np.compress(live, merged, axis=1)
        if run.shape[1]:
            self.runs.append(Run(run, run.shape[1]))

    def come(self, now: int) -> EndColumns:
        """Remove every entry that ends at or before `now`; returns their ends, in no order."""
        gone = [self._come(run, now) for run in (self.near, *self.runs) if run.count and run.next <= now]
        self.runs = [run for run in self.runs if run.count]
        return gone[0] if len(gone) == 1 else np.concatenate([np.zeros((4, 0), np.int64), *gone], axis=1)

    def _come(self, run: Run, now: int) -> EndColumns:
        indexes = self._joint.address, self._owned.address, self.joint_bits
        left, gone = end_entries(*indexes, run.columns, np.int64(run.count), np.int64(now))
        run.count = int(left)
        return np.ascontiguousarray(gone)


def _in_order(ends: EndColumns) -> EndColumns:
    return np.take(ends, np.argsort(-ends[TIME], kind="stable"), axis=1)
