"""What citizens look for and do not find, for the monthly report: words, days and numbers, never who.

A query that contains personal data, or is too long to be a word, is counted and not kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bureau import personal_data
from portal.search import folding

FILE = Path("var/search-counts.db")
_LONGEST, _DIGITS = 20, 7


@dataclass(frozen=True, slots=True)
class Asked:
    word: str  # empty: not kept
    times: int
    found: bool


def record(file: Path, text: str, day: date, *, found: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS asked (day TEXT, word TEXT, found INTEGER, times INTEGER, PRIMARY KEY (day, word, found))"
        )
        database.execute(
            "INSERT INTO asked VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
            [f"{day}", _keepable(text), found],
        )


def month(file: Path, year: int, number: int) -> Iterator[Asked]:
    """What was asked in a month, the most frequent first."""
    if not file.exists():
        return
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute(
            "SELECT word, sum(times), found FROM asked WHERE day LIKE ? GROUP BY word, found ORDER BY 2 DESC, word",
            [f"{year:04}-{number:02}-%"],
        ).fetchall()
    yield from (Asked(word, times, bool(found)) for word, times, found in rows)


def _keepable(text: str) -> str:
    word = folding.fold(text)
    digits = sum(one.isdigit() for one in word)
    if len(word) > _LONGEST or digits >= _DIGITS or any(personal_data.find(text)):
        return ""
    return word
