"""What can be done with a service ticket. Each action: role, move, notices, one audit row, one transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

from sqlalchemy import Connection

from bureau.personal_data import anonymised
from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import clean
from mailbox_api.notices import Notice
from mailbox_api.service import clocks
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.service_ticket import Kind, Status, Term, Ticket, opened
from mailbox_api.store import audit, outbox, people, tickets
from mailbox_api.store.people import Staff

BY_PEOPLE = tuple(kind for kind in Kind if kind is not Kind.MONITORING)  # monitoring opens its own
MAX_FILE = 5 * 1024 * 1024
MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What a change leaves: the ticket, the timeline's words, what is told, what the audit row says."""

    ticket: Ticket
    body: str = ""
    told: tuple[Notice, ...] = ()
    facts: Mapping[str, object] | None = None


Change = Callable[[Connection, Ticket, datetime], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """A ticket as its page shows it."""

    ticket: Ticket
    timeline: tuple[tickets.Entry, ...]
    files: tuple[tickets.File, ...]


def console(by: str) -> Staff:
    """Whoever works at the command line of the server; the name goes into the audit."""
    roles = frozenset({"contractor", "registrar", "admin"})
    return Staff(
        login=by, name=by, department="", roles=roles, mobile="", wechat="", active=True, totp_confirmed=False
    )


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
    words = _words(title, "title", 4, 80)
    body = _words(text, "text", 2, 5000, lines=True)
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
    outbox.add(connection, mailbox.keys, clocks.schedule(_crew(mailbox, connection), ticket, since=now), now)
    return ticket


def _told_of_opening(mailbox: Mailbox, connection: Connection, ticket: Ticket, now: datetime) -> list[Notice]:
    clock = ticket.next_clock
    term = f"{clocks.local(clock.due)}前{clock.term.text}。" if clock else ""
    engineers = clocks.owners_of(_crew(mailbox, connection), ticket)
    told = clocks.tell(ticket, "opened", "ticket-opened", engineers, now, term=term)
    if ticket.kind is Kind.DIAGNOSIS:
        office = clocks.office_of(_crew(mailbox, connection), ticket)
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


def _change(
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
    outbox.add(connection, mailbox.keys, clocks.schedule(_crew(mailbox, connection), saved, since=now), now)
    outbox.add(connection, mailbox.keys, done.told, now)
    return saved


def answer(mailbox: Mailbox, person: Staff, number: str, version: int, text: str) -> Ticket:
    """The contractor has heard (合同一（一）1: within 2 h); whoever answers owns the ticket."""
    body = _words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        owner = ticket.owner or _engineer(mailbox, connection, person.login)
        answered = replace(ticket.answered(now), owner=owner)
        office = clocks.office_of(_crew(mailbox, connection), ticket)
        return Done(
            answered,
            body,
            tuple(clocks.tell(ticket, "answered", "ticket-answered", office, now)),
        )

    return _change(mailbox, person, "ticket.answer", number, version, "answered", change)


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

    return _change(mailbox, person, "ticket.assign", number, version, "assigned", change)


def tell(
    mailbox: Mailbox, person: Staff, number: str, version: int, text: str, promised: datetime | None = None
) -> Ticket:
    """The office is told: of a finding, of an event, or that the 8 h will not do and when it will be done."""
    body = _words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        told = ticket.told(now, promised)
        promise = f"预计{clocks.local(promised)}前处理好，" if promised else ""
        office = clocks.office_of(_crew(mailbox, connection), ticket)
        notices = clocks.tell(ticket, f"told-{ticket.version}", "ticket-told", office, now, promise=promise)
        if Term.HANDLE in mailbox.desk.hours.of(ticket.kind):
            return Done(told, f"{promise}{body}", tuple(notices), {"promised": promised})
        return Done(told, f"{promise}{body}", (), {"promised": promised})

    return _change(mailbox, person, "ticket.tell", number, version, "told", change)


def acknowledge(mailbox: Mailbox, person: Staff, number: str, version: int, text: str = "") -> Ticket:
    """The office says that it knows."""
    return _change(
        mailbox,
        person,
        "ticket.acknowledge",
        number,
        version,
        "acknowledged",
        lambda _, ticket, now: Done(ticket.acknowledged(now), clean(text, lines=True)),
    )


def handle(mailbox: Mailbox, person: Staff, number: str, version: int, text: str) -> Ticket:
    body = _words(text, "text", 2, 5000, lines=True)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        handled = ticket.handled(now)
        office = clocks.office_of(_crew(mailbox, connection), ticket)
        told = clocks.tell(ticket, f"handled-{ticket.version}", "ticket-handled", office, now)
        return Done(handled, body, tuple(told))

    return _change(mailbox, person, "ticket.handle", number, version, "handled", change)


def reopen(mailbox: Mailbox, person: Staff, number: str, version: int, reason: str) -> Ticket:
    why = _words(reason, "reason", 2, 500)

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        again = ticket.reopened(now, mailbox.desk.hours)
        engineers = clocks.owners_of(_crew(mailbox, connection), ticket)
        rung = f"reopened-{ticket.version}"
        return Done(again, why, tuple(clocks.tell(ticket, rung, "ticket-reopened", engineers, now)))

    return _change(mailbox, person, "ticket.reopen", number, version, "reopened", change)


def close(mailbox: Mailbox, person: Staff, number: str, version: int, text: str = "") -> Ticket:
    """The office confirms what was done."""
    return _change(
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
    why = _words(reason, "reason", 2, 500)

    def change(_: Connection, ticket: Ticket, now: datetime) -> Done:
        if person.login != ticket.opened_by and not person.has("registrar", "admin"):
            raise Forbidden("只有提出工单的人、受理员或管理员可以撤销")
        return Done(ticket.withdrawn(now), why)

    return _change(mailbox, person, "ticket.withdraw", number, version, "withdrawn", change)


def consent(mailbox: Mailbox, person: Staff, number: str, version: int, by: str, how: str) -> Ticket:
    """The office agrees to a remote diagnosis: who said so and how (合同一（一）2)."""
    who, way = _words(by, "by", 2, 30), _words(how, "how", 2, 200)
    return _change(
        mailbox,
        person,
        "ticket.consent",
        number,
        version,
        "consent",
        lambda _, ticket, now: Done(
            ticket.consented(now, who, way), f"{who}同意远程诊断（{way}）", (), {"by": who, "how": way}
        ),
    )


def note(mailbox: Mailbox, person: Staff, number: str, version: int, text: str) -> Ticket:
    body = _words(text, "text", 2, 5000, lines=True)
    return _change(
        mailbox, person, "ticket.note", number, version, "note", lambda _, ticket, now: Done(ticket, body)
    )


def attach(mailbox: Mailbox, person: Staff, number: str, version: int, name: str, data: bytes) -> Ticket:
    label = clean(PurePath(name.replace("\\", "/")).name)[:120]
    if not label or not data:
        raise Invalid({"file": "请选择一个文件"})
    if len(data) > MAX_FILE:
        raise Invalid({"file": f"附件最大 {MAX_FILE // 1024**2} MB"})

    def change(connection: Connection, ticket: Ticket, now: datetime) -> Done:
        if len(tickets.files(connection, number)) >= MAX_FILES:
            raise Conflict(f"一张工单最多 {MAX_FILES} 个附件")
        tickets.attach(connection, mailbox.keys, number, name=label, data=data, author=person.login, at=now)
        return Done(ticket, label, (), {"size": len(data)})

    return _change(mailbox, person, "ticket.attach", number, version, "attached", change)


def record_training(
    mailbox: Mailbox,
    person: Staff,
    number: str,
    version: int,
    *,
    held_on: date,
    place: str,
    hours: float,
    attendees: str,
    materials: str,
) -> Ticket:
    """What the register says of a training; the attendees' names stay sealed in the timeline."""
    names, papers = _list(attendees), _list(materials)
    if not names:
        raise Invalid({"attendees": "请写参加培训的人，每行一个"})
    if not papers:
        raise Invalid({"materials": "请写培训材料，每行一份"})
    if not 0 < hours <= 24:
        raise Invalid({"hours": "学时应在0到24之间"})

    def change(_: Connection, ticket: Ticket, now: datetime) -> Done:
        if ticket.kind is not Kind.TRAINING or not ticket.status.is_open:
            raise Conflict("只有办理中的培训工单可以登记培训")
        if held_on > mailbox.today:
            raise Invalid({"held_on": "培训日期不能晚于今天"})
        facts = {
            "held_on": str(held_on),
            "place": clean(place),
            "hours": hours,
            "attendees": len(names),
            "materials": papers,
        }
        body = json.dumps({**facts, "attendees": names}, ensure_ascii=False)
        return Done(replace(ticket, facts={**ticket.facts, **facts}), body, (), {"attendees": len(names)})

    return _change(mailbox, person, "ticket.training", number, version, "training", change)


def record_adjustment(
    mailbox: Mailbox, person: Staff, number: str, version: int, *, adjustment: int, file: str
) -> Ticket:
    """The ticket has its file in content/adjustments and its number of the year's ten."""

    def change(_: Connection, ticket: Ticket, now: datetime) -> Done:
        if ticket.kind is not Kind.ADJUSTMENT or not ticket.status.is_open:
            raise Conflict("只有办理中的局部调整工单可以登记调整单")
        if "adjustment" in ticket.facts:
            raise Conflict(f"这张工单已登记调整单 {ticket.facts['file']}")
        facts = {"adjustment": adjustment, "file": file}
        return Done(replace(ticket, facts={**ticket.facts, **facts}), f"调整单 {file}", (), facts)

    return _change(mailbox, person, "ticket.adjustment", number, version, "adjustment", change)


def _crew(mailbox: Mailbox, connection: Connection) -> people.Crew:
    return people.crew(connection, mailbox.keys)


def _engineer(mailbox: Mailbox, connection: Connection, login: str) -> str:
    person = people.find(connection, mailbox.keys, login)
    return login if person is not None and person.has("contractor", "admin") else ""


def _kind(name: str) -> Kind:
    if name not in BY_PEOPLE:
        raise Invalid({"kind": f"工单类型应为：{'、'.join(f'{kind}（{kind.text}）' for kind in BY_PEOPLE)}"})
    return Kind(name)


FIELD_TEXT = {"title": "事项", "text": "内容", "reason": "理由", "by": "同意人", "how": "同意的方式"}


def _words(text: str, name: str, low: int, high: int, *, lines: bool = False) -> str:
    words = clean(text, lines=lines)
    if not low <= len(words) <= high:
        raise Invalid({name: f"{FIELD_TEXT[name]}应为{low}到{high}个字，现在{len(words)}个"})
    return words


def _list(text: str) -> list[str]:
    rows = [clean(row) for row in text.replace("、", "\n").replace("，", "\n").split("\n")]
    return [row for row in rows if row]


STATES: Mapping[str, tuple[str, frozenset[Status]]] = {
    "open": ("在办", frozenset({Status.OPENED, Status.WORKING, Status.HANDLED})),
    "opened": ("待响应", frozenset({Status.OPENED})),
    "handled": ("待确认", frozenset({Status.HANDLED})),
    "ended": ("已结束", frozenset({Status.CLOSED, Status.WITHDRAWN})),
}
