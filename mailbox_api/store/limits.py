"""Counters of what was tried, in fixed windows, and things that may be used once.

Callers commit these in a transaction of their own before they answer, so a refusal cannot undo its count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from mailbox_api.errors import TooMany
from mailbox_api.store import tables
from mailbox_api.store.database import upsert
from mailbox_api.store.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in a window of `seconds`."""

    most: int
    seconds: int


def spend(
    connection: Connection, bucket: str, limits: tuple[Limit, ...], now: datetime, message: str
) -> None:
    """Count one try. Raises TooMany when a window is full; a refused try is not counted again."""
    check(connection, bucket, limits, now, message)
    for limit in limits:
        add(connection, bucket, limit, now)


def check(
    connection: Connection, bucket: str, limits: tuple[Limit, ...], now: datetime, message: str
) -> None:
    for limit in limits:
        if count(connection, bucket, limit, now) >= limit.most:
            raise TooMany(message, wait=limit.seconds - int(now.timestamp()) % limit.seconds)


def add(connection: Connection, bucket: str, limit: Limit, now: datetime) -> int:
    table = tables.rate
    start = _start(limit, now)
    expires = datetime.fromtimestamp(start + limit.seconds, UTC) + timedelta(hours=1)
    statement = upsert(connection.dialect.name, table).values(
        bucket=f"{bucket}/{limit.seconds}", window_start=start, count=1, last_at=now, expires_at=expires
    )
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.bucket, table.c.window_start],
        set_={"count": table.c.count + 1, "last_at": now},
    )
    return int(connection.execute(statement.returning(table.c.count)).scalar_one())


def count(connection: Connection, bucket: str, limit: Limit, now: datetime) -> int:
    table = tables.rate
    query = select(table.c.count).where(
        table.c.bucket == f"{bucket}/{limit.seconds}", table.c.window_start == _start(limit, now)
    )
    return int(connection.execute(query).scalar_one_or_none() or 0)


def last_at(connection: Connection, bucket: str, limit: Limit, now: datetime) -> datetime | None:
    table = tables.rate
    query = select(table.c.last_at).where(
        table.c.bucket == f"{bucket}/{limit.seconds}", table.c.window_start == _start(limit, now)
    )
    return connection.execute(query).scalar_one_or_none()


def clear(connection: Connection, bucket: str) -> None:
    table = tables.rate
    connection.execute(delete(table).where(table.c.bucket.startswith(f"{bucket}/", autoescape=True)))


def _start(limit: Limit, now: datetime) -> int:
    return int(now.timestamp()) // limit.seconds * limit.seconds


def use_nonce(connection: Connection, nonce: str, expires_at: datetime) -> bool:
    """False when this proof of work was used before."""
    statement = upsert(connection.dialect.name, tables.pow_seen).values(nonce=nonce, expires_at=expires_at)
    added = statement.on_conflict_do_nothing().returning(tables.pow_seen.c.nonce)
    return connection.execute(added).first() is not None


def claim_key(connection: Connection, key_hmac: bytes, at: datetime, keep: timedelta) -> bool:
    """Claim a key for so long; False when it is taken.

    On PostgreSQL a second claim waits for the first one's transaction to end.
    """
    table = tables.idempotency
    insertion = upsert(connection.dialect.name, table).values(
        key_hmac=key_hmac, body_hmac=key_hmac, answer_ct=b"", created_at=at
    )
    claimed = insertion.on_conflict_do_update(
        index_elements=[table.c.key_hmac],
        set_={"created_at": at},
        where=table.c.created_at <= at - keep,
    )
    return connection.execute(claimed.returning(table.c.key_hmac)).first() is not None


@dataclass(frozen=True, slots=True)
class Answered:
    body_hmac: bytes
    answer_ct: bytes


_KNOWN = tables.idempotency
_ANSWERED = Prepared(
    lambda _: select(_KNOWN.c.key_hmac, _KNOWN.c.body_hmac, _KNOWN.c.answer_ct).where(
        _KNOWN.c.key_hmac == bindparam("key"), _KNOWN.c.created_at > bindparam("since")
    )
)


