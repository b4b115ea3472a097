"""Streams: what they may say, and each mistake with its line."""

import pytest

from liandun.packs.model import FieldSpec, Type
from tests.packs.sample import PACK, found, load


def test_a_stream_keeps_money_first_among_its_fields(tmp_path):
    payment = load(tmp_path).stream("payment")
    assert payment.fields[0] == FieldSpec("amount_minor", Type.INT)
    assert (payment.money, payment.currency, payment.channel, payment.time) == (
        "amount_minor",
        "CNY",
        "channel",
        "paid_at",
    )


def test_fields_have_types_values_and_decimals(tmp_path):
    fields = {spec.name: spec for spec in load(tmp_path).stream("payment").fields}
    assert fields["weight"] == FieldSpec("weight", Type.INT, scale=2)
    assert fields["channel"] == FieldSpec("channel", Type.CODE, values=("online", "store"))
    assert fields["opened_at"].type is Type.TIME


def test_a_plain_list_is_required_on_every_channel(tmp_path):
    text = PACK.replace("{online: [card, device], store: [card]}", "[card, paid_at]")
    assert load(tmp_path, pack=text).stream("payment").required == {"*": ("card", "paid_at")}


@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("time: logged_at", "tiem: logged_at", ["13 unknown_key", "13 missing_key"]),
        ("mcc: int", "mcc: integer", ["9 bad_type"]),
        ("mcc: int", "mcc: [int]", ["9 bad_type"]),
        ("mcc: int", "mcc: {decimal: 10}", ["9 bad_decimals"]),
        ("mcc: int", "mcc: {decimal: many}", ["9 wants_whole"]),
        ("mcc: int", "m-cc: int", ["9 bad_name"]),
        ("mcc: int", "now: int", ["9 name_taken"]),
        ("mcc: int", "case: int", ["9 name_taken"]),
        ("failed: bool", "mcc: float", ["15 field_clash"]),
        ("failed: bool", "card: int", ["15 name_taken"]),
        ("failed: bool", "paid_at: int", ["15 time_clash"]),
        ("time: logged_at", "time: mcc", ["13 time_clash"]),
        ("time: logged_at", "time: card", ["13 time_clash"]),
        ("{device: device, payer: account}", "{device: card}", ["14 kind_clash"]),
        ("{device: device, payer: account}", "{mcc: card}", ["14 name_taken"]),
        ("{device: device, payer: account}", "{hour: card}", ["14 name_taken"]),
        ("{device: device, payer: account}", "[device]", ["14 wants_mapping"]),
        ("{online: [card, device], store: [card]}", "{onlin: [card]}", ["11 unknown_channel"]),
        ("{online: [card, device], store: [card]}", "[card, devise]", ["11 unknown_required"]),
        ("{online: [card, device], store: [card]}", "[failed]", ["11 unknown_required"]),
        ("decides: false", "decides: false\n    required: {x: [device]}", ["17 no_channel"]),
        ("decides: false", "decides: false\n    channel: failed", ["17 bad_channel"]),
        ("{field: amount_minor}", "{field: amount_minor, currency: yuan}", ["7 bad_currency"]),
        ("{field: amount_minor}", "amount_minor", ["7 wants_mapping"]),
        ("decides: false", "decides: maybe", ["16 wants_flag"]),
    ],
)
def test_a_mistake_in_a_stream_is_named_with_its_line(tmp_path, old, new, mistakes):
    assert old in PACK
    errors = [each for each in found(tmp_path, pack=PACK.replace(old, new)) if "pack.yaml" in each]
    assert errors == [f"pack.yaml:{mistake}" for mistake in mistakes]


def test_a_name_that_was_declared_wrongly_is_not_called_unknown_as_well(tmp_path):
    rules = '- {id: R1, when: "mcc > card_count", then: review, why: {zh: 因, en: W}, owner: o}\n'
    assert found(tmp_path, pack=PACK.replace("mcc: int", "mcc: integer"), rules=rules) == ["pack.yaml:9 bad_type"]
