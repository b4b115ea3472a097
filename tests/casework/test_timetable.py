import csv
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liandun.casework
from liandun.casework.announcements import china
from liandun.casework.calendar import Calendar, CalendarError, Day, DayKind, Hours, office_hours, parse_shifts
from liandun.casework.timetable import Timetable

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2010, 1, 1), date(2026, 12, 31)
SHIFTS = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))  # minutes of the day
OFFICE = Timetable(china())
SECOND = timedelta(seconds=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def worked_dates():
    """By the shipped file and nothing else of ours."""
    file = Path(liandun.casework.__file__).with_name("china.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    kinds = {date.fromisoformat(row["date"]): row["kind"] for row in rows}
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    return [day for day in days if kinds.get(day, "rest" if day.weekday() > 4 else "work") == "work"]


@pytest.fixture(scope="module")
def minutes():
    """Of each minute of 2010-2026 on the office's wall: how many were worked up to its end."""
    worked = np.zeros(((LAST - FIRST).days + 1, 1440), bool)
    for day in worked_dates():
        for start, end in SHIFTS:
            worked[(day - FIRST).days, start:end] = True
    return np.cumsum(worked.ravel())


WORKED = worked_dates()
MOMENTS = st.integers(0, ((LAST - FIRST).days - 400) * 86_400).map(
    lambda second: datetime.combine(FIRST, time(0), ZONE) + second * SECOND
)
EDGES = st.sampled_from([on for year in range(2010, 2026) for on in (date(year, 12, 31), date(year, 2, 28))]).flatmap(
    lambda on: st.integers(-3 * 86_400, 6 * 86_400).map(lambda s: datetime.combine(on, time(0), ZONE) + s * SECOND)
)
AMOUNTS = st.one_of(st.integers(1, 4 * 3600), st.integers(1, 400_000), st.sampled_from([10_800, 16_200, 27_000]))


def test_the_published_example_counts_both_worked_saturdays():
    assert OFFICE.add_working_days(at("2026-02-13 10:00"), 7) == at("2026-03-02 18:00")
    assert OFFICE.local_date(OFFICE.add_working_days(at("2026-02-13 23:59"), 7)) == date(2026, 3, 2)


def test_working_days_from_every_day_agree_with_walking_day_by_day():
    wrong = []
    for number in range((LAST - FIRST).days - 120):
        on = FIRST + timedelta(days=number)
        first = bisect_right(WORKED, on)
        for days in (1, 2, 5, 7, 15, 45):
            due = OFFICE.add_working_days(datetime.combine(on, time(11, 30), ZONE), days)
            if due != datetime.combine(WORKED[first + days - 1], time(18), ZONE):
                wrong.append((on, days, due))
    assert wrong == []


def test_due_times_agree_with_counting_every_minute(minutes):
    chosen = np.random.default_rng(7)
    wrong = []
    starts, amounts = chosen.integers(1, len(minutes) - 600_000, 4000), chosen.integers(1, 30_000, 4000)
    for start, amount in zip(starts, amounts, strict=True):
        due = int(np.searchsorted(minutes, minutes[start - 1] + amount))
        moment = datetime.combine(FIRST, time(0), ZONE) + timedelta(minutes=int(start))
        found = OFFICE.add_working(moment, int(amount) * 60)
        if found != datetime.combine(FIRST, time(0), ZONE) + timedelta(minutes=due + 1):
            wrong.append((moment, int(amount), found))
    assert wrong == []


@given(MOMENTS | EDGES, st.integers(1, 40_000))
def test_a_due_time_is_where_a_second_hand_that_stops_at_rest_arrives(start, amount):
    start, worked, left = start.astimezone(ZONE).replace(microsecond=0), set(WORKED), amount
    wall = start.replace(tzinfo=None)
    while left:
        minute = wall.hour * 60 + wall.minute
        left -= wall.date() in worked and any(a <= minute < b for a, b in SHIFTS)
        wall += SECOND
    assert OFFICE.add_working(start, amount) == wall.replace(tzinfo=ZONE)


@given(MOMENTS | EDGES, AMOUNTS)
def test_between_takes_back_what_add_gives(start, amount):
    due = OFFICE.add_working(start, amount)
    assert OFFICE.worked_between(start, due) == amount * SECOND
    assert OFFICE.worked_between(due, start) == -amount * SECOND
    assert OFFICE.worked_between(start, due - timedelta(microseconds=1)) < amount * SECOND


@given(MOMENTS | EDGES, AMOUNTS)
def test_going_back_finds_the_latest_time_that_is_far_enough(end, amount):
    start = OFFICE.add_working(end, -amount)
    assert OFFICE.worked_between(start, end) == amount * SECOND
    assert OFFICE.worked_between(start + timedelta(microseconds=1), end) < amount * SECOND


@given(MOMENTS | EDGES, st.integers(0, 10**6), AMOUNTS, AMOUNTS)
def test_who_comes_later_or_has_longer_is_never_due_earlier(start, wait, amount, more):
    due = OFFICE.add_working(start, amount)
    assert OFFICE.add_working(start + wait * SECOND, amount) >= due
    assert OFFICE.add_working(start, amount + more) == OFFICE.add_working(due, more) > due


@given(MOMENTS | EDGES, st.integers(1, 60))
def test_working_days_between_takes_back_what_add_gives(start, days):
    due = OFFICE.add_working_days(start, days)
    assert OFFICE.working_days_between(start, due) == days
    assert OFFICE.working_days_between(due, start) == -days


@given(MOMENTS, st.integers(0, 10**12))
def test_parts_of_a_second_are_kept(start, micros):
    length = timedelta(microseconds=micros % 10**9 + 1)
    assert OFFICE.worked_between(start, OFFICE.add_work(start, length)) == length


def test_a_term_that_ends_with_a_shift_does_not_wait_for_the_next():
    assert OFFICE.add_working(at("2026-03-02 09:00"), 3 * 3600) == at("2026-03-02 12:00")
    assert OFFICE.add_working(at("2026-03-02 12:30"), 1) == at("2026-03-02 13:30:01")
    assert OFFICE.add_working(at("2026-03-02 02:00"), 0) == at("2026-03-02 02:00")


def test_calendar_days_end_at_midnight_also_on_a_leap_day():
    assert OFFICE.add_calendar_days(at("2024-02-14 08:00"), 15) == at("2024-03-01 00:00")
    assert OFFICE.add_calendar_days(at("2023-12-31 23:59"), 1) == at("2024-01-02 00:00")


def test_answers_are_in_utc():
    for moment in (
        OFFICE.add_working(at("2026-03-02 09:00"), 60),
        OFFICE.add_working(at("2026-03-02 09:00"), 0),
        OFFICE.add_working_days(at("2026-03-02 09:00"), 1),
        OFFICE.add_calendar_days(at("2026-03-02 09:00"), 1),
    ):
        assert moment.tzinfo is UTC


@pytest.mark.parametrize("year", [1972, 1999, 2009, 2028, 2050, 2090])
def test_a_year_without_data_counts_from_monday_to_friday(year):
    office = Timetable(china())
    start = datetime(year, 6, 1, 3, tzinfo=UTC)
    due = office.add_working_days(start, 10)
    assert due - start >= timedelta(days=13)
    assert office.add_working(due, -75 * 3600 // 2) < due
    assert office.is_provisional(start, due)


def test_a_term_may_begin_and_end_far_from_the_data():
    office = Timetable(china())
    start = datetime(1980, 1, 2, 2, tzinfo=UTC)
    due = office.add_working(start, 8 * 10**8)
    assert due.year > 2090
    assert office.worked_between(start, due) == 8 * 10**8 * SECOND
    assert Timetable(china()).add_working(due, -8 * 10**8) == start


def test_the_first_and_last_settled_days_are_not_provisional():
    assert not OFFICE.is_provisional(at("2010-01-01 00:00"), at("2026-12-31 23:59"))
    assert OFFICE.is_provisional(at("2026-12-31 12:00"), at("2027-01-01 00:00"))
    assert OFFICE.is_provisional(at("2009-12-31 12:00"), at("2010-01-04 00:00"))


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        (lambda: OFFICE.add_working(at("2026-01-05 09:00").replace(tzinfo=None), 1), "no time zone"),
        (lambda: OFFICE.add_working(datetime(1066, 1, 1, tzinfo=UTC), 1), "1066 lies outside"),
        (lambda: Timetable(china()).add_working(at("2026-01-05 09:00"), 10**11), "leads outside 1970-2100"),
        (lambda: Timetable(china()).add_working(at("2026-01-05 09:00"), -(10**11)), "leads outside 1970-2100"),
        (lambda: Timetable(china()).add_working_days(at("2026-01-05 09:00"), 10**6), "leads outside 1970-2100"),
        (lambda: OFFICE.add_working_days(at("2026-01-05 09:00"), 0), "at least 1"),
        (lambda: OFFICE.add_calendar_days(at("2026-01-05 09:00"), 0), "at least 1"),
        (lambda: Timetable(china()).add_calendar_days(at("2026-01-05 09:00"), 10**9), "leads outside"),
    ],
)
def test_a_question_without_an_answer_says_why(question, complaint):
    with pytest.raises(CalendarError, match=complaint):
        question()


def test_a_calendar_on_which_nobody_ever_works_says_so():
    hours = Hours(((),) * 7, parse_shifts("09:00-12:00"), parse_shifts("09:00-12:00"))
    with pytest.raises(CalendarError, match="leads outside"):
        Timetable(Calendar("idle", 1, (), frozenset(), hours)).add_working(at("2026-01-05 09:00"), 1)


def test_each_weekday_may_have_its_own_shifts():
    long, short = parse_shifts("08:00-12:00, 13:00-17:00, 18:00-20:00"), parse_shifts("10:00-11:00")
    shop = Timetable(Calendar("shop", 1, (), frozenset(), Hours((long, *(short,) * 6), short, short)))
    assert shop.add_working(at("2026-03-01 10:30"), 30 * 60 + 9 * 3600) == at("2026-03-02 19:00")
    assert shop.add_working_days(at("2026-03-01 10:30"), 2) == at("2026-03-03 11:00")


def test_a_half_day_counts_as_a_working_day_and_ends_at_noon():
    half = Calendar("half", 1, (Day(date(2026, 3, 3), DayKind.HALF),), frozenset(), office_hours())
    assert Timetable(half).add_working_days(at("2026-03-02 10:00"), 1) == at("2026-03-03 12:00")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])
def test_shifts_follow_the_wall_where_clocks_change(zone):
    day = parse_shifts("00:00-02:15, 02:15-02:45, 02:45-08:00, 20:00-24:00")
    night = Timetable(Calendar("night", 1, (), frozenset({2011, 2026}), Hours((day,) * 7, day, day), zone))
    start = datetime(2011, 1, 1, tzinfo=UTC)
    hours = [night.worked_between(start, start + timedelta(hours=n)) for n in range(0, 24 * 366 * 2)]
    steps = [later - earlier for earlier, later in pairwise(hours)]
    assert all(timedelta(0) <= step <= timedelta(hours=1) for step in steps)
    assert night.add_working(start, 10**6) > start
