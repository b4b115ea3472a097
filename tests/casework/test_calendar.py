from datetime import date

import pytest

from liandun.casework.calendar import (
    Calendar,
    CalendarError,
    Day,
    DayKind,
    Hours,
    Shift,
    office_hours,
    parse_shifts,
    with_announcement,
)

SATURDAY, MONDAY = date(2027, 1, 30), date(2027, 2, 1)


def calendar(*days, settled=(), hours=None, zone="Asia/Shanghai"):
    return Calendar("own", 1, days, frozenset(settled), hours or office_hours(), zone)


def test_shifts_are_read_as_people_write_them():
    assert parse_shifts("13:30-18:00，09:00 - 12:00") == (Shift(32400, 43200), Shift(48600, 64800))
    assert parse_shifts("22:00-24:00") == (Shift(79200, 86400),)
    assert parse_shifts("") == ()
    assert str(Shift(32400, 86400)) == "09:00-24:00"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nine to five", "write it as 09:00-12:00"),
        ("09:60-12:00", "more than 59 minutes"),
        ("22:00-06:00", "write a shift over midnight as two"),
        ("09:00-25:00", "up to 24:00"),
        ("09:00-12:00, 11:00-13:00", "overlap"),
    ],
)
def test_a_bad_shift_says_what_is_wrong(text, complaint):
    with pytest.raises(CalendarError, match=complaint):
        parse_shifts(text)


def test_a_day_without_a_row_follows_the_week():
    assert calendar().shifts_on(MONDAY) == parse_shifts("09:00-12:00, 13:30-18:00")
    assert not calendar().is_work(SATURDAY)


def test_a_make_up_saturday_is_worked_as_an_ordinary_day():
    assert calendar(Day(SATURDAY, DayKind.WORK)).shifts_on(SATURDAY) == calendar().shifts_on(MONDAY)


def test_a_half_day_ends_with_the_first_shift():
    assert calendar(Day(MONDAY, DayKind.HALF)).shifts_on(MONDAY) == parse_shifts("09:00-12:00")


def test_a_day_may_have_hours_of_its_own():
    own = parse_shifts("10:00-11:00")
    assert calendar(Day(MONDAY, DayKind.WORK, shifts=own)).shifts_on(MONDAY) == own
    assert not calendar(Day(MONDAY, DayKind.REST, shifts=own)).is_work(MONDAY)


def test_a_year_without_its_announcement_is_provisional():
    known = calendar(settled=(2025, 2026))
    assert not known.is_provisional(date(2025, 1, 1), date(2026, 12, 31))
    assert known.is_provisional(date(2026, 12, 31), date(2027, 1, 1))


def test_an_announcement_replaces_what_was_foretold():
    foretold = calendar(
        Day(MONDAY, DayKind.REST, provisional=True), Day(SATURDAY, DayKind.REST, "anniversary"), settled=(2026,)
    )
    known = with_announcement(foretold, [Day(SATURDAY, DayKind.WORK)], settles=[2027])
    assert known.days == (Day(SATURDAY, DayKind.WORK),)
    assert known.version == 2
    assert known.settled == {2026, 2027}


def test_days_of_our_own_leave_the_year_provisional():
    changed = with_announcement(calendar(Day(MONDAY, DayKind.REST, provisional=True)), [Day(SATURDAY, DayKind.WORK)])
    assert [day.on for day in changed.days] == [SATURDAY, MONDAY]
    assert changed.is_provisional(MONDAY, MONDAY)


def test_a_calendar_that_makes_no_sense_is_refused():
    day = Day(MONDAY, DayKind.REST)
    with pytest.raises(CalendarError, match="2027-02-01 stands in it twice"):
        calendar(day, day)
    with pytest.raises(CalendarError, match="no time zone is called 'Mars/Base'"):
        calendar(zone="Mars/Base")
    with pytest.raises(CalendarError, match="instead of 7"):
        Hours(((),), (Shift(0, 1),), (Shift(0, 1),))
    with pytest.raises(CalendarError, match="would never come"):
        Hours(((),) * 7, (), ())
