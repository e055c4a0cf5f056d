"""What official writing says in the same words again and again, and where one character of it is wrong.

A short collocation (综合治理) has too many right neighbours (综合治水) for the edits that set phrases are held
against. So only one replaced character counts, one that sounds or looks alike, and only where that makes nothing
people write: no dictionary word with a neighbour, and no four characters that official text has. An idiom is told
even where its wrong character makes a word with a neighbour (再接再|历史): three of its four characters are no chance.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bureau.errors import ConfigError
from checks.text import context, rarity, segmentation
from checks.text.characters import Indexes, Points, Texts, joined, points
from checks.text.contextual.alphabet import FIRST
from checks.text.needles import Pairs

FOLDER = Path(__file__).parents[1] / "data" / "words"
IDIOMS = FOLDER / "idioms.txt"
FILES = (FOLDER / "collocations.txt", IDIOMS)
SHORTEST = 4
_AT_ONCE = 1 << 17  # characters looked through at a time
_USUAL = 10  # the dictionary's count of a word that is still in use
_SIEVE_BITS, _MIX = 20, np.uint64(0x9E3779B97F4A7C15)
_APART = 3  # the first and the last character of the shortest


@dataclass(frozen=True, slots=True)
class Slip:
    right: str
    start: int
    end: int
    at: int  # the wrong character

    def moved(self, by: int) -> "Slip":
        return Slip(self.right, self.start + by, self.end + by, self.at + by)


def read(path: Path = FILES[0]) -> tuple[str, ...]:
    """Raises ConfigError with the line of a collocation that is too short or stands there twice."""
    lines: dict[str, int] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for text in () if line.startswith("#") else line.split():
            if len(text) < SHORTEST:
                raise ConfigError(path, f"“{text}”少于 {SHORTEST} 个字，请写进词表", number)
            if text in lines:
                raise ConfigError(path, f"“{text}”与第 {lines[text]} 行重复", number)
            lines[text] = number
    return tuple(lines)


@cache
def shipped() -> "Collocations":
    return Collocations(tuple({text: None for path in FILES for text in read(path)}), read(IDIOMS))


@dataclass(frozen=True, slots=True)
class _Witnesses:
    """Pairs that stand in collocations: of the two of each, one wrong character leaves one whole."""

    pairs: Pairs
    numbers: Indexes  # the collocation of each
    offsets: Indexes  # where in it the pair begins
    ways: tuple[Indexes, Indexes]  # from there to two other characters: one wrong one leaves one of them
    chars: tuple[Points, Points]  # these
    is_all: NDArray[np.bool_]  # the pair and they are all that the collocation has

    @classmethod
    def of(cls, whole: Texts, rows: Sequence[tuple[int, int, int, int]], gap: int) -> "_Witnesses":
        numbers, offsets, first, second = np.array(rows, np.intp).reshape(-1, 4).T.copy()
        begins = whole.begins.take(numbers)
        at = begins + offsets
        return cls(
            Pairs(whole.points.take(at), whole.points.take(at + gap), gap),
            numbers,
            offsets,
            (first - offsets, second - offsets),
            (whole.points.take(begins + first), whole.points.take(begins + second)),
            whole.sizes.take(numbers) == SHORTEST,
        )

    def likely(self, written: Points, begin: int, end: int) -> tuple[Indexes, Indexes]:
        """Which collocation may stand where but for one character, by witnesses that begin between the places."""
        which, places = self.pairs.find(written, begin, end)
        one, two = (
            written.take(places + way.take(which), mode="clip") == char.take(which)
            for way, char in zip(self.ways, self.chars, strict=True)
        )
        found = np.flatnonzero((one | two) & ~(one & two & self.is_all.take(which)))
        which = which.take(found)
        return self.numbers.take(which), places.take(found) - self.offsets.take(which)


class Collocations:
    """Of each collocation two pairs without a common character are looked for, those that are rarest."""

    def __init__(self, texts: Sequence[str], idioms: Iterable[str] = ()) -> None:
        self._texts = texts
        self._idioms = frozenset(idioms)
        self._whole = Texts(texts)
        self._longest = int(self._whole.sizes.max(initial=0))
        self._known = frozenset(texts)
        near, far = _rows(texts)
        self._witnesses = (_Witnesses.of(self._whole, near, 1), _Witnesses.of(self._whole, far, _APART))
        self._confusable = _Confusable({char for text in texts for char in text})

    def scan(self, text: str, written: Points) -> list[Slip]:
        """The slips in order; of those of one character the longest. Pairs stand everywhere: piece by piece."""
        found: list[Slip] = []
        for start in range(0, len(written) if self._longest else 0, _AT_ONCE):
            part = written[max(0, start - self._longest) : start + _AT_ONCE + self._longest]
            before = min(start, self._longest)
            for witnesses in self._witnesses:
                for number, first in self._one_off(part, witnesses, before, before + _AT_ONCE):
                    slip = self._slip(text, start - before + first, self._texts[number])
                    found += [slip] if slip else []
        longest_last = sorted(set(found), key=lambda slip: (slip.at, len(slip.right), slip.start, slip.right))
        return list({slip.at: slip for slip in longest_last}.values())

    def _one_off(
        self, written: Points, witnesses: _Witnesses, begin: int, end: int
    ) -> Sequence[tuple[int, int]]:
        """Which collocation begins where, but for one character that looks or sounds like the right one.

        Those with a witness that begins between the two places.
        """
        whole = self._whole
        numbers, firsts = witnesses.likely(written, begin, end)
        fits = np.flatnonzero((firsts >= 0) & (firsts + whole.sizes.take(numbers) <= len(written)))
        if not len(fits):
            return ()
        numbers, firsts = numbers[fits], firsts[fits]
        sizes, at = whole.sizes.take(numbers), whole.begins.take(numbers)
        here, right = written.take(joined(firsts, sizes)), whole.points.take(joined(at, sizes))
        wrong = here != right
        ends = np.cumsum(sizes)
        one_off = np.add.reduceat(wrong, ends - sizes, dtype=np.intp) == 1
        lone = np.flatnonzero(wrong & np.repeat(one_off, sizes))  # the wrong character of each of these
        one_off[one_off] = self._confusable.are(right.take(lone), here.take(lone))
        return [*zip(numbers[one_off].tolist(), firsts[one_off].tolist(), strict=True)]

    def _slip(self, text: str, start: int, right: str) -> Slip | None:
        written = text[start : start + len(right)]
        if written in self._known:
            return None
        at = next(at for at, char in enumerate(right) if written[at] != char)
        usual = _is_word(written) if right in self._idioms else _is_in_word(text, start + at)
        if usual or all(rarity.of_grams(set(_fours(written, at))).values()):
            return None
        return Slip(right, start, start + len(right), start + at)


_Row = tuple[int, int, int, int]  # a collocation, where in it a pair begins, two other characters


def _rows(texts: Sequence[str]) -> tuple[list[_Row], list[_Row]]:
    """For each collocation two pairs of neighbours, or where those are rarer, the middle and the two ends."""
    often = rarity.of_pairs("".join(texts)).tolist() if texts else []
    ends = rarity.of_strangers(
        "".join(text[0] for text in texts), "".join(text[-1] for text in texts)
    ).tolist()
    near: list[_Row] = []
    far: list[_Row] = []
    begin = 0
    for number, text in enumerate(texts):
        size = len(text)
        seen = often[begin : begin + size - 1]
        begin += size
        _, one = min((seen[at], at) for at in range(size // 2 - 1))
        _, two = min((seen[at], at) for at in range(size // 2, size - 1))
        if size == SHORTEST and seen[1] + ends[number] < seen[one] + seen[two]:
            near.append((number, 1, 0, _APART))
            far.append((number, 0, 1, 2))
        else:
            near += [(number, one, two, two + 1), (number, two, one, one + 1)]
    return near, far


class _Confusable:
    """Which characters sound or look like some; the same as `phrases.confusable`, for many at once."""

    def __init__(self, chars: Iterable[str]) -> None:
        model = context.current()
        right = points("".join(sorted(chars)))
        which, others, _ = model.confusions.candidates(
            model.alphabet.encode("".join(map(chr, right.tolist())))
        )
        self._pairs = np.sort(_pair(right.take(which), points(model.alphabet.chars).take(others - FIRST)))
        self._sieve = np.zeros(1 << _SIEVE_BITS, np.bool_)
        self._sieve[_slot(self._pairs)] = True

    def are(self, right: Points, written: Points) -> NDArray[np.bool_]:
        asked = _pair(right, written)
        found = self._sieve.take(_slot(asked))
        likely = np.flatnonzero(found)
        left = asked.take(likely)
        at = np.minimum(np.searchsorted(self._pairs, left), len(self._pairs) - 1)
        found[likely] = self._pairs.take(at) == left
        return found


def _pair(one: Points, two: Points) -> NDArray[np.uint64]:
    return one.astype(np.uint64) << np.uint64(32) | two.astype(np.uint64)


def _slot(pairs: NDArray[np.uint64]) -> Indexes:
    return (pairs * _MIX >> np.uint64(64 - _SIEVE_BITS)).astype(np.intp)


def _is_in_word(text: str, at: int) -> bool:
    """Whether the character makes a dictionary word with a neighbour (平稳 in 交通运输平|稳)."""
    pairs = (text[start : start + 2] for start in (at - 1, at) if start >= 0)
    return any(len(pair) == 2 and _is_word(pair) for pair in pairs)


def _is_word(text: str) -> bool:
    return segmentation.frequency(text) >= _USUAL


def _fours(text: str, at: int) -> Iterator[str]:
    """All four characters in a row that have the one at the offset among them."""
    for start in range(max(0, at - 3), min(at, len(text) - 4) + 1):
        yield text[start : start + 4]
