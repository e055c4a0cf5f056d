"""Reading `content/`: one file at a time into cards, everything that is wrong into errors with file and line."""

import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau import front_matter, markdown
from bureau.channels import Channel
from bureau.config import SiteConfig
from bureau.errors import BuildErrors, ConfigError
from bureau.front_matter import FrontMatter
from plugins.press import parallel, pictures
from plugins.press.article import Card, card
from plugins.press.catalog import Asset
from plugins.press.state import AssetRow, Signature, SourceRow, State, pack_signature

CONTENT = "content"
FOLDERS_OF_FILES = ("files", "images")
NOT_CHANNELS = (*FOLDERS_OF_FILES, "adjustments", "quality", "workdays")
HEADS_KEPT = 10_000  # some 60 MB of bodies at most
_NAME = attrgetter("name")
MANY = 400  # files from which a second process pays
_PENDING = SourceRow(b"", b"", Card("", "", "", "", "", "", ""))
_SHARE = msgspec.msgpack.Decoder(tuple[dict[str, SourceRow], list[tuple[str, str, int]]])


class Seen(NamedTuple):
    """A file that lies there."""

    path: str  # below the project root
    signature: Signature
    newest: int  # ns; its last change, of content or of anything else


def walk(root: Path, folder: str, ending: str = "") -> list[Seen]:
    """Files below root/folder in a fixed order; hidden ones are left out."""
    found: list[Seen] = []
    _walk(str(root), folder, ending, found)
    return found


def _walk(root: str, folder: str, ending: str, found: list[Seen]) -> None:
    try:
        with os.scandir(f"{root}/{folder}") as entries:
            rows = sorted(entries, key=_NAME)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in rows:
        name = entry.name
        if name[0] == "." or name[-1] == "~":
            continue
        if entry.is_dir():
            _walk(root, f"{folder}/{name}", ending, found)
        elif name.endswith(ending):
            stat = entry.stat()
            changed, newest = stat.st_mtime_ns, stat.st_ctime_ns
            signature = pack_signature(changed, newest, stat.st_size, stat.st_ino)
            found.append(Seen(f"{folder}/{name}", signature, newest if newest > changed else changed))


def article_files(root: Path) -> Iterator[Seen]:
    for name in sorted(os.listdir(root / CONTENT)):
        if name not in NOT_CHANNELS and not name.startswith("."):
            yield from walk(root, f"{CONTENT}/{name}", ".md")


def asset_files(root: Path) -> Iterator[tuple[str, Seen]]:
    """With the file's place on the site."""
    for folder in FOLDERS_OF_FILES:
        for seen in walk(root, f"{CONTENT}/{folder}"):
            yield seen.path.removeprefix(f"{CONTENT}/"), seen


def read(root: Path, source: str) -> bytes:
    with open(f"{root}/{source}", "rb", buffering=0) as stream:  # a Path costs as much as the reading
        return stream.read()


def read_card(
    source: str, data: bytes, channels: Mapping[str, Channel], config: SiteConfig
) -> tuple[Card, FrontMatter]:
    """Raises BuildErrors or ConfigError with everything wrong in this one file."""
    head = front_matter.parse(source, text_of(source, data))
    channel = front_matter.channel_of(source.split("/")[1:], channels)
    errors = [
        ConfigError(source, f"{row.message}，{row.suggestion}" if row.suggestion else row.message, row.line)
        for row in front_matter.problems(head, channel, config)
    ]
    if channel is None:
        errors.append(_no_channel(source, channels))
    if errors:
        raise BuildErrors(errors)
    assert channel is not None
    return card(source, channel.path, head, markdown.engine(config.build.markdown)), head


