"""Reading `content/`: one file at a time into cards, everything that is wrong into errors with file and line."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from bureau import front_matter
from bureau.channels import Channel
from bureau.config import SiteConfig
from bureau.errors import ConfigError
from plugins.press.article import Card, card
from plugins.press.catalog import Asset

CONTENT = "content"
FOLDERS_OF_FILES = ("files", "images")
NOT_CHANNELS = (*FOLDERS_OF_FILES, "adjustments", "quality", "workdays")


def walk(root: Path, folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Files below root/folder as paths below root, in a fixed order; hidden ones are left out."""
    try:
        with os.scandir(root / folder) as entries:
            rows = sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in rows:
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        path = f"{folder}/{entry.name}"
        if entry.is_dir():
            yield from walk(root, path)
        else:
            yield path, entry.stat()


def article_files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    for name in sorted(os.listdir(root / CONTENT)):
        if name in NOT_CHANNELS or name.startswith("."):
            continue
        for path, stat in walk(root, f"{CONTENT}/{name}"):
            if path.endswith(".md"):
                yield path, stat


def asset_files(root: Path) -> Iterator[tuple[str, str, os.stat_result]]:
    """File on the site, source, stat."""
    for folder in FOLDERS_OF_FILES:
        for path, stat in walk(root, f"{CONTENT}/{folder}"):
            yield path.removeprefix(f"{CONTENT}/"), path, stat


def read_card(source: str, data: bytes, channels: Mapping[str, Channel], config: SiteConfig) -> Card:
    """Raises BuildErrors or ConfigError with everything wrong in this one file."""
    from bureau.errors import BuildErrors

    head = front_matter.parse(source, text_of(source, data))
    channel = front_matter.channel_of(PurePosixPath(source).parts[1:], channels)
    errors = [
        ConfigError(source, f"{row.message}，{row.suggestion}" if row.suggestion else row.message, row.line)
        for row in front_matter.problems(head, channel, config)
    ]
    if channel is None:
        errors.append(_no_channel(source, channels))
    if errors:
        raise BuildErrors(errors)
    assert channel is not None
    return card(source, channel.path, head)


def text_of(source: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(source, "文件不是 UTF-8 编码，请另存为 UTF-8", line) from error


def _no_channel(source: str, channels: Mapping[str, Channel]) -> ConfigError:
    folder = "/".join(PurePosixPath(source).parts[1:-2])
    parts = PurePosixPath(source).parts[1:-1]
    if "/".join(parts) in channels:
        return ConfigError(source, "稿件要放在栏目下的年份文件夹里，例 content/xwzx/jtyw/2026/", 1)
    return ConfigError(
        source, f"没有栏目 {folder or '（根目录）'}，content/channels.toml 里有：{'、'.join(channels)}", 1
    )


def read_asset(root: Path, file: str, source: str) -> Asset:
    data = (root / source).read_bytes()
    return Asset(file, source, hashlib.sha256(data).hexdigest(), len(data), _pdf_pages(data))


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
    """What is wrong between articles: doubled ids and files that are not there."""
    by_id: defaultdict[str, list[Card]] = defaultdict(list)
    for row in cards:
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


def line_of(root: Path, source: str, text: str) -> int:
    """The first line of the head that speaks of a key or a value."""
    rows = (root / source).read_text("utf-8").splitlines()
    return next((number for number, row in enumerate(rows, 1) if number > 1 and text in row), 1)


def sorted_errors(errors: Iterable[ConfigError]) -> list[ConfigError]:
    found: list[ConfigError] = []
    for error in errors:
        found.extend(getattr(error, "errors", (error,)))
    return found
