"""One transaction on the checks' SQLite file, for everything that is kept over runs (history, link register)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bureau.errors import ConfigError


@contextmanager
def transaction(path: Path, what: str) -> Iterator[sqlite3.Connection]:
    """All of it or nothing. A locked or damaged file raises ConfigError, which calls it `what`."""
    try:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise ConfigError(path, f"{what}读写失败：{error}；可从备份恢复，或移开后重新积累") from error
