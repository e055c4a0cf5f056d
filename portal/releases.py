"""Releases on disk: `releases/<id>/` each whole and never changed, `releases/current` a link to one of them.

Whatever is not finished has a name that begins with a dot, and every step that counts is one rename.
So a process killed anywhere leaves `current` at one whole release, and the next one sweeps up.
"""

import ctypes
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

from bureau.errors import ConfigError

CURRENT = "current"
HOLD = "hold.json"
SEARCH = "search"  # the search database, in pieces
SHARED = ("site", SEARCH)  # folders whose files releases share


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


class Hold(msgspec.Struct, frozen=True):
    """Somebody went back to this release: until somebody publishes, the clock must not undo that."""

    release: str
    who: str
    at: datetime


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

    def stage(self, kept: int, needed: Release | None = None) -> Path:
        """A folder on the same disk, where a release is put together.

        It shows what the release showed that has to make room for the new one, for most of it stays: so nothing
        else is taken for it but `needed` and the one that is served.
        """
        staged = self.folder / ".staged"
        spare = [release for release in self._beyond(max(kept, 1) - 1) if release != needed]
        if not spare:
            staged.mkdir()
            return staged
        spare[-1].path.rename(staged)
        with os.scandir(staged) as entries:
            for entry in entries:
                if entry.name not in SHARED:
                    _remove(entry)
        return staged

    def drop(self) -> None:
        """What was being put together will never be a release."""
        shutil.rmtree(self.folder / ".staged", ignore_errors=True)

    def add(self, staged: Path, at: datetime) -> Release:
        """The finished folder becomes a release, safe from a power cut; nobody is shown it yet."""
        _write_out(staged)
        path = self.folder / self._free_id(at)
        staged.rename(path)
        return Release(path)

    def switch(self, release: Release) -> None:
        """From one moment to the next everybody sees this release."""
        link = self.folder / ".next"
        link.symlink_to(release.id)
        link.rename(self.folder / CURRENT)
        _sync(self.folder)

    def hold(self, hold: Hold) -> None:
        """Before the switch: the note counts only while its release is the one that is served."""
        draft = self.folder / f".next-{HOLD}"
        draft.write_bytes(msgspec.json.encode(hold))
        draft.rename(self.folder / HOLD)

    def held(self) -> Hold | None:
        current = self.current()
        try:
            hold = msgspec.json.decode((self.folder / HOLD).read_bytes(), type=Hold)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigError(
                self.folder / HOLD,
                f"退回的记录读不出（{error}）；要保持退回，再执行一次 portal rollback；要恢复定时发布，删去这个文件",
            ) from error
        return hold if current and hold.release == current.id else None

    def let_go(self) -> None:
        """Somebody has published."""
        (self.folder / HOLD).unlink(missing_ok=True)

    def prune(self, kept: int) -> Sequence[str]:
        """Keep the newest ones and, always, the one that is served. Gives the ids that went."""
        gone = self._beyond(max(kept, 1))
        for release in gone:
            doomed = self.folder / f".old-{release.id}"
            release.path.rename(doomed)
            shutil.rmtree(doomed)
        return [release.id for release in gone]

    def _beyond(self, kept: int) -> list[Release]:
        """Releases that nobody would miss, the oldest last."""
        served = self.current()
        return [release for release in self.all()[kept:] if release != served]

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
            elif entry.name.startswith(".next"):
                os.unlink(entry.path)


def mirror(source: Path, target: Path) -> None:
    """Let another folder show the same files, and no others; those that it shows already stay.

    Files are shared, so whoever changes one must replace it. Where the disk cannot link, copies.
    """
    target.mkdir(exist_ok=True)
    with os.scandir(target) as entries:
        there = {entry.name: entry for entry in entries}
    with os.scandir(source) as entries:
        for entry in entries:
            to = f"{target}/{entry.name}"
            old, is_folder = there.pop(entry.name, None), entry.is_dir(follow_symlinks=False)
            if old and old.is_dir(follow_symlinks=False) != is_folder:
                _remove(old)
                old = None
            if is_folder:
                mirror(Path(entry.path), Path(to))
            elif old is None:
                _link(entry.path, to)
            elif not os.path.samestat(entry.stat(follow_symlinks=False), old.stat(follow_symlinks=False)):
                _remove(old)
                _link(entry.path, to)
    for old in there.values():
        _remove(old)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        os.unlink(entry.path)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copy2(source, target)


def _write_out(folder: Path) -> None:
    """Everything written on this disk is on it, once and for all files: dearer one by one. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    """What was renamed stays renamed when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
