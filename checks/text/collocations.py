"""What official writing says in the same words again and again, and where one character of it is wrong.

A short collocation (综合治理) has too many right neighbours (综合治水) for the edits that set phrases are held
against. So only one replaced character counts, one that sounds or looks alike, and only where that makes nothing
people write: no dictionary word with a neighbour, and no four characters that official text has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bureau.errors import ConfigError
from checks.text import rarity, segmentation
from checks.text.characters import Indexes, Points, Texts, joined
from checks.text.phrases import confusable

FOLDER = Path(__file__).parents[1] / "data" / "words"
FILES = (FOLDER / "collocations.txt", FOLDER / "idioms.txt")
SHORTEST = 4
_AT_ONCE = 1 << 17  # halves compared at a time: they stand everywhere, and a text may be long
_USUAL = 10  # the dictionary's count of a word that is still in use


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
    return Collocations(tuple({text: None for path in FILES for text in read(path)}))


class Collocations:
    """One replaced character leaves one half whole: the halves are `pieces` to look for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._whole = Texts(texts)
        self._known = frozenset(texts)
        self.pieces = tuple(piece for text in texts for piece in _halves(text))

    def judged(self, text: str, written: Points, which: Indexes, starts: Indexes) -> list[Slip]:
        """The slips in order, given which of the pieces stand where; of those of one character the longest."""
        rows = range(0, len(which), _AT_ONCE)
        one_off = [
            self._one_off(written, which[row : row + _AT_ONCE], starts[row : row + _AT_ONCE]) for row in rows
        ]
        found = (self._slip(text, first, self._texts[number]) for part in one_off for number, first in part)
        longest_last = sorted((slip for slip in found if slip), key=lambda slip: (slip.at, len(slip.right)))
        return list({slip.at: slip for slip in longest_last}.values())

    def _one_off(self, written: Points, which: Indexes, starts: Indexes) -> list[tuple[int, int]]:
        """Which collocation begins where, but for one character."""
        whole = self._whole
        numbers = which // 2
        sizes = whole.sizes.take(numbers)
        firsts = starts - (which % 2) * (sizes // 2)
        fits = np.flatnonzero((firsts >= 0) & (firsts + sizes <= len(written)))
        if not len(fits):
            return []
        numbers, sizes, firsts = numbers[fits], sizes[fits], firsts[fits]
        alike = written.take(joined(firsts, sizes)) == whole.points.take(
            joined(whole.begins.take(numbers), sizes)
        )
        rows = np.flatnonzero(sizes - np.add.reduceat(alike, np.cumsum(sizes) - sizes) == 1)
        return [*zip(numbers.take(rows).tolist(), firsts.take(rows).tolist(), strict=True)]

    def _slip(self, text: str, start: int, right: str) -> Slip | None:
        written = text[start : start + len(right)]
        if written in self._known:
            return None
        at = next(at for at, char in enumerate(right) if written[at] != char)
        if (
            not confusable(right[at], written[at])
            or _is_in_word(text, start + at)
            or all(rarity.of_grams(set(_fours(written, at))).values())
        ):
            return None
        return Slip(right, start, start + len(right), start + at)


def _is_in_word(text: str, at: int) -> bool:
    """Whether the character makes a dictionary word with a neighbour (平稳 in 交通运输平|稳)."""
    pairs = (text[start : start + 2] for start in (at - 1, at) if start >= 0)
    return any(len(pair) == 2 and segmentation.frequency(pair) >= _USUAL for pair in pairs)


def _halves(text: str) -> tuple[str, str]:
    middle = len(text) // 2
    return text[:middle], text[middle:]


def _fours(text: str, at: int) -> Iterator[str]:
    """All four characters in a row that have the one at the offset among them."""
    for start in range(max(0, at - 3), min(at, len(text) - 4) + 1):
        yield text[start : start + 4]
