"""Opening a letter, and its sender in the clear."""

from dataclasses import dataclass, replace

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.letter import Letter, clean
from mailbox_api.service.clerk.acting import require_office
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.store import audit, letters, outbox
from mailbox_api.store.letters import Message, Words
from mailbox_api.store.people import Staff


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
        letter = letters.hold(connection, number)
        if letter.seen_at is not None:
            return letter
        outbox.cancel(connection, "letter", number, rung_prefix="unread-")
        audit.record(connection, now, clerk.login, "letter.seen", number)
        return letters.save(connection, replace(letter, seen_at=now))


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
