"""The outbox: notices wait here, in the transaction of what they tell; rows are the only truth.

pending → sending → sent → delivered; sending → unknown → sent or pending; → dead; pending → cancelled.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Update, and_, bindparam, func, select, update

from mailbox_api.keys import KeyRing
from mailbox_api.notices import Channel, Notice, State
from mailbox_api.store import tables
from mailbox_api.store.database import upsert
from mailbox_api.store.prepared import Prepared

LEASE = timedelta(seconds=60)  # longer than any gateway call may take

_CLAIMED = (tables.outbox.c.state == State.SENDING) | (tables.outbox.c.state == State.UNKNOWN)
_SETTLE = update(tables.outbox).where(tables.outbox.c.id == bindparam("row"), _CLAIMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A notice on its way."""

    id: int
    dedupe_key: str
    subject: str
    subject_id: str
    rung: str
    channel: Channel
    recipient: str
    address: str
    template: str
    vars: dict[str, str]
    state: State
    urgent: bool
    created_at: datetime
    due_at: datetime
    tries: int
    queries: int
    called_at: datetime | None
    adapter: str
    provider_id: str
    last_code: str
    sent_at: datetime | None

    @property
    def is_reminder(self) -> bool:
        """One of several about the same thing, of which a higher one says all."""
        if self.subject == "ticket":
            return self.rung.startswith("clock-")
        return self.subject == "letter" and self.recipient != "citizen"

    @property
    def family(self) -> tuple[str, str]:
        """Reminders of one letter, or of one clock of one ticket."""
        return self.subject_id, self.rung.rpartition("-")[0] if self.subject == "ticket" else ""

    @property
    def out_id(self) -> str:
        """What the gateway carries back: names the row and the attempt's row only."""
        return f"kmjt{self.id}"


def add(connection: Connection, keys: KeyRing, notices: Iterable[Notice], at: datetime) -> None:
    """Insert what is not there yet, revive what was cancelled."""
    rows = [_values(keys, notice, at) for notice in notices]
    _ADDING.many(connection, rows)


def _adding(dialect: str) -> Any:
    table = tables.outbox
    insertion = upsert(dialect, table)
    return insertion.on_conflict_do_update(
        index_elements=[table.c.dedupe_key],
        set_={
            "state": State.PENDING,
            "due_at": insertion.excluded.due_at,
            "payload_ct": insertion.excluded.payload_ct,
        },
        where=(table.c.state == State.CANCELLED) & (table.c.last_code == ""),
    )


_SET = (
    "dedupe_key", "subject", "subject_id", "rung", "channel", "recipient", "template", "payload_ct", "state",
    "urgent", "created_at", "due_at", "tries", "queries", "adapter", "provider_id", "last_code",
)  # fmt: skip
_ADDING = Prepared(_adding, _SET)


def missing(connection: Connection, notices: Iterable[Notice]) -> Iterator[Notice]:
    """Those that have no row, or a cancelled one that may come to life again; looked up by the hundred."""
    table, coming = tables.outbox, iter(notices)
    while some := list(islice(coming, 500)):
        query = select(table.c.dedupe_key).where(
            table.c.dedupe_key.in_([notice.dedupe_key for notice in some]),
            (table.c.state != State.CANCELLED) | (table.c.last_code != ""),
        )
        known = set(connection.execute(query).scalars())
        yield from (notice for notice in some if notice.dedupe_key not in known)


def _values(keys: KeyRing, notice: Notice, at: datetime) -> dict[str, object]:
    payload = msgspec.json.encode({"to": notice.address, "vars": notice.vars}).decode()
    return {
        "dedupe_key": notice.dedupe_key,
        "subject": notice.subject,
        "subject_id": notice.subject_id,
        "rung": notice.rung,
        "channel": notice.channel,
        "recipient": notice.recipient,
        "template": notice.template,
        "payload_ct": keys.seal(payload, _bound(notice.dedupe_key)),
        "state": State.PENDING,
        "urgent": notice.urgent,
        "created_at": at,
        "due_at": notice.due_at,
        "tries": 0,
        "queries": 0,
        "adapter": "",
        "provider_id": "",
        "last_code": "",
    }


