"""The search database: made from nothing, or brought up to date by reading only the articles that changed.

One file, self-contained: the articles' texts for excerpts, the terms, and the words that mean the same.
"""

import hashlib
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from errno import ENOSPC
from pathlib import Path

import msgspec

from bureau import config as site_description
from portal import pieces
from portal.search import documents, folding, pinyin, tables, thesaurus
from portal.search.documents import Document

CACHE = Path("var/cache/search/search.db")
MANIFEST = Path("build/manifest.json")


class _Page(msgspec.Struct, frozen=True, gc=False):
    """A row of the manifest, as far as search asks."""

    url: str
    kind: str
    source: str
    channel: str
    department: str


class _Channel(msgspec.Struct, frozen=True):
    """As the adjustments of the build's day name and place it."""

    path: str
    name: str
    kind: str


class _Manifest(msgspec.Struct):
    pages: list[_Page]
    channels: list[_Channel]


class _Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Tells an article that changed without reading it."""

    url: str
    channel: str
    department: str
    changed: int  # nanoseconds
    size: int


_PATIENCE = 600  # seconds; another process may be making the whole index
_encode = msgspec.msgpack.encode
_STAMPS = msgspec.msgpack.Decoder(dict[str, _Stamp])


def update(root: Path, file: Path | None = None) -> int:
    """Bring the database in line with root/build; gives how many articles were read.

    A database that is damaged, or was made by another version of this code, is made anew. Raises OSError when
    the disk is full.
    """
    path = file or root / CACHE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _update(root, path)
    except sqlite3.DatabaseError as error:
        match error.sqlite_errorcode & 0xFF:
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                raise OSError(ENOSPC, os.strerror(ENOSPC), str(path)) from error
            case sqlite3.SQLITE_BUSY:
                raise
        path.unlink(missing_ok=True)
        return _update(root, path)


@contextmanager
def up_to_date(root: Path) -> Iterator[Path]:
    """The database of the build; nobody writes to it meanwhile, so that it can be copied."""
    update(root)
    with closing(sqlite3.connect(root / CACHE)) as database:
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM about").fetchone()
        yield root / CACHE


def unlist(root: Path, folder: Path, urls: Iterable[str]) -> None:
    """In the database that a release keeps in pieces, withdrawn addresses are no longer found."""
    with pieces.joined(folder, (root / CACHE).parent) as file:
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("PRAGMA secure_delete = ON")  # no word of them stays in the file
            database.execute("DELETE FROM stamps")  # of the build; they name every file
            for url in urls:
                found = database.execute("SELECT source FROM documents WHERE url = ?", [url]).fetchall()
                for (source,) in found:
                    tables.remove(database, source)
        pieces.split(file, folder)


def _update(root: Path, path: Path) -> int:
    manifest = msgspec.json.decode((root / MANIFEST).read_bytes(), type=_Manifest)
    version = _version(root)
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")  # a cache: what a power cut damages is made anew
        database.execute("BEGIN IMMEDIATE")
        if _about(database) != version:
            _empty(database, version)
        count = _Writer(database, root, manifest).write()
        database.execute("COMMIT")
    return count


def _version(root: Path) -> str:
    """Changes with the code and whatever else all rows depend on."""
    digest = hashlib.sha256(tables.SCHEMA.encode())
    code = [*sorted(Path(__file__).parent.glob("*.py")), folding.TRADITIONAL]
    for path in (*code, root / thesaurus.FILE, root / "content/channels.toml", root / "site.toml"):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def _about(database: sqlite3.Connection) -> str:
    try:
        row = database.execute("SELECT value FROM about WHERE key = 'version'").fetchone()
    except sqlite3.OperationalError:  # no tables yet
        return ""
    return row[0] if row else ""


def _empty(database: sqlite3.Connection, version: str) -> None:
    known = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT NULL"
    ).fetchall()
    for (name,) in known:
        if not name.startswith("terms_"):  # FTS5 takes its own tables along
            database.execute(f'DROP TABLE "{name}"')
    for statement in tables.SCHEMA.split(";\n"):
        if statement.strip():
            database.execute(statement)
    database.execute("INSERT INTO about VALUES ('version', ?)", [version])


class _Writer:
    def __init__(self, database: sqlite3.Connection, root: Path, manifest: _Manifest) -> None:
        self._database, self._root = database, root
        self._config = site_description.load(root / "site.toml")
        self._channels = [(row.path, row.name, row.kind) for row in manifest.channels]
        self._sounds: dict[str, str] = {}  # of titles that need not be looked up again
        self._pages = {page.source: page for page in manifest.pages if page.kind == "article"}

    def write(self) -> int:
        fresh, outdated = self._changes()
        lost, gained = Counter[str](), Counter[str]()
        for source in outdated:
            document, sound = tables.remove(self._database, source)
            self._sounds[document.title] = sound
            lost.update(document.names)
        for source in fresh:
            document = self._read(source)
            sound = self._sounds.get(document.title) or pinyin.syllables(document.title)
            tables.add(self._database, document, sound)
            gained.update(document.names)
        if lost != gained or not self._knows_channels():
            self._write_names()
        return len(fresh)

    def _changes(self) -> tuple[list[str], list[str]]:
        """Articles to read, and articles to forget; the stamps are brought up to date.

        The stamps of a folder are one value, so that a folder in which nothing changed is not unpacked.
        """
        kept = dict(self._database.execute("SELECT folder, value FROM stamps"))
        fresh, outdated = [], []
        for folder, now in self._stamps().items():
            value, stored = _encode(now), kept.pop(folder, None)
            if value == stored:
                continue
            before = _STAMPS.decode(stored) if stored else {}
            fresh += [source for source, stamp in now.items() if before.get(source) != stamp]
            outdated += [source for source, stamp in before.items() if now.get(source) != stamp]
            self._database.execute("INSERT OR REPLACE INTO stamps VALUES (?, ?)", [folder, value])
        for folder, stored in kept.items():  # no article is left in it
            outdated += _STAMPS.decode(stored)
            self._database.execute("DELETE FROM stamps WHERE folder = ?", [folder])
        return fresh, outdated

    def _stamps(self) -> Mapping[str, Mapping[str, _Stamp]]:
        """Of every article, by folder."""
        folders: defaultdict[str, dict[str, _Stamp]] = defaultdict(dict)
        root = f"{self._root}"
        for source, page in self._pages.items():
            status = os.stat(f"{root}/{source}")
            folders[source.rpartition("/")[0]][source] = _Stamp(
                page.url, page.channel, page.department, status.st_mtime_ns, status.st_size
            )
        return folders

    def _knows_channels(self) -> bool:
        known = self._database.execute("SELECT path, name, kind FROM channels ORDER BY place")
        return known.fetchall() == self._channels

    def _read(self, source: str) -> Document:
        page = self._pages[source]
        department = self._config.department(page.department)
        text = (self._root / source).read_text("utf-8")
        return documents.read(source, text, page.url, page.channel, department.name if department else "")

    def _write_names(self) -> None:
        """Channels, words that mean the same, and the names that a query without result may have meant."""
        for table in ("channels", "same"):
            self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        self._database.executemany(
            "INSERT INTO channels (path, name, kind) VALUES (?, ?, ?)",
            self._channels,
        )
        groups = thesaurus.load(self._root / thesaurus.FILE)
        self._database.executemany(
            "INSERT OR IGNORE INTO same VALUES (?, ?)",
            [(folding.fold(word), meaning) for meaning, group in enumerate(groups) for word in group],
        )
        names = {name for group in groups for name in group} | {name for _, name, _ in self._channels}
        for (line,) in self._database.execute("SELECT DISTINCT names FROM documents"):
            names.update(filter(None, line.split("\n")))
        known = {name for (name,) in self._database.execute("SELECT name FROM names")}
        self._database.executemany("DELETE FROM names WHERE name = ?", [(name,) for name in known - names])
        self._database.executemany(
            "INSERT INTO names VALUES (?, ?)", [(name, pinyin.joined(name)) for name in names - known]
        )
