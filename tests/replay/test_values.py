"""One value, one cell: what is exact, what is rounded, what is refused."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from liandun.engine.schema import LARGEST
from liandun.engine.siphash import code
from liandun.packs.model import Type
from liandun.replay.slots import Place, Slot
from liandun.replay.troubles import Trouble
from liandun.replay.values import field_cell, hashed_key, id_text, key_form, time_ms

MONEY = Slot("amount_minor", "amount", Place.FIELD, 0, Type.INT, unit=100, rounds=True, decimal=True, needed=True)
WEIGHT = replace(MONEY, rounds=False, needed=False)
COUNT = replace(WEIGHT, unit=1, decimal=False)
CARD = Slot("card", "card", Place.KEY, 0, Type.KEY, kind="card")
PAID = Slot("paid_at", "paid_at", Place.TIME, 0, Type.TIME, needed=True)


def kind(type: Type) -> Slot:
    return Slot("x", "x", Place.FIELD, 0, type)


def refusal(slot: Slot, value: object, *, loose: bool = False) -> str:
    with pytest.raises(Trouble) as trouble:
        field_cell(slot, value, UTC, loose=loose)
    return trouble.value.code


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("12.30", 1230),
        (Decimal("12.3"), 1230),
        (Decimal("1E+2"), 10_000),
        (Decimal("0E+999999999"), 0),
        (Decimal("-0.01"), -1),
        (7, 700),
        (" +7 ", 700),
        ("0.1200", 12),
    ],
)
def test_a_scaled_number_is_exact(value, cell):
    assert field_cell(WEIGHT, value, UTC) == cell


@pytest.mark.parametrize(
    ("value", "cell"), [("0.125", 12), ("0.135", 14), ("-0.125", -12), ("0.12501", 13), ("2.675", 268)]
)
def test_a_source_s_unit_rounds_half_to_even(value, cell):
    assert field_cell(MONEY, value, UTC) == cell


@pytest.mark.parametrize(
    ("slot", "value", "why"),
    [
        (WEIGHT, "12.345", "too_fine"),
        (WEIGHT, Decimal("1E-999999"), "too_fine"),
        (WEIGHT, "1e3", "bad_number"),
        (WEIGHT, Decimal("1E+999999999"), "too_large"),
        (COUNT, LARGEST + 1, "too_large"),
        (COUNT, "5", "wrong_type"),
        (COUNT, True, "wrong_type"),
        (MONEY, None, "missing"),
        (MONEY, "", "missing"),
        (kind(Type.FLOAT), Decimal("1E+400"), "bad_number"),
        (kind(Type.BOOL), 1, "wrong_type"),
        (kind(Type.CODE), "x" * 65, "too_long"),
        (kind(Type.CODE), True, "wrong_type"),
        (replace(kind(Type.CODE), values=("a", "b")), "c", "unknown_value"),
        (replace(kind(Type.CODE), map={"a": "b"}), "c", "unmapped"),
        (PAID, 1_772_326_800, "bad_time"),
        (PAID, "yesterday", "bad_time"),
        (PAID, "2024-02-30T00:00:00Z", "bad_time"),
        (PAID, Decimal("1772326800.5"), "wrong_type"),
    ],
)
def test_what_does_not_fit_is_refused(slot, value, why):
    assert refusal(slot, value) == why


@pytest.mark.parametrize(
    ("slot", "value", "cell"),
    [
        (COUNT, "5", 5),
        (kind(Type.BOOL), "True", 1),
        (kind(Type.BOOL), "0", 0),
        (kind(Type.FLOAT), "0.1", 0.1),
        (COUNT, "", None),
        (PAID, "1772326800000", 1_772_326_800_000),
    ],
)
def test_in_a_table_everything_may_be_a_text(slot, value, cell):
    assert field_cell(slot, value, UTC, loose=True) == cell


def test_a_map_speaks_of_texts_numbers_and_flags():
    flag = replace(kind(Type.BOOL), map={"1": "true", "true": "true", "*": "false"})
    assert [field_cell(flag, value, UTC) for value in (1, True, "no")] == [1, 1, 0]


def test_a_code_may_be_a_whole_number():
    assert field_cell(kind(Type.CODE), 5411, UTC) == code("5411")


@pytest.mark.parametrize(
    ("text", "zone", "ms"),
    [
        ("2026-03-01T09:00:00+08:00", "UTC", 1_772_326_800_000),
        ("2026-03-01 09:00:00.5", "Asia/Shanghai", 1_772_326_800_500),
        ("2026-03-01T01:00Z", "Asia/Shanghai", 1_772_326_800_000),
        ("2026-03-01", "UTC", 1_772_323_200_000),
        ("2026-11-01T01:30:00", "America/New_York", 1_793_511_000_000),
        ("1969-12-31T23:59:59.999Z", "UTC", -1),
    ],
)
def test_a_time_is_read_in_its_zone(text, zone, ms):
    assert time_ms(text, ZoneInfo(zone)) == ms


def test_a_prefix_keeps_two_systems_numbers_apart_and_placeholders_missing():
    prefixed = replace(CARD, prefix="c")
    assert [key_form(prefixed, value) for value in (0, "596", "n/a", "", None)] == ["c0", "c596", None, None, None]


@pytest.mark.parametrize("value", [True, Decimal("1.5"), ["1"]])
def test_a_key_is_a_text_or_a_whole_number(value):
    with pytest.raises(Trouble, match="wrong_type"):
        key_form(CARD, value)


def test_a_very_long_identifier_is_refused():
    with pytest.raises(Trouble, match="too_long"):
        key_form(CARD, "6" * 257)


def test_a_key_that_comes_hashed_is_taken_as_it_is():
    assert [hashed_key(CARD, value) for value in (2**64 - 1, None)] == [2**64 - 1, 0]
    with pytest.raises(Trouble, match="wrong_type"):
        hashed_key(CARD, "6222")


def test_an_id_is_a_short_text():
    slot = Slot("id", "id", Place.ID, 0, Type.CODE, prefix="t-")
    assert id_text(slot, 7) == "t-7"
    with pytest.raises(Trouble, match="too_long"):
        id_text(slot, "x" * 127)


@pytest.mark.parametrize(
    ("value", "loose", "code"),
    [("500", False, "wrong_type"), (Decimal("12.5"), False, "too_fine"), ("x", True, "bad_number")],
)
def test_money_is_asked_for_in_minor_units(value, loose, code):
    with pytest.raises(Trouble) as trouble:
        field_cell(replace(COUNT, needed=True), value, UTC, loose=loose)
    problem = trouble.value.at(0, "amount")
    assert problem.code == code
    assert "a whole number of fen (minor units); 12.50 yuan is 1250" in problem.en
    assert "整数，以分（最小货币单位）计；12.50 元写 1250" in problem.zh


@pytest.mark.parametrize(
    ("slot", "value", "words"),
    [
        (MONEY, "x", "a number like 12.30"),
        (WEIGHT, "12.345", "a number of at most 2 decimals"),
        (COUNT, "1.5", "a whole number"),
    ],
)
def test_what_a_number_must_be_depends_on_the_field(slot, value, words):
    with pytest.raises(Trouble) as trouble:
        field_cell(slot, value, UTC, loose=True)
    assert trouble.value.at(0, "x").en.endswith(f"it must be {words}")
