from datetime import date, timedelta
from importlib.resources import files

from holidays import country_holidays

from liandun.casework.announcements import china
from liandun.casework.seed import china_csv


def test_every_day_agrees_with_the_package_that_it_came_from():
    official, ours = country_holidays("CN", years=range(2010, 2027)), china()
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(6209)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if ours.is_work(day) != official.is_working_day(day)] == []


def test_the_shipped_file_is_what_the_command_writes():
    shipped = files("liandun.casework").joinpath("china.csv").read_text(encoding="utf-8")
    assert china_csv(2026, date(2026, 11, 22)) == shipped
