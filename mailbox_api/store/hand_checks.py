"""Lines of the checklist that staff filled in; they are only ever added, the newest counts."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from mailbox_api.store import tables

TABLE = tables.hand_check


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCheck:
    kind: str  # row, board, confirmation
    subject: str
    facts: dict[str, Any]
    login: str
    name: str
    day: date


def add(connection: Connection, check: HandCheck, at: datetime) -> None:
    connection.execute(insert(TABLE).values(**asdict(check), at=at))


def since(connection: Connection, day: date) -> list[HandCheck]:
    """The oldest first."""
    rows = connection.execute(select(TABLE).where(TABLE.c.day >= day).order_by(TABLE.c.day, TABLE.c.id))
    return [
        HandCheck(
            kind=row.kind, subject=row.subject, facts=row.facts, login=row.login, name=row.name, day=row.day
        )
        for row in rows
    ]
