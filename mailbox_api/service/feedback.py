"""From what monitoring tells to feedback tickets: found, fed back, acknowledged, mended (合同一（三）2: 4 h).

A notice's key names its occasion: `finding:<fingerprint>:<day>`, `forecast:<channel>:<day it breaks>:…`,
`inspection:<item>:<day>`; `mended:<occasion>:<day>` says that it is over and is nobody's message.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from mailbox_api.notices import Notice, State
from mailbox_api.service import clocks, desk
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Kind, Status, Ticket
from mailbox_api.store import audit, outbox, people, tickets

SYSTEM = "system"
MENDED = "mended:"
OCCASIONS = {"finding": 2, "forecast": 3, "inspection": 2}  # kind → how many parts of the key name it
OPENING = frozenset({"veto", "error", "warning"})


class Told(Protocol):
    """One notice of monitoring, as `POST /internal/v1/notices` brings it."""

    @property
    def key(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def found(self) -> datetime | None: ...


def take(mailbox: Mailbox, connection: Connection, notice: Told, now: datetime) -> bool:
    """Open or end the ticket of a new notice, in the transaction that stores it. True: nothing to send."""
    if notice.key.startswith(MENDED):
        mended(mailbox, connection, occasion(notice.key.removeprefix(MENDED)), notice.text)
        return True
    source = occasion(notice.key)
    if not source or notice.level not in OPENING:
        return False
    known = tickets.open_of_source(connection, source)
    if known is not None:
        tickets.write(
            connection, mailbox.keys, known.number, kind="note", author=SYSTEM, at=now, body=notice.text
        )
        return False
    ticket = desk.add(
        mailbox,
        connection,
        now,
        kind=Kind.MONITORING,
        title=_title(notice),
        text=notice.text,
        by=SYSTEM,
        department=notice.audience if notice.audience in mailbox.departments else "",
        source=source,
        started_at=min(notice.found or now, now),
    )
    tickets.save(connection, replace(ticket, facts={"key": notice.key, "level": notice.level}))
    return False


def cannot_wait(mailbox: Mailbox, notice: Told, now: datetime) -> bool:
    """Whether keeping the quiet hours would spend three quarters of the time for feedback."""
    latest = now + timedelta(hours=mailbox.desk.hours.feedback) * 0.75
    return bool(occasion(notice.key)) and mailbox.rules.quiet.next_allowed(now) > latest


def occasion(key: str) -> str:
    """The part of a notice's key that stays the same from day to day; empty when no ticket belongs to it."""
    parts = key.split(":")
    count = OCCASIONS.get(parts[0], 0)
    return ":".join(parts[:count]) if 0 < count <= len(parts) else ""


def _title(notice: Told) -> str:
    title = f"{notice.subject}：{notice.text}"
    return title if len(title) <= 80 else f"{title[:79]}…"


def mended(mailbox: Mailbox, connection: Connection, source: str, text: str) -> Ticket | None:
    """What was found is gone: the ticket ends, whoever mended it."""
    ticket = tickets.open_of_source(connection, source) if source else None
    if ticket is None:
        return None
    now = mailbox.clock()
    done = ticket if ticket.status is Status.HANDLED else ticket.handled(now)
    return desk.store(
        mailbox,
        connection,
        ticket,
        desk.Done(done.closed(now), text or "复查已正常"),
        "ticket.close",
        "closed",
        SYSTEM,
    )


def reminders(mailbox: Mailbox, connection: Connection, since: datetime) -> list[Notice]:
    """For the sweep: the rungs of every open ticket that are not older than `since`."""
    crew = people.crew(connection, mailbox.keys)
    return [
        notice
        for ticket in tickets.open_tickets(connection)
        for notice in clocks.schedule(crew, ticket, since=since)
    ]


def settle(mailbox: Mailbox, connection: Connection, now: datetime) -> None:
    """For the sweep: what was delivered counts as fed back, and broken terms are recorded."""
    for ticket in tickets.open_tickets(connection):
        _record_broken(connection, _fed_back(mailbox, connection, ticket), now)


def _fed_back(mailbox: Mailbox, connection: Connection, ticket: Ticket) -> Ticket:
    """A finding is fed back when the first message about it went out, at the time it went."""
    if ticket.kind is not Kind.MONITORING or ticket.told_at is not None:
        return ticket
    key = str(ticket.facts.get("key", ""))
    sent = _sent(outbox.of_subject(connection, mailbox.keys, "monitor", key)) if key else []
    if not sent:
        return ticket
    done = desk.Done(ticket.told(max(min(sent), ticket.started_at)), "通知已发出")
    return desk.store(mailbox, connection, ticket, done, "ticket.tell", "told", SYSTEM)


def _sent(rows: Iterable[outbox.Outgoing]) -> list[datetime]:
    return [row.sent_at for row in rows if row.sent_at and row.state in (State.SENT, State.DELIVERED)]


def _record_broken(connection: Connection, ticket: Ticket, now: datetime) -> None:
    broken = ticket.broken(now)
    if new := [term for term in broken if term not in ticket.breaches]:
        tickets.record_breaches(connection, ticket.number, broken)
        audit.record(connection, now, SYSTEM, "ticket.breached", ticket.number, {"terms": new})
