"""What a clerk can do with a letter. Each action: role, move, notices, one audit row, one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.deadlines import local_day
from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import Letter, Status, clean, length_problem
from mailbox_api.notices import Notice
from mailbox_api.service import ladder
from mailbox_api.service.citizen import tell_citizen
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import EVERY_OFFICE, require
from mailbox_api.store import audit, letters, outbox, people
from mailbox_api.store.letters import Message, Words
from mailbox_api.store.people import Staff


@dataclass(frozen=True, slots=True)
class Done:
    """What a change leaves: the letter, what is told, what the audit row says."""

    letter: Letter
    told: tuple[Notice, ...] = ()
    facts: dict[str, object] | None = None


Change = Callable[[Connection, Letter, datetime], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLetter:
    """A letter as its page shows it."""

    letter: Letter
    words: Words | None
    messages: tuple[Message, ...]
    draft: Message | None


def read(mailbox: Mailbox, clerk: Staff, number: str) -> OpenLetter:
    """Open a letter; the first time counts as seen and ends the unread reminders."""
    require(clerk, "letter.read")
    with mailbox.database.read() as connection:
        letter = letters.get(connection, number)
        require_office(clerk, letter)
    if letter.seen_at is None and letter.status.is_open:
        letter = _mark_seen(mailbox, clerk, number)
    with mailbox.database.read() as connection:
        return OpenLetter(
            letter=letters.get(connection, number),
            words=letters.words(connection, mailbox.keys, number),
            messages=tuple(letters.conversation(connection, mailbox.keys, number)),
            draft=letters.draft(connection, mailbox.keys, number),
        )


def _mark_seen(mailbox: Mailbox, clerk: Staff, number: str) -> Letter:
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        letter = letters.get(connection, number)
        if letter.seen_at is not None:
            return letter
        outbox.cancel(connection, "letter", number, rung_prefix="unread-")
        audit.record(connection, now, clerk.login, "letter.seen", number)
        return letters.save(connection, replace(letter, seen_at=now))


def reads_every_office(clerk: Staff) -> bool:
    return clerk.has(*EVERY_OFFICE) or not clerk.department


def require_office(clerk: Staff, letter: Letter) -> None:
    if (
        not reads_every_office(clerk)
        and letter.department != clerk.department
        and letter.handler != clerk.login
    ):
        raise Forbidden("这封来信由别的处室办理")


def _change(mailbox: Mailbox, clerk: Staff, action: str, number: str, version: int, change: Change) -> Letter:
    """Run one action in one transaction. Raises Conflict when the clerk saw an older version."""
    require(clerk, action)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        letter = letters.get(connection, number)
        require_office(clerk, letter)
        if letter.version != version:
            raise Conflict(f"来信{number}刚才已由别人处理，请看过新的情况再操作")
        done = change(connection, letter, now)
        saved = letters.save(connection, done.letter)
        audit.record(
            connection, now, clerk.login, action, number, {"status": saved.status} | (done.facts or {})
        )
        outbox.add(connection, mailbox.keys, done.told, now)
    mailbox.wake.set()
    return saved


def _citizen(
    mailbox: Mailbox, connection: Connection, letter: Letter, what: str, at: datetime, **values: str
) -> tuple[Notice, ...]:
    """Nothing where the personal data were purged."""
    mobile = letters.mobile_of(connection, mailbox.keys, letter.number)
    return (
        tuple(tell_citizen(letter, mobile, what, mailbox.rules.quiet.next_allowed(at), **values))
        if mobile
        else ()
    )


def reveal(mailbox: Mailbox, clerk: Staff, number: str, reason: str) -> Words:
    """Name and mobile in the clear, for a reason that is kept."""
    require(clerk, "letter.reveal")
    why = clean(reason)
    if len(why) < 2:
        raise Invalid({"reason": "请写明查看联系方式的理由"})
    with mailbox.database.write() as connection:
        letter = letters.get(connection, number)
        require_office(clerk, letter)
        words = letters.words(connection, mailbox.keys, number)
        if words is None:
            raise Conflict("这封来信的个人信息已按期清除")
        audit.record(connection, mailbox.clock(), clerk.login, "letter.reveal", number, {"reason": why})
    return words


def accept(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, handler: str = ""
) -> Letter:
    _check_department(mailbox, department)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        accepted = replace(
            letter.accepted(department, now), handler=_handler(mailbox, connection, handler, department)
        )
        outbox.cancel(connection, "letter", number)
        told = [
            *_told_of_assignment(mailbox, connection, accepted, now),
            *_citizen(
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

    return _change(mailbox, clerk, "letter.accept", number, version, change)


def assign(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, handler: str = ""
) -> Letter:
    _check_department(mailbox, department)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        _require_accepted(letter)
        outbox.cancel(connection, "letter", number)
        moved = replace(
            letter, department=department, handler=_handler(mailbox, connection, handler, department)
        )
        told = _told_of_assignment(mailbox, connection, moved, now)
        return Done(moved, tuple(told), {"department": department, "handler": moved.handler})

    return _change(mailbox, clerk, "letter.assign", number, version, change)


def transfer(
    mailbox: Mailbox, clerk: Staff, number: str, version: int, department: str, reason: str
) -> Letter:
    """Hand a letter that is another office's to that office, within the transfer term."""
    _check_department(mailbox, department)
    why = _reason(reason)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        _require_accepted(letter)
        if letter.department == department:
            raise Invalid({"department": "这封来信已经在这个处室"})
        last = mailbox.calendar.after(local_day(letter.accepted_at or now), mailbox.rules.transfer_days).day
        if mailbox.today > last:
            raise Conflict(f"转办期限（受理后{mailbox.rules.transfer_days}个工作日）已过，请与受理员联系")
        outbox.cancel(connection, "letter", number)
        letters.say(
            connection, mailbox.keys, number, kind="note", author=clerk.login, body=f"转办：{why}", at=now
        )
        moved = replace(letter, department=department, handler="")
        told = _told_of_assignment(mailbox, connection, moved, now)
        return Done(moved, tuple(told), {"from": letter.department, "department": department})

    return _change(mailbox, clerk, "letter.transfer", number, version, change)


