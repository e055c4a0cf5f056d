"""Figures of a month (mailbox-rules §4): live while it runs, frozen in a row when it has ended."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection

from bureau.workdays import WorkCalendar
from mailbox_api.deadlines import at_local, local_day
from mailbox_api.errors import Invalid, NotFound
from mailbox_api.letter import CATEGORIES, DECLINE_REASONS, Letter, Status
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, letters, outbox, publications, stats

SMALLEST = 3  # smaller cells would point at persons
OUT = frozenset({Status.WITHDRAWN})  # not counted at all
VOID = frozenset({Status.DECLINED, Status.MERGED})  # received, but not valid letters


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> "Month":
        """Years of four digits that a calendar can count from; raises Invalid."""
        try:
            day = date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise Invalid({"month": "月份应写成 2026-11"}) from error
        if not 2000 <= day.year < 2100:
            raise Invalid({"month": "没有这个年份的统计"})
        return cls(day.year, day.month)

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return Month.of(self.first + timedelta(days=32))

    @property
    def start(self) -> datetime:
        return at_local(self.first, 0)

    @property
    def end(self) -> datetime:
        return self.next.start


def figures(rows: Sequence[Letter], today: date, calendar: WorkCalendar) -> dict[str, Any]:
    """Pure: what the letters received in one month came to by `today`."""
    counted = [row for row in rows if row.status not in OUT]
    valid = [row for row in counted if row.status not in VOID]
    answered = [row for row in valid if row.replied_at]
    due = [row for row in valid if row.replied_at or row.due < today]
    on_time = [row for row in answered if local_day(row.replied_at or row.received_at) <= row.due]
    days = [
        calendar.between(local_day(row.received_at), local_day(row.replied_at))
        for row in answered
        if row.replied_at
    ]
    natural = [
        (local_day(row.replied_at) - local_day(row.received_at)).days for row in answered if row.replied_at
    ]
    rated = [row.rating for row in valid if row.rating is not None]
    return {
        "received": len(counted),
        "valid": len(valid),
        "declined": {
            name: n for name in DECLINE_REASONS if (n := sum(r.decline_reason == name for r in counted))
        },
        "accepted": sum(row.accepted_at is not None for row in valid),
        "answered": len(answered),
        "in_progress": sum(row.status.is_open for row in valid),
        "overdue": sum(row.status.is_open and row.due < today for row in valid),
        "answer_share": _share(len(answered), len(valid)),
        "on_time_share": _share(len(on_time), len(due)),
        "median_days": median(days) if days else None,
        "mean_natural_days": round(sum(natural) / len(natural), 1) if natural else None,
        "longest_days": max(days, default=None),
        "extended": sum(row.extended_days > 0 for row in valid),
        "satisfied_share": _share(sum(stars >= 2 for stars in rated), len(rated)),
        "by_category": {name: sum(row.category == name for row in counted) for name in CATEGORIES},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def public(row: dict[str, Any]) -> dict[str, Any]:
    """Without the cells that are too small to be shown, and without what only the office needs."""
    inner = ("declined", "notices")
    shown = {name: value for name, value in row.items() if name not in inner}
    return shown | {"by_category": _large_cells(row["by_category"])}


def _large_cells(cells: dict[str, int]) -> dict[str, int | None]:
    """None for a small cell, and for the next larger one where the total would tell a single small one."""
    filled = sorted((n, name) for name, n in cells.items() if n)
    hidden = {name for n, name in filled if n < SMALLEST}
    if len(hidden) == 1:
        hidden |= {name for _, name in filled[1:2]}
    return {name: None if name in hidden else n for name, n in cells.items()}


def of_month(mailbox: Mailbox, month: Month) -> dict[str, Any]:
    """Frozen figures where the month has ended, live ones before."""
    if month.first > mailbox.today:
        raise NotFound(f"{month} 还没有到")
    with mailbox.database.read() as connection:
        frozen = stats.get(connection, str(month))
        row = frozen or _live(mailbox, connection, month)
    return {"month": str(month), "frozen": frozen is not None} | row


def ended(mailbox: Mailbox) -> list[dict[str, Any]]:
    """Every frozen month for the public, the newest first."""
    with mailbox.database.read() as connection:
        frozen = stats.all_frozen(connection)
    return [
        {"month": month, "frozen": True} | public(row) for month, row in sorted(frozen.items(), reverse=True)
    ]


def _live(mailbox: Mailbox, connection: Connection, month: Month) -> dict[str, Any]:
    rows = letters.received_between(connection, month.start, month.end)
    sent = outbox.sent_between(connection, month.start, month.end)
    published = publications.count_between(connection, month.start, month.end)
    return figures(rows, mailbox.today, mailbox.calendar) | {"published": published, "notices": sent}


def freeze(mailbox: Mailbox, connection: Connection, now: datetime) -> int:
    """Write down the months that have ended; what is written is never changed."""
    first = letters.first_received(connection)
    if first is None:
        return 0
    month, done = Month.of(local_day(first)), 0
    known = set(stats.months(connection))
    while month.end <= now:
        if str(month) not in known:
            row = _live(mailbox, connection, month)
            stats.freeze(connection, str(month), row, now)
            digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
            audit.record(connection, now, "system", "statistics.freeze", str(month), {"sha256": digest})
            done += 1
        month = month.next
    return done


def for_monitoring(mailbox: Mailbox, accepting: bool) -> dict[str, Any]:
    """What the indicator tables need to know of the mailbox (2019: V5.2, D18, D19, B06)."""
    today, now = mailbox.today, mailbox.clock()
    with mailbox.database.read() as connection:
        waiting = letters.open_letters(connection)
        recent = letters.received_between(connection, now - timedelta(days=365), now)
        frozen = stats.all_frozen(connection)
        current = _live(mailbox, connection, Month.of(today))
        last_published = publications.last_published(connection)
    asked = [row for row in recent if row.category == "咨询" and row.status not in OUT | VOID]
    quarter = [row for row in asked if row.received_at > now - timedelta(days=92)]
    late = [row for row in recent if row.replied_at and row.status not in OUT | VOID]
    old = [row for row in (*waiting, *late) if _waited(row, today) > 92]  # V5.2: answered at last or not
    months = dict(frozen.items()) | {str(Month.of(today)): current}
    oldest = min((row.received_at for row in waiting), default=None)
    return {
        "accepting": accepting,
        "unanswered_over_3_months": len(old),
        "consultations_unanswered_over_3_months": sum(row.category == "咨询" for row in old),
        "consultations_late_5_workdays": sum(_late(mailbox, row, 5) for row in quarter),
        "probe_answered_in_1_workday": int(bool(asked) and not _late(mailbox, asked[-1], 1)),
        "no_letters_in_a_year": int(not recent),
        "statistics_month": max(frozen, default=None),
        "sms_balance": None,
        "oldest_unanswered_days": (today - local_day(oldest)).days if oldest else 0,
        "days_since_last_published": (now - last_published).days if last_published else None,
        "months": months,
    }


def _waited(letter: Letter, today: date) -> int:
    """Days until the answer, or until today."""
    answered = local_day(letter.replied_at) if letter.replied_at else today
    return (answered - local_day(letter.received_at)).days


def _late(mailbox: Mailbox, letter: Letter, days: int) -> bool:
    """Answered (or still waiting) later than so many working days."""
    end = local_day(letter.replied_at) if letter.replied_at else mailbox.today
    return mailbox.calendar.between(local_day(letter.received_at), end) > days
