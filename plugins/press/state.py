"""What the last build left behind, so that the next one does only what changed.

The state is a cache: whatever is wrong with it — damaged, foreign, of another version — it is put aside,
and everything is made anew.
"""

import os
import struct
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path

import msgspec
import msgspec.inspect

from plugins.press.article import Card
from plugins.press.catalog import Asset
from plugins.press.fingerprint import Environment
from plugins.press.outputs import Listing, Stamp

_MAGIC = b"portal press state\n"
_CHECK = 16  # bytes of each of the two check sums behind the magic: of the layout, of the body
RACY = 50_000_000  # ns; a file this young when it was looked at may have changed since under the same time

Signature = bytes  # of a source: what its stat says, packed
pack_signature = struct.Struct("4q").pack  # its change of content and of anything (ns), size, inode


class SourceRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    signature: Signature
    digest: bytes
    card: Card


class AssetRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    signature: Signature
    asset: Asset


class PageRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    print: bytes  # of what the page needs
    sha256: bytes


class Section(msgspec.Struct, frozen=True, array_like=True):
    """The pages of one channel, or ("") those of the site as a whole."""

    print: bytes
    count: int
    rows: tuple[int, int]  # from where to where their rows stand in manifest.json
    urls: bytes  # their lines in sitemap.xml
    raw_pages: msgspec.Raw  # decoded only where the section has changed

    @property
    def pages(self) -> dict[str, PageRow]:
        return _PAGES.decode(self.raw_pages)


class State(msgspec.Struct, frozen=True, array_like=True):
    output: str
    environment: Environment
    blank: tuple[str, ...]  # channels that the menu of every page leaves out
    looked_at: int  # ns; when the sources were looked at
    companions: dict[str, Stamp]  # manifest.json and shell.html as they were left
    sources: dict[str, SourceRow]
    assets: dict[str, AssetRow]
    sections: dict[str, Section]  # by channel
    loose: dict[str, tuple[bytes, int]]  # files that are no pages -> sha256, size
    lying: Listing  # how the site was left

    @property
    def settled(self) -> int:
        """What changed before this moment had its last change when it was looked at."""
        return self.looked_at - RACY


_PAGES = msgspec.msgpack.Decoder(dict[str, PageRow])
_STATE = msgspec.msgpack.Decoder(State)
_ENCODER = msgspec.msgpack.Encoder()
encode = _ENCODER.encode


def file_for(cache: Path, output: Path) -> Path:
    """Each output folder has its own state."""
    return cache / f"{blake2b(os.fsencode(output.resolve()), digest_size=8).hexdigest()}.state"


def load(path: Path) -> State | None:
    """None where there is none. Raises ValueError with the reason, in Chinese, when it cannot be used."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"上次构建的记录读不出：{error.strerror}") from error
    magic, layout, check_sum, body = _taken_apart(memoryview(data))
    if magic != _MAGIC or check_sum != _check_sum(layout, body):
        raise ValueError("上次构建的记录已损坏")
    if layout != _layout():
        raise ValueError("程序有改动")
    return _STATE.decode(body)


def _taken_apart(data: memoryview) -> tuple[memoryview, memoryview, memoryview, memoryview]:
    ends = (len(_MAGIC), len(_MAGIC) + _CHECK, len(_MAGIC) + 2 * _CHECK)
    return data[: ends[0]], data[ends[0] : ends[1]], data[ends[1] : ends[2]], data[ends[2] :]


def save(path: Path, state: State) -> None:
    """To a new file; the caller renames it when the site is in place."""
    body = encode(state)
    with path.open("wb") as stream:
        stream.write(_MAGIC + _layout() + _check_sum(_layout(), body))
        stream.write(body)


@cache
def _layout() -> bytes:
    """Which fields a state has: one that another program has written under other fields cannot be read."""
    described = repr(msgspec.inspect.type_info(State))
    return blake2b(described.encode(), digest_size=_CHECK).digest()


def _check_sum(layout: bytes | memoryview, body: bytes | memoryview) -> bytes:
    total = sha256(layout)  # in hardware on most machines; the state of a large site has 70 MB
    total.update(body)
    return total.digest()[:_CHECK]
