"""All links of a built site in a compact form: loaded in a moment, renewed only where files changed.

A page is cut into head, header, body and footer; each distinct piece is scanned once, so the menu that stands
on ten thousand pages costs as much as on one. Addresses are numbered, and pages keep the numbers.
"""

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from html import unescape

import msgspec

from checks.built_site import BuiltSite, Stamp
from checks.references import NAVIGATE, STYLE, Scanned, Scanner, css_addresses

SCANNED = (".html", ".htm", ".svg", ".css", ".xml")
VERSION = 3
_BATCH = 1_500  # files that a worker scans at a time: few enough to keep what it hands back small
_FEW = 400  # files that are not worth another process
_GARBAGE, _SPARE = 3, 400  # pieces a page, and beyond; more is what edited pages have left behind
_FEED_ADDRESS = re.compile(r"<(loc|link|url|image:loc)\s*>\s*(?:<!\[CDATA\[)?([^<\]]+)", re.I)


class Piece(msgspec.Struct, array_like=True):
    references: bytes  # numbers of addresses, unsigned ints
    anchors: str  # each between two NULs


class PageLinks(msgspec.Struct, array_like=True):
    pieces: list[int]
    base: str | None = None
    size: int = 0  # the stamp of the file that was scanned
    changed: int = 0
    inode: int = 0

    def is_at(self, stamp: Stamp) -> bool:
        return (self.size, self.changed, self.inode) == (stamp.size, stamp.changed, stamp.inode)


class Table(msgspec.Struct, array_like=True):
    """Everything known about the links of a site."""

    version: int = VERSION
    addresses: list[str] = msgspec.field(default_factory=list)  # kind + address as written
    pieces: list[Piece] = msgspec.field(default_factory=list)
    pages: dict[str, PageLinks] = msgspec.field(default_factory=dict)


class Numbering:
    """Puts scanned pieces into a table; equal addresses, and equal pieces of merged tables, get one number."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._addresses = {address: number for number, address in enumerate(table.addresses)}
        self._pieces: dict[tuple[bytes, str], int] = {}

    def piece(self, references: Iterable[str], anchors: Iterable[str]) -> int:
        numbers = array("I", sorted(map(self._address, references)))
        self.table.pieces.append(
            Piece(numbers.tobytes(), "".join(f"\0{anchor}" for anchor in sorted(anchors)) + "\0")
        )
        return len(self.table.pieces) - 1

    def _add(self, piece: Piece) -> int:
        key = hashlib.blake2b(piece.references, digest_size=12).digest(), piece.anchors
        number = self._pieces.get(key)
        if number is None:
            number = self._pieces[key] = len(self.table.pieces)
            self.table.pieces.append(piece)
        return number

    def _address(self, address: str) -> int:
        number = self._addresses.get(address)
        if number is None:
            number = self._addresses[address] = len(self.table.addresses)
            self.table.addresses.append(address)
        return number

    def merge(self, other: Table) -> None:
        """Take over the pages of another table."""
        pieces: dict[int, int] = {}
        for file, page in other.pages.items():
            for old in page.pieces:
                if old not in pieces:
                    pieces[old] = self._take(other, other.pieces[old])
            page.pieces = [pieces[old] for old in page.pieces]
            self.table.pages[file] = page

    def _take(self, other: Table, piece: Piece) -> int:
        texts = (other.addresses[number] for number in array("I", piece.references))
        return self._add(Piece(array("I", map(self._address, texts)).tobytes(), piece.anchors))


def scan_files(root: str, files: Sequence[str]) -> bytes:
    """One worker's share: the table of these files, packed, still without their stamps."""
    table = Table()
    numbering = Numbering(table)
    scanner = Scanner()
    shared: dict[bytes, tuple[int, Scanned]] = {}
    for file in files:
        with open(root + file, "rb", 0) as opened:
            content = opened.read()
        if file.endswith((".html", ".htm", ".svg")):
            numbers, base = _page(content, scanner, numbering, shared)
        else:
            find = _style_sheet if file.endswith(".css") else _feed
            numbers, base = [numbering.piece(find(content, scanner), ())], None
        table.pages[file] = PageLinks(numbers, base)
    return msgspec.msgpack.encode(table)


