"""The tables of the search database, and how an article gets into them, out of them and out of sight."""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from portal.search import folding
from portal.search.documents import Document

SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
  id INTEGER PRIMARY KEY, source TEXT UNIQUE NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
  folded_title TEXT NOT NULL, channel TEXT NOT NULL, published TEXT NOT NULL, department TEXT NOT NULL,
  document_number TEXT NOT NULL, validity TEXT NOT NULL, names TEXT NOT NULL, folded_names TEXT NOT NULL,
  sound TEXT NOT NULL, summary TEXT NOT NULL,
  text BLOB NOT NULL -- last: whoever reads the rest of all rows passes it by
);
CREATE TABLE stamps (folder TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE channels (place INTEGER PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE names (name TEXT PRIMARY KEY, sound TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE same (word TEXT NOT NULL, meaning INTEGER NOT NULL, PRIMARY KEY (word, meaning)) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5 (title, text, names, sound, content='', tokenize='ascii', columnsize=0);
"""
COLUMNS = (
    "source", "url", "title", "folded_title", "channel", "published", "department", "document_number", "validity",
    "names", "folded_names", "sound", "summary", "text",
)  # fmt: skip
_COLUMNS = ", ".join(COLUMNS)


def add(database: sqlite3.Connection, document: Document, sound: str) -> None:
    """`sound`: how its title sounds, as pinyin.syllables gives it."""
    row = [
        document.source, document.url, document.title, folding.fold(document.title), document.channel,
        document.published, document.department, document.document_number, document.validity,
        "\n".join(document.names), "\n".join(map(folding.fold, document.names)), sound, document.summary,
        zlib.compress(document.text.encode(), 6),
    ]  # fmt: skip
    cursor = database.execute(
        f"INSERT INTO documents ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - names of ours
        row,
    )
    database.execute(
        "INSERT INTO terms (rowid, title, text, names, sound) VALUES (?, ?, ?, ?, ?)",
        [cursor.lastrowid, *_terms(document, sound)],
    )


def remove(database: sqlite3.Connection, source: str) -> tuple[Document, str]:
    """Gives what it was, and how its title sounds."""
    id_, *row = database.execute(
        f"SELECT id, {_COLUMNS} FROM documents WHERE source = ?",  # noqa: S608 - names of ours
        [source],
    ).fetchone()
    document, sound = article(row)
    database.execute(  # a table without content forgets only what it is told word for word
        "INSERT INTO terms (terms, rowid, title, text, names, sound) VALUES ('delete', ?, ?, ?, ?, ?)",
        [id_, *_terms(document, sound)],
    )
    database.execute("DELETE FROM documents WHERE id = ?", [id_])
    return document, sound


def article(row: Sequence[Any]) -> tuple[Document, str]:
    """The article of a row of COLUMNS, and how its title sounds."""
    value = dict(zip(COLUMNS, row, strict=True))
    document = Document(
        source=value["source"],
        url=value["url"],
        title=value["title"],
        channel=value["channel"],
        published=value["published"],
        department=value["department"],
        document_number=value["document_number"],
        validity=value["validity"],
        summary=value["summary"],
        text=text_of(value["text"]),
        names=tuple(filter(None, value["names"].split("\n"))),
    )
    return document, value["sound"]


def text_of(stored: bytes) -> str:
    """The text of an article as the database keeps it: small."""
    return zlib.decompress(stored).decode()


def _terms(document: Document, sound: str) -> Iterator[str]:
    """A value for each column of the index."""
    yield folding.terms([document.title])
    yield folding.terms([document.summary, *document.text.split("\n"), document.department])
    yield folding.terms(document.names)
    yield sound
