"""What the tables are made of."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator

metadata = MetaData()
BigKey = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts by itself in SQLite


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes on both databases; SQLite stores them without zone, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _sqlite_text if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is UTC else at.astimezone(UTC)


def _sqlite_text(at: datetime | None) -> str | None:
    """SQLite's own text for a moment, written by the standard library, which is many times faster."""
    utc = _utc(at)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]  # without the zone
