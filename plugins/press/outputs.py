"""Putting a new edition into place: written beside the old one, then renamed file by file.

Files of the site are never changed in place: releases share them by hard links. While the site is neither
the old one nor the new one, `.incomplete` stands beside it, and whoever reads the site refuses.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau.errors import ConfigError

INCOMPLETE = ".incomplete"
STAGING = ".next"
RETIRED = ".old"
COMPANIONS = ("manifest.json", "shell.html")  # beside site/


Stamp = tuple[int, int, int]  # mtime in ns, size, inode: all kept by a rename


class Written(NamedTuple):
    """A file just written: its content's hash and what its folder's listing says of it."""

    sha256: bytes
    stamp: Stamp


Listing = dict[str, bytes]  # folder -> its files and their stamps, packed


class Folder:
    """The output folder of a build: site/, its companions, and the place where the next site grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.site = path / "site"
        self.staging = path / STAGING
        self.marker = path / INCOMPLETE
        self._made: set[str] = set()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One build at a time; the second waits."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as stream:
            flock(stream, LOCK_EX)
            yield

    def is_whole(self) -> bool:
        return self.site.is_dir() and not self.marker.exists()

    def clear_staging(self) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        self._made.clear()

    def write(self, file: str, data: bytes) -> Written:
        """Into the staging site."""
        path = f"{self.staging}/site/{file}"
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)
            self._made.add(folder)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            stat = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return Written(sha256(data).digest(), (stat.st_mtime_ns, stat.st_size, stat.st_ino))

    def copy(self, file: str, source: Path, known: bytes) -> Written:
        """A file that is published as it is; refuses when it is no longer the one that was looked at."""
        written = self.write(file, source.read_bytes())
        if written.sha256 != known:
            raise ConfigError(source, "构建时文件又变了，请再构建一次")
        return written

    def adopt(self, file: str) -> Written:
        """A file of the staging site that somebody else has written."""
        path = self.staging / "site" / file
        stat = path.stat()
        return Written(sha256(path.read_bytes()).digest(), (stat.st_mtime_ns, stat.st_size, stat.st_ino))

    def write_companion(self, name: str, data: bytes) -> Stamp:
        """Into the staging folder, beside the site."""
        self.staging.mkdir(parents=True, exist_ok=True)
        path = self.staging / name
        path.write_bytes(data)
        return self.stamp(path)

    def read_companion(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    @property
    def companions(self) -> dict[str, Stamp]:
        """Those that are there."""
        paths = [self.path / name for name in COMPANIONS]
        return {path.name: self.stamp(path) for path in paths if path.exists()}

    @staticmethod
    def stamp(path: Path) -> Stamp:
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def replace_whole(self) -> None:
        """Let the staging site take the place of the old one."""
        self.marker.write_text("正在替换整个站点\n", "utf-8")
        retired = self.path / RETIRED
        shutil.rmtree(retired, ignore_errors=True)
        if self.site.exists():
            os.rename(self.site, retired)
        os.rename(self.staging / "site", self.site)

    def replace_some(self, written: Iterable[str], removed: Iterable[str]) -> None:
        self.marker.write_text("正在替换部分文件\n", "utf-8")
        made: set[str] = set()
        for file in written:
            target = f"{self.site}/{file}"
            folder = target.rpartition("/")[0]
            if folder not in made:
                os.makedirs(folder, exist_ok=True)
                made.add(folder)
            os.replace(f"{self.staging}/site/{file}", target)
        for file in removed:
            self._remove(file)

    def _remove(self, file: str) -> None:
        path = self.site / file
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.site:
                break
            try:
                folder.rmdir()
            except OSError:
                break  # not empty

    def finish(self) -> None:
        """Companions into place; from here on the site is whole."""
        for name in COMPANIONS:
            if (self.staging / name).exists():
                os.replace(self.staging / name, self.path / name)
        self.marker.unlink()
        self.clear_staging()
        shutil.rmtree(self.path / RETIRED, ignore_errors=True)


def listing(site: Path) -> Listing:
    """What lies in the site, folder by folder. Cheap: names and stats, no contents."""
    found: Listing = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        rows: dict[str, Stamp] = {}
        with os.scandir(f"{site}/{folder}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{folder}/{entry.name}" if folder else entry.name)
                else:
                    stat = entry.stat(follow_symlinks=False)
                    rows[entry.name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if rows:
            found[folder] = pack(rows)
    return found


def pack(rows: dict[str, Stamp]) -> bytes:
    return msgspec.msgpack.encode(sorted(rows.items()))


def unpack(data: bytes) -> dict[str, Stamp]:
    return dict(msgspec.msgpack.decode(data, type=list[tuple[str, Stamp]]))