def claim(
    connection: Connection, keys: KeyRing, now: datetime, limit: int, *, urgent_only: bool = False
) -> list[Outgoing]:
    """Take due rows; they are `sending` from here on, and `unknown` if nobody reports back in time."""
    table = tables.outbox
    due = and_(table.c.state == State.PENDING, table.c.due_at <= now)
    if urgent_only:
        due = and_(due, table.c.urgent)
    chosen = (
        select(table.c.id).where(due).order_by(table.c.urgent.desc(), table.c.due_at, table.c.id).limit(limit)
    )
    statement = (
        update(table)
        .where(table.c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(
            state=State.SENDING, lease_until=now + LEASE, called_at=now, tries=table.c.tries + 1, queries=0
        )
    )
    return _taken(connection, keys, statement)


def claim_unknown(connection: Connection, keys: KeyRing, now: datetime, limit: int) -> list[Outgoing]:
    """Rows whose fate must be asked for; `due_at` says when to ask next."""
    table = tables.outbox
    chosen = select(table.c.id).where(table.c.state == State.UNKNOWN, table.c.due_at <= now).limit(limit)
    statement = (
        update(table)
        .where(table.c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(due_at=now + LEASE, queries=table.c.queries + 1)
    )
    return _taken(connection, keys, statement)


def _taken(connection: Connection, keys: KeyRing, statement: Update) -> list[Outgoing]:
    rows = connection.execute(statement.returning(*tables.outbox.c)).all()
    return sorted((_row(keys, row) for row in rows), key=lambda row: row.id)


def expire_leases(connection: Connection, now: datetime) -> int:
    """A dispatcher that died in a call leaves a row of unknown fate."""
    table = tables.outbox
    done = connection.execute(
        update(table)
        .where(table.c.state == State.SENDING, table.c.lease_until < now)
        .values(state=State.UNKNOWN, due_at=now, lease_until=None)
    )
    return int(done.rowcount)


Settled = tuple[Outgoing, State, Mapping[str, object]]  # the row, its new state, its other new values


def settle(connection: Connection, settled: Iterable[Settled]) -> None:
    """Record what became of claimed rows; a row that was settled meanwhile (by a receipt) stays."""
    alike = defaultdict[frozenset[str], list[dict[str, object]]](list)
    for row, state, values in settled:
        alike[frozenset(values)].append({"row": row.id, "state": state, "lease_until": None, **values})
    for rows in alike.values():
        connection.execute(_SETTLE, rows)


def cancel(connection: Connection, subject: str, subject_id: str, *, rung_prefix: str = "") -> int:
    """Cancel what has not gone out; all rungs, or those whose name begins so. The citizen's notices stay.

    What a gateway said of an earlier try is forgotten: such a row may come to life again.
    """
    table = tables.outbox
    done = connection.execute(
        update(table)
        .where(
            table.c.subject == subject,
            table.c.subject_id == subject_id,
            table.c.state == State.PENDING,
            table.c.recipient != "citizen",
            table.c.rung.startswith(rung_prefix, autoescape=True),
        )
        .values(state=State.CANCELLED, last_code="")
    )
    return int(done.rowcount)


def resend(connection: Connection, row_id: int, now: datetime) -> bool:
    """Send a dead row again, by a person's wish."""
    table = tables.outbox
    done = connection.execute(
        update(table)
        .where(table.c.id == row_id, table.c.state == State.DEAD)
        .values(state=State.PENDING, due_at=now, tries=0, queries=0)
    )
    return done.rowcount == 1


def of_subject(connection: Connection, keys: KeyRing, subject: str, subject_id: str) -> list[Outgoing]:
    table = tables.outbox
    query = (
        select(table).where(table.c.subject == subject, table.c.subject_id == subject_id).order_by(table.c.id)
    )
    return [_row(keys, row) for row in connection.execute(query)]


def in_states(
    connection: Connection, keys: KeyRing, states: Sequence[State], limit: int = 200
) -> list[Outgoing]:
    table = tables.outbox
    query = select(table).where(table.c.state.in_([*states])).order_by(table.c.id.desc()).limit(limit)
    return [_row(keys, row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[State, int]:
    table = tables.outbox
    rows = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {State(state): count for state, count in rows}


def has_subject(connection: Connection, subject: str, subject_id: str) -> bool:
    table = tables.outbox
    query = select(table.c.id).where(table.c.subject == subject, table.c.subject_id == subject_id).limit(1)
    return connection.execute(query).first() is not None


def sent_between(connection: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """How many went out, by channel."""
    table = tables.outbox
    query = (
        select(table.c.channel, func.count())
        .where(table.c.sent_at >= start, table.c.sent_at < end, table.c.subject != "otp")
        .group_by(table.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """When the longest-waiting row that may go now became due."""
    table = tables.outbox
    query = select(func.min(table.c.due_at)).where(table.c.state == State.PENDING, table.c.due_at <= now)
    at: datetime | None = connection.execute(query).scalar_one()
    return at


def _bound(dedupe_key: str) -> str:
    return f"outbox|{dedupe_key}"


def _row(keys: KeyRing, row: Row[tuple[object, ...]]) -> Outgoing:
    values = dict(row._mapping)
    values.pop("lease_until")
    payload = msgspec.json.decode(keys.open(values.pop("payload_ct"), _bound(values["dedupe_key"])))
    return Outgoing(
        **values | {"channel": Channel(values["channel"]), "state": State(values["state"])},
        address=payload["to"],
        vars=payload["vars"],
    )
