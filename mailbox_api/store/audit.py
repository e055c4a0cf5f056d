"""The audit chain: hash = SHA-256(previous hash ‖ canonical JSON). One row for every change.

The head row is updated first, so writers of several processes queue there and the chain never forks.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Select, bindparam, insert, select, update

from mailbox_api.store import tables
from mailbox_api.store.database import Database
from mailbox_api.store.prepared import Prepared

START = bytes(32)
BATCH = 1000

_HEAD = tables.audit_head
_TAKE = Prepared(
    lambda _: (
        update(_HEAD)
        .where(_HEAD.c.id == 1)
        .values(seq=_HEAD.c.seq + bindparam("count", type_=BigInteger))
        .returning(_HEAD.c.seq, _HEAD.c.hash)
    )
)
_ADD = Prepared(lambda _: insert(tables.audit))
_CLOSE = Prepared(lambda _: update(_HEAD).where(_HEAD.c.id == 1).values(hash=bindparam("head")))
_FACTS = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
_FIELDS = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    at: str
    actor: str
    action: str
    subject: str
    data: str


@dataclass(frozen=True, slots=True)
class Verdict:
    checked: int
    broken_at: int | None  # the first row whose hash is wrong
    head: str


def record(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    data: Mapping[str, object] | None = None,
) -> None:
    """`data` names facts and ids, never a citizen's name, mobile or words."""
    record_each(connection, at, actor, action, {subject: data or {}})


def record_each(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    subjects: Mapping[str, Mapping[str, object]],
) -> None:
    """The same action on several subjects, each with its own row."""
    last, previous = _TAKE.one(connection, count=len(subjects))
    rows, moment = [], at.astimezone(UTC).isoformat()
    for seq, (subject, data) in enumerate(subjects.items(), last - len(subjects) + 1):
        entry = Entry(seq, moment, actor, action, subject, _canonical(data))
        digest = _hash(previous, entry)
        rows.append(
            {
                "seq": seq,
                "at": moment,
                "actor": actor,
                "action": action,
                "subject": subject,
                "data": entry.data,
                "prev": previous,
                "hash": digest,
            }
        )
        previous = digest
    _ADD.many(connection, rows)
    _CLOSE.many(connection, [{"head": previous}])


def head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(tables.audit_head.c.seq, tables.audit_head.c.hash)).one()
    return row.seq, row.hash.hex()


def entries(
    connection: Connection, subject: str | None = None, *, before: int = 0, limit: int = 100
) -> list[Entry]:
    """Newest first."""
    table = tables.audit
    query: Select[Any] = select(*_columns()).order_by(table.c.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(table.c.subject == subject)
    if before:
        query = query.where(table.c.seq < before)
    return [Entry(*row[:6]) for row in connection.execute(query)]


def verify(database: Database) -> Verdict:
    """Recompute the whole chain; any changed, missing or added row shows."""
    with database.read() as connection:
        expected, checked, previous = head(connection), 0, START
        for row in _oldest_first(connection):
            entry = Entry(row.seq, row.at, row.actor, row.action, row.subject, row.data)
            if entry.seq != checked + 1 or row.prev != previous or row.hash != _hash(previous, entry):
                return Verdict(checked, entry.seq, expected[1])
            checked, previous = checked + 1, row.hash
    whole = (checked, previous.hex()) == expected
    return Verdict(checked, None if whole else checked + 1, expected[1])


def _oldest_first(connection: Connection) -> Iterator[Any]:
    table, last = tables.audit, 0
    while rows := connection.execute(
        select(*_columns(), table.c.prev, table.c.hash)
        .where(table.c.seq > last)
        .order_by(table.c.seq)
        .limit(BATCH)
    ).all():
        yield from rows
        last = rows[-1].seq


def _columns() -> list[Column[Any]]:
    table = tables.audit
    return [table.c.seq, table.c.at, table.c.actor, table.c.action, table.c.subject, table.c.data]


def _canonical(data: Mapping[str, object]) -> str:
    return _FACTS.encode(data)


def _hash(previous: bytes, entry: Entry) -> bytes:
    fields = [entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.data]
    return hashlib.sha256(previous + _FIELDS.encode(fields).encode()).digest()