def text_of(source: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(source, "文件不是 UTF-8 编码，请另存为 UTF-8", line) from error


def _no_channel(source: str, channels: Mapping[str, Channel]) -> ConfigError:
    *folders, year, _ = source.split("/")[1:]
    if "/".join([*folders, year]) in channels:
        return ConfigError(source, "稿件要放在栏目下的年份文件夹里，例 content/xwzx/jtyw/2026/", 1)
    path = "/".join(folders) or year
    return ConfigError(source, f"没有栏目 {path}，content/channels.toml 里有：{'、'.join(channels)}", 1)


@dataclass(frozen=True)
class Sources:
    """All that content/ holds, each file with what it was when it was looked at."""

    articles: dict[str, SourceRow]
    assets: dict[str, AssetRow]  # file on the site -> row
    looked_at: int
    changed: frozenset[str]  # sources whose content is new
    errors: tuple[ConfigError, ...]
    heads: dict[str, FrontMatter]  # of a part of `changed`, so that their pages need not read them again
    touched: bool  # whether anything is not as the state has it, be it only a time


def look(root: Path, channels: Mapping[str, Channel], config: SiteConfig, old: State | None) -> Sources:
    """Read what is new or changed since `old`. A file with errors has no row."""
    looked_at = time.time_ns()
    articles: dict[str, SourceRow] = {}
    stale: list[tuple[str, Signature]] = []
    before = old.sources if old else {}
    settled = old.settled if old else 0
    for source, signature, newest in article_files(root):
        row = before.get(source)
        if row is not None and row.signature == signature and newest < settled:
            articles[source] = row
        else:
            articles[source] = _PENDING
            stale.append((source, signature))
    heads: dict[str, FrontMatter] = {}
    fresh, errors = _read_all(root, stale, channels, config, before, heads)
    articles = {source: row for source, row in (articles | fresh).items() if row is not _PENDING}
    assets, read = _look_at_assets(root, old)
    changed = frozenset(
        source for source, row in fresh.items() if before.get(source, _PENDING).digest != row.digest
    )
    touched = (
        bool(fresh)
        or read
        or articles.keys() != before.keys()
        or assets.keys() != (old.assets.keys() if old else ())
    )
    return Sources(articles, assets, looked_at, changed, tuple(errors), heads, touched)


def _read_all(
    root: Path,
    stale: Sequence[tuple[str, Signature]],
    channels: Mapping[str, Channel],
    config: SiteConfig,
    before: Mapping[str, SourceRow],
    heads: dict[str, FrontMatter],
) -> tuple[dict[str, SourceRow], list[ConfigError]]:
    def share_of(share: int, of: int) -> bytes:
        rows: dict[str, SourceRow] = {}
        wrong: list[tuple[str, str, int]] = []
        for source, signature in stale[share::of]:
            data = read(root, source)
            digest = blake2b(data, digest_size=16).digest()
            known = before.get(source)
            try:
                same = known is not None and known.digest == digest
                if known and same:
                    rows[source] = SourceRow(signature, digest, known.card)
                    continue
                card, head = read_card(source, data, channels, config)
                rows[source] = SourceRow(signature, digest, card)
                if len(heads) < HEADS_KEPT:
                    heads[source] = head
            except BuildErrors as errors:
                wrong += [(error.path, error.message, error.line) for error in errors.errors]
            except ConfigError as error:
                wrong.append((error.path, error.message, error.line))
        return msgspec.msgpack.encode((rows, wrong))

    found: dict[str, SourceRow] = {}
    errors: list[ConfigError] = []
    for data in parallel.spread(share_of, parallel.cores() if len(stale) > MANY else 1):
        rows, wrong = _SHARE.decode(data)
        found |= rows
        errors += [ConfigError(*row) for row in wrong]
    return found, errors


def _look_at_assets(root: Path, old: State | None) -> tuple[dict[str, AssetRow], bool]:
    """Each file of files/ and images/, and whether one of them had to be read."""
    rows: dict[str, AssetRow] = {}
    read = False
    before = old.assets if old else {}
    settled = old.settled if old else 0
    for file, seen in asset_files(root):
        row = before.get(file)
        if row is None or row.signature != seen.signature or seen.newest >= settled:
            row, read = AssetRow(seen.signature, read_asset(root, file, seen.path)), True
        rows[file] = row
    return rows, read


def read_asset(root: Path, file: str, source: str) -> Asset:
    data = (root / source).read_bytes()
    width, height = pictures.measure(data) if file.startswith("images/") else (0, 0)
    digest = hashlib.sha256(data).hexdigest()
    return Asset(file, source, digest, len(data), _pdf_pages(data), width, height)


def _pdf_pages(data: bytes) -> int:
    if not data.startswith(b"%PDF-"):
        return 0
    from io import BytesIO

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(BytesIO(data)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, OSError):
        return 0  # that the file is damaged is the checks' business (attachment magic bytes)


def cross_errors(root: Path, cards: Sequence[Card], assets: Mapping[str, Asset]) -> Iterator[ConfigError]:
    """What is wrong between articles: doubled ids, and files that are not there or hold nothing."""
    by_id: defaultdict[str, list[Card]] = defaultdict(list)
    for row in cards if len({row.id for row in cards}) < len(cards) else ():
        by_id[row.id].append(row)
    for key, rows in by_id.items():
        for row in rows[1:]:
            line = line_of(root, row.source, "id")
            yield ConfigError(row.source, f"id {key} 已被 {rows[0].source} 使用，请换一个", line)
    for row in cards:
        for url in row.files:
            if url.startswith("/") and url[1:] not in assets:
                line = line_of(root, row.source, url)
                yield ConfigError(row.source, f"找不到文件 {url}，请把它放到 content{url}", line)
            elif url.startswith("/") and not assets[url[1:]].size:
                line = line_of(root, row.source, url)
                yield ConfigError(row.source, f"文件 {url} 是空的（0 字节），请重新上传", line)


def line_of(root: Path, source: str, text: str) -> int:
    """The first line of the head that speaks of a key or a value."""
    rows = (root / source).read_text("utf-8").splitlines()
    return next((number for number, row in enumerate(rows, 1) if number > 1 and text in row), 1)
