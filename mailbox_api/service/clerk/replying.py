"""What the citizen gets back: a question, a reviewed reply, a later day, an end."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import Letter, Status
from mailbox_api.service import ladder
from mailbox_api.service.clerk.acting import (
    Done,
    perform,
    read_body,
    read_reason,
    require_accepted,
    to_citizen,
)
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import letters, outbox, people
from mailbox_api.store.letters import Message
from mailbox_api.store.people import Staff


def ask(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Ask the citizen for facts, once; the term goes on."""
    body = read_body(text)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        if letter.asked:
            raise Conflict("一封来信只能请来信人补充一次")
        asked = replace(letter.moved(Status.ASKED), asked=True)
        letters.say(connection, mailbox.keys, number, kind="question", author=clerk.login, body=body, at=now)
        return Done(asked, to_citizen(mailbox, connection, asked, "asked", now))

    return perform(mailbox, clerk, "letter.ask", number, version, change)


def draft(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Keep the reply's draft; the letter is in handling from now on."""
    body = read_body(text)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        _write_draft(mailbox, connection, clerk, letter, body, "draft", now)
        return Done(_handling(letter))

    return perform(mailbox, clerk, "letter.draft", number, version, change)


def submit_draft(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Hand the draft to a reviewer; without four eyes it is the reply."""
    body = read_body(text)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        if not mailbox.rules.four_eyes:
            _write_draft(mailbox, connection, clerk, letter, body, "sent", now)
            return _replied(mailbox, connection, letter, now, clerk.login)
        _write_draft(mailbox, connection, clerk, letter, body, "review", now)
        reviewers = [
            p for p in people.with_role(connection, mailbox.keys, "reviewer") if p.login != clerk.login
        ]
        told = ladder.tell(mailbox, letter, "review", reviewers, now, once=str(letter.version))
        return Done(_handling(letter), tuple(told))

    return perform(mailbox, clerk, "letter.submit-draft", number, version, change)


def approve(mailbox: Mailbox, clerk: Staff, number: str, version: int) -> Letter:
    """Send the reviewed reply; whoever wrote it cannot."""

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        message = _under_review(mailbox, connection, number)
        if message.author == clerk.login:
            raise Forbidden("答复须由另一人审核，不能审核自己写的")
        letters.rewrite(
            connection, mailbox.keys, replace(message, state="sent", sent_at=now, reviewer=clerk.login)
        )
        return _replied(mailbox, connection, letter, now, message.author)

    return perform(mailbox, clerk, "letter.approve", number, version, change)


def send_back(mailbox: Mailbox, clerk: Staff, number: str, version: int, reason: str) -> Letter:
    why = read_reason(reason)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        message = _under_review(mailbox, connection, number)
        letters.rewrite(connection, mailbox.keys, replace(message, state="draft", reviewer=clerk.login))
        letters.say(
            connection, mailbox.keys, number, kind="note", author=clerk.login, body=f"退回修改：{why}", at=now
        )
        author = people.find(connection, mailbox.keys, message.author)
        told = ladder.tell(
            mailbox, letter, "review-back", [author] if author else [], now, once=str(letter.version)
        )
        return Done(_handling(letter), tuple(told))

    return perform(mailbox, clerk, "letter.send-back", number, version, change)


def extend(mailbox: Mailbox, clerk: Staff, number: str, version: int, days: int, reason: str) -> Letter:
    """Extend the term once; who does it is the approver, and the citizen is told why."""
    why, most = read_reason(reason), mailbox.rules.extend_days
    if not 1 <= days <= most:
        raise Invalid({"days": f"延期应为1到{most}个工作日"})

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        require_accepted(letter)
        if letter.extended_days:
            raise Conflict("一封来信只能延期一次")
        due = mailbox.rules.terms.reply_due(letter.category, letter.received_at, mailbox.calendar, days)
        outbox.cancel(connection, "letter", number, rung_prefix="due-")
        extended = replace(letter, extended_days=days, due=due.day, provisional=due.provisional)
        letters.say(connection, mailbox.keys, number, kind="extension", author=clerk.login, body=why, at=now)
        told = [
            *ladder.soon(mailbox, people.crew(connection, mailbox.keys), extended, now),
            *to_citizen(mailbox, connection, extended, "extended", now, due=str(due.day)),
        ]
        return Done(extended, tuple(told), {"days": days, "reason": why, "due": due.day})

    return perform(mailbox, clerk, "letter.extend", number, version, change)


def close(mailbox: Mailbox, clerk: Staff, number: str, version: int) -> Letter:
    return perform(
        mailbox, clerk, "letter.close", number, version, lambda _, letter, now: Done(letter.closed(now))
    )


def _replied(mailbox: Mailbox, connection: Connection, letter: Letter, now: datetime, author: str) -> Done:
    """Every reminder of the letter ends in the transaction of its reply."""
    outbox.cancel(connection, "letter", letter.number)
    replied = letter.replied(now)
    told = to_citizen(mailbox, connection, replied, "answered", now)
    return Done(replied, told, {"author": author, "late": mailbox.is_overdue(letter)})


def _write_draft(
    mailbox: Mailbox,
    connection: Connection,
    clerk: Staff,
    letter: Letter,
    body: str,
    state: str,
    now: datetime,
) -> None:
    require_accepted(letter)
    keys, sent_at = mailbox.keys, now if state == "sent" else None
    existing = letters.draft(connection, keys, letter.number)
    if existing is None:
        letters.say(
            connection, keys, letter.number, kind="reply", author=clerk.login, body=body, at=now, state=state
        )
    else:
        changed = replace(existing, author=clerk.login, body=body, state=state, sent_at=sent_at, reviewer="")
        letters.rewrite(connection, keys, changed)


def _under_review(mailbox: Mailbox, connection: Connection, number: str) -> Message:
    message = letters.draft(connection, mailbox.keys, number)
    if message is None or message.state != "review":
        raise Conflict("没有等待审核的答复稿")
    return message


def _handling(letter: Letter) -> Letter:
    return letter if letter.status is Status.ASKED else letter.moved(Status.HANDLING)
