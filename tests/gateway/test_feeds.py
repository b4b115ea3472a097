import re

import pytest

from liandun.engine.schema import NULL
from liandun.gateway.feeds import read_changes, read_labels
from liandun.gateway.problems import Problem
from liandun.packs.identity import entity_key, event_id
from tests.gateway.desk import NOON, SECRET, small_pack


def labels(body):
    return read_labels(body, "shop", SECRET, NOON)


def test_a_label_is_about_the_key_s_own_source():
    [known] = labels(b'{"of": "p1", "value": 1, "known_at": "2026-11-01T08:00:00+08:00"}')
    assert known.label.id == event_id("shop", "p1", SECRET)
    assert known.known_at == 1_793_491_200_000


def test_several_labels_come_as_an_array():
    assert [known.label.value for known in labels(b'[{"of": "a", "value": 1}, {"of": "b", "value": 0}]')] == [1, 0]


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (b'{"of": "a", "value": 2}', "field", "value"),
        (b'{"of": "a"}', "field", "value"),
        (b'[{"of": "a", "value": 1}, {"value": 1}]', "field", "[1].of"),
        (b'{"of": "a", "value": 1, "why": 2}', "field", "why"),
        (b'["a"]', "field", "[0]"),
        (b'[{"of": "a", "value": 1, "known_at": "2099-01-01T00:00:00Z"}]', "field", "[0].known_at"),
        (b'{"of": "a", "value": 1, "known_at": "2026-01-01T00:00:00"}', "field", "known_at"),
        (b"[]", "field", None),
        (b'[{"of": "a", "value": 1}' + b',{"of": "a", "value": 1}' * 10_000 + b"]", "too-large", None),
        (b"{", "malformed", None),
        (b"[" * 100_000, "field", "[0]"),
    ],
)
def test_a_wrong_label_names_its_field(body, kind, field):
    with pytest.raises(Problem) as found:
        labels(body)
    assert (found.value.kind, found.value.field) == (kind, field)
    assert re.search("[一-鿿]", found.value.detail_zh)


def test_a_list_change_is_made_of_the_identifier_s_key(tmp_path):
    pack = small_pack(tmp_path)
    [change] = read_changes(b'{"list": "stolen", "value": "6222 0200", "number": 7, "add": false}', pack, SECRET, 3)
    assert change.key == entity_key("card", "62220200", SECRET)
    assert (change.number, change.add, change.expires, change.party) == (7, False, NULL, 3)


@pytest.mark.parametrize(
    ("body", "field"),
    [(b'{"list": "nosuch", "value": "6222"}', "[0].list"), (b'{"list": "stolen", "value": "unknown"}', "[0].value")],
)
def test_a_wrong_list_change_names_its_field(tmp_path, body, field):
    with pytest.raises(Problem) as found:
        read_changes(body, small_pack(tmp_path), SECRET, 0)
    assert found.value.field == field
