"""Counts of millions of short strings in two bytes each.

A key's hash names a bucket by its first bits and leaves a 12-bit mark there, beside its count in one of
sixteen steps; all of it is looked up for whole arrays at a time. One key in some thousand is taken for
another: the counts only weigh evidence, they decide nothing alone.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Numbers = NDArray[np.float32]

STEPS = np.array([1, 2, 3, 4, 6, 9, 14, 22, 40, 80, 180, 450, 1200, 4000, 15000, 80000], np.float32)
_EDGES = np.sqrt(STEPS[1:] * STEPS[:-1])
_MARK_BITS, _STEP_BITS = 12, 4
_FEW = 4  # cells a key asked for, from which on looking them up costs as much as making the table
_TO_MARK = np.uint16(_STEP_BITS)
_COUNT_OF = STEPS[np.arange(1 << 16) & 15]  # by the whole cell
_MIX = np.uint64(0x9E3779B97F4A7C15)


def _hash(keys: Keys) -> Keys:
    mixed = keys * _MIX
    return (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)


def _steps_of(values: NDArray[np.unsignedinteger], steps: Numbers, cells: NDArray[np.int32]) -> Numbers:
    """What the cells that `find` gave hold; 0 where there is none."""
    if not len(values):
        return np.zeros(cells.shape, np.float32)
    found: Numbers = np.where(cells >= 0, steps.take(values.take(cells, mode="clip")), np.float32(0))
    return found


def step(numbers: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.uint8]:
    """The nearest of the sixteen steps."""
    return np.searchsorted(_EDGES, numbers).astype(np.uint8)


@dataclass(frozen=True)
class Counts:
    bits: int  # there are 2**bits buckets
    sizes: NDArray[np.uint8]  # cells of each bucket
    cells: NDArray[np.uint16]  # mark << 4 | step of the count
    kinds: NDArray[np.uint8]  # step of the number of different followers, or empty
    _starts: NDArray[np.int32] = field(init=False, repr=False)  # the first cell of each bucket

    def __post_init__(self) -> None:
        starts = np.zeros(len(self.sizes) + 1, np.int32)
        np.cumsum(self.sizes, out=starts[1:])
        object.__setattr__(self, "_starts", starts)

    @classmethod
    def of(
        cls, keys: Keys, counts: NDArray[np.integer], kinds: NDArray[np.integer] | None = None
    ) -> "Counts":
        bits = max(4, int(np.ceil(np.log2(max(1, len(keys))))))
        names = _hash(keys) >> np.uint64(64 - bits - _MARK_BITS)
        return cls._named(bits, names, step(counts), np.zeros(0, np.uint8) if kinds is None else step(kinds))

    @classmethod
    def _named(cls, bits: int, names: Keys, steps: NDArray[np.uint8], kinds: NDArray[np.uint8]) -> "Counts":
        """From names (bucket << 12 | mark) instead of keys."""
        order = np.argsort(names, kind="stable")
        names = names[order]
        cells = (names & np.uint64(0xFFF)).astype(np.uint16) << np.uint16(_STEP_BITS) | steps[order].astype(
            np.uint16
        )
        sizes = np.bincount((names >> np.uint64(_MARK_BITS)).astype(np.int64), minlength=1 << bits)
        return cls(
            bits, np.minimum(sizes, 255).astype(np.uint8), cells, kinds[order] if len(kinds) else kinds
        )

    def _names(self) -> Keys:
        bucket = np.repeat(np.arange(len(self.sizes), dtype=np.uint64), self.sizes)
        return bucket << np.uint64(_MARK_BITS) | (self.cells >> _TO_MARK).astype(np.uint64)

    def _marks(self, cells: NDArray[np.int32]) -> NDArray[np.uint16]:
        """Of the cells; any mark for one behind the last, which is in no bucket."""
        marks: NDArray[np.uint16] = self.cells.take(cells, mode="clip") >> _TO_MARK
        return marks

    def plus(self, keys: Keys, counts: NDArray[np.integer], kinds: NDArray[np.integer] | None) -> "Counts":
        """These counts and more; a key need not be known before."""
        mine, added = self._names(), _hash(keys) >> np.uint64(64 - self.bits - _MARK_BITS)
        names, which = np.unique(np.concatenate([mine, added]), return_inverse=True)

        def summed(old: NDArray[np.floating], new: NDArray[np.integer]) -> NDArray[np.uint8]:
            return step(np.bincount(which, np.concatenate([old, new]), len(names)))

        both = summed(STEPS[self.cells & np.uint16(15)], counts)
        if not len(self.kinds):
            return self._named(self.bits, names, both, self.kinds)
        more = np.zeros(len(keys), np.int64) if kinds is None else kinds
        return self._named(self.bits, names, both, summed(STEPS[self.kinds], more))

    def find(self, keys: Keys) -> NDArray[np.int32]:
        """The cell of each key, or -1."""
        hashes = _hash(keys.ravel())
        bucket = (hashes >> np.uint64(64 - self.bits)).astype(np.intp)
        mark = (hashes >> np.uint64(64 - self.bits - _MARK_BITS)).astype(np.uint16) & np.uint16(0xFFF)
        cell = self._starts.take(bucket)
        end = self._starts.take(bucket + 1)
        inside = cell < end
        same = (self._marks(cell) == mark) & inside
        found = np.where(same, cell, np.int32(-1))
        open_ = np.flatnonzero(inside & ~same & (cell + 1 < end))
        while len(open_):
            cell[open_] += np.int32(1)
            at = cell[open_]
            same = self._marks(at) == mark.take(open_)
            found[open_[same]] = at[same]
            open_ = open_[~same & (at + 1 < end.take(open_))]
        return found.reshape(keys.shape)

    def count(self, keys: Keys) -> Numbers:
        return self.at(self.find(keys))

    def at(self, cells: NDArray[np.int32]) -> Numbers:
        """Counts of cells that `find` gave; 0 where there is none."""
        return _steps_of(self.cells, _COUNT_OF, cells)

    def kinds_at(self, cells: NDArray[np.int32]) -> Numbers:
        return _steps_of(self.kinds, STEPS, cells)

    def members(self, least: float, bits: int) -> "Members":
        """Answers only whether a key was counted `least` times, by the first `bits` of its hash."""
        if not self.bits <= bits <= self.bits + _MARK_BITS:
            raise ValueError(f"{bits} bits: a cell knows {self.bits} to {self.bits + _MARK_BITS} of its key")
        return Members(self, least, bits)

    def table(self, least: float, bits: int) -> NDArray[np.uint8]:
        """A bit for every beginning of a hash: whether a key that has it was counted so often."""
        dropped = self.bits + _MARK_BITS - bits
        slots = np.repeat(np.arange(len(self.sizes), dtype=np.uint32), self.sizes)
        slots <<= np.uint32(_MARK_BITS - dropped)
        slots |= self.cells >> np.uint16(_STEP_BITS + dropped)
        if least > STEPS[0]:
            slots = slots[_COUNT_OF.take(self.cells) >= least]
        new = np.uint32(2**32 - 1)  # unlike the first of all
        slots = slots[np.diff(slots, prepend=new) != 0]  # ascending, as the cells lie
        at = slots >> np.uint32(3)
        flags = np.uint8(1) << (slots.astype(np.uint8) & np.uint8(7))
        table = np.zeros(1 << (bits - 3), np.uint8)
        if len(at):
            first = np.flatnonzero(np.diff(at, prepend=new))
            table[at[first]] = np.bitwise_or.reduceat(flags, first)
        return table

    def has(self, slots: Keys, least: float, bits: int) -> NDArray[np.bool_]:
        """What that table would say of these beginnings, looked up among the cells."""
        dropped = np.uint16(self.bits + _MARK_BITS - bits)
        bucket = (slots >> np.uint64(bits - self.bits)).astype(np.intp)
        mark = (slots & np.uint64((1 << (bits - self.bits)) - 1)).astype(np.uint16)
        cell, end = self._starts.take(bucket), self._starts.take(bucket + 1)
        known = np.zeros(len(slots), np.bool_)
        open_ = np.flatnonzero(cell < end)
        while len(open_):
            at = cell.take(open_)
            cells = self.cells.take(at)
            same = (cells >> (_TO_MARK + dropped) == mark.take(open_)) & (_COUNT_OF.take(cells) >= least)
            known[open_[same]] = True
            cell[open_] += np.int32(1)
            open_ = open_[~same & (at + 1 < end.take(open_))]
        return known


@dataclass
class Members:
    counts: Counts
    least: float
    bits: int
    _asked: int = field(default=0, repr=False)
    _table: NDArray[np.uint8] | None = field(default=None, repr=False)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """A few keys, as one article has them, are looked up; the table is worth its making for more."""
        slots = _hash(keys) >> np.uint64(64 - self.bits)
        self._asked += slots.size
        if self._table is None and self._asked < len(self.counts.cells) // _FEW:
            return self.counts.has(slots.ravel(), self.least, self.bits).reshape(slots.shape)
        if self._table is None:
            self._table = self.counts.table(self.least, self.bits)
        bits = self._table[slots >> np.uint64(3)] >> (slots & np.uint64(7)).astype(np.uint8)
        known: NDArray[np.bool_] = (bits & np.uint8(1)).astype(np.bool_)
        return known
