"""Letters and what was written about them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from mailbox_api.errors import Conflict, NotFound
from mailbox_api.keys import KeyRing
from mailbox_api.letter import OPEN, Letter, Status
from mailbox_api.store import counters, tables
from mailbox_api.store.prepared import Prepared

_LETTER_FIELDS = tuple(field.name for field in fields(Letter))
_LETTER_COLUMNS = [tables.letter.c[name] for name in _LETTER_FIELDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the citizen wrote and who it is; exists in the clear only in memory."""

    name: str
    mobile: str
    title: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: int
    number: str
    kind: str
    author: str
    body: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    reviewer: str


def series(year: int) -> str:
    """Numbers run from 1 each year: `2026-000123` is public, in order, and no key to anything."""
    return f"letter-{year}"


def take_numbers(connection: Connection, year: int, count: int) -> list[str]:
    last = counters.count(connection, series(year), count)
    return [f"{year}-{number:06d}" for number in range(last - count + 1, last + 1)]


@dataclass(frozen=True, slots=True)
class New:
    """A letter as it comes in."""

    letter: Letter
    words: Words
    code_hmac: bytes
    mobile_bi: bytes
    content_bi: bytes


def add(connection: Connection, keys: KeyRing, arrived: Sequence[New]) -> None:
    _ADDING.many(connection, [{**_values(new.letter), "code_hmac": new.code_hmac} for new in arrived])
    _HIDING.many(connection, [_sealed(keys, new) for new in arrived])


_ADDING = Prepared(lambda _: insert(tables.letter))
_HIDING = Prepared(lambda _: insert(tables.letter_secret))


def _values(letter: Letter) -> dict[str, object]:
    return {name: getattr(letter, name) for name in _LETTER_FIELDS}


def _sealed(keys: KeyRing, new: New) -> dict[str, object]:
    number, words = new.letter.number, new.words
    return {
        "number": number,
        "mobile_bi": new.mobile_bi,
        "content_bi": new.content_bi,
        "received_at": new.letter.received_at,
        **{
            f"{field.name}_ct": keys.seal(getattr(words, field.name), _bound(number, field.name))
            for field in fields(Words)
        },
    }


def content_index(keys: KeyRing, mobile: str, content: str) -> bytes:
    return keys.blind(f"{mobile}\n{''.join(content.split())}")


def get(connection: Connection, number: str) -> Letter:
    return _found(connection, number, select(*_LETTER_COLUMNS))


def hold(connection: Connection, number: str) -> Letter:
    """The letter, which nobody else changes, and no sweep makes reminders of, before this transaction ends."""
    return _found(connection, number, select(*_LETTER_COLUMNS).with_for_update(key_share=True))


