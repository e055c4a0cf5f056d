"""Working days: tables for the odd days, laws for all the others."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau import workdays
from bureau.errors import ConfigError
from bureau.workdays import WorkCalendar, Year, statutory_days

PROJECT = Path(__file__).parents[2]
CALENDAR = WorkCalendar()
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
COUNTS = st.integers(0, 40)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2026, 10, 5), False, id="长假不计"),
        pytest.param(date(2026, 10, 10), True, id="调休的周六要计"),
        pytest.param(date(2026, 9, 20), True, id="调休的周日要计"),
        pytest.param(date(2026, 11, 28), False, id="普通周六不计"),
        pytest.param(date(2027, 2, 8), False, id="没有通知的年份减去春节"),
        pytest.param(date(2027, 1, 1), False, id="没有通知的年份减去元旦"),
        pytest.param(date(2027, 3, 3), True, id="没有通知的年份照周一至周五"),
    ],
)
def test_each_kind_of_day(day: date, works: bool) -> None:
    assert CALENDAR.is_workday(day) is works


@given(DAYS, COUNTS)
def test_exactly_n_working_days_lie_between_receipt_and_due(day: date, count: int) -> None:
    due = CALENDAR.after(day, count).day

    assert CALENDAR.between(day, due) == count
    assert count == 0 or CALENDAR.is_workday(due)


@given(DAYS, COUNTS)
def test_before_undoes_after(day: date, count: int) -> None:
    due = CALENDAR.after(day, count).day

    assert CALENDAR.between(CALENDAR.before(due, count), due) == count


@given(DAYS, COUNTS, st.integers(0, 30))
def test_a_later_receipt_never_gives_an_earlier_due_date(day: date, count: int, later: int) -> None:
    assert CALENDAR.after(day + timedelta(later), count).day >= CALENDAR.after(day, count).day


@given(DAYS, DAYS)
def test_counting_is_additive_and_signed(start: date, end: date) -> None:
    middle = start + (end - start) // 2

    assert CALENDAR.between(start, end) == -CALENDAR.between(end, start)
    if start <= end:
        assert CALENDAR.between(start, middle) + CALENDAR.between(middle, end) == CALENDAR.between(start, end)


def test_only_dates_that_touch_an_unknown_year_are_provisional() -> None:
    assert not CALENDAR.after(date(2026, 12, 1), 15).provisional
    assert CALENDAR.after(date(2026, 12, 20), 15).provisional
    known = CALENDAR.with_year(2027, Year(frozenset({date(2027, 1, 1)}), frozenset()))
    assert not known.after(date(2026, 12, 20), 15).provisional


def test_our_file_of_2026_says_what_the_package_says() -> None:
    year = workdays.read_year(PROJECT / "content/workdays/2026.toml")
    days = [date(2026, 1, 1) + timedelta(number) for number in range(365)]

    assert [day for day in days if year.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_unknown_years_have_the_thirteen_statutory_days() -> None:
    assert len(statutory_days(2027)) == 13
    assert {date(2027, 2, 5), date(2027, 2, 6), date(2027, 2, 8)} <= statutory_days(2027)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("2027.toml", 'off = ["2027-01-01"]', "缺少 source"),
        ("2027.toml", 'source = "通知"\noff = ["2026-01-01"]', "不是 2027 年"),
        ("2027.toml", 'source = "通知"\noff = ["1月1日"]', "日期应写成"),
        ("2027.toml", 'source = "通知"\nof = []', "不认识的键 of"),
        ("2027.toml", 'source = "通知"\noff = [2027-01-01]\non = [2027-01-01]', "既写成放假又写成上班"),
        ("明年.toml", 'source = "通知"', "文件名应为年份"),
        ("2027.toml", "source = ", "读不了"),
    ],
)
def test_a_bad_file_is_told_by_name(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=told) as error:
        workdays.load(tmp_path)
    assert name in str(error.value)
