"""Names the list entries that a batch's keys hit.

Jitted parts are exempt from the function length of the house.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call, misc"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.cells import load_u8, load_u64, trailing_zeros
from liandun.engine.layout import Context, EntryWord, RoleWord
from liandun.engine.listindex import ZERO, entry_at
from liandun.engine.plan import FeaturePlan
from liandun.engine.rows import LOW, SPREAD, U8, U32, get, list_cell, may_hold
from liandun.engine.state import State, address

HIT = np.dtype([("event", np.int64), ("list", np.int32), ("role", np.int32), ("number", np.int64)])
"""A key of an event that is on a list: row of the event, index of the list and of the key column, entry number."""

NO_HITS = np.zeros(0, HIT)
_ROLE_ROW, _ROLE, _LISTS = 0, 1, 2


@njit(cache=True)
def hits_of_key(index, key, names, event, found, count):
    """Write the hits of a key in one index, newest entry first, as far as there is room; the new count."""
    if not may_hold(index, key):
        return count
    link = load_u64(list_cell(index, key) + U8) & LOW
    while link != ZERO:
        entry = entry_at(index, link)
        older = load_u64(entry)
        number = names[_LISTS + np.int64(trailing_zeros(older >> U32))]
        if number >= 0:
            if count < len(found):
                found[count, 0] = event
                found[count, 1] = names[_ROLE] << 32 | number
                found[count, 2] = np.int64(get(entry, EntryWord.NUMBER))
            count += 1
        link = older & LOW
    return count


@njit(cache=True)
def find_hits(context, roles, start, stop, first, found):
    """Hits of the rows `start` to `stop` that the kernel marked, in order of event, key column, age of the entry.

    Args:
        roles: (r, 34) int64: address of the row table, key column, number of the list of each bit or -1.
        first: row from which events are counted.
        found: (n, 3) int64, filled as far as it reaches.

    Returns:
        how many hits there are.
    """
    listed, parties = get(context, Context.LISTED), get(context, Context.PARTIES)
    count, row = 0, start
    while row < stop:
        if row + U8 <= stop and load_u64(listed + row) == ZERO:
            row += U8
            continue
        if load_u8(listed + row) != np.uint8(0):
            salt = load_u64(parties + row * U8) * SPREAD
            for number in range(len(roles)):
                role = np.uint64(roles[number, _ROLE_ROW])
                key = load_u64(get(role, RoleWord.KEYS) + row * U8)
                if key != ZERO:
                    event, names = np.int64(row - first), roles[number]
                    count = hits_of_key(get(role, RoleWord.LISTS), key, names, event, found, count)
                    count = hits_of_key(get(role, RoleWord.OWNED), key ^ salt, names, event, found, count)
        row += np.uint64(1)
    return count


class HitFinder:
    """Finds the hits of rows that have just been run.

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
                rows.append((state.role_address(plan.listed_role(role)), role, *names))
        self._roles = np.array(rows, np.int64).reshape(-1, _LISTS + 32)
        self._context = np.uint64(address(state.context))
        self._found = np.zeros((256, 3), np.int64)

    def find(self, start: int, stop: int, first: int) -> NDArray[np.void]:
        """Hits of rows `start` to `stop` of the bound columns; events count from row `first`."""
        rows = np.uint64(start), np.uint64(stop), np.uint64(first)
        while (count := find_hits(self._context, self._roles, *rows, self._found)) > len(self._found):
            self._found = np.zeros((2 * count, 3), np.int64)
        return self._found[:count].copy().view(HIT).reshape(-1)
