"""Copies of the database, taken while it runs, and the way back. The key ring is in none of them.

A copy every five minutes is the promise: what was acknowledged longer ago than that survives the machine. On
PostgreSQL the copy is a dump; a database that takes longer than the five minutes to dump needs WAL archiving.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from bureau.errors import ConfigError
from mailbox_api.jobs.keeping import sealed_rows
from mailbox_api.keys import KeyRing
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import settings, tables
from mailbox_api.store.database import Database

EVERY = timedelta(minutes=5)
LATE = timedelta(minutes=15)
PREFIX, STAMP = "mailbox-", "%Y%m%dT%H%M%SZ"
# Of each hour and each day that old only the last copy stays; older ones go.
KEEP_ALL, KEEP_HOURLY, KEEP_DAILY = timedelta(hours=1), timedelta(days=1), timedelta(days=14)


def make(mailbox: Mailbox, folder: Path) -> Path:
    """A copy, whole under its name or not there. Old ones are thinned out."""
    now = mailbox.clock()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = "db" if mailbox.database.is_sqlite else "dump"
    target = folder / f"{PREFIX}{now:{STAMP}}.{suffix}"
    draft = folder / f".{target.name}"
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if mailbox.database.is_sqlite:
        _copy_sqlite(mailbox.database.file, draft)
    else:
        _run(
            mailbox.database, ["pg_dump", "--format=custom", "--no-owner", f"--file={draft}"], "备份没有做成"
        )
    with open(draft, "rb") as written:
        os.fsync(written.fileno())
    draft.replace(target)
    for old in superseded(sorted(folder.glob(f"{PREFIX}*.{suffix}")), now):
        old.unlink()
    _remember(mailbox, now)
    return target


def superseded(copies: Sequence[Path], now: datetime) -> Iterator[Path]:
    """Those that need not be kept, of copies in the order of their making."""
    kept: set[str] = set()
    for path in reversed(copies):
        try:
            at = datetime.strptime(path.stem.removeprefix(PREFIX), STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # not ours
        age = now - at
        span = "" if age <= KEEP_ALL else "%Y%m%d%H" if age <= KEEP_HOURLY else "%Y%m%d"
        if age > KEEP_DAILY or (span and f"{at:{span}}" in kept):
            yield path
        elif span:
            kept.add(f"{at:{span}}")


def last_at(connection: Connection) -> datetime | None:
    """When the last copy was made; None when there has never been one."""
    return settings.moment(connection, "backup")


def _remember(mailbox: Mailbox, now: datetime) -> None:
    with mailbox.database.write() as connection:
        settings.keep_moment(connection, "backup", now)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy; writers go on meanwhile."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _run(database: Database, command: list[str], problem: str, *after: str) -> None:
    """A program of PostgreSQL on this database; the password does not show among its arguments."""
    if shutil.which(command[0]) is None:
        raise ConfigError(command[0], "没有这个程序，请安装 postgresql-client")
    address = database.url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(database.url.password)} if database.url.password else {})
    whole = [*command, f"--dbname={address}", *after]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise ConfigError(command[0], f"{problem}：{(done.stderr.strip().splitlines() or ['没有说明'])[-1]}")


def restore(database: Database, copy: Path, ring: KeyRing) -> int:
    """Put a copy in the place of an empty or missing database; the number of letters in it.

    The escrowed key ring must open it. On SQLite this is tried before anything is touched; on PostgreSQL
    after the restore, into a database that was empty.
    """
    if not copy.is_file():
        raise ConfigError(copy, "没有这个备份文件")
    if database.is_sqlite:
        return _restore_sqlite(database, copy, ring)
    if database.exists():
        raise ConfigError(str(database.url.database), "数据库不是空的，请先改名保留，再建一个空的")
    _run(database, ["pg_restore", "--no-owner", "--exit-on-error"], "恢复没有做成", str(copy))
    return _try_keys(database, ring)


def _restore_sqlite(database: Database, copy: Path, ring: KeyRing) -> int:
    for left in ("", "-wal", "-shm"):  # an old log would be played into the restored file
        path = database.file.with_name(database.file.name + left)
        if path.exists():
            raise ConfigError(path, "数据库文件还在，请先改名保留，再恢复")
    with closing(Database(f"sqlite:///{copy.resolve()}")) as checked:
        count = _try_keys(checked, ring)
    database.file.parent.mkdir(parents=True, exist_ok=True)
    draft = database.file.with_name(f".{database.file.name}.restoring")
    shutil.copyfile(copy, draft)
    draft.chmod(0o600)
    draft.replace(database.file)
    return count


def _try_keys(database: Database, ring: KeyRing) -> int:
    with database.read() as connection:
        for value, bound_to in sealed_rows(connection, limit=1):
            ring.open(value, bound_to)
        return len(connection.execute(select(tables.letter.c.number)).all())