def _told_of_assignment(
    mailbox: Mailbox, connection: Connection, letter: Letter, now: datetime
) -> list[Notice]:
    crew = people.crew(connection, mailbox.keys)
    owners = ladder.owners_of(mailbox, crew, letter)
    told = ladder.tell(mailbox, letter, "assigned", owners, now, once=str(letter.version))
    return told + ladder.schedule(mailbox, crew, letter, since=now)


def decline(mailbox: Mailbox, clerk: Staff, number: str, version: int, reason: str) -> Letter:
    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        outbox.cancel(connection, "letter", number)
        declined = letter.declined(reason, now)
        return Done(declined, _citizen(mailbox, connection, declined, "declined", now), {"reason": reason})

    return _change(mailbox, clerk, "letter.decline", number, version, change)


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
        told = _citizen(mailbox, connection, merged, "merged", now, into=other.number)
        return Done(merged, told, {"into": other.number})

    return _change(mailbox, clerk, "letter.merge", number, version, change)


def ask(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Ask the citizen for facts, once; the term goes on."""
    body = _body(text)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        if letter.asked:
            raise Conflict("一封来信只能请来信人补充一次")
        asked = replace(letter.moved(Status.ASKED), asked=True)
        letters.say(connection, mailbox.keys, number, kind="question", author=clerk.login, body=body, at=now)
        return Done(asked, _citizen(mailbox, connection, asked, "asked", now))

    return _change(mailbox, clerk, "letter.ask", number, version, change)


def draft(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Keep the reply's draft; the letter is in handling from now on."""
    body = _body(text)

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        _write_draft(mailbox, connection, clerk, letter, body, "draft", now)
        return Done(_handling(letter))

    return _change(mailbox, clerk, "letter.draft", number, version, change)


def submit_draft(mailbox: Mailbox, clerk: Staff, number: str, version: int, text: str) -> Letter:
    """Hand the draft to a reviewer; without four eyes it is the reply."""
    body = _body(text)

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

    return _change(mailbox, clerk, "letter.submit-draft", number, version, change)


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

    return _change(mailbox, clerk, "letter.approve", number, version, change)


def send_back(mailbox: Mailbox, clerk: Staff, number: str, version: int, reason: str) -> Letter:
    why = _reason(reason)

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

    return _change(mailbox, clerk, "letter.send-back", number, version, change)


def extend(mailbox: Mailbox, clerk: Staff, number: str, version: int, days: int, reason: str) -> Letter:
    """Extend the term once; who does it is the approver, and the citizen is told why."""
    why, most = _reason(reason), mailbox.rules.extend_days
    if not 1 <= days <= most:
        raise Invalid({"days": f"延期应为1到{most}个工作日"})

    def change(connection: Connection, letter: Letter, now: datetime) -> Done:
        _require_accepted(letter)
        if letter.extended_days:
            raise Conflict("一封来信只能延期一次")
        due = mailbox.rules.terms.reply_due(letter.category, letter.received_at, mailbox.calendar, days)
        outbox.cancel(connection, "letter", number, rung_prefix="due-")
        extended = replace(letter, extended_days=days, due=due.day, provisional=due.provisional)
        letters.say(connection, mailbox.keys, number, kind="extension", author=clerk.login, body=why, at=now)
        told = [
            *ladder.schedule(mailbox, people.crew(connection, mailbox.keys), extended, since=now),
            *_citizen(mailbox, connection, extended, "extended", now, due=str(due.day)),
        ]
        return Done(extended, tuple(told), {"days": days, "reason": why, "due": due.day})

    return _change(mailbox, clerk, "letter.extend", number, version, change)


def close(mailbox: Mailbox, clerk: Staff, number: str, version: int) -> Letter:
    return _change(
        mailbox, clerk, "letter.close", number, version, lambda _, letter, now: Done(letter.closed(now))
    )


def _replied(mailbox: Mailbox, connection: Connection, letter: Letter, now: datetime, author: str) -> Done:
    """Every reminder of the letter ends in the transaction of its reply."""
    outbox.cancel(connection, "letter", letter.number)
    replied = letter.replied(now)
    told = _citizen(mailbox, connection, replied, "answered", now)
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
    _require_accepted(letter)
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


def _require_accepted(letter: Letter) -> None:
    if letter.status is Status.RECEIVED:
        raise Conflict("请先受理这封来信")
    if not letter.status.is_open:
        raise Conflict(f"来信{letter.number}现在是“{letter.status.text}”，不能再办理")


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


def _reason(text: str) -> str:
    why = clean(text)
    if not 2 <= len(why) <= 200:
        raise Invalid({"reason": "请写明理由（2到200个字）"})
    return why


def _body(text: str) -> str:
    body = clean(text, lines=True)
    if problem := length_problem("content", body):
        raise Invalid({"text": problem.replace("留言内容", "内容")})
    return body
