"""Files of the cache, each behind a check sum: what is damaged is as good as not there."""

import os
from hashlib import blake2b
from pathlib import Path

_SIZE = 16  # bytes of the check sum


def load(path: Path) -> bytes | None:
    """None where there is no such file, or not as it was saved."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data[_SIZE:] if data[:_SIZE] == _check_sum(data[_SIZE:]) else None


def save(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(_check_sum(data) + data)
    fresh.replace(path)


def _check_sum(data: bytes) -> bytes:
    return blake2b(data, digest_size=_SIZE).digest()
