"""From the answer to the end: answered, told, handled, confirmed, reopened, withdrawn."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import clean
from mailbox_api.service import clocks
from mailbox_api.service.desk.acting import Done, crew_of, perform, read_words
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Term, Ticket
from mailbox_api.store import outbox, people
from mailbox_api.store.people import Staff


def answer(mailbox: Mailbox, person: Staff, number: str, version: int, text: str) -> Ticket:
    """The contractor has heard (合同一（一）1: within 2 h); whoever answers owns the ticket."""
    body = read_words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        owner = ticket.owner or _engineer(mailbox, connection, person.login)
        answered = replace(ticket.answered(now), owner=owner)
        office = clocks.office_of(crew_of(mailbox, connection), ticket)
        return Done(
            answered,
            body,
            tuple(clocks.tell(ticket, "answered", "ticket-answered", office, now)),
        )

    return perform(mailbox, person, "ticket.answer", number, version, "answered", change)


def assign(mailbox: Mailbox, person: Staff, number: str, version: int, owner: str) -> Ticket:
    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        if not ticket.status.is_open:
            raise Conflict(f"工单{number}{ticket.status.text}")
        engineer = people.find(connection, mailbox.keys, owner)
        if engineer is None or not engineer.active or not engineer.has("contractor", "admin"):
            raise Invalid({"owner": f"{owner} 不是在岗的运维人员"})
        outbox.cancel(connection, "ticket", number, rung_prefix="clock-")
        given = replace(ticket, owner=owner)
        told = clocks.tell(given, f"assigned-{ticket.version}", "ticket-opened", [engineer], now, term="")
        return Done(given, f"负责人：{engineer.name}", tuple(told), {"owner": owner})

    return perform(mailbox, person, "ticket.assign", number, version, "assigned", change)


def tell(
    mailbox: Mailbox, person: Staff, number: str, version: int, text: str, promised: datetime | None = None
) -> Ticket:
    """The office is told: of a finding, of an event, or that the 8 h will not do and when it will be done."""
    body = read_words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        told = ticket.told(now, promised)
        promise = f"预计{clocks.local(promised)}前处理好，" if promised else ""
        office = clocks.office_of(crew_of(mailbox, connection), ticket)
        notices = clocks.tell(ticket, f"told-{ticket.version}", "ticket-told", office, now, promise=promise)
        if Term.HANDLE in mailbox.desk.hours.of(ticket.kind):
            return Done(told, f"{promise}{body}", tuple(notices), {"promised": promised})
        return Done(told, f"{promise}{body}", (), {"promised": promised})

    return perform(mailbox, person, "ticket.tell", number, version, "told", change)


def acknowledge(mailbox: Mailbox, person: Staff, number: str, version: int, text: str = "") -> Ticket:
    """The office says that it knows."""
    return perform(
        mailbox,
        person,
        "ticket.acknowledge",
        number,
        version,
        "acknowledged",
        lambda _, ticket, now: Done(ticket.acknowledged(now), clean(text, lines=True)),
    )


def handle(mailbox: Mailbox, person: Staff, number: str, version: int, text: str) -> Ticket:
    body = read_words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        handled = ticket.handled(now)
        office = clocks.office_of(crew_of(mailbox, connection), ticket)
        told = clocks.tell(ticket, f"handled-{ticket.version}", "ticket-handled", office, now)
        return Done(handled, body, tuple(told))

    return perform(mailbox, person, "ticket.handle", number, version, "handled", change)


def reopen(mailbox: Mailbox, person: Staff, number: str, version: int, reason: str) -> Ticket:
    why = read_words(reason, "reason", 2, 500)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        again = ticket.reopened(now, mailbox.desk.hours)
        engineers = clocks.owners_of(crew_of(mailbox, connection), ticket)
        rung = f"reopened-{ticket.version}"
        return Done(again, why, tuple(clocks.tell(ticket, rung, "ticket-reopened", engineers, now)))

    return perform(mailbox, person, "ticket.reopen", number, version, "reopened", change)


def close(mailbox: Mailbox, person: Staff, number: str, version: int, text: str = "") -> Ticket:
    """The office confirms what was done."""
    return perform(
        mailbox,
        person,
        "ticket.close",
        number,
        version,
        "closed",
        lambda _, ticket, now: Done(ticket.closed(now), clean(text, lines=True)),
    )


def withdraw(mailbox: Mailbox, person: Staff, number: str, version: int, reason: str) -> Ticket:
    """Opened by mistake or twice; only its opener, a registrar or an administrator may say so."""
    why = read_words(reason, "reason", 2, 500)

    def change(_: Connection, ticket: Ticket, now: datetime) -> Done:
        if person.login != ticket.opened_by and not person.has("registrar", "admin"):
            raise Forbidden("只有提出工单的人、受理员或管理员可以撤销")
        return Done(ticket.withdrawn(now), why)

    return perform(mailbox, person, "ticket.withdraw", number, version, "withdrawn", change)


def _engineer(mailbox: Mailbox, connection: Connection, login: str) -> str:
    person = people.find(connection, mailbox.keys, login)
    return login if person is not None and person.has("contractor", "admin") else ""
