"""Keeps the list flags that rows carry in step with the lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.engine.ends import EndColumns
from liandun.engine.layout import RoleWord
from liandun.engine.lists import KindLists
from liandun.engine.rows import reflag, reflag_ended
from liandun.engine.state import State


class RowFlags:
    """The flags of the rows of one engine; a row made later looks its own up.

    Args:
        lists: by entity kind.
        parties: all that have sent events; the caller adds to it, and takes none away.
    """

    def __init__(self, state: State, lists: dict[str, KindLists], parties: set[int]) -> None:
        self._parties = parties
        self._met = np.zeros(0, np.uint64)  # the parties as the kernel reads them
        self._tables: dict[str, list[np.uint64]] = {kind: [] for kind in lists}
        for number, (words, role) in enumerate(zip(state.roles, state.plan.roles, strict=True)):
            if role.kind in lists:
                indexes = lists[role.kind]
                words[RoleWord.LISTS], words[RoleWord.OWNED] = indexes.joint.address, indexes.owned.address
                self._tables[role.kind].append(np.uint64(state.role_address(number)))

    def renew(self, kind: str, keys: NDArray[np.uint64], owner: int | None) -> None:
        """Give the rows of these keys the flags of now, at `owner`, or at every party when it is None."""
        parties = self._everyone() if owner is None else np.array([owner], np.uint64)
        for table in self._tables[kind]:
            reflag(table, keys, parties)

    def renew_ended(self, kind: str, ends: EndColumns, joint_bits: np.uint64) -> None:
        """Give the rows of the keys whose entries ended the flags of now."""
        parties = self._everyone()
        for table in self._tables[kind]:
            reflag_ended(table, ends, joint_bits, parties)

    def _everyone(self) -> NDArray[np.uint64]:
        if len(self._met) != len(self._parties):
            self._met = np.fromiter(self._parties, np.uint64, len(self._parties))
        return self._met
