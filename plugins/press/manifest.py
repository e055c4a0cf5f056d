"""build/manifest.json: what the site consists of, for all who read it without building it. A pure function of the sources."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from plugins.press import reading
from plugins.press.catalog import Catalog
from plugins.press.pages import Page
from plugins.press.rendering import STATIC

VERSION = 1
_BETWEEN = b",\n"
_ENCODER = msgspec.json.Encoder()
encode = _ENCODER.encode


@dataclass(frozen=True, slots=True)
class Loose:
    """A file of the site that is no page: `data` where it is made here, else a copy of `source`."""

    file: str
    source: str
    sha256: bytes
    size: int
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """What the theme brings along; `css` and `js` are addresses that carry their content's hash."""

    files: tuple[Loose, ...]
    css: str
    js: str


def theme(root: Path) -> Theme:
    files: list[Loose] = []
    addresses = {"css": "", "js": ""}
    for path, _, _ in reading.walk(root, f"theme/{STATIC}"):
        data = (root / path).read_bytes()
        file = path.removeprefix("theme/")
        stem, _, ending = file.rpartition(".")
        if ending in addresses and file.count("/") == 1:
            file = f"{stem}.{hashlib.sha256(data).hexdigest()[:10]}.{ending}"
            addresses[ending] = f"/{file}"
        files.append(made(file, data, path))
    return Theme(tuple(files), addresses["css"], addresses["js"])


def made(file: str, data: bytes, source: str = "") -> Loose:
    return Loose(file, source, hashlib.sha256(data).digest(), len(data), data)


def row_without_hash(page: Page) -> bytes:
    """One of `pages`, open at its end; `rows` closes it when the page has been made."""
    return encode(
        {
            "url": page.url,
            "file": page.file,
            "source": page.source,
            "title": page.title,
            "channel": page.channel,
            "kind": page.kind,
            "department": page.department,
            "published": _iso(page.published),
            "modified": _iso(page.modified),
        }
    )[:-1]


def rows(open_rows: Iterable[bytes], hashes: Iterable[bytes]) -> bytes:
    pairs = zip(open_rows, hashes, strict=True)
    return _BETWEEN.join([b'%b,"sha256":"%b"}' % (row, sha256.hex().encode()) for row, sha256 in pairs])


def channel_rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for channel in catalog.channels.values():
        cards = catalog.shown[channel.path]
        yield {
            "path": channel.path,
            "name": channel.name,
            "url": channel.url,
            "kind": channel.kind,
            "type": channel.type,
            "owner": channel.owner,
            "level": channel.level,
            "limit_days": channel.limit_days,
            "archived": channel.archived,
            "menu": channel.menu,
            "articles": len(cards),
            "latest": _iso(cards[-1].date) if cards else None,
        }


def whole(
    page_rows: Iterable[bytes | memoryview],
    catalog: Catalog,
    redirects: Iterable[Mapping[str, str]],
    assets: Iterable[Loose],
) -> tuple[bytes, list[tuple[int, int]]]:
    """The manifest, and from where to where each group of page rows stands in it."""
    parts: list[bytes | memoryview] = [b'{"version":%d,"pages":[\n' % VERSION]
    at = len(parts[0])
    spans: list[tuple[int, int]] = []
    for rows in page_rows:
        if rows and len(parts) > 1:
            parts.append(_BETWEEN)
            at += len(_BETWEEN)
        spans.append((at, at + len(rows)))
        if rows:
            parts.append(rows)
            at += len(rows)
    files = [
        {
            "url": f"/{row.file}",
            "file": row.file,
            "source": row.source,
            "sha256": row.sha256.hex(),
            "size": row.size,
        }
        for row in sorted(assets, key=lambda row: row.file)
    ]
    rest = (encode(list(channel_rows(catalog))), encode(list(redirects)), encode(files))
    parts.append(b'\n],"channels":%b,"redirects":%b,"assets":%b}\n' % rest)
    return b"".join(parts), spans


def _iso(moment: str) -> str | None:
    return f"{moment.replace(' ', 'T')}:00" if moment else None
