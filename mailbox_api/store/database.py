"""One engine for SQLite and PostgreSQL. Nothing is acknowledged before it is durable.

SQLite: WAL, synchronous=FULL, one writing server process (a lock file says so), writers queue in this process.
PostgreSQL: any number of processes.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import Table

from bureau.errors import ConfigError
from mailbox_api.errors import Unavailable

log = logging.getLogger("mailbox.database")

MIGRATIONS = Path(__file__).parent.parent / "migrations"
VERSIONS = MIGRATIONS / "versions"  # each named by its revision
BUSY_MS = 10_000
LONG_LOG = (
    16_000  # pages (64 MB) after which a commit carries the log over itself; a server does it beside them
)


class Database:
    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        driver: Any = self.engine.dialect.dbapi
        self._driver_errors = (driver.OperationalError, driver.InterfaceError)  # as `Prepared` meets them
        self._writer = threading.Lock()
        self.trouble = ""  # what the database last said when it failed, until somebody was told

    @property
    def file(self) -> Path:
        return Path(self.url.database or "")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end; writers of one process wait for each other on SQLite.

        Raises Unavailable, like `read`, when the database is away, full or locked.
        """
        with self._trouble_told():
            if not self.is_sqlite:
                with self.engine.begin() as connection:
                    yield connection
                return
            with (
                self._writer,
                self.engine.connect().execution_options(writes=True) as connection,
                connection.begin(),
            ):
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._trouble_told(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _trouble_told(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, PoolTimeout, *self._driver_errors) as error:
            cause = getattr(error, "orig", None) or error
            self.trouble = (str(cause).strip().splitlines() or [type(cause).__name__])[0][:200]
            log.error("database: %s", self.trouble)
            raise Unavailable from error

    def carry_over(self) -> None:
        """Bring the log's pages into the SQLite file, while others read and write, so that no commit has to."""
        if self.is_sqlite:
            with self._trouble_told(), self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def exists(self) -> bool:
        return self.file.exists() if self.is_sqlite else self.revision() is not None

    def revision(self) -> str | None:
        """Of the last migration that ran here; read without Alembic, which costs a server 10 MB."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def is_current(self) -> bool:
        return self.revision() == max(path.name.partition("_")[0] for path in VERSIONS.glob("0*.py"))

    def upgrade(self, revision: str = "head") -> None:
        from alembic import command
        from alembic.config import Config

        if self.is_sqlite:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["engine"] = self.engine
        command.upgrade(config, revision)

    def close(self) -> None:
        self.engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("MAILBOX_DATABASE", f"数据库地址看不懂：{error}") from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigError("MAILBOX_DATABASE", "数据库地址应为 sqlite:///文件 或 postgresql://…")
    return parsed


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        pool_use_lifo=True,  # few connections stay in use, with warm caches
        hide_parameters=True,
        connect_args={"connect_timeout": 5},
    )


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=16, pool_use_lifo=True, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # transactions are begun by `begin` below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            f"wal_autocheckpoint={LONG_LOG}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def upsert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of that database."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


class ServerLock:
    """Keeps a second server or dispatcher off a SQLite file; the kernel frees it with the process."""

    def __init__(self, database: Database) -> None:
        self._path = database.file.with_name(f"{database.file.name}.lock") if database.is_sqlite else None
        self._handle: int | None = None

    def take(self) -> None:
        """Raises ConfigError when another process has it."""
        if self._path is None or self._handle is not None:
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise ConfigError(
                self._path,
                "信箱已有一个服务进程在运行。SQLite 只能有一个；要开多个进程请改用 PostgreSQL（MAILBOX_DATABASE）",
            ) from error
        self._handle = handle

    def free(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
