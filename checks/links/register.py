"""The register of links in `var/checks.db`: what outward addresses answered, and which links were removed.

It shares the file with the history of findings and owns only the tables below. Times are stored in UTC.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checks.database import transaction
from checks.links.answers import BAD, State

FILE = Path("var/checks.db")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outward_link (
  url TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, status INTEGER NOT NULL,
  chain TEXT NOT NULL, asked_at TEXT NOT NULL, first_seen TEXT NOT NULL, bad_since TEXT
);
CREATE TABLE IF NOT EXISTS removed_link (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL,
  reason TEXT NOT NULL, chain TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
  removed_at TEXT NOT NULL, removed_by TEXT NOT NULL, how TEXT NOT NULL,
  written TEXT NOT NULL, replaced TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  restored_at TEXT, restored_by TEXT NOT NULL DEFAULT ''
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of an outward address."""

    url: str
    state: State
    reason: str
    status: int
    chain: tuple[str, ...]
    asked_at: datetime
    first_seen: datetime
    bad_since: datetime | None = None  # since when every answer was bad

    @property
    def is_bad(self) -> bool:
        return self.state in BAD

    def is_dead(self, hours: float) -> bool:
        """Two runs agree that lie so far apart."""
        apart = (self.asked_at - self.bad_since).total_seconds() / 3600 if self.bad_since else -1.0
        return self.state is State.DEAD and apart >= hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A dead link that was taken out of a file, with what is needed to put it back."""

    path: str
    line: int
    text: str
    url: str
    reason: str
    chain: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    removed_at: datetime
    removed_by: str
    how: str
    written: str  # the link as it stood there
    replaced: str  # what stands there now
    before: str  # what stood left and right of it, to find the place again
    after: str
    id: int = 0
    restored_at: datetime | None = None
    restored_by: str = ""


class Register:
    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self._path, "链接台账")

    def asked(self) -> Mapping[str, Asked]:
        with self._connection() as connection:
            return {row["url"]: _asked(row) for row in connection.execute("SELECT * FROM outward_link")}

    def keep(self, answers: Iterable[Asked]) -> None:
        rows = [
            (
                one.url,
                one.state,
                one.reason,
                one.status,
                json.dumps(one.chain, ensure_ascii=False),
                _stored(one.asked_at),
                _stored(one.first_seen),
                _stored(one.bad_since) if one.bad_since else None,
            )
            for one in answers
        ]
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO outward_link VALUES (?,?,?,?,?,?,?,?)", rows)

    def remove(self, links: Iterable[Removed]) -> None:
        with self._connection() as connection:
            for one in links:
                connection.execute(
                    "INSERT INTO removed_link (path, line, text, url, reason, chain, first_seen, last_seen,"
                    " removed_at, removed_by, how, written, replaced, before, after)"
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    (
                        one.path,
                        one.line,
                        one.text,
                        one.url,
                        one.reason,
                        json.dumps(one.chain, ensure_ascii=False),
                        _stored(one.first_seen),
                        _stored(one.last_seen),
                        _stored(one.removed_at),
                        one.removed_by,
                        one.how,
                        one.written,
                        one.replaced,
                        one.before,
                        one.after,
                    ),
                )

    def removed(self) -> tuple[Removed, ...]:
        with self._connection() as connection:
            return tuple(map(_removed, connection.execute("SELECT * FROM removed_link ORDER BY id")))

    def restored(self, ids: Iterable[int], at: datetime, by: str) -> None:
        with self._connection() as connection:
            connection.executemany(
                "UPDATE removed_link SET restored_at = ?, restored_by = ? WHERE id = ?",
                [(_stored(at), by, number) for number in ids],
            )


def _asked(row: sqlite3.Row) -> Asked:
    return Asked(
        url=row["url"],
        state=State(row["state"]),
        reason=row["reason"],
        status=row["status"],
        chain=tuple(json.loads(row["chain"])),
        asked_at=_read(row["asked_at"]),
        first_seen=_read(row["first_seen"]),
        bad_since=_read(row["bad_since"]) if row["bad_since"] else None,
    )


def _removed(row: sqlite3.Row) -> Removed:
    values = dict(row)
    for key in ("first_seen", "last_seen", "removed_at"):
        values[key] = _read(values[key])
    values["restored_at"] = _read(values["restored_at"]) if values["restored_at"] else None
    values["chain"] = tuple(json.loads(values["chain"]))
    return Removed(**values)


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
