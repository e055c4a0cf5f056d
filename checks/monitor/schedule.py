"""Which period a report speaks of, when it is due, and which runs were missed (contract-map K14–K24).

A monthly report is due on the 25th, or on the working day before when that is none; a quarterly one in
the first days of March, June, September and December, over the three full months before; the yearly
table on 31 January. The contract leaves two words open (contract-map §3): what a monthly period is, and
how long 月初 lasts; both are settings.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from bureau.config import Contract
from bureau.errors import ConfigError
from bureau.workdays import WorkCalendar

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it."""

    name: str  # 2026-11, 2026Q4, 2026
    first: date
    last: date
    due: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def is_late(self, delivered: date) -> bool:
        return delivered > self.due


def month(name: str, contract: Contract, workdays: WorkCalendar) -> Period:
    """The period of the report of `YYYY-MM`. Raises ConfigError for any other form."""
    year, number = _parsed(r"(\d{4})-(\d\d)", name, "月报写成 2026-11", 12)
    due = date(year, number, contract.monthly_report_day)
    while not workdays.is_workday(due):
        due -= DAY
    last = date(year, number, contract.monthly_report_day) - DAY
    first = _months_before(date(year, number, 1), 1).replace(day=contract.monthly_report_day)
    if contract.monthly_period == "calendar":
        first = date(year, number, 1)
    return Period(name, first, last, due)


def quarter(name: str, contract: Contract, workdays: WorkCalendar) -> Period:
    """The period of the report of `YYYYQn`: the three full months before the month in which it is due."""
    year, number = _parsed(r"(\d{4})Q([1-4])", name, "季报写成 2026Q4", 4)
    begin = date(year, contract.quarterly_report_months[number - 1], 1)
    due = begin.replace(day=contract.quarterly_due_day)
    while not workdays.is_workday(due) and due > begin:
        due -= DAY
    if not workdays.is_workday(due):
        due = workdays.after(due, 1).day
    return Period(name, _months_before(begin, 3), begin - DAY, due)


def annual(name: str) -> Period:
    """《政府网站工作年度报表》 of a year: published by 31 January of the next (国办函〔2018〕12号)."""
    year, _ = _parsed(r"(\d{4})()", name, "年报写成 2026", 0)
    return Period(name, date(year, 1, 1), date(year, 12, 31), date(year + 1, 1, 31))


def _parsed(pattern: str, name: str, form: str, highest: int) -> tuple[int, int]:
    found = re.fullmatch(pattern, name)
    number = int(found[2] or 0) if found else -1
    if found is None or not (highest == 0 or 1 <= number <= highest):
        raise ConfigError("报告期", f"{form}，现为 {name}")
    return int(found[1]), number


def _months_before(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def current_month(today: date) -> str:
    """The month whose report is the next to be due."""
    return f"{today:%Y-%m}"


def current_quarter(today: date, contract: Contract) -> str:
    """The quarter whose report is due in the next of its months, the running one included."""
    for number, due_month in enumerate(contract.quarterly_report_months, 1):
        if today.month <= due_month:
            return f"{today.year}Q{number}"
    return f"{today.year + 1}Q1"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a kind of run is due."""

    kind: str
    name: str

    def slots(self, first: date, last: date) -> list[date]:
        """The days on which the run falls, from `first` to `last`."""
        days = [first + DAY * step for step in range((last - first).days + 1)]
        if self.kind == "weekly":
            return [day for day in days if day.weekday() == calendar.MONDAY]
        if self.kind == "monthly":
            return [day for day in days if day.day == 1]
        return days


DAILY = Cadence("daily", "每日监测")
WEEKLY = Cadence("weekly", "每周巡检")
MONTHLY = Cadence("monthly", "每月全站扫描")


@dataclass(frozen=True, slots=True)
class Slot:
    """A run that was due on a day, and when it was made. `made` None: not yet."""

    due: date
    made: date | None

    @property
    def is_late(self) -> bool:
        return self.made is None or self.made > self.due


def kept(cadence: Cadence, runs: list[date], first: date, last: date) -> list[Slot]:
    """Each due day with the run that answered it: the first one on or after it, before the next due day.

    A run that was caught up late answers every slot before it that is still open, and shows as late.
    """
    slots = cadence.slots(first, last)
    made = sorted(runs)
    answered = []
    for index, due in enumerate(slots):
        following = slots[index + 1] if index + 1 < len(slots) else last + DAY
        run = next((day for day in made if due <= day < following), None)
        answered.append(Slot(due, run or next((day for day in made if day >= following), None)))
    return answered
