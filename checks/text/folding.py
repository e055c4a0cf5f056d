"""One spelling for what readers take as the same: width, traditional characters, invisible characters, noise.

Only the stretches of a text that folding changes are folded, and each of their characters knows its
offset in the text: most official text has none, and a scan costs nothing more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checks.text.reach import AROUND

TRADITIONAL = Path(__file__).parents[1] / "data" / "words" / "traditional.txt"
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Marks put between characters to get past a filter. Those that also separate words must come twice.
STRANGE = "*＊_＿+＋|｜\\\\＼#＃@＠&＆=＝^☆★◆●○■□▲△※"
NOISE = f"{STRANGE} \\t\u3000\\-－~～.·•/／{INVISIBLE}"

_BROKEN = r"\r?\n[ \t>]*"  # a line break inside a paragraph separates no Chinese word
_DROPPED = re.compile(f"[{INVISIBLE}]|(?<=[{HAN}])[ \\t]*{_BROKEN}(?=[{HAN}])")
_NOISE = re.compile(f"[{NOISE}]+")
_FOLDS, _NOISY, _STRANGE, _HAN, _BREAK, _RETURN = (
    np.uint8(1 << bit) for bit in range(6)
)  # classes of characters


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text as folding leaves it; `offsets[i]` is where its i-th character stands."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.offsets[start], self.offsets[end - 1] + 1


@cache
def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for mark in "，：；？！（）～":  # full width is their right form in Chinese
        del table[ord(mark)]
    for line in TRADITIONAL.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            table |= {ord(line[at]): line[at + 1] for at in range(0, len(line), 2)}
    return table


@cache
def _classes() -> NDArray[np.uint8]:
    """What each character of the basic plane is to folding."""
    classes = np.zeros(0x10000, np.uint8)
    classes[[*_table(), *_members(INVISIBLE)]] |= _FOLDS
    classes[_members(NOISE)] |= _NOISY
    classes[_members(STRANGE)] |= _STRANGE
    classes[_members(HAN)] |= _HAN
    classes[ord("\n")] |= _BREAK
    classes[ord("\r")] |= _RETURN
    return classes


def _members(charset: str) -> list[int]:
    pattern = re.compile(f"[{charset}]")
    return [code for code in range(0xD800) if pattern.match(chr(code))] + [
        code for code in range(0xE000, 0x10000) if pattern.match(chr(code))
    ]


def _classified(text: str) -> NDArray[np.uint8]:
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        return _classes()[np.frombuffer(encoded, np.uint16)]
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _classes()[np.minimum(points, 0xFFFF)]


def is_folded(word: str) -> bool:
    """Whether folding leaves the word as it is; one that it changes can only be looked for as written."""
    return not (_classified(word) & _FOLDS).any()


@dataclass(frozen=True, slots=True)
class Folding:
    """The stretches of a text that folding changes."""

    folded: tuple[Stretch, ...]  # around full-width letters, traditional, invisible characters, broken lines
    denoised: tuple[Stretch, ...]  # where marks stand between Chinese characters (赌*博)


def fold(text: str) -> Folding:
    classes = np.concatenate([np.zeros(3, np.uint8), _classified(text), np.zeros(3, np.uint8)])

    def at(shift: int) -> NDArray[np.uint8]:
        return classes[3 + shift : len(classes) - 3 + shift]

    here, after, before = at(0), at(1), at(-1)
    broken = ((here & _BREAK) != 0) & ((after & _HAN) != 0) & ((before & (_HAN | _NOISY | _RETURN)) != 0)
    changed = ((here & _FOLDS) != 0) | broken
    between = ((after & _HAN) != 0) & ((before & (_HAN | _NOISY)) != 0)
    twice = ((at(2) & _NOISY) != 0) | (((at(2) & _HAN) != 0) & ((at(3) & _NOISY) != 0))
    marked = between & (((here & _STRANGE) != 0) | (((here & _NOISY) != 0) & twice))
    return Folding(
        tuple(_stretches(text, np.flatnonzero(changed), _DROPPED)),
        tuple(_stretches(text, np.flatnonzero(marked), _NOISE)),
    )


def _stretches(text: str, places: NDArray[np.intp], dropped: re.Pattern[str]) -> Iterator[Stretch]:
    """Places with what stands around them; those that meet are one stretch."""
    if not len(places):
        return
    apart = np.flatnonzero(np.diff(places) > 2 * AROUND)
    for first, last in zip(np.append(0, apart + 1), np.append(apart, len(places) - 1), strict=True):
        yield _stretch(text, max(0, int(places[first]) - AROUND), int(places[last]) + 1 + AROUND, dropped)


def _stretch(text: str, start: int, end: int, dropped: re.Pattern[str]) -> Stretch:
    offsets: list[int] = []
    at, end = start, min(end, len(text))
    for gap in dropped.finditer(text, start, end):
        offsets += range(at, gap.start())
        at = gap.end()
    offsets += range(at, end)
    return Stretch("".join(map(text.__getitem__, offsets)).translate(_table()), tuple(offsets))
