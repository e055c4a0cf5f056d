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
from checks.text.characters import Indexes, Points, Texts, beside, joined
from checks.text.needles import Needles
from checks.text.phrases import confusable

FOLDER = Path(__file__).parents[1] / "data" / "words"
FILES = (FOLDER / "collocations.txt", FOLDER / "idioms.txt")
SHORTEST = 4
_AT_ONCE = 1 << 15  # characters looked through at a time
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
    """One replaced character leaves one half whole: the halves are looked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._whole = Texts(texts)
        self._known = frozenset(texts)
        halves = [half for text in texts for half in _halves(text)]  # two rows a collocation
        different = {half: number for number, half in enumerate(dict.fromkeys(halves))}
        owner = np.array([different[half] for half in halves], np.intp)
        self._needles = Needles([*different])
        self._rows = np.argsort(owner, kind="stable")
        self._counts = np.bincount(owner, minlength=len(different))
        self._begins = np.cumsum(self._counts) - self._counts

    def scan(self, text: str, written: Points) -> list[Slip]:
        """The slips in order; of those of one character the longest. Halves stand everywhere: piece by piece."""
        longest = int(self._whole.sizes.max(initial=0))
        found: list[Slip] = []
        for start in range(0, len(written) if longest else 0, _AT_ONCE):
            part = written[start : start + _AT_ONCE + longest]
            for number, first in self._one_off(part, *self._needles.scan(part)):
                slip = self._slip(text, start + first, self._texts[number]) if first < _AT_ONCE else None
                found += [slip] if slip else []
        longest_last = sorted(found, key=lambda slip: (slip.at, len(slip.right)))
        return list({slip.at: slip for slip in longest_last}.values())

    def _one_off(self, written: Points, which: Indexes, starts: Indexes) -> Sequence[tuple[int, int]]:
        """Which collocation begins where, but for one character, given which halves stand where."""
        whole = self._whole
        counts = self._counts.take(which)
        rows = self._rows.take(joined(self._begins.take(which), counts))
        numbers, is_second = rows // 2, rows % 2
        sizes = whole.sizes.take(numbers)
        middles = sizes // 2
        firsts = np.repeat(starts, counts) - is_second * middles
        # the other half: most have neither its first nor its last character, and two equal ones are no slip
        begins = (1 - is_second) * middles
        ends = np.where(is_second == 1, middles, sizes) - 1
        at = whole.begins.take(numbers)
        same_head = beside(written, firsts + begins) == whole.points.take(at + begins)
        same_tail = beside(written, firsts + ends) == whole.points.take(at + ends)
        likely = (same_head | same_tail) & ~(same_head & same_tail & (ends - begins == 1))
        fits = np.flatnonzero(likely & (firsts >= 0) & (firsts + sizes <= len(written)))
        if not len(fits):
            return ()
        numbers, sizes, firsts = numbers[fits], sizes[fits], firsts[fits]
        alike = written.take(joined(firsts, sizes)) == whole.points.take(
            joined(whole.begins.take(numbers), sizes)
        )
        one_off = np.flatnonzero(sizes - np.add.reduceat(alike, np.cumsum(sizes) - sizes) == 1)
        return [*zip(numbers.take(one_off).tolist(), firsts.take(one_off).tolist(), strict=True)]

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
