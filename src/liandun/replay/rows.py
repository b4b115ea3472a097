"""One event, as a mapping of its members, becomes one row of `Columns`."""

from __future__ import annotations

from collections.abc import Mapping

from liandun.engine.schema import NO_KEY, Columns
from liandun.packs.identity import finish
from liandun.replay.intake import Intake
from liandun.replay.slots import Place, Slot, cell_column
from liandun.replay.troubles import FieldProblem, Trouble
from liandun.replay.values import field_cell, hashed_key, id_text, key_form, time_ms

__all__ = ["fill_row", "stream_of", "time_ms"]


def fill_row(
    intake: Intake, columns: Columns, row: int, event: Mapping[str, object], at: int, *, loose: bool = False
) -> tuple[str, list[FieldProblem]]:
    """Put one event into row `row` of `columns`, which must be empty there.

    Args:
        intake: the plan.
        columns: to be filled; `t` and `party` stay as they are.
        row: which row.
        event: members by their names.
        at: number of the event in its body or file, for the problems.
        loose: numbers, flags and codes may be texts.

    Returns:
        The event's id and what is wrong with it; if anything is, the row is not to be used.
    """
    try:
        stream = stream_of(intake, event)
    except Trouble as trouble:
        return "", [trouble.at(at, intake.stream_slot.of if intake.stream_slot else "stream")]
    columns.stream[row] = stream
    problems = []
    name: str | None = None
    for slot in intake.slots[stream]:
        try:
            value = event.get(slot.of)
            if slot.place is Place.ID:
                name = id_text(slot, value)
                columns.id[row] = finish(intake.event_state, name)
            else:
                _put(columns, row, slot, _cell(intake, slot, value, loose=loose))
        except Trouble as trouble:
            problems.append(trouble.at(at, slot.of))
    for slot, cell in intake.constants[stream]:
        _put(columns, row, slot, cell)
    if name is None and not problems and not any(slot.place is Place.ID for slot in intake.slots[stream]):
        problems.append(Trouble("missing").at(at, "id"))
    return name or "", problems


def stream_of(intake: Intake, event: Mapping[str, object]) -> int:
    """Index of the event's stream."""
    slot = intake.stream_slot
    value = event.get(slot.of) if slot else None
    if slot is None or value in (None, ""):
        if intake.fallback >= 0:
            return intake.fallback
        raise Trouble("missing")
    name = slot.ours(value) if isinstance(value, str) else None
    if name not in intake.schema.streams or not intake.slots[intake.schema.streams.index(name)]:
        known = [each for each, slots in zip(intake.schema.streams, intake.slots, strict=True) if slots]
        raise Trouble("unknown_stream", value=str(value)[:40], known=", ".join(known))
    return intake.schema.streams.index(name)


def _cell(intake: Intake, slot: Slot, value: object, *, loose: bool) -> int | float | None:
    if slot.place is not Place.KEY:
        return field_cell(slot, value, intake.zone, loose=loose)
    if intake.hashed:
        return hashed_key(slot, value)
    form = key_form(slot, value)
    return NO_KEY if form is None else finish(intake.key_states[slot.index], form)


def _put(columns: Columns, row: int, slot: Slot, cell: int | float | None) -> None:
    if cell is not None:
        cell_column(columns, slot)[row] = cell
