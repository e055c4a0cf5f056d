"""Frozen monthly figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from mailbox_api.store import tables


def get(connection: Connection, month: str) -> dict[str, Any] | None:
    table = tables.statistic
    row: dict[str, Any] | None = connection.execute(
        select(table.c.figures).where(table.c.month == month)
    ).scalar_one_or_none()
    return row


def months(connection: Connection) -> list[str]:
    return list(connection.execute(select(tables.statistic.c.month)).scalars())


def all_frozen(connection: Connection) -> dict[str, dict[str, Any]]:
    table = tables.statistic
    return {row.month: row.figures for row in connection.execute(select(table).order_by(table.c.month))}


def freeze(connection: Connection, month: str, figures: dict[str, Any], at: datetime) -> None:
    connection.execute(insert(tables.statistic).values(month=month, figures=figures, frozen_at=at))
