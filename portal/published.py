"""What citizens are shown now: the current release, or `build/site` where nothing was published yet."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from portal.releases import CURRENT


class _Redirect(msgspec.Struct):
    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")


class _Page(msgspec.Struct):
    url: str
    kind: str = ""


class _Manifest(msgspec.Struct):
    pages: list[_Page] = []
    redirects: list[_Redirect] = []


@dataclass(frozen=True, slots=True)
class Published:
    """One state of the site; a new one is read when the link or the build has moved on."""

    name: str  # the release's id; empty when it is the build
    folder: Path
    redirects: Mapping[str, str]
    withdrawn: frozenset[str]

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def shell(self) -> str:
        """The page that /search and the mailbox put their content into; empty when there is none."""
        try:
            return (self.folder / "shell.html").read_text("utf-8")
        except FileNotFoundError:
            return ""


class Shopwindow:
    """Looks at each request which release is current, so a publish needs no restart."""

    def __init__(self, root: Path, *, only_build: bool = False) -> None:
        self._releases = None if only_build else root / "releases"
        self._build = root / "build"
        self._seen: tuple[str, int] | None = None
        self._published = Published("", self._build, {}, frozenset())

    def now(self) -> Published:
        name, folder = self._where()
        state = (name, _changed(folder / "manifest.json"))
        if state != self._seen:
            self._published = _read(name, folder)
            self._seen = state
        return self._published

    def _where(self) -> tuple[str, Path]:
        if self._releases is None:
            return "", self._build
        try:
            name = os.readlink(self._releases / CURRENT)
        except OSError:
            return "", self._build
        return name, self._releases / name


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read(name: str, folder: Path) -> Published:
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=_Manifest)
    except FileNotFoundError:
        manifest = _Manifest()
    return Published(
        name,
        folder,
        {row.source: row.target for row in manifest.redirects},
        frozenset(page.url for page in manifest.pages if page.kind == "gone"),
    )
