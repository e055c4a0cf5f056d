"""How every action on a ticket runs: role, version, move, reminders, notices, one audit row, one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.letter import clean
from mailbox_api.notices import Notice
from mailbox_api.service import clocks
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.service_ticket import Ticket
from mailbox_api.store import audit, outbox, people, tickets
from mailbox_api.store.people import Staff

FIELD_TEXT = {"title": "事项", "text": "内容", "reason": "理由", "by": "同意人", "how": "同意的方式"}


@dataclass(frozen=True, slots=True)
class Done:
    """What a change leaves: the ticket, the timeline's words, what is told, what the audit row says."""

    ticket: Ticket
    body: str = ""
    told: tuple[Notice, ...] = ()
    facts: Mapping[str, object] | None = None


Change = Callable[[Connection, Ticket, datetime], Done]


def console(by: str) -> Staff:
    """Whoever works at the command line of the server; the name goes into the audit."""
    roles = frozenset({"contractor", "registrar", "admin"})
    return Staff(
        login=by, name=by, department="", roles=roles, mobile="", wechat="", active=True, totp_confirmed=False
    )


def perform(
    mailbox: Mailbox, person: Staff, action: str, number: str, version: int, entry: str, change: Change
) -> Ticket:
    """Run one action in one transaction. Raises Conflict when the person saw an older version."""
    require(person, action)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        ticket = tickets.get(connection, number)
        if ticket.version != version:
            raise Conflict(f"工单{number}刚才已由别人处理，请看过新的情况再操作")
        saved = store(
            mailbox, connection, ticket, change(connection, ticket, now), action, entry, person.login
        )
    mailbox.wake.set()
    return saved


def store(
    mailbox: Mailbox, connection: Connection, before: Ticket, done: Done, action: str, entry: str, by: str
) -> Ticket:
    """Write a changed ticket, its timeline, its reminders, what is told and the audit row."""
    now = mailbox.clock()
    saved = tickets.save(connection, replace(done.ticket, breaches=done.ticket.broken(now)))
    tickets.write(connection, mailbox.keys, saved.number, kind=entry, author=by, at=now, body=done.body)
    facts = {"status": saved.status, "breaches": list(saved.breaches), **(done.facts or {})}
    audit.record(connection, now, by, action, saved.number, facts)
    clocks.stop(connection, before, saved)
    outbox.add(connection, mailbox.keys, clocks.schedule(crew_of(mailbox, connection), saved, since=now), now)
    outbox.add(connection, mailbox.keys, done.told, now)
    return saved


def crew_of(mailbox: Mailbox, connection: Connection) -> people.Crew:
    return people.crew(connection, mailbox.keys)


def read_words(text: str, name: str, low: int, high: int, *, lines: bool = False) -> str:
    words = clean(text, lines=lines)
    if not low <= len(words) <= high:
        raise Invalid({name: f"{FIELD_TEXT[name]}应为{low}到{high}个字，现在{len(words)}个"})
    return words
