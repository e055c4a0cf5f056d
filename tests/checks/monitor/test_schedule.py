"""Periods, due days, missed runs, forecasts and departments' shares."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau import config as site_config
from bureau.errors import ConfigError
from bureau.workdays import WorkCalendar
from checks.built_site import ChannelRow, Page
from checks.monitor.departments import shares
from checks.monitor.forecast import as_ics, forecast
from checks.monitor.schedule import (
    DAILY,
    MONTHLY,
    WEEKLY,
    annual,
    current_quarter,
    kept,
    month,
    quarter,
)

CONFIG = site_config.load(Path(__file__).parents[3] / "site.toml")
CONTRACT, WORKDAYS = CONFIG.contract, WorkCalendar()
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("name", "first", "last", "due"),
    [
        pytest.param("2026-11", "2026-10-25", "2026-11-24", "2026-11-25", id="25日是工作日"),
        pytest.param("2026-10", "2026-09-25", "2026-10-24", "2026-10-23", id="25日是星期日，提前到星期五"),
        pytest.param("2026-09", "2026-08-25", "2026-09-24", "2026-09-24", id="25日是中秋，提前一天"),
        pytest.param("2026-01", "2025-12-25", "2026-01-24", "2026-01-23", id="跨年"),
    ],
)
def test_monthly_periods_and_due_days(name: str, first: str, last: str, due: str) -> None:
    period = month(name, CONTRACT, WORKDAYS)

    assert [f"{day}" for day in (period.first, period.last, period.due)] == [first, last, due]


def test_a_calendar_month_runs_from_its_first_day() -> None:
    period = month("2026-11", replace(CONTRACT, monthly_period="calendar"), WORKDAYS)

    assert (period.first, period.last) == (date(2026, 11, 1), date(2026, 11, 24))


@given(st.integers(2024, 2029), st.integers(1, 12))
def test_months_leave_no_day_out_and_none_twice(year: int, number: int) -> None:
    this = month(f"{year}-{number:02}", CONTRACT, WORKDAYS)
    following = month(f"{year + number // 12}-{number % 12 + 1:02}", CONTRACT, WORKDAYS)

    assert following.first == this.last + timedelta(days=1)
    assert WORKDAYS.is_workday(this.due)
    assert this.due.day <= 25


@pytest.mark.parametrize(
    ("name", "first", "last", "due"),
    [
        pytest.param("2026Q4", "2026-09-01", "2026-11-30", "2026-12-04", id="12月5日是星期六"),
        pytest.param("2026Q1", "2025-12-01", "2026-02-28", "2026-03-05", id="跨年的一季度"),
    ],
)
def test_quarters_cover_the_three_full_months_before(name: str, first: str, last: str, due: str) -> None:
    period = quarter(name, CONTRACT, WORKDAYS)

    assert [f"{day}" for day in (period.first, period.last, period.due)] == [first, last, due]


def test_the_running_quarter_and_year() -> None:
    assert current_quarter(TODAY, CONTRACT) == "2026Q4"
    assert annual("2026").due == date(2027, 1, 31)
    assert annual("2026").is_late(date(2027, 2, 1))


@pytest.mark.parametrize("wrong", ["2026-13", "2026-1", "十一月", "2026-00"])
def test_another_form_of_a_month_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match="月报写成 2026-11"):
        month(wrong, CONTRACT, WORKDAYS)


def test_missed_runs_are_late_when_caught_up_and_open_when_not() -> None:
    first, last = date(2026, 11, 2), date(2026, 11, 6)
    slots = kept(DAILY, [date(2026, 11, 2), date(2026, 11, 5)], first, last)

    assert [(slot.due.day, slot.made and slot.made.day, slot.is_late) for slot in slots] == [
        (2, 2, False),
        (3, 5, True),
        (4, 5, True),
        (5, 5, False),
        (6, None, True),
    ]


def test_weekly_runs_are_due_on_mondays_and_monthly_ones_on_the_first() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 30)

    assert [day.day for day in WEEKLY.slots(first, last)] == [2, 9, 16, 23, 30]
    assert [day.day for day in MONTHLY.slots(first, last)] == [1]


def channel(path: str, days: int, limit: int = 14, **changes: object) -> ChannelRow:
    latest = f"{TODAY - timedelta(days=days)}T09:00:00"
    values: dict[str, object] = {
        "path": path, "name": "交通要闻", "url": f"/{path}/", "kind": "news", "owner": "bgs", "limit_days": limit, "latest": latest,
    }  # fmt: skip
    return ChannelRow(**(values | changes))  # type: ignore[arg-type]


def test_a_channel_is_foretold_a_week_before_it_breaks() -> None:
    rows = [channel("fresh", 7), channel("soon", 8), channel("last-day", 14), channel("over", 20)]
    alarms = forecast([*rows, channel("old", 99, archived=True)], CONFIG, TODAY)

    assert [(alarm.channel, alarm.days_left(TODAY)) for alarm in alarms] == [
        ("over", -5),
        ("last-day", 1),
        ("soon", 7),
    ]
    assert "将在 2026-12-02 超期（还有 7 天）" in alarms[-1].sentence(TODAY)
    assert "责任部门 办公室" in alarms[-1].sentence(TODAY)


def test_the_calendar_file_is_folded_and_ends_each_line_with_crlf() -> None:
    alarms = forecast([channel("xwzx/jtyw", 10)], CONFIG, TODAY)
    calendar = as_ics(alarms, "example.gov.cn", datetime(2026, 11, 25, tzinfo=UTC))
    lines = calendar.split(b"\r\n")

    assert all(len(line) <= 75 for line in lines)
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert b"DTSTART;VALUE=DATE:20261129" in lines
    unfolded = re.sub(rb"\r\n ", b"", calendar).decode()
    assert "SUMMARY:交通要闻：今天是更新的最后一天" in unfolded


def test_departments_are_counted_in_the_period_against_their_plan() -> None:
    pages = [
        Page(url=f"/{n}", file=f"/{n}", kind="article", channel=path, department=department, published=day)
        for n, (path, department, day) in enumerate(
            [
                ("xwzx/jtyw", "bgs", "2026-10-25T00:00:00"),
                ("xwzx/jtyw", "bgs", "2026-11-24T23:59:00"),
                ("xwzx/jtyw", "bgs", "2026-11-25T00:00:00"),
                ("zwgk/tzgg", "ysgl", "2026-11-01T09:00:00"),
                ("zwgk/tzgg", "gone", "2026-11-01T09:00:00"),
            ]
        )
    ]
    planned = replace(CONFIG, monitor=replace(CONFIG.monitor, monthly_plan={"bgs": 3}))
    rows = shares(pages, [channel("xwzx/jtyw", 1)], planned, date(2026, 10, 25), date(2026, 11, 24))
    by_id = {row.department: row for row in rows}

    assert (by_id["bgs"].total, by_id["bgs"].short_by, by_id["bgs"].by_channel) == (2, 1, (("交通要闻", 2),))
    assert (by_id["ysgl"].total, by_id["ysgl"].planned, by_id["zcfg"].total) == (1, None, 0)
    assert by_id["gone"].name == "gone（不在部门表里）"
