"""What the last run found, item by item, so that a run reads only what has changed.

One file with a checksum. An item is known again by size, time of change and inode, and by its content where
those moved. Results are worth something only under the same rules; a damaged file is noticed and left aside.
"""

import hashlib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from checks import whole_files
from checks.built_site import Stamp
from checks.finding import Finding

Stored = TypeVar("Stored", bound=msgspec.Struct)
_CHECKSUM = 16
_RACY = 2_000_000_000  # ns; a file changed just before the save may have changed again within the same stamp


class Item(msgspec.Struct, array_like=True, gc=False):
    """One source or page as it was: stamp, digest of its content, and what was found."""

    size: int
    changed: int
    inode: int
    digest: bytes
    context: int  # what the result depends on besides the content
    findings: list[Finding]
    unreadable: str = ""

    def is_at(self, stamp: Stamp) -> bool:
        return (self.size, self.changed, self.inode) == (stamp.size, stamp.changed, stamp.inode)


class Memory(msgspec.Struct):
    rules: str = ""  # hash of the rules and of all that they depend on
    saved: int = 0
    items: dict[str, Item] = msgspec.field(default_factory=dict)

    def recall(self, path: str, stamp: Stamp, context: int) -> Item | None:
        item = self.items.get(path)
        if item and item.context == context and item.is_at(stamp) and item.changed < self.saved - _RACY:
            return item
        return None


def load(path: Path, kind: type[Stored]) -> tuple[Stored, bool]:
    """The stored object of that msgspec type or a new one; and whether the file was damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return kind(), False
    except OSError:
        return kind(), True
    checksum, body = content[:_CHECKSUM], content[_CHECKSUM:]
    if checksum != _digest(body):
        return kind(), True
    try:
        return msgspec.msgpack.decode(body, type=kind), False
    except (msgspec.MsgspecError, ValueError):
        return kind(), True


def save(path: Path, value: Any) -> None:
    """Whole or not at all: a run that is killed leaves the old file."""
    body = msgspec.msgpack.encode(value)
    whole_files.write(path, _digest(body) + body)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM).digest()
