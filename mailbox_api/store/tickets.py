"""Service tickets, what was written about them, and their files."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from mailbox_api.errors import Conflict, NotFound
from mailbox_api.keys import KeyRing
from mailbox_api.service_ticket import OPEN, Kind, Status, Ticket
from mailbox_api.store import counters, tables

_COLUMNS = [tables.ticket.c[field.name] for field in fields(Ticket)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a ticket's timeline."""

    id: int
    kind: str
    author: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    id: int
    name: str
    size: int
    author: str
    at: datetime


def next_number(connection: Connection, year: int) -> str:
    """`GD2026-0001`: in order, a series a year."""
    return f"GD{year}-{counters.count(connection, f'ticket-{year}'):04d}"


def add(connection: Connection, ticket: Ticket) -> None:
    connection.execute(insert(tables.ticket).values(**_values(ticket)))


def save(connection: Connection, ticket: Ticket) -> Ticket:
    """Write a changed ticket. Raises Conflict when its version is no longer the stored one."""
    table = tables.ticket
    values = _values(ticket) | {"version": ticket.version + 1}
    done = connection.execute(
        update(table)
        .where(table.c.number == ticket.number, table.c.version == ticket.version)
        .values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(f"工单{ticket.number}刚才已由别人处理，请刷新后再看")
    return get(connection, ticket.number)


def record_breaches(connection: Connection, number: str, breaches: Sequence[str]) -> None:
    """No new version: what somebody is about to do with the ticket stays right."""
    table = tables.ticket
    connection.execute(update(table).where(table.c.number == number).values(breaches=[*breaches]))


def get(connection: Connection, number: str) -> Ticket:
    row = connection.execute(select(*_COLUMNS).where(tables.ticket.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"没有编号为{number}的工单")
    return _ticket(row)


def listing(
    connection: Connection, *, statuses: Sequence[Status] = tuple(OPEN), limit: int = 200, offset: int = 0
) -> list[Ticket]:
    """The newest first."""
    table = tables.ticket
    query = select(*_COLUMNS).where(table.c.status.in_([*statuses]))
    query = query.order_by(table.c.opened_at.desc(), table.c.number.desc()).limit(limit).offset(offset)
    return [_ticket(row) for row in connection.execute(query)]


def open_tickets(connection: Connection) -> list[Ticket]:
    return listing(connection, limit=1_000_000)


def open_of_source(connection: Connection, source: str) -> Ticket | None:
    """The ticket that this occasion opened and that is still open."""
    table = tables.ticket
    query = select(*_COLUMNS).where(table.c.source == source, table.c.status.in_([*OPEN]))
    row = connection.execute(query.order_by(table.c.opened_at.desc()).limit(1)).one_or_none()
    return None if row is None else _ticket(row)


def opened_between(connection: Connection, start: datetime, end: datetime) -> list[Ticket]:
    table = tables.ticket
    query = select(*_COLUMNS).where(table.c.opened_at >= start, table.c.opened_at < end)
    return [_ticket(row) for row in connection.execute(query.order_by(table.c.opened_at, table.c.number))]


def write(
    connection: Connection, keys: KeyRing, number: str, *, kind: str, author: str, at: datetime, body: str
) -> None:
    """Add a line to the ticket's timeline."""
    connection.execute(
        insert(tables.ticket_entry).values(
            number=number, kind=kind, author=author, at=at, body_ct=keys.seal(body, _bound(number, kind))
        )
    )


def timeline(connection: Connection, keys: KeyRing, number: str) -> list[Entry]:
    table = tables.ticket_entry
    rows = connection.execute(select(table).where(table.c.number == number).order_by(table.c.id))
    return [
        Entry(
            id=row.id,
            kind=row.kind,
            author=row.author,
            at=row.at,
            body=keys.open(row.body_ct, _bound(number, row.kind)),
        )
        for row in rows
    ]


def attach(
    connection: Connection, keys: KeyRing, number: str, *, name: str, data: bytes, author: str, at: datetime
) -> None:
    connection.execute(
        insert(tables.ticket_file).values(
            number=number,
            name=name,
            size=len(data),
            author=author,
            at=at,
            body_ct=keys.seal(base64.b64encode(data).decode("ascii"), _bound(number, f"file|{name}")),
        )
    )


def files(connection: Connection, number: str) -> list[File]:
    table = tables.ticket_file
    columns = (table.c.id, table.c.name, table.c.size, table.c.author, table.c.at)
    rows = connection.execute(select(*columns).where(table.c.number == number).order_by(table.c.id))
    return [File(**row._mapping) for row in rows]


def file(connection: Connection, keys: KeyRing, number: str, file_id: int) -> tuple[str, bytes]:
    """(name, content). Raises NotFound."""
    table = tables.ticket_file
    query = select(table.c.name, table.c.body_ct).where(table.c.number == number, table.c.id == file_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("没有这个附件")
    return row.name, base64.b64decode(keys.open(row.body_ct, _bound(number, f"file|{row.name}")))


def _values(ticket: Ticket) -> dict[str, object]:
    return asdict(ticket) | {"facts": dict(ticket.facts), "breaches": list(ticket.breaches)}


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    values = dict(row._mapping)
    changed = {
        "kind": Kind(values["kind"]),
        "status": Status(values["status"]),
        "breaches": tuple(values["breaches"]),
    }
    return Ticket(**values | changed)


def _bound(number: str, what: str) -> str:
    return f"ticket|{number}|{what}"
