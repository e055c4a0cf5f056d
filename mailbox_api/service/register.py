"""The service register of the contract year: tickets with their times, breaches, adjustments, trainings, inspections."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection

from bureau import adjustments, channels
from bureau.errors import ConfigError
from mailbox_api.deadlines import at_local, local_day
from mailbox_api.service.parts import Desk, Mailbox
from mailbox_api.service_ticket import Kind, Status, Ticket
from mailbox_api.store import tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One weekly inspection, as its file tells."""

    on: date
    items: int
    bad: int
    unread: int


@dataclass(frozen=True, kw_only=True)
class Register:
    first: date
    last: date
    tickets: tuple[Ticket, ...]
    adjustments: tuple[adjustments.Adjustment, ...]
    quota: int
    inspections: tuple[Inspected, ...]
    now: datetime
    problem: str = ""  # why the adjustments could not be read

    @property
    def breached(self) -> tuple[Ticket, ...]:
        return tuple(ticket for ticket in self.tickets if ticket.broken(self.now))

    @property
    def trainings(self) -> tuple[Ticket, ...]:
        return tuple(row for row in self.tickets if row.kind is Kind.TRAINING and "held_on" in row.facts)


def of_year(mailbox: Mailbox, connection: Connection) -> Register:
    """The register of the contract year in which today lies."""
    desk, today = mailbox.desk, mailbox.today
    start, end = adjustments.contract_year(desk.year_start, today)
    changed, problem = _adjustments(desk, start, end)
    return Register(
        first=start,
        last=end - timedelta(days=1),
        tickets=tuple(tickets.opened_between(connection, at_local(start, 0), at_local(end, 0))),
        adjustments=changed,
        quota=desk.adjustments,
        inspections=tuple(row for row in _inspections(desk) if start <= row.on < end),
        now=mailbox.clock(),
        problem=problem,
    )


def _adjustments(desk: Desk, start: date, end: date) -> tuple[tuple[adjustments.Adjustment, ...], str]:
    try:
        rows = adjustments.load(desk.content, channels.load(desk.content))
    except ConfigError as error:
        return (), str(error)
    return tuple(row for row in rows if start <= row.requested < end), ""


def _inspections(desk: Desk) -> list[Inspected]:
    """Damaged files are no inspections; the report on them stands in the inspection's own list."""
    found = []
    for path in sorted(desk.inspections.glob("*.json")):
        try:
            raw = json.loads(path.read_text("utf-8"))
            states = Counter(row["state"] for row in raw["readings"])
            on = local_day(datetime.fromisoformat(raw["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found.append(Inspected(on=on, items=states.total(), bad=states["bad"], unread=states["unread"]))
    return found


def figures(mailbox: Mailbox, connection: Connection) -> dict[str, Any]:
    """What `GET /internal/v1/stats` tells monitoring and its reports under `desk`."""
    register = of_year(mailbox, connection)
    rows = register.tickets
    return {
        "first": str(register.first),
        "last": str(register.last),
        "tickets": len(rows),
        "open": sum(row.status.is_open for row in rows),
        "by_kind": {kind.value: count for kind in Kind if (count := sum(row.kind is kind for row in rows))},
        "response_minutes_median": middle(
            [minutes(row.started_at, row.answered_at) for row in rows if row.answer_due]
        ),
        "repair_minutes_median": middle(
            [minutes(row.started_at, row.handled_at) for row in rows if row.handle_due]
        ),
        "feedback_minutes_median": middle(
            [minutes(row.started_at, row.told_at) for row in rows if row.kind is Kind.MONITORING]
        ),
        "breached": len(register.breached),
        "adjustments_used": len(register.adjustments),
        "adjustments_quota": register.quota,
        "trainings": len(register.trainings),
        "trained": sum(row.facts["attendees"] for row in register.trainings),
        "inspections": len(register.inspections),
        "rows": [as_row(row, register.now) for row in rows if row.status is not Status.WITHDRAWN],
    }


def as_row(ticket: Ticket, now: datetime) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "kind": ticket.kind.text,
        "title": ticket.title,
        "status": ticket.status.text,
        "opened": f"{ticket.opened_at.isoformat()}",
        "response_minutes": minutes(ticket.started_at, ticket.answered_at),
        "told_minutes": minutes(ticket.started_at, ticket.told_at),
        "repair_minutes": minutes(ticket.started_at, ticket.handled_at),
        "breaches": list(ticket.broken(now)),
    }


def minutes(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else round((end - start).total_seconds() / 60)


def middle(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(median(known)) if known else None


def span(count: int | None) -> str:
    """Minutes as people say them; empty where it has not happened."""
    if count is None:
        return ""
    hours, rest = divmod(count, 60)
    if hours >= 48:
        return f"{hours // 24}天{hours % 24}小时"
    return f"{hours}小时{rest}分" if hours else f"{rest}分"