def _page(
    html: bytes, scanner: Scanner, numbering: Numbering, shared: dict[bytes, tuple[int, Scanned]]
) -> tuple[list[int], str | None]:
    numbers, base = [], None
    for piece, common in _pieces(html):
        known = shared.get(piece) if common else None
        if known is None:
            scanned = scanner.scan(piece)
            if not scanned.whole and piece is not html:
                whole = scanner.scan(html)
                return [numbering.piece(whole.references, whole.anchors)], whole.base
            known = numbering.piece(scanned.references, scanned.anchors), scanned
            if common:
                shared[piece] = known
        numbers.append(known[0])
        base = known[1].base if base is None else base
    return numbers, base


def _pieces(html: bytes) -> Iterator[tuple[bytes, bool]]:
    """The page in pieces, and whether other pages are likely to have the same one."""
    head = html.find(b"</head>")
    start = html.find(b"<main", head)
    if start < 0:
        start = html.find(b"</header>", head)
        start = start + 9 if start >= 0 else head
    end = html.rfind(b"</main>", start)
    if end < 0:
        end = html.rfind(b"<footer", start)
    if head < 0 or start < head or end < start:
        yield html, False
        return
    yield html[:head], False
    yield html[head:start], True
    yield html[start:end], False
    yield html[end:], True


def _style_sheet(content: bytes, scanner: Scanner) -> list[str]:
    return [STYLE + address for address in css_addresses(content.decode("utf-8", "surrogateescape"))]


def _feed(content: bytes, scanner: Scanner) -> list[str]:
    """Addresses of a feed or site map, those inside escaped HTML included."""
    text = content.decode("utf-8", "surrogateescape")
    found = [NAVIGATE + unescape(address).strip() for _, address in _FEED_ADDRESS.findall(text)]
    found += scanner.scan(content).references
    if "&lt;" in text:
        found += scanner.scan(unescape(text).encode("utf-8", "surrogateescape")).references
    return found


def renew(table: Table, site: BuiltSite, executor: Executor | None = None) -> bool:
    """Bring the table up to date with the files; tells whether that changed it."""
    stale = [
        file
        for file, stamp in site.stamps.items()
        if file.endswith(SCANNED) and not ((known := table.pages.get(file)) and known.is_at(stamp))
    ]
    gone = table.pages.keys() - site.stamps.keys()
    for file in gone:
        del table.pages[file]
    if stale:
        numbering = Numbering(table)
        for packed in _scanned(site.root.as_posix(), stale, executor):
            numbering.merge(msgspec.msgpack.decode(packed, type=Table))
        for file in stale:
            page, stamp = table.pages[file], site.stamps[file]
            page.size, page.changed, page.inode = stamp.size, stamp.changed, stamp.inode
    if (stale or gone) and len(table.pieces) > _GARBAGE * len(table.pages) + _SPARE:
        _compact(table)
    return bool(stale or gone)


def _compact(table: Table) -> None:
    """Leave out pieces and addresses that no page has any more."""
    fresh = Table()
    Numbering(fresh).merge(table)
    table.addresses, table.pieces, table.pages = fresh.addresses, fresh.pieces, fresh.pages


def _scanned(root: str, files: Sequence[str], executor: Executor | None) -> Iterator[bytes]:
    if executor is None or len(files) <= _FEW:
        yield scan_files(root, files)
        return
    shares = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    yield from executor.map(scan_files, [root] * len(shares), shares)


def anchors_of(table: Table, page: PageLinks) -> Callable[[str], bool]:
    """Asks whether a page has an anchor."""
    texts = [table.pieces[number].anchors for number in page.pieces]
    return lambda anchor: any(f"\0{anchor}\0" in text for text in texts)
