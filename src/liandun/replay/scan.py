"""Scans flat JSON events, one per line, straight into columns; what it is not sure of goes to `replay.lines`.

Jitted: exempt from the function length of the house, since a call in these loops costs more than a line.
"""

# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandun.engine.schema import NULL, Columns
from liandun.engine.siphash import bytes_view, hash_row
from liandun.packs.identity import LONGEST
from liandun.packs.model import Type
from liandun.packs.plain import ASK, plain
from liandun.replay.decoded import Decoded, Texts
from liandun.replay.intake import Intake
from liandun.replay.lines import decode_line
from liandun.replay.literals import (
    BAD,
    DECIMALS,
    KIND,
    MANTISSA,
    MINUS,
    MOST_DIGITS,
    NEGATIVE,
    POINT,
    START,
    STOP,
    eight,
    is_utf8,
    scaled,
    text_end,
    text_number,
    time_of,
)
from liandun.replay.scanplan import CODE_STATE, EVENT_STATE, FIRST_KEY_STATE, NAME_FACTOR, PADDING, TYPES, At
from liandun.replay.slots import Place, cell_column
from liandun.replay.values import LAST_TIME_MS, LONGEST_CODE, LONGEST_ID

_QUOTE, _COLON, _COMMA, _OPEN, _CLOSE = 34, 58, 44, 123, 125
_LINE, _ZERO, _NINE = 10, 48, 57
_ABSENT, _NULL, _TRUE, _FALSE, _INT, _DECIMAL, _TEXT = range(7)
_FLOAT_POWERS = 10.0 ** np.arange(23)
_EXACT = 1 << 53
_CODE_MASK = np.uint64(2**63 - 1)
_AT_PLACE, _AT_MEMBER, _AT_INDEX, _AT_TYPE, _AT_SHAPE = (
    At.PLACE.value,
    At.MEMBER.value,
    At.INDEX.value,
    At.TYPE.value,
    At.SHAPE.value,
)
_AT_UNIT, _AT_ROUNDS, _AT_TEXT_NUMBER, _AT_NEEDED = (
    At.UNIT.value,
    At.ROUNDS.value,
    At.TEXT_NUMBER.value,
    At.NEEDED.value,
)
_AT_PAIRS, _AT_PAIRS_END, _AT_PLAIN, _AT_FIRST_MS = (
    At.PAIRS.value,
    At.PAIRS_END.value,
    At.PLAIN.value,
    At.FIRST_MS.value,
)
_ID, _TIME, _KEY = Place.ID.value, Place.TIME.value, Place.KEY.value
_IS_INT, _IS_FLOAT, _IS_BOOL, _IS_CODE, _IS_TIME = (
    TYPES[each] for each in (Type.INT, Type.FLOAT, Type.BOOL, Type.CODE, Type.TIME)
)