def answered(connection: Connection, keys: Sequence[bytes], since: datetime) -> dict[bytes, Answered]:
    """What was answered under these Idempotency-Keys, older answers left out."""
    rows = _ANSWERED.each(connection, [{"key": key, "since": since} for key in keys])
    return {key: Answered(body, answer) for key, body, answer in rows}


def remember(connection: Connection, answers: Mapping[bytes, Answered], at: datetime) -> None:
    rows = [
        {"key_hmac": key, "created_at": at, "body_hmac": answer.body_hmac, "answer_ct": answer.answer_ct}
        for key, answer in answers.items()
    ]
    _REMEMBERING.many(connection, rows)


def _remembering(dialect: str) -> Any:
    insertion = upsert(dialect, _KNOWN)
    return insertion.on_conflict_do_update(
        index_elements=[_KNOWN.c.key_hmac],
        set_={name: insertion.excluded[name] for name in ("body_hmac", "answer_ct", "created_at")},
    )


_REMEMBERING = Prepared(_remembering, ("key_hmac", "created_at", "body_hmac", "answer_ct"))


def add_otp(connection: Connection, **values: object) -> None:
    """A new code; the older ones for the same mobile and purpose stop working."""
    table = tables.otp
    connection.execute(
        update(table)
        .where(
            table.c.mobile_bi == values["mobile_bi"],
            table.c.purpose == values["purpose"],
            table.c.used_at.is_(None),
        )
        .values(used_at=values["created_at"])
    )
    connection.execute(insert(table).values(**values, tries=0))


def try_otp(
    connection: Connection, mobile_bi: bytes, purpose: str, now: datetime, most: int
) -> tuple[str, bytes] | None:
    """Spend one of the tries and give id and digest of the living code; None when there is none left."""
    table = tables.otp
    statement = (
        update(table)
        .where(
            table.c.mobile_bi == mobile_bi,
            table.c.purpose == purpose,
            table.c.used_at.is_(None),
            table.c.expires_at > now,
            table.c.tries < most,
        )
        .values(tries=table.c.tries + 1)
    )
    row = connection.execute(statement.returning(table.c.id, table.c.code_hmac)).first()
    return None if row is None else (row.id, row.code_hmac)


def use_otp(connection: Connection, otp_id: str, at: datetime) -> bool:
    table = tables.otp
    done = connection.execute(
        update(table).where(table.c.id == otp_id, table.c.used_at.is_(None)).values(used_at=at)
    )
    return done.rowcount == 1


def last_otp_at(connection: Connection, mobile_bi: bytes) -> datetime | None:
    query = select(func.max(tables.otp.c.created_at)).where(tables.otp.c.mobile_bi == mobile_bi)
    at: datetime | None = connection.execute(query).scalar_one()
    return at


def add_permit(connection: Connection, **values: object) -> None:
    connection.execute(insert(tables.permit).values(**values))


_PERMIT = tables.permit
_UNUSED = (_PERMIT.c.token_hmac == bindparam("token")) & _PERMIT.c.used_at.is_(None)
_LIVING = Prepared(
    lambda _: select(_PERMIT.c.token_hmac, _PERMIT.c.mobile_ct).where(
        _UNUSED, _PERMIT.c.purpose == bindparam("purpose"), _PERMIT.c.expires_at > bindparam("now")
    )
)
_SPENDING = Prepared(lambda _: update(_PERMIT).where(_UNUSED).values(used_at=bindparam("now")))


def permits(
    connection: Connection, tokens: Sequence[bytes], purpose: str, now: datetime
) -> dict[bytes, bytes]:
    """The sealed mobiles of those permits that live."""
    asked = [{"token": token, "purpose": purpose, "now": now} for token in tokens]
    return {row[0]: row[1] for row in _LIVING.each(connection, asked)}


def use_permits(connection: Connection, tokens: Sequence[bytes], now: datetime) -> bool:
    """Spend them all; False when one was spent meanwhile."""
    return _SPENDING.many(connection, [{"token": token, "now": now} for token in tokens]) == len(tokens)
