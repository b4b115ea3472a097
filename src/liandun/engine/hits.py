"""Names the list entries that a batch's keys hit.

Jitted parts are exempt from the function length of the house.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import load_i64, load_u8, load_u64, store_i64, store_u64, trailing_zeros
from liandun.engine.layout import Context, EntryWord, RoleWord
from liandun.engine.listindex import ZERO, entry_at
from liandun.engine.plan import FeaturePlan
from liandun.engine.rows import LOW, SPREAD, U1, U8, U32, get, list_cell, may_hold, put
from liandun.engine.state import State, address

HIT = np.dtype([("event", np.int64), ("list", np.int32), ("role", np.int32), ("number", np.int64)])
"""A key of an event that is on a list: row of the event, index of the list and of the key column, entry number."""

NO_HITS = np.zeros(0, HIT)
ROLE, LISTS = U1, np.uint64(2)
"""Words of a listed role: address of its row table, key column, then the number of the list of each bit, or -1."""
NAMES_SIZE, HIT_SIZE = np.uint64(8 * 34), np.uint64(HIT.itemsize)


@njit(cache=True)
def hits_of_key(context, index, key, names, event):
    """Note the hits of a key in one index, newest entry first: as far as there is room, but all are counted."""
    if not may_hold(index, key):
        return
    room, role = get(context, Context.HIT_ROOM), load_u64(names + ROLE * U8)
    link = load_u64(list_cell(index, key) + U8) & LOW
    while link != ZERO:
        entry = entry_at(index, link)
        older = load_u64(entry)
        number = load_i64(names + (LISTS + np.uint64(trailing_zeros(older >> U32))) * U8)
        if number >= 0:
            count = get(context, Context.HIT_COUNT)
            if count < room:
                hit = get(context, Context.HITS) + count * HIT_SIZE
                store_i64(hit, event)
                store_u64(hit + U8, role << U32 | np.uint64(number))
                store_u64(hit + U8 + U8, get(entry, EntryWord.NUMBER))
            put(context, Context.HIT_COUNT, count + U1)
        link = older & LOW


@njit(cache=True)
def find_hits(context, start, stop, first):
    """Note the hits of the rows `start` to `stop` that are marked, in order of event, key column, age of the entry.

    Events count from row `first`. HIT_COUNT says how many hits there are, HITS has as many as HIT_ROOM.
    """
    listed, parties = get(context, Context.LISTED), get(context, Context.PARTIES)
    put(context, Context.HIT_COUNT, ZERO)
    row = start
    while row < stop:
        if row + U8 <= stop and load_u64(listed + row) == ZERO:
            row += U8
            continue
        marks = load_u8(listed + row)
        if marks != np.uint8(0):
            event, salt = np.int64(row) - np.int64(first), load_u64(parties + row * U8) * SPREAD
            for number in range(get(context, Context.LISTED_ROLE_COUNT)):
                names = get(context, Context.LISTED_ROLES) + np.uint64(number) * NAMES_SIZE
                role = load_u64(names)
                key = load_u64(get(role, RoleWord.KEYS) + row * U8)
                if key != ZERO and marks & np.uint8(get(role, RoleWord.MARK)) != np.uint8(0):
                    hits_of_key(context, get(role, RoleWord.LISTS), key, names, event)
                    hits_of_key(context, get(role, RoleWord.OWNED), key ^ salt, names, event)
        row += U1


class Hits:
    """The hits of the rows that the kernel ran last.

    Args:
        bits: by kind, the flag of each list.
    """

    def __init__(self, plan: FeaturePlan, state: State, bits: dict[str, dict[str, int]]) -> None:
        rows = []
        for role, item in enumerate(plan.schema.roles):
            names = [-1] * 32
            for number, each in enumerate(plan.lists):
                if role in each.keys:
                    names[bits[item.kind][each.name].bit_length() - 1] = number
            if max(names) >= 0:
                row_role = plan.listed_role(role)
                state.roles[row_role, RoleWord.MARK] = 1 << row_role % 8
                rows.append((state.role_address(row_role), role, *names))
        self._roles = np.array(rows, np.int64).reshape(-1, 2 + 32)
        self._words = state.context
        self._words[Context.LISTED_ROLES], self._words[Context.LISTED_ROLE_COUNT] = address(self._roles), len(rows)
        self._make_room(256)

    def _make_room(self, count: int) -> None:
        self._found = np.zeros(count, HIT)
        self._words[Context.HITS], self._words[Context.HIT_ROOM] = address(self._found), count

    def of(self, start: int, stop: int, first: int) -> NDArray[np.void]:
        """Those of rows `start` to `stop`, which the kernel has just run; events count from row `first`."""
        while (count := self._words.item(Context.HIT_COUNT)) > len(self._found):
            self._make_room(2 * count)
            find_hits(np.uint64(address(self._words)), np.uint64(start), np.uint64(stop), np.uint64(first))
        return self.first(count)

    def first(self, count: int) -> NDArray[np.void]:
        """The first of those that the kernel noted in its last run."""
        return self._found[:count].copy() if count else NO_HITS