@njit(cache=True, nogil=True)
def _tokens(names, factor, shift, data, at, token, seen, line):
    """Find the members of the object that begins at `at`.

    Returns:
        (one behind the last byte of the line, or BAD where the slow way must go; members that nothing reads).
    """
    table, heads, tails, sizes, starts, letters = names
    ignored = 0
    while data[at] == 32:
        at += 1
    if data[at] != _OPEN:
        return BAD, ignored
    at += 1
    first = True
    while True:
        while data[at] == 32:
            at += 1
        if data[at] == _CLOSE and first:
            at += 1
            break
        first = False
        if data[at] != _QUOTE:
            return BAD, ignored
        start = at + 1
        at, high = text_end(data, start)
        if data[at] != _QUOTE or (high and not is_utf8(data, start, at)):
            return BAD, ignored
        size = at - start
        head = eight(data, start)
        if size >= 8:
            tail = eight(data, at - 8)
        else:
            head &= (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
            tail = head
        member = np.int64(table[np.int64((head * factor + tail * NAME_FACTOR) >> shift)])
        if member >= 0:
            if heads[member] != head or tails[member] != tail:
                member = -1
            elif sizes[member] != size:  # `table` can't tell such names apart
                return BAD, ignored
            else:
                for k in range(8, size - 8):
                    if letters[starts[member] + k] != data[start + k]:
                        return BAD, ignored
        at += 1
        while data[at] == 32:
            at += 1
        if data[at] != _COLON:
            return BAD, ignored
        at += 1
        while data[at] == 32:
            at += 1
        kind = _ABSENT
        start = at
        stop = at
        mantissa, decimals, negative = 0, 0, 0
        byte = data[at]
        if byte == _QUOTE:
            kind = _TEXT
            start = at + 1
            stop, high = text_end(data, start)
            if data[stop] != _QUOTE or (high and not is_utf8(data, start, stop)):
                return BAD, ignored
            at = stop + 1
        elif _ZERO <= byte <= _NINE or byte == MINUS:
            if byte == MINUS:
                negative = 1
                at += 1
            begin = at
            while _ZERO <= data[at] <= _NINE:
                mantissa = mantissa * 10 + np.int64(data[at]) - _ZERO
                at += 1
            digits = at - begin
            if digits == 0 or digits > MOST_DIGITS or (digits > 1 and data[begin] == _ZERO):
                return BAD, ignored
            kind = _INT
            if data[at] == POINT:
                kind = _DECIMAL
                at += 1
                begin = at
                while _ZERO <= data[at] <= _NINE:
                    mantissa = mantissa * 10 + np.int64(data[at]) - _ZERO
                    at += 1
                decimals = at - begin
                if decimals == 0 or digits + decimals > MOST_DIGITS:
                    return BAD, ignored
            stop = at
        elif byte == 116 and data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101:
            kind = _TRUE
            at += 4
        elif byte == 102 and data[at + 1] == 97 and data[at + 2] == 108 and data[at + 3] == 115 and data[at + 4] == 101:
            kind = _FALSE
            at += 5
        elif byte == 110 and data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108:
            kind = _NULL
            at += 4
        else:
            return BAD, ignored
        if member < 0:
            ignored += 1
        elif seen[member] == line:
            return BAD, ignored
        else:
            seen[member] = line
            token[member, KIND], token[member, START], token[member, STOP] = kind, start, stop
            token[member, MANTISSA], token[member, DECIMALS] = mantissa, decimals
            token[member, NEGATIVE] = negative
        while data[at] == 32:
            at += 1
        if data[at] == _CLOSE:
            at += 1
            break
        if data[at] != _COMMA:
            return BAD, ignored
        at += 1
    while data[at] == 32 or data[at] == 13:
        at += 1
    return (at if data[at] == _LINE else BAD), ignored


@njit(cache=True, nogil=True)
def _scan(plan, data, columns, id_spans, line_ends, slow):
    """Scan every line; `slow[i]` marks those that are left. Returns members that nothing reads in the others."""
    at_column, stream_column, id_column, keys, fields, floats = columns
    slots, slot_ends, states, pairs, streams = plan.slots, plan.slot_ends, plan.states, plan.pairs, plan.streams
    tells, naive_ms = plan.stream_member, plan.naive_ms
    names = (plan.table, plan.heads, plan.tails, plan.sizes, plan.starts, plan.names)
    token = np.zeros((len(plan.sizes) + 1, 6), np.int64)
    seen = np.full(len(plan.sizes) + 1, -1, np.int64)
    ignored = 0
    at = 0
    for line in range(len(slow)):
        stop, unread = _tokens(names, plan.factor, plan.shift, data, at, token, seen, line)
        fine = stop != BAD
        stream = np.int64(plan.fallback)
        if fine and tells >= 0 and seen[tells] == line and token[tells, KIND] != _NULL:
            stream = np.int64(BAD)
            if token[tells, KIND] == _TEXT and token[tells, START] < token[tells, STOP]:
                hashed = hash_row(states, CODE_STATE, data, token[tells, START], token[tells, STOP])
                for row in range(streams.shape[0]):
                    if streams[row, 0] == np.int64(hashed & _CODE_MASK):
                        stream = streams[row, 1]
        first = slot_ends[stream] if stream >= 0 else 0
        last = slot_ends[stream + 1] if stream >= 0 else 0
        named = False
        for number in range(first, last if fine else first):
            member = slots[number, _AT_MEMBER]
            kind = token[member, KIND] if seen[member] == line else _NULL
            if kind == _NULL and not slots[number, _AT_NEEDED]:
                continue
            begin, end = token[member, START], token[member, STOP]
            place = slots[number, _AT_PLACE]
            type_ = slots[number, _AT_TYPE]
            fine = kind != _NULL and slots[number, _AT_PLAIN] != 0
            is_text = kind == _TEXT or (kind == _INT and not token[member, NEGATIVE])
            cell = NULL
            if not fine:
                break
            if place == _ID:
                fine = is_text and begin < end <= begin + LONGEST_ID
                if fine:
                    hashed = hash_row(states, EVENT_STATE, data, begin, end)
                    id_column[line] = hashed if hashed else np.uint64(1)
                    id_spans[0, line], id_spans[1, line] = begin, end
                    named = True
            elif place == _KEY:
                skip = plain(slots[number, _AT_SHAPE], data, begin, end) if is_text and end <= begin + LONGEST else ASK
                fine = skip != ASK
                if skip >= 0:
                    index = slots[number, _AT_INDEX]
                    hashed = hash_row(states, FIRST_KEY_STATE + index, data, begin + skip, end)
                    keys[index, line] = hashed if hashed else np.uint64(1)
            elif type_ == _IS_FLOAT:
                mantissa = token[member, MANTISSA]
                fine = kind in (_INT, _DECIMAL) and mantissa <= _EXACT
                if fine and (mantissa or not token[member, NEGATIVE]):
                    value = np.float64(mantissa) / _FLOAT_POWERS[token[member, DECIMALS]]  # both exact: rounded once
                    value = -value if token[member, NEGATIVE] else value
                    floats[slots[number, _AT_INDEX], line] = value * slots[number, _AT_UNIT]
                else:
                    fine = False
            else:
                if type_ == _IS_CODE:
                    fine = is_text and end <= begin + LONGEST_CODE
                    if fine and begin < end:
                        hashed = hash_row(states, CODE_STATE, data, begin, end)
                        cell = np.int64(hashed & _CODE_MASK)
                        if slots[number, _AT_PAIRS] < slots[number, _AT_PAIRS_END]:
                            fine = False
                            for pair in range(slots[number, _AT_PAIRS], slots[number, _AT_PAIRS_END]):
                                if pairs[pair, 0] == np.int64(hashed & _CODE_MASK):
                                    fine = True
                                    cell = pairs[pair, 1]
                elif type_ == _IS_BOOL:
                    fine = kind in (_TRUE, _FALSE)
                    cell = np.int64(kind == _TRUE)
                elif type_ == _IS_TIME and kind == _TEXT:
                    cell = time_of(data, begin, end, naive_ms)
                    fine = cell != BAD and slots[number, _AT_FIRST_MS] <= cell < LAST_TIME_MS
                else:
                    if kind == _TEXT:
                        fine = slots[number, _AT_TEXT_NUMBER] and begin < end and text_number(data, token, member)
                    else:
                        whole = kind == _INT or (kind == _DECIMAL and (type_ == _IS_INT or slots[number, _AT_ROUNDS]))
                        fine = whole != 0
                    if fine:
                        mantissa, decimals = token[member, MANTISSA], token[member, DECIMALS]
                        cell = scaled(mantissa, decimals, slots[number, _AT_UNIT], slots[number, _AT_ROUNDS])
                        fine = cell != BAD
                        cell = -cell if token[member, NEGATIVE] else cell
                        if type_ == _IS_TIME:
                            fine = fine and slots[number, _AT_FIRST_MS] <= cell < LAST_TIME_MS
                if place == _TIME:
                    at_column[line] = cell
                else:
                    fields[slots[number, _AT_INDEX], line] = cell
            if not fine:
                break
        if fine and named:
            stream_column[line] = stream
            ignored += unread
        else:
            slow[line] = True
            stop = at
            while data[stop] != _LINE:
                stop += 1
        line_ends[line] = stop
        at = stop + 1
    return ignored


def decode_body(intake: Intake, body: bytes) -> Decoded:
    """Decode one JSON object per line.

    Args:
        intake: the plan.
        body: rows are what stands between line feeds; a line feed at the end adds an empty row with a problem.
    """
    data = bytes_view(body + b"\n" + bytes(PADDING))
    rows = int(np.count_nonzero(data == _LINE))
    columns = Columns.empty(intake.schema, rows)
    id_spans = np.zeros((2, rows), np.int64)
    line_ends = np.empty(rows, np.int64)
    slow = np.zeros(rows, np.bool_)
    floats = columns.fields.view(np.float64)
    cells = (columns.at, columns.stream, columns.id, columns.keys, columns.fields, floats)
    ignored = int(_scan(intake.scan, data, cells, id_spans, line_ends, slow))
    _fill_constants(intake, columns)
    decoded = Decoded(columns, Texts(body, id_spans[0], id_spans[1]), [], ignored)
    left = np.flatnonzero(slow).tolist()
    return _decode_left(intake, decoded, left, line_ends) if left else decoded


def _fill_constants(intake: Intake, columns: Columns) -> None:
    for stream, constants in enumerate(intake.constants):
        rows = columns.stream == stream
        for slot, cell in constants:
            if cell is not None:
                cell_column(columns, slot)[rows] = cell


def _decode_left(intake: Intake, decoded: Decoded, left: list[int], line_ends: NDArray[np.int64]) -> Decoded:
    """Take the rows `left` the slow way; their ids go behind the body."""
    columns, ids = decoded.columns, decoded.ids
    empty = Columns.empty(intake.schema, 1)
    body, tail, problems, ignored = ids.buffer, bytearray(), decoded.problems, decoded.ignored
    for row in left:
        columns.at[row], columns.stream[row], columns.id[row] = empty.at[0], 0, 0
        columns.keys[:, row], columns.fields[:, row] = 0, empty.fields[:, 0]
        line = body[line_ends[row - 1] + 1 if row else 0 : line_ends[row]]
        id, found, unread = decode_line(intake, columns, row, line)
        raw = id.encode()
        ids.starts[row], ids.stops[row] = len(body) + len(tail), len(body) + len(tail) + len(raw)
        tail += raw
        problems += found
        ignored += unread
    return Decoded(columns, Texts(body + bytes(tail), ids.starts, ids.stops), problems, ignored)
