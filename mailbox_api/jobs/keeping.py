"""Backup, restore, rekey, purge: what keeps letters for as long as they must be kept, and no longer."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Connection, Table, delete, select, update

from bureau.errors import ConfigError
from mailbox_api.keys import KeyRing
from mailbox_api.letter import Status
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, tables
from mailbox_api.store.database import Database

KEPT = 14  # backups
PREFIX = "mailbox-"
ENDED = (Status.REPLIED, Status.CLOSED, Status.DECLINED, Status.MERGED, Status.WITHDRAWN)
BATCH = 200


def backup(mailbox: Mailbox, folder: Path) -> Path:
    """An online copy without the key ring; whole under its name or not there. Old ones are thinned out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = "db" if mailbox.database.is_sqlite else "dump"
    target = folder / f"{PREFIX}{mailbox.clock():%Y%m%dT%H%M%S}Z.{suffix}"
    draft = folder / f".{target.name}"
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if mailbox.database.is_sqlite:
        _copy_sqlite(mailbox.database.file, draft)
    else:
        _dump_postgres(mailbox.database, draft)
    with open(draft, "rb") as written:
        os.fsync(written.fileno())
    draft.replace(target)
    for old in sorted(folder.glob(f"{PREFIX}*.{suffix}"))[:-KEPT]:
        old.unlink()
    return target


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy; writers go on meanwhile."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    live.close()
    copy.close()


def _dump_postgres(database: Database, target: Path) -> None:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"]
    _run(command, "备份没有做成")


def _run(command: list[str], problem: str) -> None:
    if shutil.which(command[0]) is None:
        raise ConfigError(command[0], "没有这个程序，请安装 postgresql-client")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(command[0], f"{problem}：{(done.stderr.strip().splitlines() or ['没有说明'])[-1]}")


def restore(database: Database, copy: Path, ring: KeyRing) -> int:
    """Put a backup in the place of an empty or missing database; the number of letters in it.

    The escrowed key ring must open it. On SQLite this is tried before anything is touched; on PostgreSQL
    after the restore, into a database that was empty.
    """
    if not copy.is_file():
        raise ConfigError(copy, "没有这个备份文件")
    if database.is_sqlite:
        return _restore_sqlite(database, copy, ring)
    if database.exists():
        raise ConfigError(str(database.url.database), "数据库不是空的，请先改名保留，再建一个空的")
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    _run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={address}", str(copy)], "恢复没有做成")
    return _try_keys(database, ring)


def _restore_sqlite(database: Database, copy: Path, ring: KeyRing) -> int:
    if database.file.exists():
        raise ConfigError(database.file, "数据库文件还在，请先改名保留，再恢复")
    checked = Database(f"sqlite:///{copy.resolve()}")
    try:
        count = _try_keys(checked, ring)
    finally:
        checked.close()
    database.file.parent.mkdir(parents=True, exist_ok=True)
    draft = database.file.with_name(f".{database.file.name}.restoring")
    shutil.copyfile(copy, draft)
    draft.chmod(0o600)
    draft.replace(database.file)
    return count


def _try_keys(database: Database, ring: KeyRing) -> int:
    with database.read() as connection:
        for _sealed, row, bound_to in _sealed_rows(connection, ring, limit=1):
            ring.open(row, bound_to)
        return len(connection.execute(select(tables.letter.c.number)).all())


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


def _sealed_rows(connection: Connection, ring: KeyRing, limit: int) -> list[tuple[Sealed, bytes, str]]:
    found = []
    for sealed in sealed_columns():
        rows = connection.execute(
            select(sealed.key, sealed.column).where(sealed.column.is_not(None)).limit(limit)
        )
        found += [(sealed, row[1], sealed.bound_to(row[0])) for row in rows]
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


def purge(mailbox: Mailbox, *, dry_run: bool) -> list[str]:
    """Remove personal data of letters that ended long ago; letter and figures stay. The numbers concerned."""
    months = mailbox.rules.purge_months
    if not months:
        return []
    before = _months_back(mailbox.clock(), months)
    letter, secret = tables.letter, tables.letter_secret
    ended = letter.c.status.in_(ENDED) & (letter.c.replied_at.is_(None) | (letter.c.replied_at < before))
    ended &= letter.c.closed_at.is_(None) | (letter.c.closed_at < before)
    with mailbox.database.write() as connection:
        query = select(secret.c.number).join(letter, letter.c.number == secret.c.number)
        numbers = list(connection.execute(query.where(ended, letter.c.received_at < before)).scalars())
        if dry_run or not numbers:
            return numbers
        for number in numbers:
            connection.execute(delete(secret).where(secret.c.number == number))
            connection.execute(delete(tables.message).where(tables.message.c.number == number))
            box = tables.outbox
            connection.execute(delete(box).where(box.c.subject == "letter", box.c.subject_id == number))
        audit.record(connection, mailbox.clock(), "console", "letters.purge", "", {"letters": numbers})
    return numbers


def _months_back(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, 28))
