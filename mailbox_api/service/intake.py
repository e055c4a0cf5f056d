"""A letter comes in: judged, stored with its notices, acknowledged once that is durable.

Letters that arrive while another is being written share the next transaction. Each is judged alone: what is wrong
with one is told to its sender and holds up no other.
"""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from mailbox_api import consultations, query_code
from mailbox_api.deadlines import local_day
from mailbox_api.errors import Duplicate, Invalid, KeyReused, MailboxError, TooMany, Unavailable
from mailbox_api.letter import Letter, Status, Submission
from mailbox_api.service import ladder
from mailbox_api.service.arriving import Receipt, Waiting
from mailbox_api.service.citizen import CITIZEN, tell_citizen
from mailbox_api.service.otp import NO_PERMIT
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, counters, letters, limits, outbox, people
from mailbox_api.store.letters import Earlier, New, Words

log = logging.getLogger("mailbox.intake")

KEEP_ANSWERS = timedelta(hours=24)
SAME_WORDS = timedelta(days=1)
PER_MOBILE = ((3, timedelta(days=1)), (10, timedelta(days=30)))


@dataclass(frozen=True, slots=True)
class _Accepted:
    waiting: Waiting
    token: bytes
    mobile: str
    mobile_bi: bytes
    content_bi: bytes


def submit(mailbox: Mailbox, submission: Submission, permit: str, key: str) -> Receipt:
    """Store the letter with its notices; the same key and body give the same receipt."""
    if submission.consultation:
        consultations.require_open(mailbox.desk.content, submission.consultation, mailbox.today)
    waiting, written = _put(mailbox, submission, permit, key)
    written.result()
    return _settled(waiting)


async def submitted(mailbox: Mailbox, submission: Submission, permit: str, key: str) -> Receipt:
    """As `submit`, for a caller in the event loop, who blocks no thread while the letter waits for its group."""
    if submission.consultation:
        folder, today = mailbox.desk.content, mailbox.today
        await asyncio.to_thread(consultations.require_open, folder, submission.consultation, today)
    waiting, written = _put(mailbox, submission, permit, key)
    await asyncio.wrap_future(written)
    return _settled(waiting)


def _put(mailbox: Mailbox, submission: Submission, permit: str, key: str) -> tuple[Waiting, Future[None]]:
    if not permit:
        raise Invalid({"permit": "请先填写手机号并通过短信验证"})
    if not 8 <= len(key) <= 200:
        raise Invalid({"Idempotency-Key": "请求头 Idempotency-Key 应有 8 到 200 个字符"})
    waiting = Waiting(
        submission=submission,
        permit=permit,
        key=key,
        key_hmac=mailbox.keys.digest("idempotency", key),
        body_hmac=mailbox.keys.digest("body", repr(submission), permit),
    )
    return waiting, mailbox.intake.put(waiting, lambda group: _write(mailbox, group))


def _settled(waiting: Waiting) -> Receipt:
    match waiting.outcome:
        case Receipt() as receipt:
            return receipt
        case Exception() as error:
            raise error
        case _:
            raise Unavailable


def _write(mailbox: Mailbox, group: list[Waiting]) -> None:
    """Until all are settled: of several with one key or one mobile, the later ones meet the earlier as stored."""
    while group:
        try:
            outcomes = _write_once(mailbox, group)
        except Unavailable as error:
            outcomes = {one: Unavailable(error.message) for one in group}
        except Exception as error:
            if len(group) == 1:
                outcomes = {group[0]: error}
            else:  # one of them is at fault: each alone
                log.error("letters are written one by one: %s", type(error).__name__)
                for one in group:
                    _write(mailbox, [one])
                return
        for one, outcome in outcomes.items():
            one.outcome = outcome
        group = [one for one in group if one not in outcomes]
    mailbox.wake.set()


def _write_once(mailbox: Mailbox, group: list[Waiting]) -> Mapping[Waiting, Receipt | Exception]:
    """What became of those that could be settled in this transaction, which is durable on return."""
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        counters.count(connection, letters.series(local_day(now).year), by=0)
        accepted, outcomes = _judge(mailbox, connection, group, now)
        if accepted:
            outcomes |= _store(mailbox, connection, accepted, now)
    return outcomes


def _judge(
    mailbox: Mailbox, connection: Connection, group: list[Waiting], now: datetime
) -> tuple[list[_Accepted], dict[Waiting, Receipt | Exception]]:
    keys = mailbox.keys
    answers = limits.answered(connection, [one.key_hmac for one in group], now - KEEP_ANSWERS)
    tokens = {one: keys.digest("permit", one.permit) for one in group}
    permits = limits.permits(connection, list(tokens.values()), "letter", now)
    mobiles = {
        one: keys.open(permits[token], f"permit|{one.permit}")
        for one, token in tokens.items()
        if token in permits
    }
    indexes = {mobile: keys.blind(mobile) for mobile in mobiles.values()}
    earlier = letters.earlier(connection, list(indexes.values()), now - PER_MOBILE[-1][1])
    accepted: list[_Accepted] = []
    outcomes: dict[Waiting, Receipt | Exception] = {}
    taken: set[bytes | str] = set()  # keys and mobiles that wait for their turn in this group
    for one in group:
        try:
            if (known := answers.get(one.key_hmac)) is not None:
                outcomes[one] = _repeat(mailbox, known, one)
            elif one.key_hmac in taken or mobiles.get(one) in taken:
                continue
            elif one not in mobiles:
                raise Invalid({"permit": NO_PERMIT})
            else:
                mobile = mobiles[one]
                index = letters.content_index(keys, mobile, one.submission.content)
                _check_limits(earlier.get(indexes[mobile], ()), index, now)
                accepted.append(_Accepted(one, tokens[one], mobile, indexes[mobile], index))
                taken |= {one.key_hmac, mobile}
        except MailboxError as error:
            outcomes[one] = error
    return accepted, outcomes


