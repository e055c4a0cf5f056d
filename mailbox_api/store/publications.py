"""Redacted copies of letters and replies, on their way to content/ and back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import Column, Connection, func, insert, select, update

from mailbox_api.errors import NotFound
from mailbox_api.store import tables

PROPOSED, APPROVED, PUBLISHED, REVOKED = "proposed", "approved", "published", "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    number: str
    state: str
    title: str
    body: str
    reply: str
    category: str
    department: str
    received_on: date
    replied_on: date
    proposed_by: str
    approved_by: str = ""
    overrides: Sequence[dict[str, str]] = ()  # {"found", "reason", "by"}
    published_at: datetime | None = None
    revoked_at: datetime | None = None
    path: str = ""  # the Markdown file, below the project


_FIELDS = tuple(field.name for field in fields(Publication))


def find(connection: Connection, number: str) -> Publication | None:
    table = tables.publication
    row = connection.execute(select(*_columns()).where(table.c.number == number)).one_or_none()
    return None if row is None else Publication(**row._mapping)


def get(connection: Connection, number: str) -> Publication:
    if (found := find(connection, number)) is None:
        raise NotFound(f"来信{number}没有申请公开")
    return found


def add(connection: Connection, publication: Publication) -> None:
    connection.execute(insert(tables.publication).values(**_values(publication)))


def save(connection: Connection, publication: Publication) -> None:
    table = tables.publication
    connection.execute(
        update(table).where(table.c.number == publication.number).values(**_values(publication))
    )


def in_state(connection: Connection, *states: str) -> list[Publication]:
    table = tables.publication
    query = select(*_columns()).where(table.c.state.in_(states)).order_by(table.c.number.desc())
    return [Publication(**row._mapping) for row in connection.execute(query)]


def count_between(connection: Connection, start: datetime, end: datetime) -> int:
    table = tables.publication
    query = select(func.count()).where(table.c.published_at >= start, table.c.published_at < end)
    return int(connection.execute(query).scalar_one())


def last_published(connection: Connection) -> datetime | None:
    table = tables.publication
    query = select(func.max(table.c.published_at)).where(table.c.state == PUBLISHED)
    at: datetime | None = connection.execute(query).scalar_one()
    return at


def _columns() -> list[Column[object]]:
    return [tables.publication.c[name] for name in _FIELDS]


def _values(publication: Publication) -> dict[str, object]:
    return asdict(publication) | {"overrides": [dict(row) for row in publication.overrides]}
