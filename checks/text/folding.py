"""One spelling for what readers take as the same: width, traditional characters, invisible characters, noise.

Only the stretches of a text that folding changes are folded, and each of their characters knows its
offset in the text: most official text has none, and a scan costs nothing more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TRADITIONAL = Path(__file__).parents[1] / "data" / "words" / "traditional.txt"
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Marks put between characters to get past a filter. Those that also separate words must come twice.
STRANGE = "*＊_＿+＋|｜\\\\＼#＃@＠&＆=＝^☆★◆●○■□▲△※"
NOISE = f"{STRANGE} \\t\u3000\\-－~～.·•/／{INVISIBLE}"
AROUND = 24  # characters kept on both sides of what is folded; no word of the lexicon is longer

_BROKEN = r"\r?\n[ \t>]*"  # a line break inside a paragraph separates no Chinese word
_DROPPED = re.compile(f"[{INVISIBLE}]|(?<=[{HAN}])[ \\t]*{_BROKEN}(?=[{HAN}])")
_NOISE = re.compile(f"[{NOISE}]+")
# What asks for folding. A pattern that begins with a look-behind is ten times slower, so the character
# before is looked at afterwards.
_LINE_BREAK = re.compile(f"\n[ \\t>]*(?=[{HAN}])")
_MARK = re.compile(f"[{STRANGE}]{{1,3}}(?=[{HAN}])|[{NOISE}]{{1,3}}[{HAN}]{{1,2}}[{NOISE}]{{1,3}}(?=[{HAN}])")
_HAN = re.compile(f"[{HAN}]")


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
def _foldable() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(map(chr, _table())))}{INVISIBLE}]")


def is_folded(word: str) -> bool:
    """Whether folding leaves the word as it is; one that it changes can only be looked for as written."""
    return not _foldable().search(word)


def folded(text: str) -> list[Stretch]:
    """The stretches around full-width letters, traditional and invisible characters, line breaks in a sentence."""
    spans = [found.span() for found in _foldable().finditer(text)]
    if breaks := list(_between_han(text, _LINE_BREAK)):
        spans = sorted([*spans, *breaks])
    return [_stretch(text, start, end, _DROPPED) for start, end in _windows(spans)]


def denoised(text: str) -> list[Stretch]:
    """The stretches where marks stand between Chinese characters (赌*博), without these marks."""
    return [_stretch(text, start, end, _NOISE) for start, end in _windows(_between_han(text, _MARK))]


def _between_han(text: str, wanted: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for found in wanted.finditer(text):
        before = text[max(0, found.start() - 4) : found.start()].rstrip(" \t\r")
        if before and _HAN.match(before[-1]):
            yield found.span()


def _windows(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans with what stands around them; those that meet become one."""
    start = end = -1
    for first, last in spans:
        if start >= 0 and first - AROUND <= end:
            end = last + AROUND
            continue
        if start >= 0:
            yield start, end
        start, end = max(0, first - AROUND), last + AROUND
    if start >= 0:
        yield start, end


def _stretch(text: str, start: int, end: int, dropped: re.Pattern[str]) -> Stretch:
    offsets: list[int] = []
    at, end = start, min(end, len(text))
    for gap in dropped.finditer(text, start, end):
        offsets += range(at, gap.start())
        at = gap.end()
    offsets += range(at, end)
    return Stretch("".join(map(text.__getitem__, offsets)).translate(_table()), tuple(offsets))
