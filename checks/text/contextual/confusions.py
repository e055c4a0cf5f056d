"""What a character may have been meant to be: one that sounds or looks like it, or a word that sounds like it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import FIRST, Alphabet, Codes

SAME_SOUND, NEAR_SOUND, SHAPE, WORD = range(4)
LOOKALIKES = Path(__file__).parents[2] / "data" / "words" / "lookalikes.txt"
READINGS = 2  # of a character in a homophone word


@dataclass(frozen=True)
class Rows:
    """Row r is values[starts[r]:starts[r + 1]]."""

    starts: NDArray[np.int64]
    values: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> "Rows":
        lists = [list(row) for row in rows]
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        return cls(starts, np.array([value for row in lists for value in row], np.int64))

    def spread(self, rows: Codes) -> tuple[Codes, Codes]:
        """For each of `rows`, its values: (index into `rows`, value) as two arrays."""
        first, sizes = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        which = np.repeat(np.arange(len(rows)), sizes)
        at = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return which, self.values[first[which] + at]


@dataclass(frozen=True)
class Confusions:
    characters: Rows  # by code: candidate << 2 | kind
    syllables: NDArray[np.int32]  # by code: READINGS syllables, -1 where there is none
    sounds: NDArray[np.int64]  # sorted: first syllable * 4096 + second
    words: Rows  # by index into sounds: first code << 16 | second code

    def candidates(self, codes: Codes) -> tuple[Codes, Codes, Codes]:
        """(index into codes, candidate, kind) of everything each code may stand for."""
        which, values = self.characters.spread(codes)
        return which, values >> 2, values & 3

    def homophones(self, first: Codes, second: Codes) -> tuple[Codes, Codes, Codes]:
        """(index, code, code) of the words that sound like each pair and share no character with it."""
        found = []
        for left in range(READINGS):
            for right in range(READINGS):
                a, b = (
                    self.syllables[first, left].astype(np.int64),
                    self.syllables[second, right].astype(np.int64),
                )
                wanted = a * 4096 + b
                row = np.minimum(np.searchsorted(self.sounds, wanted), len(self.sounds) - 1)
                known = np.flatnonzero((a >= 0) & (b >= 0) & (self.sounds[row] == wanted))
                which, values = self.words.spread(row[known])
                found.append(np.stack([known[which], values >> 16, values & 0xFFFF]))
        index, one, two = np.unique(np.concatenate(found, axis=1), axis=1)
        changed = (one != first[index]) & (two != second[index])
        return index[changed], one[changed], two[changed]


@cache
def readings(char: str) -> tuple[str, ...]:
    """Toneless readings, the commonest first."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    return tuple(reading for reading in dict.fromkeys(found) if reading.isalpha() and reading.islower())[:3]


def blurred(reading: str) -> str:
    """The reading as southern ears hear it: zh/z, ch/c, sh/s, l/n, -ng/-n."""
    return re.sub("ng$", "n", re.sub("^l", "n", re.sub("^([zcs])h", r"\1", reading)))


def lookalikes(path: Path = LOOKALIKES) -> Mapping[str, str]:
    lines = path.read_text("utf-8").splitlines()
    return {line[0]: line[1:] for line in lines if line and not line.startswith("#")}


def build(alphabet: Alphabet, words: Iterable[str]) -> Confusions:
    """Tables for the alphabet; `words` are the two-character words a pair may be meant to be."""
    han = [char for char in alphabet.chars if "\u4e00" <= char <= "\u9fff" and readings(char)]
    alike = lookalikes()
    by_sound, by_blur = defaultdict(list), defaultdict(list)
    for char in han:
        for reading in readings(char):
            by_sound[reading].append(char)
            by_blur[blurred(reading)].append(char)
    known = set(han)

    def kinds(char: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for kind, chars in (
            (SAME_SOUND, (other for reading in readings(char) for other in by_sound[reading])),
            (NEAR_SOUND, (other for reading in readings(char) for other in by_blur[blurred(reading)])),
            (SHAPE, (other for other in alike.get(char, "") if other in known)),
        ):
            for other in chars:
                found.setdefault(other, kind)
        found.pop(char, None)
        return found

    rows = [kinds(char) if char in known else {} for char in alphabet.chars]
    characters = Rows.of(
        [[]] * FIRST + [[alphabet.code(c) << 2 | kind for c, kind in row.items()] for row in rows]
    )
    numbers = {reading: number for number, reading in enumerate(sorted(by_sound))}
    syllables = np.full((len(alphabet), READINGS), -1, np.int32)
    for char in han:
        spoken = [numbers[reading] for reading in readings(char)[:READINGS]]
        syllables[alphabet.code(char), : len(spoken)] = spoken
    sounds = defaultdict(list)
    for word in words:
        one, two = map(alphabet.code, word)
        a, b = int(syllables[one, 0]), int(syllables[two, 0])
        if a >= 0 and b >= 0:
            sounds[a * 4096 + b].append(one << 16 | two)
    ordered = sorted(sounds)
    return Confusions(
        characters, syllables, np.array(ordered, np.int64), Rows.of(sounds[sound] for sound in ordered)
    )
