"""A built site as it lies on disk: its files, and what the manifest says about its pages."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from bureau.errors import ConfigError

ATTACHMENTS = "/files/"  # where they are built to


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A row of the manifest; of a foreign site only `url` and `file` are known."""

    url: str
    file: str  # below the site's root, with a leading slash
    source: str = ""  # the Markdown file it was made from; lists and the like have none
    title: str = ""
    channel: str = ""
    kind: str = ""
    department: str = ""
    published: str = ""
    modified: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    path: str
    name: str
    url: str
    kind: str
    type: str = ""
    owner: str = ""
    level: int = 1
    limit_days: int = 0
    archived: bool = False
    menu: bool = True
    articles: int = 0
    latest: str | None = None  # publishing time of the newest article


class Stamp(NamedTuple):
    """What tells a changed file from an unchanged one without reading it."""

    size: int
    changed: int  # nanoseconds
    inode: int


@dataclass(frozen=True)
class BuiltSite:
    root: Path
    stamps: Mapping[str, Stamp]  # every file, by its path below the root with a leading slash
    folders: frozenset[str]  # with a leading and a trailing slash
    pages: tuple[Page, ...]
    channels: tuple[ChannelRow, ...] = ()
    redirects: Mapping[str, str] = field(default_factory=dict)  # old address -> new one
    hosts: frozenset[str] = frozenset()  # names under which the site is its own
    has_manifest: bool = False

    @cached_property
    def page_by_file(self) -> Mapping[str, Page]:
        return {page.file: page for page in self.pages}

    def shown(self, file: str) -> str:
        """The file's path as findings name it."""
        return f"{self.root.as_posix()}{file}"

    def read(self, file: str) -> bytes:
        return Path(f"{self.root}{file}").read_bytes()


def load(root: Path, manifest: Path | None, hosts: Iterable[str] = ()) -> BuiltSite:
    """Raises ConfigError when there is no such folder or the manifest is not what DESIGN says."""
    if not root.is_dir():
        raise ConfigError(root, "没有构建结果，请先执行 portal build")
    stamps, folders = _walk(str(root))
    raw: Mapping[str, Any] = _read_manifest(manifest) if manifest else {}
    try:
        pages = tuple(_page(row) for row in raw.get("pages", ()))
        channels = tuple(_row(ChannelRow, row) for row in raw.get("channels", ()))
        redirects = dict(_redirect(row) for row in raw.get("redirects", ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            manifest or root, f"构建清单里有不认识的内容：{error}，请重新执行 portal build"
        ) from error
    known = {page.file for page in pages}
    others = sorted(file for file in stamps if file.endswith((".html", ".htm")) and file not in known)
    pages += tuple(Page(url=_url(file), file=file) for file in others)
    names = frozenset(host.lower() for host in hosts)
    return BuiltSite(root, stamps, folders, pages, channels, redirects, names, manifest is not None)


def addresses(manifest: Path) -> dict[str, str]:
    """The addresses of a manifest that others may keep, each with the file it was made from.

    These are pages, attachments and redirects; pictures and feeds belong to their pages.
    """
    raw = _read_manifest(manifest)
    kept = [row for row in raw["pages"] if row.get("kind") != "error"]
    kept += [row for row in raw.get("assets", ()) if row["url"].startswith(ATTACHMENTS)]
    return {row["url"]: row.get("source") or "" for row in kept} | {
        _redirect(row)[0]: "" for row in raw["redirects"]
    }


def _walk(root: str) -> tuple[dict[str, Stamp], frozenset[str]]:
    stamps: dict[str, Stamp] = {}
    folders = {"/"}
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                path = entry.path[len(root) :]
                if entry.is_dir():
                    folders.add(f"{path}/")
                    waiting.append(entry.path)
                elif entry.is_file():
                    status = entry.stat()
                    stamps[path] = Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
    return stamps, frozenset(folders)


def _read_manifest(path: Path) -> Mapping[str, Any]:
    try:
        raw = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(path, "没有构建清单，请先执行 portal build") from error
    except ValueError as error:
        raise ConfigError(path, f"构建清单不是合法的 JSON（{error}），请重新执行 portal build") from error
    if not isinstance(raw, dict) or raw.get("version") != 1:
        raise ConfigError(path, "构建清单的版本不认识，请重新执行 portal build")
    return raw


def _page(row: Mapping[str, Any]) -> Page:
    known = {name: row[name] or "" for name in _PAGE_KEYS if name in row}
    return Page(**known | {"file": "/" + row["file"].lstrip("/")})


_PAGE_KEYS = tuple(entry.name for entry in fields(Page))


def _row(cls: type[ChannelRow], row: Mapping[str, Any]) -> ChannelRow:
    return cls(**{entry.name: row[entry.name] for entry in fields(cls) if entry.name in row})


def _redirect(row: Any) -> tuple[str, str]:
    return (row["from"], row["to"]) if isinstance(row, Mapping) else (row[0], row[1])


def _url(file: str) -> str:
    return file.removesuffix("index.html") if file.endswith("/index.html") else file
