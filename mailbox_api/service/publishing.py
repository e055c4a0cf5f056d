"""A letter and its reply for everyone: redacted copies, checked by detectors and by a second person.

The originals never leave. A mobile or an ID number is never published, whatever anybody says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bureau.personal_data import Kind
from mailbox_api.deadlines import local_day
from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.letter import Letter, Status, clean, length_problem
from mailbox_api.service.clerk import require_office
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.redaction import NEVER, all_digits, redacted, traces
from mailbox_api.service.roles import require
from mailbox_api.service.seen import require as require_seen
from mailbox_api.store import audit, letters, publications
from mailbox_api.store.letters import Words
from mailbox_api.store.people import Staff
from mailbox_api.store.publications import APPROVED, PROPOSED, PUBLISHED, REVOKED, Publication

PARTS = {"title": "标题", "body": "来信", "reply": "答复"}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something in a copy that may point at a person."""

    part: str
    kind: str
    text: str

    @property
    def is_final(self) -> bool:
        """No reason lets it pass."""
        return self.kind in NEVER


def hits(copies: Mapping[str, str], words: Words) -> Iterator[Hit]:
    for part, text in copies.items():
        found = [Hit(part, trace.kind, trace.text) for trace in traces(text, words.name)]
        yield from found
        if words.mobile in all_digits(text) and not any(hit.kind == Kind.MOBILE for hit in found):
            yield Hit(part, Kind.MOBILE, words.mobile)


def suggestion(mailbox: Mailbox, connection: Connection, letter: Letter) -> dict[str, str] | None:
    """Title, body and reply for the form; None where the personal data were purged."""
    words = letters.words(connection, mailbox.keys, letter.number)
    if words is None:
        return None
    replies = [m.body for m in letters.conversation(connection, mailbox.keys, letter.number) if _is_reply(m)]
    parts = {"title": words.title, "body": words.content, "reply": replies[-1] if replies else ""}
    return {name: redacted(text, words.name) for name, text in parts.items()}


def _is_reply(message: letters.Message) -> bool:
    return message.kind == "reply" and message.state == "sent"


def propose(
    mailbox: Mailbox, clerk: Staff, number: str, copies: Mapping[str, str], seen: str | None = None
) -> Publication:
    """`seen`, here and below, is the mark of what the page showed."""
    require(clerk, "publication.propose")
    texts = _read(copies)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        letter = letters.get(connection, number)
        require_office(clerk, letter)
        words = _words(mailbox, connection, letter)
        if final := [hit for hit in hits(texts, words) if hit.is_final]:
            raise Invalid({hit.part: f"{PARTS[hit.part]}里有{hit.kind}，请删去" for hit in final})
        existing = publications.find(connection, number)
        require_seen(existing, seen)
        if existing is not None and existing.state not in (PROPOSED, REVOKED):
            raise Conflict("这封来信已经批准公开")
        made = _publication(letter, texts, clerk)
        (publications.save if existing else publications.add)(connection, made)
        audit.record(connection, now, clerk.login, "publication.propose", number)
    return made


def _read(copies: Mapping[str, str]) -> dict[str, str]:
    texts = {part: clean(copies.get(part, ""), lines=part != "title") for part in PARTS}
    fields = {"title": "title", "body": "content", "reply": "content"}
    problems = {part: told for part, field in fields.items() if (told := length_problem(field, texts[part]))}
    if problems:
        raise Invalid(problems)
    return texts


def _words(mailbox: Mailbox, connection: Connection, letter: Letter) -> Words:
    if letter.status not in (Status.REPLIED, Status.CLOSED):
        raise Conflict("答复之后才能公开")
    if not letter.publish_consent:
        raise Conflict("来信人不同意公开")
    words = letters.words(connection, mailbox.keys, letter.number)
    if words is None:
        raise Conflict("这封来信的个人信息已按期清除，无法核对，不能再公开")
    return words


def _publication(letter: Letter, texts: Mapping[str, str], clerk: Staff) -> Publication:
    assert letter.replied_at is not None
    return Publication(
        number=letter.number,
        state=PROPOSED,
        title=texts["title"],
        body=texts["body"],
        reply=texts["reply"],
        category=letter.category,
        department=letter.department,
        received_on=local_day(letter.received_at),
        replied_on=local_day(letter.replied_at),
        proposed_by=clerk.login,
    )


def approve(mailbox: Mailbox, clerk: Staff, number: str, reason: str, seen: str | None = None) -> Publication:
    """A second person looks; every remaining hit needs a reason, which is kept."""
    require(clerk, "publication.approve")
    now, why = mailbox.clock(), clean(reason)
    with mailbox.database.write() as connection:
        letter = letters.get(connection, number)
        require_office(clerk, letter)
        found = publications.get(connection, number)
        require_seen(found, seen)
        if found.state != PROPOSED:
            raise Conflict("没有等待批准的公开申请")
        if found.proposed_by == clerk.login:
            raise Forbidden("公开须由另一人批准")
        left = list(hits(_copies(found), _words(mailbox, connection, letter)))
        if any(hit.is_final for hit in left):
            raise Conflict("内容里有手机号或身份证号，不能公开")
        if left and len(why) < 4:
            raise Invalid(
                {"reason": f"还有{'、'.join(sorted({hit.kind for hit in left}))}，请写明可以公开的理由"}
            )
        overrides = [{"found": f"{hit.part} {hit.kind}", "reason": why, "by": clerk.login} for hit in left]
        approved = replace(found, state=APPROVED, approved_by=clerk.login, overrides=overrides)
        publications.save(connection, approved)
        audit.record(connection, now, clerk.login, "publication.approve", number, {"overrides": len(left)})
    return approved


def _copies(publication: Publication) -> dict[str, str]:
    return {"title": publication.title, "body": publication.body, "reply": publication.reply}


def revoke(mailbox: Mailbox, clerk: Staff, number: str, reason: str, seen: str | None = None) -> Publication:
    """Take it back; `publish-replies` removes the file and bars its address."""
    require(clerk, "publication.revoke")
    why, now = clean(reason), mailbox.clock()
    if len(why) < 2:
        raise Invalid({"reason": "请写明撤销公开的理由"})
    with mailbox.database.write() as connection:
        found = publications.get(connection, number)
        require_office(clerk, letters.get(connection, number))
        require_seen(found, seen)
        if found.state == REVOKED:
            raise Conflict("已经撤销公开")
        revoked = replace(found, state=REVOKED, revoked_at=now)
        publications.save(connection, revoked)
        audit.record(connection, now, clerk.login, "publication.revoke", number, {"reason": why})
    return revoked


def published(mailbox: Mailbox, number: str, path: str, at: datetime) -> None:
    """Record that the file stands in content/."""
    with mailbox.database.write() as connection:
        found = publications.get(connection, number)
        if found.state != APPROVED:
            raise Conflict("公开申请刚才被撤销")
        publications.save(connection, replace(found, state=PUBLISHED, path=path, published_at=at))
        audit.record(connection, at, "system", "publication.publish", number, {"path": path})


def removed(mailbox: Mailbox, number: str, at: datetime) -> None:
    """Record that the file of a revoked publication is gone."""
    with mailbox.database.write() as connection:
        publications.save(connection, replace(publications.get(connection, number), path=""))
        audit.record(connection, at, "system", "publication.remove", number)
