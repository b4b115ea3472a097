"""Uids sort by time and say their version."""

from liandun.ledger.uid import uid7


def test_uids_are_of_version_7_and_all_different():
    made = [uid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {uid.version for uid in made} == {7}
    assert {uid.variant for uid in made} == {"specified in RFC 4122"}


def test_a_later_uid_sorts_behind_an_earlier_millisecond():
    first = uid7()
    while (second := uid7()).int >> 80 == first.int >> 80:
        pass
    assert second > first
