import pytest

from liandun.parties.models import Holding
from liandun.parties.refusals import PartyError
from liandun.parties.validity import end_of, holds_at, not_over, overlaps, term
from tests.parties.world import DAY, NOW, appoint, person


@pytest.mark.parametrize(("begun", "ended"), [(0, 0), (2, 1), (-3, -1)])
def test_a_term_that_ends_too_early_is_refused(begun, ended):
    with pytest.raises(PartyError):
        term(NOW + begun * DAY, NOW + ended * DAY, NOW)


def test_a_term_begins_now_where_nothing_is_said():
    assert term(None, None, NOW) == (NOW, None)


@pytest.mark.parametrize(("begun", "ended", "expected"), [(-1, None, 0), (1, None, 1), (-1, 1, 0), (-2, -1, None)])
def test_what_has_not_begun_ends_empty(begun, ended, expected):
    until = None if ended is None else NOW + ended * DAY
    assert end_of(NOW + begun * DAY, until, NOW) == (None if expected is None else NOW + expected * DAY)


def test_filters_hold_from_the_beginning_until_before_the_end(world):
    appoint(person("短期"), world.posts["sales"], begun_at=NOW + DAY, ended_at=NOW + 3 * DAY)
    rows = Holding.objects.filter(ended_at__isnull=False)
    days = range(5)
    assert [rows.filter(holds_at(NOW + day * DAY)).count() for day in days] == [0, 1, 1, 0, 0]
    assert [rows.filter(not_over(NOW + day * DAY)).count() for day in days] == [1, 1, 1, 0, 0]
    spans = [(0, 1), (0, 2), (2, None), (3, None), (3, 4)]
    found = [rows.filter(overlaps(NOW + a * DAY, None if b is None else NOW + b * DAY)).count() for a, b in spans]
    assert found == [0, 1, 1, 0, 0]
