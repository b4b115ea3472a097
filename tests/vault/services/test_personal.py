"""Values are kept under a key per subject, erased by deleting it, and survive new keys of the ring."""

from __future__ import annotations

import json
import sqlite3

import pytest
from django.db import connection, connections

from liandun.keyring.ring import new_ring
from liandun.keyring.seal import SealError, unseal
from liandun.ledger import queries as ledger
from liandun.ledger.models import Fact
from liandun.ledger.services import add_subject, seal_pending
from liandun.vault import queries, services
from liandun.vault.datakeys import mask_place, unlock, unwrap, value_place
from liandun.vault.models import DataKey, Erasure, Personal
from liandun.vault.refusals import Refusal, Refused
from liandun.vault.services import Given
from tests.vault.people import NOW, RING, VALUES, customer, given, population


def opened(subject, field="phone", ring=RING):
    row = Personal.objects.get(subject_id=subject, field=field)
    key = unwrap(ring, subject, bytes(DataKey.objects.get(subject_id=subject).wrapped))
    return unlock(key, bytes(row.locked), value_place(subject, field))


@pytest.mark.django_db
def test_a_value_is_kept_as_it_came_and_replaced_by_a_later_one():
    subject = customer()
    assert opened(subject) == VALUES["phone"][1]
    later = [Given("phone", "phone", "13900000001")]
    services.keep_personal(subject=subject, given=later, actor=None, ring=RING, now=NOW)
    assert opened(subject) == "13900000001"
    assert Personal.objects.filter(subject_id=subject).count() == len(VALUES)


@pytest.mark.django_db
def test_no_stored_byte_tells_a_value():
    subject = customer()
    rows = Personal.objects.filter(subject_id=subject).values_list("locked", "mask", "index")
    stored = b"".join(bytes(part) for row in rows for part in row)
    assert [text for _, text in VALUES.values() if text.encode() in stored] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        Given("Phone of 张三", "phone", "13812345678"),
        Given("phone", "rumour", "13812345678"),
        Given("phone", "phone", "unknown"),
        Given("phone", "phone", ""),
        Given("note", "text", "a" * 4001),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_is_kept(bad):
    subject = add_subject(kind="customer").id
    with pytest.raises(Refused) as raised:
        services.keep_personal(subject=subject, given=[bad], actor=None, ring=RING, now=NOW)
    assert raised.value.code is Refusal.BAD_VALUE
    assert not DataKey.objects.filter(subject_id=subject).exists()


def test_a_value_does_not_show_when_it_is_printed():
    assert "138" not in repr(Given("phone", "phone", "13812345678"))


@pytest.mark.django_db
def test_equal_identifiers_of_one_kind_have_equal_indexes_and_only_those():
    same = {"phone": ("phone", "138 1234 5678"), "text": ("account", "13812345678")}
    one, other = customer(), customer(same)
    index = {row.field: bytes(row.index) for row in Personal.objects.filter(subject_id=other)}
    first = Personal.objects.get(subject_id=one, field="phone")
    assert bytes(first.index) == index["phone"] != index["text"]


@pytest.mark.django_db
def test_erasing_a_subject_leaves_nothing_that_opens_and_a_chain_that_verifies():
    subject, other = customer(), customer()
    old_rows = list(Personal.objects.filter(subject_id=subject))
    other_key = unwrap(RING, other, bytes(DataKey.objects.get(subject_id=other).wrapped))
    assert services.erase_subject(subject=subject, actor=None, now=NOW) == len(VALUES)
    assert not DataKey.objects.filter(subject_id=subject).exists()
    assert queries.masked([subject, other], ring=RING).keys() == {other}
    for row in old_rows:  # a copy of the rows, with the ring and with every key that is left
        for place, locked in ((value_place, row.locked), (mask_place, row.mask)):
            with pytest.raises(SealError):
                unseal(RING, bytes(locked), place(subject, row.field))
            for key in (*RING.seal.values(), RING.index, RING.sign, other_key):
                with pytest.raises(SealError):
                    unlock(key, bytes(locked), place(subject, row.field))
    while seal_pending():
        pass
    assert ledger.check_chain().fault is None


@pytest.mark.django_db
def test_old_rows_put_back_after_an_erasure_stay_shut_and_a_new_key_is_refused():
    subject = customer()
    old_rows = list(Personal.objects.filter(subject_id=subject))
    services.erase_subject(subject=subject, actor=None, now=NOW)
    Personal.objects.bulk_create(old_rows)
    assert queries.masked([subject], ring=RING) == {}
    again = [Given("phone", "phone", "13812345678")]
    with pytest.raises(Refused) as raised:
        services.keep_personal(subject=subject, given=again, actor=None, ring=RING, now=NOW)
    assert raised.value.code is Refusal.ERASED
    assert not DataKey.objects.filter(subject_id=subject).exists()


