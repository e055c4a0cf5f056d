"""All places of thousands of short texts in a long one, in one pass.

Each is filed under that pair of its neighbouring characters which official text has least often. One look-up a
character tells where such a pair can stand, and only there texts are compared. An automaton needs one look-up a
byte in tables that no processor's cache holds; on Chinese this is several times faster.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from checks.text import rarity
from checks.text.characters import Indexes, Points, Texts, joined

_CHUNK = 1 << 15  # characters; what is worked on at a time stays in the cache
_SPARE_BITS = 5  # 32 slots for each pair: one character in thirty is looked at in vain
_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)


class Pairs:
    """Pairs of characters that stand `gap` places apart, to look for."""

    def __init__(self, first: Points, second: Points, gap: int = 1) -> None:
        self._gap = gap
        self._shift = np.uint32(32 - max(10, len(first).bit_length() + _SPARE_BITS))
        slots = self._slots(first, second)
        self._order = np.argsort(slots, kind="stable")
        filled, self._firsts, self._sizes = np.unique(
            slots[self._order], return_index=True, return_counts=True
        )
        self._is_filled = np.zeros(1 << (32 - int(self._shift)), np.bool_)
        self._is_filled[filled] = True
        self._rows = np.zeros(len(self._is_filled), np.int32)  # of each filled slot
        self._rows[filled] = np.arange(len(filled))

    def find(self, written: Points, begin: int, end: int) -> tuple[Indexes, Indexes]:
        """Which pair may begin where between the two places; one place in thirty is told in vain."""
        end = min(end, len(written) - self._gap)
        if end <= begin:
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        slots = self._slots(written[begin:end], written[begin + self._gap : end + self._gap])
        filled = np.flatnonzero(self._is_filled.take(slots))
        rows = self._rows.take(slots.take(filled))
        sizes = self._sizes.take(rows)
        which = self._order.take(joined(self._firsts.take(rows), sizes))
        return which, np.repeat(filled + begin, sizes)

    def _slots(self, first: Points, second: Points) -> NDArray[np.uint32]:
        slots = first.astype(np.uint32)
        slots *= _FIRST
        slots += second.astype(np.uint32) * _SECOND
        slots >>= self._shift
        return slots


class Needles:
    """Texts of two characters or more to look for; `scan` names them by their index."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = Texts(texts)
        self._offsets = _rarest_pairs(texts, self._texts)
        at = self._texts.begins + self._offsets
        self._pairs = Pairs(self._texts.points.take(at), self._texts.points.take(at + 1))

    def scan(self, written: Points) -> tuple[Indexes, Indexes]:
        """Which text stands where: two arrays of equal length, in no particular order."""
        found = [(np.zeros(0, np.intp), np.zeros(0, np.intp))]
        for begin in range(0, len(written), _CHUNK):
            which, places = self._pairs.find(written, begin, begin + _CHUNK)
            starts = places - self._offsets.take(which)
            here = np.flatnonzero(self._texts.stand_at(written, which, starts))
            found.append((which.take(here), starts.take(here)))
        which, starts = (np.concatenate(part) for part in zip(*found, strict=True))
        return which, starts


def _rarest_pairs(texts: Sequence[str], laid: Texts) -> Indexes:
    """Where in each text its rarest pair begins."""
    if not len(laid.sizes):
        return np.zeros(0, np.intp)
    often = np.append(rarity.of_pairs("".join(texts)), np.float32(0))
    often[laid.begins + laid.sizes - 1] = np.inf  # the last character and the first of the next text
    least = np.repeat(np.minimum.reduceat(often, laid.begins), laid.sizes)
    places = np.flatnonzero(often == least)
    of_text = np.repeat(np.arange(len(texts)), laid.sizes).take(places)
    _, first = np.unique(of_text, return_index=True)
    return places.take(first) - laid.begins
