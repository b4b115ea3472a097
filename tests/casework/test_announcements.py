from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liandun.casework
from liandun.casework.announcements import Reason, china, read_announcement
from liandun.casework.calendar import CalendarError, DayKind, parse_shifts, with_announcement

EVENTS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270205
DTEND;VALUE=DATE:20270212
SUMMARY:春节（休）
BEGIN:VALARM
SUMMARY:提醒上班
DTSTART:20200101T000000Z
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270130
SUMMARY:春节调休\\, 周六上
 班
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270214
SUMMARY:Make-up
X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY
END:VEVENT
END:VCALENDAR
"""


def event(*lines):
    return "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", "")).encode()


def refusals(receipt):
    return [(receipt.place(row), row.reason) for row in receipt.refused]


def test_the_shipped_years_are_settled_but_for_the_last():
    calendar = china()
    assert calendar.settled == set(range(2010, 2027))
    assert {day.on.year for day in calendar.days if day.provisional} == {2027}
    assert all(day.source and day.name for day in calendar.days)
    assert sum(day.kind is DayKind.WORK and day.on.year == 2026 for day in calendar.days) == 6


def test_a_table_is_read_with_a_receipt_per_row():
    text = "日期,类型,名称,班次\n2027-01-30,班,调休,09:00-12:00\n\n2027/2/5,休,春节,\n20270206,rest,,\n"
    receipt = read_announcement("own.csv", text.encode("gb18030"), source="2027 announcement")
    assert [(row.line, row.days[0].on.day, row.days[0].kind.value) for row in receipt.rows] == [
        (2, 30, "work"), (4, 5, "rest"), (5, 6, "rest"),
    ]  # fmt: skip
    assert receipt.days[0].shifts == parse_shifts("09:00-12:00")
    assert {day.source for day in receipt.days} == {"2027 announcement"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2027-02-30,rest,,", Reason.NO_DATE),
        ("soon,rest,,", Reason.NO_DATE),
        ("2027-02/03,rest,,", Reason.NO_DATE),
        ("1066-10-14,rest,,", Reason.OUT_OF_RANGE),
        ("2027-02-03,perhaps,,", Reason.NO_KIND),
        ("2027-02-03", Reason.NO_KIND),
        ("2027-02-03,rest,maybe,", Reason.NO_TRUTH),
        ("2027-02-03,work,,late", Reason.NO_SHIFTS),
        ("2027-02-03,rest,,09:00-12:00", Reason.NO_SHIFTS),
        ("2027-02-01,work,,", Reason.TWICE),
        ("2027-02-03,rest,no,,too,much", Reason.COLUMNS),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_the_rest_is_taken(row, reason):
    text = f"date,kind,provisional,shifts\n2027-02-01,rest,yes,\n{row}\n2027-02-02,half,,\n"
    receipt = read_announcement("own.csv", text.encode())
    assert refusals(receipt) == [("own.csv:3", reason)]
    assert [day.on.day for day in receipt.days] == [1, 2]


def test_events_of_several_days_and_folded_titles_are_read():
    receipt = read_announcement("2027.ics", EVENTS.encode())
    assert refusals(receipt) == []
    assert [row.line for row in receipt.rows] == [3, 12, 17]
    assert [day.on for day in receipt.rows[0].days] == [date(2027, 2, day) for day in range(5, 12)]
    assert {day.kind for day in receipt.rows[0].days} == {DayKind.REST}
    assert [(day.on, day.kind, day.name) for day in receipt.days[7:]] == [
        (date(2027, 1, 30), DayKind.WORK, "春节调休, 周六上班"),
        (date(2027, 2, 14), DayKind.WORK, "Make-up"),
    ]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["DTSTART:20270205T090000Z", "SUMMARY:春节（休）"], Reason.NOT_ALL_DAY),
        (["SUMMARY:春节（休）"], Reason.NO_DATE),
        (["DTSTART:20270205", "DTEND:20270205", "SUMMARY:休"], Reason.WRONG_END),
        (["DTSTART:20270205", "DTEND:20280205", "SUMMARY:休"], Reason.WRONG_END),
        (["DTSTART:20270205", "RRULE:FREQ=YEARLY", "SUMMARY:休"], Reason.REPEATS),
        (["DTSTART:20270205", "STATUS:CANCELLED", "SUMMARY:休"], Reason.CANCELLED),
        (["DTSTART:20270204", "SUMMARY:立春"], Reason.NO_MARK),
    ],
)
def test_an_event_that_is_no_day_is_refused_with_its_place(lines, reason):
    assert refusals(read_announcement("own.ics", event(*lines))) == [("own.ics:2", reason)]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("国庆节 假期", DayKind.REST),
        ("休息日上班", DayKind.WORK),
        ("Half-day before New Year", DayKind.HALF),
        ("元旦前半天", DayKind.HALF),
        ("Labour Day holiday", DayKind.REST),
        ("Workday", DayKind.WORK),
    ],
)
def test_a_title_says_what_the_day_is(title, kind):
    assert read_announcement("a.ics", event("DTSTART:20270205", f"SUMMARY:{title}")).days[0].kind is kind


def test_a_title_without_a_mark_means_what_the_reader_was_told():
    content = event("DTSTART:20270205", "SUMMARY:Spring Festival")
    assert read_announcement("a.ics", content, plain=DayKind.REST).days[0].kind is DayKind.REST


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("a.xlsx", b"", "neither .csv nor .ics"),
        ("a.csv", b"\xff\xff\xff", "neither UTF-8 nor GB 18030"),
        ("a.csv", b"", "a.csv:1 has no column date and no kind"),
        ("a.csv", b'date,kind\n2027-01-01,"rest\n', "is not CSV"),
        ("a.ics", b"hello", "does not begin with BEGIN:VCALENDAR"),
        ("a.ics", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270101\n", "a.ics:2 begins an event that never ends"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(file, content, complaint):
    with pytest.raises(CalendarError, match=complaint):
        read_announcement(file, content)


@given(st.sampled_from(["a.csv", "a.ics"]), st.text(max_size=200), st.binary(max_size=60))
def test_no_file_breaks_the_reader(file, text, junk):
    head = b"date,kind\n" if file == "a.csv" else b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
    for content in (head + text.encode(), head + junk, text.encode()):
        try:
            receipt = read_announcement(file, content)
        except CalendarError:
            continue
        assert all(bool(row.days) != bool(row.reason) for row in receipt.rows)


def test_a_shipped_year_can_be_imported_again_without_a_change():
    content = Path(liandun.casework.__file__).with_name("china.csv").read_bytes()
    again = with_announcement(china(), read_announcement("china.csv", content).days)
    assert again.days == china().days
