"""Column arithmetic has the meanings of whole numbers, floats and calendars in Python, or is null."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandun.engine.engine import Engine
from liandun.engine.schema import NULL, Columns, FieldType
from liandun.packs.compile import compile_pack
from liandun.packs.model import Pack
from liandun.packs.zones import zone_changes
from tests.replay.small import START, pack_of

HEADER = """\
pack: small
version: 1
title: {{zh: 小包, en: Small pack}}
zone: {zone}
streams:
  payment:
    time: paid_at
    keys: {{card: card}}
    fields: {{a: int, b: int, x: float, y: float, at_time: time, yes: bool}}
"""
ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
)
LIMIT = 2**63
EDGES = (0, 1, -1, 2, -2, 3, 7, 10**13, 2**31, 2**32, 2**62, LIMIT - 1, -LIMIT + 1, 3_037_000_499, 3_037_000_500)
WHOLE = st.none() | st.sampled_from(EDGES) | st.integers(-LIMIT + 1, LIMIT - 1)
FLOATS = st.none() | st.sampled_from((0.0, -0.0, 1e308, 5e-324, 2.0**62, -(2.0**62), 2.0**53 + 2))
FLOAT = FLOATS | st.floats(allow_nan=False, allow_infinity=False)
WHOLE_OPS = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a % b": lambda a, b: None if b == 0 else int(math.copysign(abs(a) % abs(b), a)) if abs(a) < 2**53 else rest(a, b),
    "-a": lambda a, b: -a,
    "abs(b)": lambda a, b: abs(b),
    "least(a, b)": min,
    "greatest(a, b)": max,
}
FLOAT_OPS = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: None if y == 0 else x / y,
    "-x": lambda x, y: -x,
    "abs(y)": lambda x, y: abs(y),
    "least(x, y)": lambda x, y: x if x <= y else y,
    "greatest(x, y)": lambda x, y: x if x >= y else y,
}


def rest(a: int, b: int) -> int:
    """What is left of a divided by b, with the sign of a."""
    left = abs(a) % abs(b)
    return -left if a < 0 else left


def pack_with(folder, expressions, zone="Asia/Shanghai") -> Pack:
    features = "".join(f'v{i}: {{value: "{text}"}}\n' for i, text in enumerate(expressions))
    names = ", ".join(f"v{i}" for i in range(len(expressions)))
    rule = '- {id: R1, when: "a > 1", then: review, why: {zh: 大, en: Large}, owner: desk}\n'
    return pack_of(folder, header=HEADER.format(zone=zone), features=features, cases=f"[{names}]", rules=rule)


def computed(pack: Pack, rows) -> list[list[object]]:
    """Per expression its value on each row, None where null; rows are dicts of field values."""
    engine = Engine(compile_pack(pack))
    columns = Columns.empty(engine.schema, len(rows))
    columns.t[:] = START
    for field in engine.schema.fields:
        is_float = field.type is FieldType.FLOAT
        cells = columns.float_field(field.name) if is_float else columns.field(field.name)
        missing = math.nan if is_float else NULL
        cells[:] = [missing if row.get(field.name) is None else row[field.name] for row in rows]
    found = engine.decide(columns, features=True).features
    return [
        [None if null else value for value, null in zip(values.tolist(), nulls.tolist(), strict=True)]
        for values, nulls in (found[f"v{i}"] for i in range(len(found)))
    ]


@pytest.fixture(scope="module")
def whole_pack(tmp_path_factory):
    return pack_with(tmp_path_factory.mktemp("whole"), WHOLE_OPS)


@pytest.fixture(scope="module")
def float_pack(tmp_path_factory):
    return pack_with(tmp_path_factory.mktemp("float"), FLOAT_OPS)


@given(pairs=st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=130))
def test_whole_numbers_are_pythons_or_null_where_64_bits_end(whole_pack, pairs):
    found = computed(whole_pack, [{"a": a, "b": b} for a, b in pairs])
    for (text, operation), values in zip(WHOLE_OPS.items(), found, strict=True):
        used = ("a" in text.replace("abs", ""), "b" in text.replace("abs", ""))
        for (a, b), value in zip(pairs, values, strict=True):
            missing = (a is None and used[0]) or (b is None and used[1])
            expected = None if missing else operation(a or 0, b or 0)
            assert value == (None if expected is None or abs(expected) >= LIMIT else expected), (text, a, b)


@given(pairs=st.lists(st.tuples(FLOAT, FLOAT), min_size=1, max_size=130))
def test_floats_are_pythons_to_the_bit_or_null_where_not_finite(float_pack, pairs):
    found = computed(float_pack, [{"x": x, "y": y} for x, y in pairs])
    for (text, operation), values in zip(FLOAT_OPS.items(), found, strict=True):
        used = ("x" in text, "y" in text)
        for (x, y), value in zip(pairs, values, strict=True):
            missing = (x is None and used[0]) or (y is None and used[1])
            expected = None if missing else operation(x or 0.0 if x is None else x, y or 0.0 if y is None else y)
            if expected is not None and not math.isfinite(expected):
                expected = None
            assert bits(value) == bits(expected), (text, x, y)


def bits(number: object) -> bytes | None:
    return None if number is None else np.float64(number).tobytes()  # type: ignore[arg-type]


@given(numbers=st.lists(FLOAT | st.floats(-(2.0**63), 2.0**63), min_size=1, max_size=70))
def test_floor_is_exact_below_two_to_the_62_and_null_beyond(tmp_path_factory, numbers):
    pack = pack_with(tmp_path_factory.getbasetemp() / "floor", ["floor(x)", "a + 0.5"])
    found = computed(pack, [{"x": x} for x in numbers])
    expected = [None if x is None or abs(math.floor(x)) >= 2**62 else math.floor(x) for x in numbers]
    assert found[0] == expected


@pytest.mark.parametrize("number", [2**62, LIMIT - 1, -LIMIT + 1, 2**53 + 1])
def test_a_whole_number_becomes_the_nearest_float(tmp_path, number):
    assert computed(pack_with(tmp_path, ["a + 0.0"]), [{"a": number}]) == [[float(number)]]


def test_choices_take_the_first_that_holds_and_the_first_that_is_known(tmp_path):
    texts = [
        "case when yes then a when b > 0 then b else 7 end",
        "coalesce(a, b, 9)",
        "nullif(a, b)",
        "if(yes, x, y)",
        "case when yes then a end",
    ]
    rows = [
        {"a": a, "b": b, "x": 1.5, "y": 2.5, "yes": yes}
        for a in (None, 1)
        for b in (None, 1, -1)
        for yes in (None, 0, 1)
    ]
    found = computed(pack_with(tmp_path, texts), rows)
    for i, row in enumerate(rows):
        a, b, yes = row["a"], row["b"], row["yes"]
        known = a if a is not None else b if b is not None else 9
        expected = [a if yes else b if b == 1 else 7, known, None if a is None or a == b else a, 1.5 if yes else 2.5]
        assert [column[i] for column in found] == [*expected, a if yes else None]


def moments(zone: str) -> list[int]:
    """Times around every change of the zone's offset and at odd times between, 1970 to 2099, in ms."""
    rng = np.random.default_rng(len(zone))
    changes = [start for start, _ in zone_changes(zone) if start > 0]
    around = [start + step for start in changes for step in (-3_600_000, -1, 0, 1, 3_599_999)]
    anywhere = rng.integers(0, 4_102_444_800_000, 400).tolist()
    return [*around, *anywhere, 0, 1, -1, -86_400_001]


