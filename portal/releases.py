"""Releases on disk: `releases/<id>/` each whole and never changed, `releases/current` a link to one of them.

Whatever is not finished has a name that begins with a dot, and every step that counts is one rename.
So a process killed anywhere leaves `current` at one whole release, and the next one sweeps up.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Release:
    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def site(self) -> Path:
        return self.path / "site"

    @property
    def record(self) -> dict[str, Any]:
        """`release.json`: commit, built_at, who."""
        return self._read("release.json")

    @property
    def gate(self) -> dict[str, Any]:
        """`gate.json`: rules hash, counts, overrides."""
        return self._read("gate.json")

    @property
    def manifest(self) -> dict[str, Any]:
        return self._read("manifest.json")

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = msgspec.json.decode((self.path / name).read_bytes())
        return content


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of all releases."""

    folder: Path

    def current(self) -> Release | None:
        try:
            name = os.readlink(self.folder / CURRENT)
        except OSError:
            return None
        release = Release(self.folder / name)
        return release if release.site.is_dir() else None

    def all(self) -> list[Release]:
        """Every whole release, the newest first."""
        if not self.folder.is_dir():
            return []
        names = (entry.name for entry in os.scandir(self.folder) if entry.is_dir(follow_symlinks=False))
        return [Release(self.folder / name) for name in sorted(names, reverse=True) if name[0] != "."]

    def get(self, release_id: str) -> Release | None:
        return next((release for release in self.all() if release.id == release_id), None)

    @contextmanager
    def lock(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One change at a time; a second one says so and waits. The system lets go when a process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / ".lock", "w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(file, fcntl.LOCK_EX)
            self._sweep()
            yield

    def stage(self) -> Path:
        """An empty folder on the same disk, where a release is put together."""
        staged = self.folder / ".staged"
        staged.mkdir()
        return staged

    def add(self, staged: Path, at: datetime) -> Release:
        """The finished folder becomes a release; nobody is shown it yet."""
        path = self.folder / self._free_id(at)
        staged.rename(path)
        return Release(path)

    def switch(self, release: Release) -> None:
        """From one moment to the next everybody sees this release."""
        link = self.folder / ".next"
        link.symlink_to(release.id)
        link.rename(self.folder / CURRENT)
        _sync(self.folder)

    def prune(self, kept: int) -> Sequence[str]:
        """Keep the newest ones and, always, the one that is served. Gives the ids that went."""
        served = self.current()
        gone = [release for release in self.all()[max(kept, 1) :] if release != served]
        for release in gone:
            doomed = self.folder / f".old-{release.id}"
            release.path.rename(doomed)
            shutil.rmtree(doomed)
        return [release.id for release in gone]

    def _free_id(self, at: datetime) -> str:
        """The moment, to the second, so that ids sort by time; letters tell apart what shares a second."""
        moment = f"{at:%Y%m%d-%H%M%S}"
        names = [moment, *(f"{moment}-{count:03}" for count in range(2, 1000))]
        return next(name for name in names if not (self.folder / name).exists())

    def _sweep(self) -> None:
        """Take away what a killed process left half done."""
        for entry in os.scandir(self.folder):
            if entry.name.startswith((".staged", ".old-")):
                shutil.rmtree(entry.path)
            elif entry.name == ".next":
                os.unlink(entry.path)


def link_tree(source: Path, target: Path) -> None:
    """Show the same files under another folder. Files are shared, so whoever changes one must replace it.

    A plain loop over `os.link` is as fast as `cp -al` (0.14 s for 12,000 files). Where the disk cannot link, copies.
    """
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            to = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                link_tree(Path(entry.path), to)
            else:
                _link(entry.path, to)


def _link(source: str, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copy2(source, target)


def _sync(folder: Path) -> None:
    """What was renamed stays renamed when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
