"""When a letter must be accepted and answered, and how near that is. Pure; days are Beijing days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bureau.workdays import Due, WorkCalendar

BEIJING = ZoneInfo("Asia/Shanghai")


class Urgency(StrEnum):
    LATE = "late"
    TODAY = "today"
    SOON = "soon"  # within three working days
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Terms:
    """Working days; the day of receipt is day zero."""

    accept: int
    reply: Mapping[str, int]  # by category

    def accept_due(self, received: datetime, calendar: WorkCalendar) -> Due:
        return calendar.after(local_day(received), self.accept)

    def reply_due(self, category: str, received: datetime, calendar: WorkCalendar, extended: int = 0) -> Due:
        return calendar.after(local_day(received), self.reply[category] + extended)


def local_day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), BEIJING)


def days_left(due: date, today: date, calendar: WorkCalendar) -> int:
    """Working days until `due`; negative when it is past."""
    return calendar.between(today, due)


def urgency(due: date, today: date, calendar: WorkCalendar) -> Urgency:
    if today > due:
        return Urgency.LATE
    if today == due:
        return Urgency.TODAY
    return Urgency.SOON if days_left(due, today, calendar) <= 3 else Urgency.CALM


def left_text(due: date, today: date, calendar: WorkCalendar) -> str:
    match urgency(due, today, calendar):
        case Urgency.LATE:
            return f"已超期{max(1, -days_left(due, today, calendar))}个工作日"
        case Urgency.TODAY:
            return "今天到期"
        case _:
            return f"还有{days_left(due, today, calendar)}个工作日"


OFFICE_HOURS = ((9, 12), (13, 17))


def after_office_hours(at: datetime, hours: int, calendar: WorkCalendar) -> datetime:
    """The moment when `hours` office hours (09–12, 13–17 on working days) have passed since `at`."""
    left, day, now = timedelta(hours=hours), local_day(at), at.astimezone(BEIJING)
    while True:
        for start, end in OFFICE_HOURS if calendar.is_workday(day) else ():
            begin, until = max(at_local(day, start), now), at_local(day, end)
            if until - begin >= left:
                return begin + left
            left -= max(until - begin, timedelta())
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No SMS and no WeChat from `start` to `end` o'clock (21–08), but for what is urgent."""

    start: int = 21
    end: int = 8

    def allow(self, at: datetime) -> bool:
        return self.end <= at.astimezone(BEIJING).hour < self.start

    def next_allowed(self, at: datetime) -> datetime:
        if self.allow(at):
            return at
        local = at.astimezone(BEIJING)
        day = local.date() + timedelta(days=local.hour >= self.start)
        return at_local(day, self.end)