def _repeat(mailbox: Mailbox, known: limits.Answered, waiting: Waiting) -> Receipt:
    if known.body_hmac != waiting.body_hmac:
        raise KeyReused("这个 Idempotency-Key 已用于另一封来信")
    raw = json.loads(mailbox.keys.open(known.answer_ct, f"idempotency|{waiting.key}"))
    return Receipt(
        number=raw["number"],
        query_code=raw["query_code"],
        received_at=datetime.fromisoformat(raw["received_at"]),
        due=date.fromisoformat(raw["due"]),
        provisional=raw["provisional"],
    )


def _pack(receipt: Receipt) -> str:
    return json.dumps(
        {
            "number": receipt.number,
            "query_code": receipt.query_code,
            "received_at": receipt.received_at.isoformat(),
            "due": str(receipt.due),
            "provisional": receipt.provisional,
        }
    )


def _check_limits(earlier: Iterable[Earlier], content_bi: bytes, now: datetime) -> None:
    """Raises Duplicate for the same words within a day, TooMany for too many letters of one mobile."""
    sent = list(earlier)
    for one in sent:
        if one.content_bi == content_bi and one.received_at > now - SAME_WORDS:
            raise Duplicate(f"相同内容的来信已经收到（编号{one.number}），一事一信，请勿重复提交")
    for most, span in PER_MOBILE:
        if sum(one.received_at > now - span for one in sent) >= most:
            wait = int(span.total_seconds())
            raise TooMany(f"这个手机号{span.days}天内最多提交{most}封来信，请稍后再来", wait=wait)


def _store(
    mailbox: Mailbox, connection: Connection, accepted: list[_Accepted], now: datetime
) -> dict[Waiting, Receipt | Exception]:
    keys = mailbox.keys
    if not limits.use_permits(connection, [one.token for one in accepted], now):
        raise Invalid({"permit": NO_PERMIT})
    numbers = letters.take_numbers(connection, local_day(now).year, len(accepted))
    codes = [query_code.draw() for _ in accepted]
    arrived = [
        New(
            letter=_letter(mailbox, one.waiting.submission, number, now),
            words=_words(one),
            code_hmac=keys.digest("query", code),
            mobile_bi=one.mobile_bi,
            content_bi=one.content_bi,
        )
        for one, number, code in zip(accepted, numbers, codes, strict=True)
    ]
    letters.add(connection, keys, arrived)
    facts = {new.letter.number: {"category": new.letter.category} for new in arrived}
    audit.record_each(connection, now, CITIZEN, "letter.submit", facts)
    crew = people.crew(connection, keys)
    told = [
        notice
        for new in arrived
        for notice in (
            *ladder.new_letter(mailbox, crew, new.letter, now),
            *tell_citizen(new.letter, new.words.mobile, "received", now, due=str(new.letter.due)),
        )
    ]
    outbox.add(connection, keys, told, now)
    receipts = {
        one.waiting: _receipt(new.letter, code)
        for one, new, code in zip(accepted, arrived, codes, strict=True)
    }
    limits.remember(
        connection,
        {
            one.key_hmac: limits.Answered(one.body_hmac, keys.seal(_pack(receipt), f"idempotency|{one.key}"))
            for one, receipt in receipts.items()
        },
        now,
    )
    return {**receipts}


def _letter(mailbox: Mailbox, submission: Submission, number: str, now: datetime) -> Letter:
    terms, calendar = mailbox.rules.terms, mailbox.calendar
    accept = terms.accept_due(now, calendar)
    due = terms.reply_due(submission.category, now, calendar)
    return Letter(
        number=number,
        category=submission.category,
        status=Status.RECEIVED,
        received_at=now,
        accept_due=accept.day,
        due=due.day,
        provisional=due.provisional or accept.provisional,
        publish_consent=submission.publish_consent,
        notice_version=submission.notice_version,
        consultation=submission.consultation,
    )


def _words(one: _Accepted) -> Words:
    sent = one.waiting.submission
    return Words(name=sent.name, mobile=one.mobile, title=sent.title, content=sent.content)


def _receipt(letter: Letter, code: str) -> Receipt:
    return Receipt(
        number=letter.number,
        query_code=query_code.shown(code),
        received_at=letter.received_at,
        due=letter.due,
        provisional=letter.provisional,
    )
