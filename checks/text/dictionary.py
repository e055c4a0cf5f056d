"""jieba's dictionary in a form that opens at once.

jieba makes half a million Python strings at every start (0.7 s). Here they are sorted hashes in a file that is
mapped into memory and asked by bisection. The file is made from jieba's own at the first use, and again when it
is damaged or jieba has another dictionary.
"""

import mmap
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from checks import whole_files

_MAGIC = b"words 1\n"
_HEAD = struct.Struct(
    "<8sQQQQ"
)  # magic, size of the source, CRC-32 of what follows, total count, number of words
_NO_TAG = ""
_TAG_BYTES = 8  # the longest tag of the dictionary has fewer


class Words:
    """Words and prefixes of words with their counts (0: only a prefix) and tags, as jieba's `FREQ` has them."""

    def __init__(self, data: "mmap.mmap | bytes") -> None:
        _, _, _, self.total, size = _HEAD.unpack_from(data)
        whole = memoryview(data)
        at = _HEAD.size
        self._hashes = whole[at : at + 8 * size].cast("Q")
        self._counts = whole[at + 8 * size : at + 12 * size].cast("I")
        self._tag_of = whole[at + 12 * size : at + 13 * size]
        names = bytes(whole[at + 13 * size :])
        self._tags = [
            names[start : start + _TAG_BYTES].rstrip(b"\0").decode()
            for start in range(0, len(names), _TAG_BYTES)
        ]
        self._place = lru_cache(maxsize=1 << 16)(self._find)

    def __contains__(self, word: str) -> bool:
        return self._place(word) >= 0

    def __getitem__(self, word: str) -> int:
        place = self._place(word)
        if place < 0:
            raise KeyError(word)
        return self._counts[place]

    def get(self, word: str, default: int = 0) -> int:
        place = self._place(word)
        return self._counts[place] if place >= 0 else default

    def tag(self, word: str, default: str = "x") -> str:
        """The word's kind in jieba's notation: ns a place, nr a person."""
        place = self._place(word)
        return (self._tags[self._tag_of[place]] if place >= 0 else _NO_TAG) or default

    def _find(self, word: str) -> int:
        key = _hash(word)
        place = bisect_left(self._hashes, key)
        return place if place < len(self._hashes) and self._hashes[place] == key else -1


def load(source: Path, cache: Path) -> Words:
    """The words of jieba's dictionary `source`; the file made of them is kept in the folder `cache`."""
    path = cache / "dictionary.words"
    data = _opened(path, source.stat().st_size)
    if data is None:
        made = _packed(source)
        try:
            whole_files.write(path, made)
        except OSError:  # nothing but time is lost
            return Words(made)
        data = _opened(path, source.stat().st_size) or made
    return Words(data)


def rows(source: Path) -> Iterator[tuple[str, int, str]]:
    """(word, count, tag) as jieba's dictionary has them."""
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.rstrip("\n").split(" ")
            yield word, int(count), tag


def _opened(path: Path, source_size: int) -> "mmap.mmap | bytes | None":
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    if len(data) < _HEAD.size:
        return None
    magic, size, check, _, _ = _HEAD.unpack_from(data)
    whole = memoryview(data)
    sound = magic == _MAGIC and size == source_size and check == zlib.crc32(whole[_HEAD.size :])
    return data if sound else None


def _packed(source: Path) -> bytes:
    import numpy as np

    words: dict[str, tuple[int, str]] = {}
    total = 0
    for word, count, tag in rows(source):
        words[word] = count, tag
        total += count
        for end in range(1, len(word)):
            words.setdefault(word[:end], (0, _NO_TAG))
    tags = sorted({tag for _, tag in words.values()})
    number = {tag: place for place, tag in enumerate(tags)}
    hashes = np.fromiter(map(_hash, words), "<u8", len(words))
    order = np.argsort(hashes)
    counts = np.fromiter((count for count, _ in words.values()), "<u4", len(words))
    tag_of = np.fromiter((number[tag] for _, tag in words.values()), "u1", len(words))
    names = b"".join(tag.encode().ljust(_TAG_BYTES, b"\0") for tag in tags)
    body = hashes[order].tobytes() + counts[order].tobytes() + tag_of[order].tobytes() + names
    head = _HEAD.pack(_MAGIC, source.stat().st_size, zlib.crc32(body), total, len(words))
    return head + body


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
