"""How every action of a clerk runs: role, office, version, move, notices, one audit row, one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import Letter, Status, clean, length_problem
from mailbox_api.notices import Notice
from mailbox_api.service.citizen import tell_citizen
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import EVERY_OFFICE, require
from mailbox_api.store import audit, letters, outbox
from mailbox_api.store.people import Staff


@dataclass(frozen=True, slots=True)
class Done:
    """What a change leaves: the letter, what is told, what the audit row says."""

    letter: Letter
    told: tuple[Notice, ...] = ()
    facts: dict[str, object] | None = None


Change = Callable[[Connection, Letter, datetime], Done]


def reads_every_office(clerk: Staff) -> bool:
    return clerk.has(*EVERY_OFFICE) or not clerk.department


def require_office(clerk: Staff, letter: Letter) -> None:
    if (
        not reads_every_office(clerk)
        and letter.department != clerk.department
        and letter.handler != clerk.login
    ):
        raise Forbidden("这封来信由别的处室办理")


def perform(mailbox: Mailbox, clerk: Staff, action: str, number: str, version: int, change: Change) -> Letter:
    """Run one action in one transaction. Raises Conflict when the clerk saw an older version."""
    require(clerk, action)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        letter = letters.hold(connection, number)
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


def to_citizen(
    mailbox: Mailbox, connection: Connection, letter: Letter, what: str, at: datetime, **values: str
) -> tuple[Notice, ...]:
    """Nothing where the personal data were purged."""
    mobile = letters.mobile_of(connection, mailbox.keys, letter.number)
    return (
        tuple(tell_citizen(letter, mobile, what, mailbox.rules.quiet.next_allowed(at), **values))
        if mobile
        else ()
    )


def require_accepted(letter: Letter) -> None:
    if letter.status is Status.RECEIVED:
        raise Conflict("请先受理这封来信")
    if not letter.status.is_open:
        raise Conflict(f"来信{letter.number}现在是“{letter.status.text}”，不能再办理")


def read_reason(text: str) -> str:
    why = clean(text)
    if not 2 <= len(why) <= 200:
        raise Invalid({"reason": "请写明理由（2到200个字）"})
    return why


def read_body(text: str) -> str:
    body = clean(text, lines=True)
    if problem := length_problem("content", body):
        raise Invalid({"text": problem.replace("留言内容", "内容")})
    return body
