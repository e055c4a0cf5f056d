"""What takes long to make out of the data files — the word lists of a day, compiled — kept for the next command.

A cache: whatever is wrong with it, it is made anew. It is read as data: only classes of the checks and arrays
come out of it, nothing is executed that somebody else may have put there.
"""

import hashlib
import io
import os
import pickle
import shutil
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import checks
from checks import whole_files

FOLDER = Path("var/cache")
_ROOT = Path(checks.__path__[0])
_SIZE = 16  # bytes of the digest
_ROOM = 20  # times its own size must be free on the disk: it never takes the last room from what matters
_ARRAYS = {"ndarray", "dtype", "scalar", "_reconstruct", "_frombuffer"}
Made = TypeVar("Made")


def prepared(name: str, depends: str, make: Callable[[], Made]) -> Made:
    """What `make` gives; from the file when it was made by this program from these data files and `depends`."""
    path = FOLDER / f"{name}.prepared"
    key = hashlib.blake2b(f"{_program()}\0{depends}".encode(), digest_size=_SIZE).digest()
    with suppress(OSError, ValueError):
        made: Made = _read(path.read_bytes(), key)
        return made
    made = make()
    with suppress(OSError):
        _write(path, key, pickle.dumps(made, protocol=5))
    return made


def _read(content: bytes, key: bytes) -> Any:
    """Raises ValueError for another's or a damaged file."""
    body = memoryview(content)[_SIZE + 4 :]
    if content[:_SIZE] != key or content[_SIZE : _SIZE + 4] != _check_sum(body):
        raise ValueError("not this one")
    try:
        return _Reader(io.BytesIO(body)).load()
    except Exception as error:
        raise ValueError("not to be read") from error


def _write(path: Path, key: bytes, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < _ROOM * len(body):
        return
    whole_files.write(path, key + _check_sum(body) + body)


def _check_sum(body: bytes | memoryview) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


@cache
def _program() -> str:
    """Its code and data files, told apart by size and time."""
    rows = []
    for folder, _, names in sorted(os.walk(_ROOT)):
        if not folder.endswith("__pycache__"):
            stats = ((name, os.stat(f"{folder}/{name}")) for name in sorted(names))
            rows += [(folder, name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return repr(rows)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if module.startswith("checks.") and isinstance(found, type) and found.__module__ == module:
            return found
        if module.partition(".")[0] == "numpy" and name in _ARRAYS:
            return found
        if found in (date, frozenset):
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")