@pytest.mark.django_db
def test_a_subject_is_erased_once_in_the_facts():
    subject = customer()
    assert [services.erase_subject(subject=subject, actor=None, now=NOW) for _ in range(2)] == [len(VALUES), 0]
    kinds = [fact.kind for fact in ledger.facts_of(subject)]
    assert kinds == ["vault.PersonalKept", "vault.SubjectErased"]


def test_an_erased_key_leaves_no_bytes_in_the_file(at_once):
    if connection.vendor != "sqlite":
        return  # PostgreSQL frees the row's bytes at its next vacuum

    def erase():
        subject = customer()
        wrapped = bytes(DataKey.objects.get(subject_id=subject).wrapped)
        services.erase_subject(subject=subject, actor=None, now=NOW)
        return wrapped

    (wrapped,) = at_once(erase)
    name = connections.settings["default"]["NAME"]
    with sqlite3.connect(name) as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    own.close()
    with open(name, "rb") as file:
        assert wrapped not in file.read()


@pytest.mark.django_db
def test_keys_are_wrapped_anew_slice_by_slice_and_values_stay():
    subjects = [customer(values) for values in population(7)]
    newer = RING.rotated()
    assert [services.rewrap_slice(ring=newer, now=NOW, most=3) for _ in range(4)] == [3, 3, 1, 0]
    assert set(DataKey.objects.values_list("ring_key", flat=True)) == {newer.current}
    told = Fact.objects.filter(kind="vault.KeysRewrapped").order_by("id").values_list("body", flat=True)
    assert [json.loads(body)["count"] for body in told] == [3, 3, 1]
    assert [opened(subject, ring=newer) for subject in subjects] == [values["phone"][1] for values in population(7)]
    with pytest.raises(SealError, match="no key 2"):
        opened(subjects[0])


@pytest.mark.django_db
def test_a_ring_that_lacks_a_key_is_refused_before_anything_changes():
    subject = customer()
    before = bytes(DataKey.objects.get(subject_id=subject).wrapped)
    with pytest.raises(SealError):
        services.rewrap_slice(ring=new_ring().rotated(), now=NOW)
    assert bytes(DataKey.objects.get(subject_id=subject).wrapped) == before


@pytest.mark.django_db
def test_wrapping_anew_never_brings_an_erased_key_back(monkeypatch):
    subject = customer()
    real = services.personal.wrap

    def erased_meanwhile(ring, of, key):
        services.erase_subject(subject=of, actor=None, now=NOW)
        return real(ring, of, key)

    monkeypatch.setattr(services.personal, "wrap", erased_meanwhile)
    services.rewrap_slice(ring=RING.rotated(), now=NOW)
    assert not DataKey.objects.filter(subject_id=subject).exists()
    assert Erasure.objects.filter(subject_id=subject).exists()


@pytest.mark.parametrize("has_key", [True, False])
def test_what_is_kept_while_its_subject_is_erased_is_erased_too(at_once, has_key):
    def begin():
        return customer() if has_key else add_subject(kind="customer").id

    def keep(subject):
        services.keep_personal(subject=subject, given=given(), actor=None, ring=RING, now=NOW)

    subjects = [at_once(begin)[0] for _ in range(8)]
    for subject in subjects:
        kept, erased = at_once(
            lambda subject=subject: keep(subject),
            lambda subject=subject: services.erase_subject(subject=subject, actor=None, now=NOW),
        )
        assert kept is None or kept.code is Refusal.ERASED
        assert isinstance(erased, int)
    left = lambda: [rows.objects.filter(subject_id__in=subjects).count() for rows in (DataKey, Personal, Erasure)]
    assert at_once(left) == [[0, 0, len(subjects)]]


def test_two_that_keep_the_first_values_at_once_share_one_key(at_once):
    (subject,) = at_once(lambda: add_subject(kind="customer").id)

    def keep(field):
        one = [Given(field, "phone", "13812345678")]
        services.keep_personal(subject=subject, given=one, actor=None, ring=RING, now=NOW)

    assert at_once(lambda: keep("home"), lambda: keep("work")) == [None, None]
    assert at_once(lambda: [opened(subject, field) for field in ("home", "work")]) == [["13812345678"] * 2]
