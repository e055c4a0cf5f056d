"""The tables of `var/checks.db`, and the steps that bring an older file to them."""

import sqlite3
from pathlib import Path

from bureau.errors import ConfigError

VERSION = 2
SCHEMA = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, rules_hash TEXT NOT NULL,
  sources INTEGER NOT NULL, pages INTEGER NOT NULL, unchecked TEXT NOT NULL
);
CREATE INDEX run_at ON run (kind, at);
CREATE TABLE finding (
  fingerprint TEXT PRIMARY KEY, rule TEXT NOT NULL, severity TEXT NOT NULL, path TEXT NOT NULL,
  line INTEGER NOT NULL, column INTEGER NOT NULL, text TEXT NOT NULL, message TEXT NOT NULL,
  suggestion TEXT NOT NULL, clause TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
  mended_at TEXT, mended_by TEXT NOT NULL DEFAULT '', fed_back_at TEXT, verdict TEXT NOT NULL DEFAULT '',
  verdict_by TEXT NOT NULL DEFAULT '', verdict_reason TEXT NOT NULL DEFAULT '',
  in_report INTEGER NOT NULL DEFAULT 1, quote TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT ''
);
CREATE INDEX finding_open ON finding (rule) WHERE mended_at IS NULL;
CREATE TABLE tally (
  run_id INTEGER NOT NULL REFERENCES run, rule TEXT NOT NULL, severity TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (run_id, rule, severity)
);
CREATE TABLE record (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX record_at ON record (kind, at);
"""
UPGRADES = {  # from the version -> what brings it to the next
    1: (
        "ALTER TABLE finding ADD COLUMN quote TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE finding ADD COLUMN url TEXT NOT NULL DEFAULT ''",
    ),
}


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Raises ConfigError when the file is of a newer program."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise ConfigError(path, f"历史库的版本 {version} 比本程序新，请升级程序")
    steps = SCHEMA.split(";") if version == 0 else _steps(version)
    for statement in steps:
        connection.execute(statement)
    if version < VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _steps(version: int) -> list[str]:
    return [step for old in range(version, VERSION) for step in UPGRADES[old]]