@pytest.mark.parametrize("zone", ZONES)
def test_calendars_are_those_of_the_time_zone_from_1970_to_2099(tmp_path, zone):
    pack = pack_with(tmp_path, ["hour(at_time)", "weekday(at_time)", "day(at_time)"], zone)
    times = [t for t in moments(zone) if t >= 0]
    info = ZoneInfo(zone)
    local = [(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=t)).astimezone(info) for t in times]
    hours, weekdays, days = computed(pack, [{"at_time": t} for t in times])
    assert hours == [moment.hour for moment in local]
    assert weekdays == [moment.isoweekday() for moment in local]
    assert days == [moment.day for moment in local]


def test_an_hour_does_not_depend_on_the_other_events_of_its_block(tmp_path):
    """Blocks of recent times take a shorter way than blocks with an old or missing one."""
    pack = pack_with(tmp_path, ["hour(at_time)"])
    times = [1_700_000_000_000 + i * 1_234_567 for i in range(64)]
    recent = computed(pack, [{"at_time": t} for t in times])[0]
    mixed = computed(pack, [{"at_time": 5 if i == 40 else t} for i, t in enumerate(times)])[0]
    missing = computed(pack, [{"at_time": None if i == 40 else t} for i, t in enumerate(times)])[0]
    assert (mixed[40], missing[40]) == (8, None)
    for found in (mixed, missing):
        assert [hour for i, hour in enumerate(found) if i != 40] == [hour for i, hour in enumerate(recent) if i != 40]


def test_days_are_right_at_the_ends_of_months_and_centuries(tmp_path):
    pack = pack_with(tmp_path, ["day(at_time)", "weekday(at_time)"], "UTC")
    dates = [datetime(y, m, d, tzinfo=UTC) for y in (1970, 1972, 2000, 2099) for m in range(1, 13) for d in (1, 28)]
    dates += [date - timedelta(days=1) for date in dates if date.year > 1970]
    found = computed(pack, [{"at_time": int(date.timestamp() * 1000)} for date in dates])
    assert found == [[date.day for date in dates], [date.isoweekday() for date in dates]]


def test_time_differences_are_seconds(tmp_path):
    pack = pack_with(tmp_path, ["now - at_time", "lag"])
    assert computed(pack, [{"at_time": START - 1_500}, {"at_time": None}]) == [[1.5, None], [None, None]]
