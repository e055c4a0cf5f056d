"""What a citizen can do with a letter: look it up, add to it, take it back, rate it, get the code again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api import query_code
from mailbox_api.errors import Conflict, Invalid, NotFound
from mailbox_api.letter import (
    DECLINE_REASONS,
    MAX_SUPPLEMENTS,
    Letter,
    Status,
    clean,
    length_problem,
)
from mailbox_api.notices import Channel, Notice, Recipient, to_each
from mailbox_api.service import ladder
from mailbox_api.service.otp import spend_permit
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, letters, limits, outbox, people
from mailbox_api.store.letters import Message, Words
from mailbox_api.store.limits import Limit

CITIZEN = "citizen"
FAILED_QUERIES = (Limit(10, 60), Limit(60, 86400))  # of one address
FAILED_BY_ALL = Limit(300, 60)  # from here on somebody tries codes out, from many addresses
WHILE_TRIED_OUT = (Limit(1, 86400),)  # whoever was wrong today waits; who knows the code does not notice
UNKNOWN = "没有找到这封来信，请核对查询码"
RATINGS = {3: "满意", 2: "基本满意", 1: "不满意"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the timeline."""

    at: datetime
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the query code shows."""

    letter: Letter
    words: Words | None
    department: str
    timeline: tuple[Step, ...]
    reply: str | None
    question: str | None
    overdue: bool

    @property
    def can_supplement(self) -> bool:
        return self.letter.status.is_open and (
            self.question is not None or self.letter.supplements < MAX_SUPPLEMENTS
        )

    @property
    def can_withdraw(self) -> bool:
        return self.letter.status is Status.RECEIVED

    @property
    def can_rate(self) -> bool:
        return self.letter.status in (Status.REPLIED, Status.CLOSED) and self.letter.rating is None


def tell_citizen(letter: Letter, mobile: str, what: str, at: datetime, **values: str) -> list[Notice]:
    """An SMS to the sender; the query code never stands in one."""
    return to_each(
        (Recipient(name=CITIZEN, addresses={Channel.SMS: mobile}),),
        (Channel.SMS,),
        subject=("letter", letter.number),
        rung=f"{CITIZEN}-{what}" if what != "extended" else f"{CITIZEN}-extended-{letter.extended_days}",
        template=f"citizen-{what}",
        values={"number": letter.number, **values},
        at=at,
        urgent=what == "received",  # the citizen is awake: it answers what was just sent
    )


def look_up(mailbox: Mailbox, code_text: str, address: str) -> Progress:
    """Raises NotFound alike for every code that opens nothing, and counts it before answering."""
    letter = _find(mailbox, code_text, address)
    with mailbox.database.read() as connection:
        words = letters.words(connection, mailbox.keys, letter.number)
        messages = letters.conversation(connection, mailbox.keys, letter.number)
    return _progress(mailbox, letter, words, messages)


def _find(mailbox: Mailbox, code_text: str, address: str) -> Letter:
    if not code_text.strip():
        raise Invalid({"code": "请填写查询码"})
    now, bucket = mailbox.clock(), f"query/{address}"
    code = query_code.read(code_text)
    with mailbox.database.read() as connection:
        tried_out = limits.count(connection, "query-all", FAILED_BY_ALL, now) >= FAILED_BY_ALL.most
        most = WHILE_TRIED_OUT if tried_out else FAILED_QUERIES
        limits.check(connection, bucket, most, now, "查询失败次数过多，请稍后再试")
        letter = letters.by_code(connection, mailbox.keys.digest("query", code or ""))
    if letter is not None:
        return letter
    if code is not None:  # a typo is seen by the check symbol and is no attempt at guessing
        with mailbox.database.write() as connection:
            for limit in FAILED_QUERIES:
                limits.add(connection, bucket, limit, now)
            limits.add(connection, "query-all", FAILED_BY_ALL, now)
    raise NotFound(UNKNOWN)


def _progress(mailbox: Mailbox, letter: Letter, words: Words | None, messages: list[Message]) -> Progress:
    sent = [message for message in messages if message.state == "sent"]
    replies = [message.body for message in sent if message.kind == "reply"]
    questions = [message.body for message in sent if message.kind == "question"]
    return Progress(
        letter=letter,
        words=words,
        department=mailbox.department(letter.department) if letter.department else "",
        timeline=tuple(_timeline(mailbox, letter, sent)),
        reply=replies[-1] if replies else None,
        question=questions[-1] if questions and letter.status is Status.ASKED else None,
        overdue=mailbox.is_overdue(letter),
    )


MESSAGE_STEPS = {
    "supplement": "您补充了情况",
    "question": "办理单位请您补充情况",
    "answer": "您答复了办理单位的询问",
    "extension": "经批准延期答复",
}


def _timeline(mailbox: Mailbox, letter: Letter, sent: list[Message]) -> list[Step]:
    steps = [Step(at=letter.received_at, what="已收到")]
    if letter.accepted_at:
        steps.append(Step(at=letter.accepted_at, what="已受理", note=mailbox.department(letter.department)))
    steps += [
        Step(at=message.sent_at or message.created_at, what=MESSAGE_STEPS[message.kind])
        for message in sent
        if message.kind in MESSAGE_STEPS
    ]
    if letter.replied_at:
        steps.append(Step(at=letter.replied_at, what="已答复", note=mailbox.department(letter.department)))
    if letter.closed_at:
        note = DECLINE_REASONS.get(letter.decline_reason, "") or letter.merged_into
        steps.append(Step(at=letter.closed_at, what=letter.status.text, note=note))
    return sorted(steps, key=lambda step: step.at)


def supplement(mailbox: Mailbox, code_text: str, text: str, address: str) -> Progress:
    """Add to an open letter, at most three times; while a question waits, this answers it."""
    letter = _find(mailbox, code_text, address)
    body = clean(text, lines=True)
    if problem := length_problem("content", body):
        raise Invalid({"content": problem})

    def change(connection: Connection, letter: Letter, now: datetime) -> Letter:
        answers = letter.status is Status.ASKED
        if not letter.status.is_open:
            raise Conflict("来信已经办结，不能再补充；有新的情况请另写一封")
        if not answers and letter.supplements >= MAX_SUPPLEMENTS:
            raise Conflict(f"一封来信最多补充{MAX_SUPPLEMENTS}次")
        kind = "answer" if answers else "supplement"
        letters.say(connection, mailbox.keys, letter.number, kind=kind, author=CITIZEN, body=body, at=now)
        crew = people.crew(connection, mailbox.keys)
        outbox.add(connection, mailbox.keys, ladder.supplemented(mailbox, crew, letter, now), now)
        if answers:
            return letter.moved(Status.HANDLING)
        return replace(letter, supplements=letter.supplements + 1)

    return _change(mailbox, letter.number, "letter.supplement", change)


def withdraw(mailbox: Mailbox, code_text: str, address: str) -> Progress:
    """Take the letter back, as long as it is not accepted."""
    letter = _find(mailbox, code_text, address)

    def change(connection: Connection, letter: Letter, now: datetime) -> Letter:
        if letter.status is not Status.RECEIVED:
            raise Conflict("来信已经受理，不能撤回")
        outbox.cancel(connection, "letter", letter.number)
        return letter.withdrawn(now)

    return _change(mailbox, letter.number, "letter.withdraw", change)


def rate(mailbox: Mailbox, code_text: str, stars: object, address: str) -> Progress:
    letter = _find(mailbox, code_text, address)
    if type(stars) is not int or stars not in RATINGS:
        raise Invalid({"rating": "评价应为 3（满意）、2（基本满意）或 1（不满意）"})

    def change(_connection: Connection, letter: Letter, _now: datetime) -> Letter:
        if letter.status not in (Status.REPLIED, Status.CLOSED):
            raise Conflict("答复之后才能评价")
        if letter.rating is not None:
            raise Conflict("已经评价过了")
        return replace(letter, rating=stars)

    return _change(mailbox, letter.number, "letter.rate", change)


def _change(
    mailbox: Mailbox, number: str, action: str, change: Callable[[Connection, Letter, datetime], Letter]
) -> Progress:
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        letter = letters.save(connection, change(connection, letters.hold(connection, number), now))
        audit.record(connection, now, CITIZEN, action, number, {"status": letter.status})
        words = letters.words(connection, mailbox.keys, number)
        messages = letters.conversation(connection, mailbox.keys, number)
    mailbox.wake.set()
    return _progress(mailbox, letter, words, messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    number: str
    query_code: str
    received_at: datetime
    status: Status


def recover(mailbox: Mailbox, permit: str) -> list[Recovered]:
    """New query codes for the letters of a proven mobile; the old codes stop working."""
    now, keys = mailbox.clock(), mailbox.keys
    found = []
    with mailbox.database.write() as connection:
        mobile = spend_permit(mailbox, connection, permit, "recover", now)
        for number in letters.numbers_of(connection, keys.blind(mobile)):
            letter, code = letters.get(connection, number), query_code.draw()
            letters.set_code(connection, number, keys.digest("query", code))
            found.append(
                Recovered(
                    number=number,
                    query_code=query_code.shown(code),
                    received_at=letter.received_at,
                    status=letter.status,
                )
            )
        numbers = [row.number for row in found]
        audit.record(connection, now, CITIZEN, "letter.recover", "", {"letters": numbers})
    return found
