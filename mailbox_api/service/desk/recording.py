"""What is put on record with a ticket: consent, notes, files, a training, an adjustment."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePath

from sqlalchemy import Connection

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.letter import clean
from mailbox_api.service.desk.acting import Done, perform, read_words
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Kind, Ticket
from mailbox_api.store import tickets
from mailbox_api.store.people import Staff

MAX_FILE = 5 * 1024 * 1024
MAX_FILES = 20


def consent(mailbox: Mailbox, person: Staff, number: str, version: int, by: str, how: str) -> Ticket:
    """The office agrees to a remote diagnosis: who said so and how (合同一（一）2)."""
    who, way = read_words(by, "by", 2, 30), read_words(how, "how", 2, 200)
    return perform(
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
    body = read_words(text, "text", 2, 5000, lines=True)
    return perform(
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

    return perform(mailbox, person, "ticket.attach", number, version, "attached", change)


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
    names, papers = read_list(attendees), read_list(materials)
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

    return perform(mailbox, person, "ticket.training", number, version, "training", change)


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

    return perform(mailbox, person, "ticket.adjustment", number, version, "adjustment", change)


def read_list(text: str) -> list[str]:
    rows = [clean(row) for row in text.replace("、", "\n").replace("，", "\n").split("\n")]
    return [row for row in rows if row]
