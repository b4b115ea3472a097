from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from liandun.casework.announcements import china
from liandun.casework.calendar import Day, DayKind, with_announcement
from liandun.casework.clocks import (
    Basis,
    ClockError,
    Event,
    Step,
    Term,
    Unit,
    fire,
    firings,
    meet,
    next_due,
    pause,
    recount,
    restart,
    resume,
    start,
)
from liandun.casework.timetable import Timetable

OFFICE = Timetable(china())
ZONE = ZoneInfo("Asia/Shanghai")
NOTICED = Timetable(
    with_announcement(
        china(), [Day(date(2027, 1, 1), DayKind.REST), Day(date(2027, 1, 2), DayKind.WORK)], settles=[2027]
    )
)
STEPS = (Step(0, "lead"), Step(3600, "head"), Step(7200, "regional-company"))
HOUR = timedelta(hours=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = at("2026-03-02 10:00")


def term(unit=Unit.ELAPSED_S, amount=4 * 3600, basis=Basis.INTERNAL, **more):
    return Term("ack", basis, unit, amount, "china", **{"pause_reasons": ("customer",) * (basis != "statutory")} | more)


def marks(found):
    return [firing.mark for firing in found]


@pytest.mark.parametrize(
    ("unit", "amount", "due"),
    [
        (Unit.ELAPSED_S, 3600, "2026-02-13 18:30"),
        (Unit.WORKING_S, 3600, "2026-02-14 09:30"),
        (Unit.WORKING_DAYS, 7, "2026-03-02 18:00"),
        (Unit.CALENDAR_DAYS, 15, "2026-03-01 00:00"),
    ],
)
def test_each_unit_is_due_when_it_should_be(unit, amount, due):
    clock = start(term(unit, amount), OFFICE, at("2026-02-13 17:30"))
    assert clock.due_at == at(due)
    assert next_due(clock) == clock.due_at


def test_what_is_due_goes_off_once_and_in_order_after_an_arbitrarily_long_stop():
    clock = start(term(warn_before_s=(3600, 7200)), OFFICE, MONDAY, steps=STEPS)
    clock, found = fire(clock, MONDAY + timedelta(days=4000))
    assert marks(found) == ["warning:7200", "warning:3600", "breach", "step:0", "step:1", "step:2"]
    assert [firing.at for firing in found] == sorted(firing.at for firing in found)
    assert [firing.to for firing in found if firing.event is Event.STEP] == ["lead", "head", "regional-company"]
    assert clock.breached_at == MONDAY + 4 * HOUR
    assert fire(clock, MONDAY + timedelta(days=9000)) == (clock, ())
    assert next_due(clock) is None


def test_warnings_and_steps_of_working_terms_keep_office_hours():
    clock = start(term(Unit.WORKING_S, 3600, warn_before_s=(7200,)), OFFICE, at("2026-03-02 17:30"), steps=STEPS)
    assert clock.warn_at == (at("2026-03-02 17:30"),)
    assert clock.due_at == at("2026-03-03 09:30")
    late = start(term(Unit.WORKING_DAYS, 1, warn_before_s=(6 * 3600,)), OFFICE, at("2026-03-05 17:30"), steps=STEPS)
    assert late.warn_at == (at("2026-03-06 10:30"),)
    assert late.step_at == (at("2026-03-06 18:00"), at("2026-03-09 10:00"), at("2026-03-09 11:00"))


def test_what_is_met_in_time_sets_nothing_off():
    clock = meet(start(term(warn_before_s=(3600,)), OFFICE, MONDAY), MONDAY + 2 * HOUR)
    assert firings(clock, MONDAY + timedelta(days=1)) == ()
    assert clock.breached_at is None
    assert meet(clock, MONDAY + 9 * HOUR) == clock


def test_what_is_met_exactly_when_due_is_in_time():
    clock = meet(start(term(), OFFICE, MONDAY), MONDAY + 4 * HOUR)
    assert (clock.breached_at, firings(clock, MONDAY + 5 * HOUR)) == (None, ())


def test_what_was_due_before_it_was_met_still_goes_off():
    clock = meet(start(term(warn_before_s=(3600,)), OFFICE, MONDAY, steps=STEPS), MONDAY + 4.5 * HOUR)
    assert clock.breached_at == MONDAY + 4 * HOUR
    assert marks(firings(clock, MONDAY + timedelta(days=1))) == ["warning:3600", "breach", "step:0"]


def test_a_pause_moves_the_due_time_by_the_time_it_lasted():
    clock = pause(start(term(warn_before_s=(3600,)), OFFICE, MONDAY), "customer", MONDAY + HOUR)
    assert next_due(clock) is None
    clock = resume(clock, OFFICE, MONDAY + 50 * HOUR)
    assert clock.due_at == MONDAY + 53 * HOUR
    assert clock.warn_at == (MONDAY + 52 * HOUR,)


def test_a_pause_over_a_week_end_costs_working_terms_nothing():
    friday = at("2026-03-06 15:00")
    clock = start(term(Unit.WORKING_S, 5 * 3600), OFFICE, friday)
    paused = pause(clock, "customer", at("2026-03-06 19:00"))
    assert resume(paused, OFFICE, at("2026-03-09 08:00")).due_at == clock.due_at
    assert resume(paused, OFFICE, at("2026-03-09 10:00")).due_at == at("2026-03-09 12:00")


def test_a_warning_that_has_gone_off_does_not_come_again_after_a_pause():
    clock, found = fire(start(term(warn_before_s=(10_800,)), OFFICE, MONDAY), MONDAY + 2 * HOUR)
    assert marks(found) == ["warning:10800"]
    clock = resume(pause(clock, "customer", MONDAY + 2 * HOUR), OFFICE, MONDAY + 10 * HOUR)
    assert marks(firings(clock, MONDAY + 20 * HOUR)) == ["breach"]


def test_a_clock_that_is_met_while_paused_is_not_late():
    clock = pause(start(term(warn_before_s=(3 * 3600 + 1800,)), OFFICE, MONDAY), "customer", MONDAY + HOUR)
    clock = meet(clock, MONDAY + 100 * HOUR)
    assert clock.breached_at is None
    assert marks(firings(clock, MONDAY + 200 * HOUR)) == ["warning:12600"]


def test_restart_begins_anew_with_the_frozen_steps():
    old, _ = fire(start(term(), OFFICE, MONDAY, steps=STEPS), MONDAY + 9 * HOUR)
    new = restart(old, OFFICE, MONDAY + 10 * HOUR)
    assert new == start(term(), OFFICE, MONDAY + 10 * HOUR, steps=STEPS)
    assert restart(old, OFFICE, MONDAY + 10 * HOUR, steps=STEPS[:1]).steps == STEPS[:1]


def statutory():
    return start(term(basis=Basis.STATUTORY), OFFICE, MONDAY)


def paused_clock():
    return pause(start(term(), OFFICE, MONDAY), "customer", MONDAY + HOUR)


@pytest.mark.parametrize(
    ("deed", "complaint"),
    [
        (lambda: term(amount=0), "at least 1"),
        (lambda: term(basis=Basis.STATUTORY, pause_reasons=("customer",)), "never pauses; drop"),
        (lambda: term(warn_before_s=(5, 5)), "each at another distance"),
        (lambda: term(warn_before_s=(-5,)), "before the due time"),
        (lambda: start(replace(term(), calendar="shop"), OFFICE, MONDAY), "follows calendar shop, not china"),
        (lambda: start(term(), OFFICE, MONDAY, steps=STEPS[::-1]), "must come in order"),
        (lambda: start(term(), OFFICE, MONDAY.replace(tzinfo=None)), "no time zone"),
        (lambda: pause(statutory(), "customer", MONDAY), "statutory clock never pauses"),
        (lambda: pause(start(term(), OFFICE, MONDAY), "lunch", MONDAY), "'lunch', only for customer"),
        (lambda: pause(start(term(), OFFICE, MONDAY), "customer", MONDAY + 4 * HOUR), "past its due time"),
        (lambda: pause(meet(start(term(), OFFICE, MONDAY), MONDAY), "customer", MONDAY), "is met or past"),
        (lambda: pause(paused_clock(), "customer", MONDAY + 2 * HOUR), "paused already"),
        (lambda: pause(start(term(), OFFICE, MONDAY), "customer", MONDAY - HOUR), "lies before"),
        (lambda: resume(paused_clock(), OFFICE, MONDAY), "lies before"),
        (lambda: resume(statutory(), OFFICE, MONDAY), "is not paused"),
        (lambda: resume(meet(paused_clock(), MONDAY + HOUR), OFFICE, MONDAY + HOUR), "is not paused"),
        (lambda: resume(paused_clock(), NOTICED, MONDAY + HOUR), "recount it"),
        (lambda: meet(statutory(), MONDAY - HOUR), "lies before"),
        (lambda: restart(statutory(), OFFICE, MONDAY + HOUR), "meet it first"),
        (lambda: recount(start(term(), NOTICED, MONDAY), OFFICE), "can't replace it"),
    ],
)
def test_what_a_clock_cannot_do_says_why(deed, complaint):
    with pytest.raises(ClockError, match=complaint):
        deed()


DECEMBER = at("2026-12-30 10:00")


def test_an_announcement_moves_open_clocks_and_says_so():
    clock = start(term(Unit.WORKING_DAYS, 3, warn_before_s=(3600,)), OFFICE, DECEMBER, steps=STEPS)
    assert (clock.due_at, clock.is_provisional) == (at("2027-01-05 18:00"), True)
    found = recount(clock, NOTICED)
    assert found.has_moved
    assert (found.was_due_at, found.clock.due_at) == (at("2027-01-05 18:00"), at("2027-01-04 18:00"))
    assert found.clock == start(clock.term, NOTICED, DECEMBER, steps=STEPS)
    assert not found.clock.is_provisional


def test_an_announcement_leaves_alone_what_does_not_follow_working_time():
    clock = start(term(Unit.CALENDAR_DAYS, 5), OFFICE, DECEMBER)
    found = recount(clock, NOTICED)
    assert not found.has_moved
    assert found.clock == replace(clock, calendar_version=2)
    assert not clock.is_provisional


def test_an_announcement_does_not_touch_what_is_met_or_breached():
    clock = start(term(Unit.WORKING_DAYS, 3), OFFICE, DECEMBER)
    for done in (meet(clock, DECEMBER + HOUR), fire(clock, clock.due_at)[0]):
        assert recount(done, NOTICED).clock == done


def test_pauses_count_again_on_the_new_calendar():
    clock = pause(start(term(Unit.WORKING_S, 36_000), OFFICE, DECEMBER), "customer", at("2026-12-31 10:00"))
    clock = resume(recount(clock, OFFICE).clock, OFFICE, at("2027-01-04 10:00"))
    found = recount(clock, NOTICED)
    assert OFFICE.worked_between(clock.started_at, clock.due_at) == timedelta(seconds=36_000 + 27_000)
    assert NOTICED.worked_between(clock.started_at, found.clock.due_at) == timedelta(seconds=36_000 + 2 * 27_000)


@given(
    st.sampled_from([Unit.WORKING_S, Unit.ELAPSED_S]),
    st.integers(1, 200_000),
    st.lists(st.integers(0, 300_000), min_size=2, max_size=8),
)
def test_time_that_ran_is_the_amount_whatever_the_pauses(unit, amount, gaps):
    clock, now, stood = start(term(unit, amount), OFFICE, DECEMBER), DECEMBER, timedelta(0)
    length = OFFICE.worked_between if unit is Unit.WORKING_S else lambda a, b: b - a
    for running, still in zip(gaps[::2], gaps[1::2], strict=False):
        since = now + timedelta(seconds=running)
        if since >= clock.due_at:
            break
        now = since + timedelta(seconds=still)
        clock = resume(pause(clock, "customer", since), OFFICE, now)
        stood += length(since, now)
    assert length(clock.started_at, clock.due_at) - stood == timedelta(seconds=amount)


class OneClock(RuleBasedStateMachine):
    """Whatever happens and however rarely anybody looks, nothing goes off twice, too early or out of order."""

    def __init__(self):
        super().__init__()
        self.now = MONDAY
        warned = term(Unit.WORKING_S, 40_000, warn_before_s=(20_000, 3600))
        self.clock = start(warned, OFFICE, MONDAY, steps=STEPS)
        self.seen = []

    @rule(seconds=st.integers(0, 90_000))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def look(self):
        expected = next_due(self.clock)
        self.clock, found = fire(self.clock, self.now)
        assert bool(found) == (expected is not None and expected <= self.now)
        assert all(firing.at <= self.now for firing in found)
        self.seen += found

    @precondition(lambda self: self.clock.is_open and not self.clock.paused and self.now < self.clock.due_at)
    @rule()
    def stop(self):
        self.clock = pause(self.clock, "customer", self.now)

    @precondition(lambda self: self.clock.paused and not self.clock.met_at)
    @rule()
    def go_on(self):
        self.clock = resume(self.clock, OFFICE, self.now)

    @rule()
    def finish(self):
        self.clock = meet(self.clock, self.now)

    @invariant()
    def all_once_and_in_order(self):
        names = marks(self.seen)
        order = ["warning:20000", "warning:3600", "breach", "step:0", "step:1", "step:2"]
        assert names == [name for name in order if name in names]
        assert self.clock.fired == set(names)

    @invariant()
    def breach_is_what_was_missed(self):
        if self.clock.met_at:
            in_time = self.clock.met_at <= self.clock.due_at or self.clock.paused is not None
            assert (self.clock.breached_at is None) == in_time

    def teardown(self):
        self.now += timedelta(days=5000)
        self.look()
        assert self.clock.met_at or self.clock.paused or len(self.seen) == 6
        assert all(firing.at.tzinfo is UTC for firing in self.seen)


TestOneClock = OneClock.TestCase
