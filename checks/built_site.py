"""A built site as it lies on disk: its files, and what the manifest says about its pages."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau.errors import ConfigError

ATTACHMENTS = "/files/"  # where they are built to


class Page(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
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
        return f"{self._shown_root}{file}"

    @cached_property
    def _shown_root(self) -> str:
        return self.root.as_posix()

    def read(self, file: str) -> bytes:
        return Path(f"{self.root}{file}").read_bytes()


class _PageRow(msgspec.Struct, gc=False):
    url: str
    file: str
    source: str | None = None
    title: str | None = None
    channel: str | None = None
    kind: str | None = None
    department: str | None = None
    published: str | None = None
    modified: str | None = None
    sha256: str | None = None

    def page(self) -> Page:
        return Page(
            url=self.url,
            file=f"/{self.file.lstrip('/')}",
            source=self.source or "",
            title=self.title or "",
            channel=self.channel or "",
            kind=self.kind or "",
            department=self.department or "",
            published=self.published or "",
            modified=self.modified or "",
            sha256=self.sha256 or "",
        )


class _Redirect(msgspec.Struct, rename={"old": "from", "new": "to"}):
    old: str
    new: str


class _Asset(msgspec.Struct):
    url: str
    source: str | None = None


class _Manifest(msgspec.Struct):
    version: int = 0
    pages: list[_PageRow] = []
    channels: list[ChannelRow] = []
    redirects: list[_Redirect] = []
    assets: list[_Asset] = []


def load(root: Path, manifest: Path | None, hosts: Iterable[str] = ()) -> BuiltSite:
    """Raises ConfigError when there is no such folder or the manifest is not what DESIGN says."""
    if not root.is_dir():
        raise ConfigError(root, "没有构建结果，请先执行 portal build")
    stamps, folders = _walk(str(root))
    told = _read_manifest(manifest) if manifest else _Manifest()
    pages = [row.page() for row in told.pages]
    known = {page.file for page in pages}
    others = sorted(file for file in stamps if file.endswith((".html", ".htm")) and file not in known)
    pages += (Page(url=_url(file), file=file) for file in others)
    return BuiltSite(
        root=root,
        stamps=stamps,
        folders=folders,
        pages=tuple(pages),
        channels=tuple(told.channels),
        redirects={row.old: row.new for row in told.redirects},
        hosts=frozenset(host.lower() for host in hosts),
        has_manifest=manifest is not None,
    )


def addresses(manifest: Path) -> dict[str, str]:
    """The addresses of a manifest that others may keep, each with the file it was made from.

    These are pages, attachments and redirects; pictures and feeds belong to their pages.
    """
    told = _read_manifest(manifest)
    kept = {row.url: row.source or "" for row in told.pages if row.kind != "error"}
    kept |= {row.url: row.source or "" for row in told.assets if row.url.startswith(ATTACHMENTS)}
    return kept | {row.old: "" for row in told.redirects}


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


def _read_manifest(path: Path) -> _Manifest:
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except OSError as error:
        raise ConfigError(path, "没有构建清单，请先执行 portal build") from error
    except msgspec.ValidationError as error:
        raise ConfigError(path, f"构建清单里有不认识的内容：{error}，请重新执行 portal build") from error
    except ValueError as error:
        raise ConfigError(path, f"构建清单不是合法的 JSON（{error}），请重新执行 portal build") from error
    if told.version != 1:
        raise ConfigError(path, "构建清单的版本不认识，请重新执行 portal build")
    return told


def _url(file: str) -> str:
    return file.removesuffix("index.html") if file.endswith("/index.html") else file
