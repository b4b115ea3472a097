"""Facts are written with the change they tell, numbered in order, chained and signed; nothing changes them later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import perf_counter

import pytest
from django.db import DatabaseError, connection, transaction

from liandun.keyring.ring import new_ring
from liandun.keyring.sign import is_signed, public_key
from liandun.ledger import queries, services
from liandun.ledger.chain import merkle_root, signed_text
from liandun.ledger.evidence import EvidenceError
from liandun.ledger.models import Evidence, Fact, Head, Link, Pending, Seal, Subject
from liandun.ledger.proof import Fault

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filed:
    no: str


def filed(no: str = "TS-1", **more) -> Fact:
    with transaction.atomic():
        return services.record(Filed(no), **{"subject": None, "actor": None, "now": NOW} | more)


@pytest.mark.django_db
def test_a_fact_outside_the_transaction_of_its_change_is_refused(transactional_db):
    with pytest.raises(services.LedgerError, match="in the transaction"):
        services.record(Filed("TS-1"), subject=None, actor=None, now=NOW)
    assert not Fact.objects.exists()


@pytest.mark.django_db
def test_a_fact_carries_its_cause_and_stays_an_exercise():
    first = filed(exercise=True)
    second = filed("TS-2", cause=first)
    assert (second.cause, second.hops, second.exercise) == (first, 1, True)


@pytest.mark.django_db
def test_causes_that_go_round_in_a_circle_come_to_an_end():
    fact = filed()
    for number in range(services.MOST_HOPS):
        fact = filed(f"TS-{number}", cause=fact)
    with pytest.raises(services.LedgerError, match="round in a circle"):
        filed(cause=fact)


@pytest.mark.django_db
def test_facts_are_numbered_without_gaps_and_chained():
    subject = services.add_subject(kind="case")
    facts = [filed(f"TS-{number}", subject=subject) for number in range(5)]
    assert queries.waiting() == 5
    assert [services.seal_pending(most=3), services.seal_pending(most=3), services.seal_pending()] == [3, 2, 0]
    assert list(Seal.objects.order_by("number").values_list("number", "fact")) == [
        (number, fact.id) for number, fact in enumerate(facts, 1)
    ]
    assert queries.check_chain().fault is None
    assert queries.head() == (5, bytes(Seal.objects.get(number=5).hash))
    assert not Pending.objects.exists()


@pytest.mark.django_db
def test_an_effect_names_the_number_of_its_cause_sealed_before_or_together():
    first = filed()
    services.seal_pending()
    second = filed("TS-2", cause=first)
    filed("TS-3", cause=second)
    services.seal_pending()
    assert [entry.cause for entry, _ in queries.sealed_entries()] == [0, 1, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Fact, Seal])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_refuses_to_change_what_was_done(model, verb):
    filed()
    services.seal_pending()
    table = model._meta.db_table
    statement = {
        "update": f"UPDATE {table} SET {'kind' if model is Fact else 'hash'} = NULL",
        "delete": f"DELETE FROM {table}",
    }
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement[verb])
    assert queries.check_chain().fault is None


@pytest.mark.django_db
def test_a_chain_that_was_changed_below_the_platform_names_the_row():
    for number in range(5):
        filed(f"TS-{number}")
    services.seal_pending()
    with connection.cursor() as cursor:
        drop = "DROP TRIGGER ledger_fact_no_update" + (" ON ledger_fact" if connection.vendor == "postgresql" else "")
        cursor.execute(drop)
        cursor.execute("UPDATE ledger_fact SET body = '{}' WHERE id = %s", [Seal.objects.get(number=3).fact_id])
    assert queries.check_chain().fault == Fault("entry 3", 3, "changed")


@pytest.mark.django_db
def test_a_signed_head_covers_all_entries_since_the_last_one():
    ring, later = new_ring(), NOW + timedelta(minutes=1)
    filed()
    services.seal_pending()
    first = services.sign_head(ring=ring, now=NOW)
    assert services.sign_head(ring=ring, now=later) is None
    filed("TS-2")
    filed("TS-3")
    services.seal_pending()
    second = services.sign_head(ring=ring, now=later)
    assert first is not None
    assert second is not None
    leaves = [bytes(seal.hash) for seal in Seal.objects.order_by("number")]
    assert (first.root, second.root) == (merkle_root(leaves[:1]), merkle_root(leaves[1:]))
    text = signed_text(3, leaves[2], merkle_root(leaves[1:]), services.written(later))
    assert is_signed(public_key(ring), text, second.signature)


@pytest.mark.django_db
def test_a_relation_is_open_once_and_can_be_taken_back():
    one, other = (services.add_subject(kind="case") for _ in range(2))
    tied = services.tie(source=one, target=other, kind="duplicate", now=NOW)
    assert services.tie(source=one, target=other, kind="duplicate", now=NOW) == tied
    assert services.untie(source=one, target=other, kind="duplicate", now=NOW)
    assert not services.untie(source=one, target=other, kind="duplicate", now=NOW)
    assert Link.objects.count() == 1


@pytest.mark.django_db
def test_a_chain_has_one_head_and_subjects_have_uids():
    assert Head.objects.get().number == 0
    assert Subject.objects.create(kind="case").uid.version == 7


@pytest.mark.django_db
def test_a_checkpoint_covers_at_most_so_many_entries(monkeypatch):
    monkeypatch.setattr(services, "MOST_LEAVES", 2)
    for number in range(5):
        filed(f"TS-{number}")
    services.seal_pending()
    ring = new_ring()
    made = [services.sign_head(ring=ring, now=NOW) for _ in range(4)]
    assert [one and one.number for one in made] == [2, 4, 5, None]
    assert queries.check_chain().signed == 5


@pytest.mark.django_db
def test_a_sealer_that_was_overtaken_changes_nothing():
    filed()
    stale = Head.objects.get()
    fact = Fact.objects.get()
    services.seal_pending()
    filed("TS-2")
    assert not services._append(stale, [fact], [bytes(32)])
    assert (Head.objects.get().number, Pending.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_sealing_writes_few_statements_however_many_facts_a_slice_has(django_assert_max_num_queries):
    for number in range(300):
        filed(f"TS-{number}")
    with django_assert_max_num_queries(10):
        services.seal_pending()


@pytest.mark.django_db
def test_a_slice_of_the_sealer_holds_the_write_lock_for_less_than_50_ms():
    """The median of ten slices of full size, so that it tells the work and not what else the machine does."""
    with transaction.atomic():
        subject = services.add_subject(kind="case")
        for number in range(5000):
            services.record(Filed(f"TS-{number}"), subject=subject, actor=subject, now=NOW)
    held: list[float] = []
    append = services._append

    def timed(*given):
        began = perf_counter()
        done = append(*given)
        held.append(perf_counter() - began)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "_append", timed)
        while services.seal_pending():
            pass
    assert len(held) == 5000 / services.SLICE
    assert sorted(held)[len(held) // 2] < 0.05


@pytest.mark.django_db
def test_evidence_is_kept_once_for_a_subject_and_told_by_a_fact(tmp_path):
    case, other = (services.add_subject(kind="case") for _ in range(2))

    def keep(of):
        return services.keep_evidence(of=of, file=BytesIO(b"no,sum\n1,2\n"), name="a.csv", data=tmp_path, now=NOW)

    first = keep(case)
    assert keep(case) == first
    assert keep(other) != first
    assert (Evidence.objects.count(), Fact.objects.filter(kind="ledger.EvidenceKept").count()) == (2, 2)
    assert len([path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]) == 1


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing_behind(tmp_path):
    case = services.add_subject(kind="case")
    with pytest.raises(EvidenceError, match=r"a\.exe is refused"):
        services.keep_evidence(of=case, file=BytesIO(b"MZ\x90\0"), name="a.exe", data=tmp_path, now=NOW)
    assert not Evidence.objects.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_what_is_recorded_while_a_fact_is_followed_stems_from_it():
    first = filed(exercise=True)
    with services.following(first, frozenset({"ledger.Filed"})):
        second = filed("TS-2")
    assert (second.cause, second.exercise) == (first, True)
    assert filed("TS-3").cause is None
    with services.following(first, frozenset()), pytest.raises(services.LedgerError, match="does not declare"):
        filed("TS-4")
