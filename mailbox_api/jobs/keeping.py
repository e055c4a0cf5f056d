"""New keys for what is stored, and personal data that go when their time is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Table, delete, select, update

from mailbox_api.keys import KeyRing
from mailbox_api.letter import Status
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, tables
from mailbox_api.store.database import Database

ENDED = (Status.REPLIED, Status.CLOSED, Status.DECLINED, Status.MERGED, Status.WITHDRAWN)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed column: how its rows are named and what its value is bound to."""

    table: Table
    key: Column[str]
    column: Column[bytes]
    bound_to: Callable[[object], str]


def _plain(kind: str, field: str) -> Callable[[object], str]:
    return lambda name: f"{kind}|{name}|{field}"


def sealed_columns() -> list[Sealed]:
    """Every column that `rekey` must write anew. Permits and stored answers expire before a key is retired."""
    secret, staff, box = tables.letter_secret, tables.staff, tables.outbox
    return [
        *(
            Sealed(secret, secret.c.number, secret.c[f"{field}_ct"], _plain("letter", field))
            for field in ("name", "mobile", "title", "content")
        ),
        Sealed(staff, staff.c.login, staff.c.mobile_ct, _plain("staff", "mobile")),
        Sealed(staff, staff.c.login, staff.c.totp_ct, _plain("staff", "totp")),
        Sealed(box, box.c.dedupe_key, box.c.payload_ct, lambda name: f"outbox|{name}"),
    ]


def sealed_rows(connection: Connection, limit: int) -> list[tuple[bytes, str]]:
    """Some sealed values of each kind, and what they are bound to."""
    found = []
    for sealed in sealed_columns():
        query = select(sealed.key, sealed.column).where(sealed.column.is_not(None))
        found += [(row[1], sealed.bound_to(row[0])) for row in connection.execute(query.limit(limit))]
    return found


def rekey(mailbox: Mailbox, ring: KeyRing) -> int:
    """Write every sealed value anew under `ring.current`, in batches; may be interrupted and repeated."""
    done = sum(_rekey_column(mailbox.database, ring, sealed) for sealed in sealed_columns())
    done += _rekey_messages(mailbox.database, ring)
    with mailbox.database.write() as connection:
        audit.record(connection, mailbox.clock(), "console", "keys.rekey", ring.current, {"values": done})
    return done


def _rekey_column(database: Database, ring: KeyRing, sealed: Sealed) -> int:
    with database.read() as connection:
        rows = connection.execute(select(sealed.key, sealed.column).where(sealed.column.is_not(None))).all()
    stale = [row for row in rows if ring.key_of(row[1]) != ring.current]
    for start in range(0, len(stale), BATCH):
        with database.write() as connection:
            for name, value in stale[start : start + BATCH]:
                bound_to = sealed.bound_to(name)
                fresh = ring.seal(ring.open(value, bound_to), bound_to)
                # only if nobody wrote it meanwhile: then it is fresh already
                connection.execute(
                    update(sealed.table)
                    .where(sealed.key == name, sealed.column == value)
                    .values({sealed.column: fresh})
                )
    return len(stale)


def _rekey_messages(database: Database, ring: KeyRing) -> int:
    """Bodies of conversations and tickets, files of tickets: bound to number and what they are."""
    done = 0
    entry, file = tables.ticket_entry, tables.ticket_file
    bodies = (
        (tables.message, "letter", tables.message.c.kind),
        (entry, "ticket", entry.c.kind),
        (file, "ticket", "file|" + file.c.name),
    )
    for table, kind, what in bodies:
        with database.read() as connection:
            query = select(table.c.id, table.c.number, what.label("what"), table.c.body_ct)
            rows = connection.execute(query).all()
        with database.write() as connection:
            for row in rows:
                if ring.key_of(row.body_ct) == ring.current:
                    continue
                bound_to = f"{kind}|{row.number}|{row.what}"
                fresh = ring.seal(ring.open(row.body_ct, bound_to), bound_to)
                connection.execute(
                    update(table)
                    .where(table.c.id == row.id, table.c.body_ct == row.body_ct)
                    .values(body_ct=fresh)
                )
                done += 1
    return done


def in_use(mailbox: Mailbox, key_id: str) -> int:
    """Short-lived rows that a retired key would still be needed for; they are gone after a day."""
    with mailbox.database.read() as connection:
        values = [
            *connection.execute(select(tables.permit.c.mobile_ct)).scalars(),
            *connection.execute(select(tables.idempotency.c.answer_ct)).scalars(),
        ]
    return sum(mailbox.keys.key_of(value) == key_id for value in values if value)


def expired(mailbox: Mailbox, connection: Connection) -> list[str]:
    """Letters that ended so long ago that their personal data must go."""
    months = mailbox.rules.purge_months
    if not months:
        return []
    before = _months_back(mailbox.clock(), months)
    letter, secret = tables.letter, tables.letter_secret
    ended = letter.c.status.in_(ENDED) & (letter.c.replied_at.is_(None) | (letter.c.replied_at < before))
    ended &= letter.c.closed_at.is_(None) | (letter.c.closed_at < before)
    query = select(secret.c.number).join(letter, letter.c.number == secret.c.number)
    return list(connection.execute(query.where(ended, letter.c.received_at < before)).scalars())


def purge(mailbox: Mailbox, *, dry_run: bool) -> list[str]:
    """Remove personal data of letters that ended long ago; letter and figures stay. The numbers concerned."""
    with mailbox.database.write() as connection:
        numbers = expired(mailbox, connection)
        if dry_run or not numbers:
            return numbers
        for number in numbers:
            connection.execute(delete(tables.letter_secret).where(tables.letter_secret.c.number == number))
            connection.execute(delete(tables.message).where(tables.message.c.number == number))
            box = tables.outbox
            connection.execute(delete(box).where(box.c.subject == "letter", box.c.subject_id == number))
        audit.record(connection, mailbox.clock(), "console", "letters.purge", "", {"letters": numbers})
    return numbers


def _months_back(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, 28))
