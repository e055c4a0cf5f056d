"""A ticket is opened, listed and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bureau.personal_data import anonymised
from mailbox_api.errors import Invalid
from mailbox_api.notices import Notice
from mailbox_api.service import clocks
from mailbox_api.service.desk.acting import crew_of, read_words
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.service_ticket import Kind, Status, Ticket, opened
from mailbox_api.store import audit, outbox, tickets
from mailbox_api.store.people import Staff

BY_PEOPLE = tuple(kind for kind in Kind if kind is not Kind.MONITORING)  # monitoring opens its own
STATES: Mapping[str, tuple[str, frozenset[Status]]] = {
    "open": ("在办", frozenset({Status.OPENED, Status.WORKING, Status.HANDLED})),
    "opened": ("待响应", frozenset({Status.OPENED})),
    "handled": ("待确认", frozenset({Status.HANDLED})),
    "ended": ("已结束", frozenset({Status.CLOSED, Status.WITHDRAWN})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """A ticket as its page shows it."""

    ticket: Ticket
    timeline: tuple[tickets.Entry, ...]
    files: tuple[tickets.File, ...]


def open_ticket(
    mailbox: Mailbox,
    person: Staff,
    *,
    kind: str,
    title: str,
    text: str,
    started_at: datetime | None = None,
    department: str = "",
) -> Ticket:
    require(person, "ticket.open")
    chosen = _kind(kind)
    words = read_words(title, "title", 4, 80)
    body = read_words(text, "text", 2, 5000, lines=True)
    if department and department not in mailbox.departments:
        raise Invalid({"department": "没有这个处室"})
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        ticket = add(
            mailbox,
            connection,
            now,
            kind=chosen,
            title=words,
            text=body,
            by=person.login,
            started_at=started_at,
            department=department or person.department,
        )
        outbox.add(connection, mailbox.keys, _told_of_opening(mailbox, connection, ticket, now), now)
    mailbox.wake.set()
    return ticket


def add(
    mailbox: Mailbox,
    connection: Connection,
    now: datetime,
    *,
    kind: Kind,
    title: str,
    text: str,
    by: str,
    started_at: datetime | None = None,
    department: str = "",
    source: str = "",
) -> Ticket:
    """Store a new ticket with its reminders, in the caller's transaction."""
    ticket = opened(
        tickets.next_number(connection, mailbox.today.year),
        kind,
        anonymised(title),
        mailbox.desk.hours,
        by=by,
        at=now,
        started_at=started_at,
        department=department,
        source=source,
    )
    tickets.add(connection, ticket)
    tickets.write(connection, mailbox.keys, ticket.number, kind="opened", author=by, at=now, body=text)
    audit.record(connection, now, by, "ticket.open", ticket.number, {"kind": kind, "source": source})
    outbox.add(
        connection, mailbox.keys, clocks.schedule(crew_of(mailbox, connection), ticket, since=now), now
    )
    return ticket


def _told_of_opening(mailbox: Mailbox, connection: Connection, ticket: Ticket, now: datetime) -> list[Notice]:
    clock = ticket.next_clock
    term = f"{clocks.local(clock.due)}前{clock.term.text}。" if clock else ""
    engineers = clocks.owners_of(crew_of(mailbox, connection), ticket)
    told = clocks.tell(ticket, "opened", "ticket-opened", engineers, now, term=term)
    if ticket.kind is Kind.DIAGNOSIS:
        office = clocks.office_of(crew_of(mailbox, connection), ticket)
        told += clocks.tell(ticket, "consent", "ticket-consent", office, now)
    return told


def read(mailbox: Mailbox, person: Staff, number: str) -> OpenTicket:
    require(person, "ticket.read")
    with mailbox.database.read() as connection:
        return OpenTicket(
            ticket=tickets.get(connection, number),
            timeline=tuple(tickets.timeline(connection, mailbox.keys, number)),
            files=tuple(tickets.files(connection, number)),
        )


def _kind(name: str) -> Kind:
    if name not in BY_PEOPLE:
        raise Invalid({"kind": f"工单类型应为：{'、'.join(f'{kind}（{kind.text}）' for kind in BY_PEOPLE)}"})
    return Kind(name)
