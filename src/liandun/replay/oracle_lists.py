"""Plain Python back-end, lists: which entries hold now, and which lists an event hits."""

from __future__ import annotations

from dataclasses import dataclass, field

from liandun.engine.schema import NULL, ListChange
from liandun.packs.model import ListSpec, Pack
from liandun.replay.oracle_values import Event


@dataclass(slots=True)
class Lists:
    """The entries of all lists of a pack: (list, key, owner) -> when it expires."""

    pack: Pack
    entries: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def apply(self, change: ListChange) -> None:
        """Let a change hold from the next event on."""
        entry = (change.list, change.key, change.party)
        self.entries.pop(entry, None)
        if change.add:
            self.entries[entry] = change.expires

    def holds(self, spec: ListSpec, key: int, event: Event) -> bool:
        """Does an entry for this key hold at the event's time and party?"""
        for (name, listed, owner), expires in self.entries.items():
            known = name == spec.name and listed == key and (spec.joint or owner == event.party)
            if known and (expires == NULL or event.t < expires):
                return True
        return False

    def hits(self, event: Event) -> list[ListSpec]:
        """The lists that hold one of the event's keys in a role that the list looks at."""
        return [spec for spec in self.pack.lists if any(self._hit(spec, role, event) for role in spec.roles)]

    def on_list(self, name: str, key: int, event: Event) -> bool:
        """`in_list(…)`: as a hit, whatever the role."""
        spec = next(spec for spec in self.pack.lists if spec.name == name)
        return self.holds(spec, key, event)

    def _hit(self, spec: ListSpec, role: str, event: Event) -> bool:
        key = event.values[role]
        return key is not None and self.holds(spec, int(key), event)
