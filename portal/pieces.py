"""A large file of which little changes from release to release, kept in pieces, so that releases share the others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

SIZE = 64 * 1024  # bytes; one edited article touches some twelve pieces of a search database of 45 MB


def split(file: Path, folder: Path) -> None:
    """Let `folder` hold the file. A piece that differs is replaced, never changed, for others may share it."""
    folder.mkdir(exist_ok=True)
    there = set(os.listdir(folder))
    for name, data in _pieces(file):
        path = folder / name
        if name in there:
            there.remove(name)
            if path.read_bytes() == data:
                continue
            path.unlink()
        path.write_bytes(data)
    for name in there:
        (folder / name).unlink()


def is_same(file: Path, folder: Path) -> bool:
    """Whether the folder holds just this file."""
    there = set(os.listdir(folder)) if folder.is_dir() else set()
    for name, data in _pieces(file):
        if name not in there or (folder / name).read_bytes() != data:
            return False
        there.remove(name)
    return not there


@contextmanager
def joined(folder: Path, place: Path) -> Iterator[Path]:
    """The file, put together below `place`; gone afterwards, but whoever has opened it may go on reading."""
    place.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place) as whole:
        for name in sorted(os.listdir(folder)):
            whole.write((folder / name).read_bytes())
        whole.flush()
        yield Path(whole.name)


def _pieces(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open("rb", buffering=0) as stream:
        number = 0
        while data := stream.read(SIZE):
            yield f"{number:06}", data
            number += 1
