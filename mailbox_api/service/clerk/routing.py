"""Where a letter goes: accepted, declined, merged, to this office or another."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.deadlines import local_day
from mailbox_api.errors import Conflict, Invalid
from mailbox_api.letter import Letter, Status
from mailbox_api.notices import Notice, State
from mailbox_api.service import ladder
from mailbox_api.service.clerk.acting import Done, perform, read_reason, require_accepted, to_citizen
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import letters, outbox, people
from mailbox_api.store.people import Staff


def accept(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, handler: str = ""
) -> Letter:
    _check_department(mailbox, department)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        accepted = replace(
            letter.accepted(department, now), handler=_handler(mailbox, connection, handler, department)
        )
        told = [
            *_hand_over(mailbox, connection, accepted, now),
            *to_citizen(
                mailbox,
                connection,
                accepted,
                "accepted",
                now,
                department=mailbox.department(department),
                due=str(accepted.due),
            ),
        ]
        return Done(accepted, tuple(told), {"department": department, "handler": accepted.handler})

    return perform(mailbox, clerk, "letter.accept", number, version, change)


def assign(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, handler: str = ""
) -> Letter:
    _check_department(mailbox, department)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        require_accepted(letter)
        moved = replace(
            letter, department=department, handler=_handler(mailbox, connection, handler, department)
        )
        told = _hand_over(mailbox, connection, moved, now)
        return Done(moved, tuple(told), {"department": department, "handler": moved.handler})

    return perform(mailbox, clerk, "letter.assign", number, version, change)


def transfer(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, reason: str
) -> Letter:
    """Hand a letter that is another office's to that office, within the transfer term."""
    _check_department(mailbox, department)
    why = read_reason(reason)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        require_accepted(letter)
        if letter.department == department:
            raise Invalid({"department": "这封来信已经在这个处室"})
        last = mailbox.calendar.after(local_day(letter.accepted_at or now), mailbox.rules.transfer_days).day
        if mailbox.today > last:
            raise Conflict(f"转办期限（受理后{mailbox.rules.transfer_days}个工作日）已过，请与受理员联系")
        letters.say(
            connection, mailbox.keys, number, kind="note", author=clerk.login, body=f"转办：{why}", at=now
        )
        moved = replace(letter, department=department, handler="")
        told = _hand_over(mailbox, connection, moved, now)
        return Done(moved, tuple(told), {"from": letter.department, "department": department})

    return perform(mailbox, clerk, "letter.transfer", number, version, change)


def _hand_over(mailbox: Mailbox, connection: Connection, letter: Letter, now: datetime) -> list[Notice]:
    """The new owners are told; reminders that had not gone out go to them instead."""
    crew = people.crew(connection, mailbox.keys)
    owners = ladder.owners_of(mailbox, crew, letter)
    waiting = outbox.of_subject(connection, mailbox.keys, "letter", letter.number)
    outbox.cancel(connection, "letter", letter.number)
    told = ladder.tell(mailbox, letter, "assigned", owners, now, once=str(letter.version))
    return told + ladder.again(mailbox, crew, letter, [row for row in waiting if row.state is State.PENDING])


def decline(mailbox: Mailbox, clerk: Staff, number: str, version: int, reason: str) -> Letter:
    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        outbox.cancel(connection, "letter", number)
        declined = letter.declined(reason, now)
        return Done(declined, to_citizen(mailbox, connection, declined, "declined", now), {"reason": reason})

    return perform(mailbox, clerk, "letter.decline", number, version, change)


def merge(mailbox: Mailbox, clerk: Staff, number: str, version: int, into: str) -> Letter:
    """Handle the letter together with another open letter of the same sender."""

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        other = letters.get(connection, into.strip())
        if other.number == number or not (other.status.is_open or other.status is Status.REPLIED):
            raise Invalid({"into": "请填写另一封正在办理或已答复的来信编号"})
        mobiles = {letters.mobile_of(connection, mailbox.keys, n) for n in (number, other.number)}
        if len(mobiles) != 1:
            raise Invalid({"into": "两封来信的手机号不同，不能合并"})
        outbox.cancel(connection, "letter", number)
        merged = replace(letter.moved(Status.MERGED), merged_into=other.number, closed_at=now)
        told = to_citizen(mailbox, connection, merged, "merged", now, into=other.number)
        return Done(merged, told, {"into": other.number})

    return perform(mailbox, clerk, "letter.merge", number, version, change)


def _handler(mailbox: Mailbox, connection: Connection, login: str, department: str) -> str:
    if not login:
        return ""
    person = people.find(connection, mailbox.keys, login)
    if person is None or not person.active or not person.has("handler"):
        raise Invalid({"handler": f"{login} 不是在岗的办理人"})
    if person.department not in ("", department):
        raise Invalid({"handler": f"{login} 不在这个处室"})
    return login


def _check_department(mailbox: Mailbox, department: str) -> None:
    if department not in mailbox.departments:
        raise Invalid({"department": "请选择承办处室"})