def _found(connection: Connection, number: str, query: Select[Any]) -> Letter:
    row = connection.execute(query.where(tables.letter.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"没有编号为{number}的来信")
    return _letter(row)


def by_code(connection: Connection, code_hmac: bytes) -> Letter | None:
    row = connection.execute(
        select(*_LETTER_COLUMNS).where(tables.letter.c.code_hmac == code_hmac)
    ).one_or_none()
    return None if row is None else _letter(row)


def save(connection: Connection, letter: Letter) -> Letter:
    """Write a changed letter. Raises Conflict when its version is no longer the stored one."""
    table, saved = tables.letter, replace(letter, version=letter.version + 1)
    done = connection.execute(
        update(table)
        .where(table.c.number == letter.number, table.c.version == letter.version)
        .values(**_values(saved))
    )
    if done.rowcount != 1:
        raise Conflict(f"来信{letter.number}刚才已由别人处理，请刷新后再看")
    return saved


def set_code(connection: Connection, number: str, code_hmac: bytes) -> None:
    table = tables.letter
    connection.execute(update(table).where(table.c.number == number).values(code_hmac=code_hmac))


def words(connection: Connection, keys: KeyRing, number: str) -> Words | None:
    """None when the personal data were purged."""
    table = tables.letter_secret
    row = connection.execute(select(table).where(table.c.number == number)).one_or_none()
    return None if row is None else _words(keys, row)


def all_words(connection: Connection, keys: KeyRing, numbers: Sequence[str]) -> dict[str, Words]:
    table = tables.letter_secret
    rows = connection.execute(select(table).where(table.c.number.in_(numbers)))
    return {row.number: _words(keys, row) for row in rows}


def mobile_of(connection: Connection, keys: KeyRing, number: str) -> str | None:
    table = tables.letter_secret
    sealed = connection.execute(
        select(table.c.mobile_ct).where(table.c.number == number)
    ).scalar_one_or_none()
    return None if sealed is None else keys.open(sealed, _bound(number, "mobile"))


@dataclass(frozen=True, slots=True)
class Earlier:
    """A letter of the same mobile."""

    number: str
    content_bi: bytes
    received_at: datetime


_SECRET = tables.letter_secret
_EARLIER = Prepared(
    lambda _: select(
        _SECRET.c.mobile_bi, _SECRET.c.number, _SECRET.c.content_bi, _SECRET.c.received_at
    ).where(_SECRET.c.mobile_bi == bindparam("mobile"), _SECRET.c.received_at > bindparam("since"))
)


def earlier(connection: Connection, mobiles: Sequence[bytes], since: datetime) -> dict[bytes, list[Earlier]]:
    """By blind index, what these mobiles sent since then."""
    found = defaultdict[bytes, list[Earlier]](list)
    for mobile, *rest in _EARLIER.each(connection, [{"mobile": one, "since": since} for one in mobiles]):
        found[mobile].append(Earlier(*rest))
    return found


def numbers_of(connection: Connection, mobile_bi: bytes) -> list[str]:
    table = tables.letter_secret
    query = select(table.c.number).where(table.c.mobile_bi == mobile_bi).order_by(table.c.received_at.desc())
    return list(connection.execute(query).scalars())


def inbox(
    connection: Connection,
    *,
    statuses: Sequence[Status] = tuple(OPEN),
    department: str = "",
    limit: int = 200,
    offset: int = 0,
) -> list[Letter]:
    """The nearest due date first."""
    table = tables.letter
    query: Select[tuple[object, ...]] = select(*_LETTER_COLUMNS).where(table.c.status.in_([*statuses]))
    if department:
        query = query.where(table.c.department == department)
    query = query.order_by(table.c.due, table.c.number).limit(limit).offset(offset)
    return [_letter(row) for row in connection.execute(query)]


def open_letters(connection: Connection) -> list[Letter]:
    return inbox(connection, limit=1_000_000)


def still_open(connection: Connection, numbers: Iterable[str]) -> set[str]:
    """Those of them that wait for an answer; they stay so until this transaction ends."""
    table = tables.letter
    query = select(table.c.number).where(table.c.number.in_([*numbers]), table.c.status.in_([*OPEN]))
    return set(connection.execute(query.with_for_update(read=True)).scalars())


def received_between(connection: Connection, start: datetime, end: datetime) -> list[Letter]:
    table = tables.letter
    query = select(*_LETTER_COLUMNS).where(table.c.received_at >= start, table.c.received_at < end)
    return [_letter(row) for row in connection.execute(query.order_by(table.c.number))]


def provisional(connection: Connection) -> list[Letter]:
    """Held like `hold`."""
    query = select(*_LETTER_COLUMNS).where(tables.letter.c.provisional, tables.letter.c.status.in_([*OPEN]))
    query = query.with_for_update(key_share=True)
    return [_letter(row) for row in connection.execute(query)]


def first_received(connection: Connection) -> datetime | None:
    at: datetime | None = connection.execute(select(func.min(tables.letter.c.received_at))).scalar_one()
    return at


def oldest_open(connection: Connection) -> date | None:
    query = select(func.min(tables.letter.c.received_at)).where(tables.letter.c.status.in_([*OPEN]))
    at: datetime | None = connection.execute(query).scalar_one()
    return None if at is None else at.date()


def say(
    connection: Connection,
    keys: KeyRing,
    number: str,
    *,
    kind: str,
    author: str,
    body: str,
    at: datetime,
    state: str = "sent",
    reviewer: str = "",
) -> None:
    """Add a message to the letter's conversation."""
    connection.execute(
        insert(tables.message).values(
            number=number,
            kind=kind,
            author=author,
            body_ct=keys.seal(body, _bound(number, kind)),
            state=state,
            created_at=at,
            sent_at=at if state == "sent" else None,
            reviewer=reviewer,
        )
    )


def rewrite(connection: Connection, keys: KeyRing, message: Message) -> None:
    """Store a draft's new text or state."""
    table = tables.message
    connection.execute(
        update(table)
        .where(table.c.id == message.id)
        .values(
            author=message.author,
            body_ct=keys.seal(message.body, _bound(message.number, message.kind)),
            state=message.state,
            sent_at=message.sent_at,
            reviewer=message.reviewer,
        )
    )


def conversation(connection: Connection, keys: KeyRing, number: str) -> list[Message]:
    table = tables.message
    rows = connection.execute(select(table).where(table.c.number == number).order_by(table.c.id))
    return [_message(keys, row) for row in rows]


def draft(connection: Connection, keys: KeyRing, number: str) -> Message | None:
    """The reply that is being written or reviewed."""
    table = tables.message
    query = select(table).where(table.c.number == number, table.c.kind == "reply", table.c.state != "sent")
    row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _message(keys, row)


def _bound(number: str, field: str) -> str:
    return f"letter|{number}|{field}"


def _letter(row: Row[tuple[object, ...]]) -> Letter:
    values = dict(row._mapping)
    return Letter(**values | {"status": Status(values["status"])})


def _words(keys: KeyRing, row: Row[tuple[object, ...]]) -> Words:
    values = row._mapping
    number = values["number"]
    return Words(
        **{
            field.name: keys.open(values[f"{field.name}_ct"], _bound(number, field.name))
            for field in fields(Words)
        }
    )


def _message(keys: KeyRing, row: Row[tuple[object, ...]]) -> Message:
    values = dict(row._mapping)
    body = keys.open(values.pop("body_ct"), _bound(values["number"], values["kind"]))
    return Message(**values, body=body)
