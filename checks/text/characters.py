"""Texts as arrays of code points, for what is done to every character."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.uint16] | NDArray[np.uint32]
Indexes = NDArray[np.intp]
_PIECE = 1 << 20


def points(text: str) -> Points:
    """The code point of each character; in two bytes each where that is enough."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        return np.frombuffer(encoded, np.uint16)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def beside(written: Points, places: Indexes) -> Points:
    """The character at each place; 0 before the beginning and behind the end."""
    if not len(written):
        return np.zeros(len(places), np.uint16)
    found: Points = written.take(places, mode="clip")
    found[(places < 0) | (places >= len(written))] = 0
    return found


def members(written: Points, table: NDArray[np.bool_]) -> Indexes:
    """Where characters stand that the table of the basic plane holds. Piece by piece: the text may be long."""
    found = [np.zeros(0, np.intp)]
    for start in range(0, len(written), _PIECE):
        found.append(np.flatnonzero(table.take(basic(written[start : start + _PIECE]))) + start)
    return np.concatenate(found)


def basic(written: Points) -> Points:
    """Characters of the other planes as U+FFFF, which is none."""
    return written if written.dtype == np.uint16 else np.minimum(written, 0xFFFF).astype(np.uint16)


def joined(firsts: Indexes, sizes: Indexes) -> Indexes:
    """The numbers `first, first + 1, …`, so many from each, one row after the other."""
    ends = np.cumsum(sizes)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(firsts - ends + sizes, sizes)


class Texts:
    """Many short texts, none of them empty, laid end to end."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.points = points("".join(texts)).astype(np.uint32)
        self.sizes = np.array([len(text) for text in texts], np.intp)
        self.begins = np.cumsum(self.sizes) - self.sizes
        self.heads = self.points.take(self.begins)
        self.tails = self.points.take(self.begins + self.sizes - 1)

    def stand_at(self, written: Points, which: Indexes, starts: Indexes) -> NDArray[np.bool_]:
        """For each pair, whether text `which` stands in `written` at `start`."""
        ends = starts + self.sizes.take(which)
        found = (starts >= 0) & (ends <= len(written))
        if not len(written):
            return found
        found &= written.take(starts, mode="clip") == self.heads.take(which)
        found &= written.take(ends - 1, mode="clip") == self.tails.take(which)
        left = np.flatnonzero(found & (self.sizes.take(which) > 2))  # of two, both have been compared
        if len(left):
            found[left] = self._equal(written, which[left], starts[left])
        return found

    def _equal(self, written: Points, which: Indexes, starts: Indexes) -> NDArray[np.bool_]:
        sizes = self.sizes.take(which)
        same = written.take(joined(starts, sizes)) == self.points.take(joined(self.begins.take(which), sizes))
        equal: NDArray[np.bool_] = np.logical_and.reduceat(same, np.cumsum(sizes) - sizes)
        return equal
