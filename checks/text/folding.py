"""One spelling for what readers take as the same: width, traditional characters, invisible characters, noise.

Only the pieces of a text that folding changes are folded, and each of their characters knows its
offset in the text: most official text has none, and a scan costs nothing more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checks.text.characters import Indexes, Points, basic, beside, joined, members, points
from checks.text.reach import AROUND

TRADITIONAL = Path(__file__).parents[1] / "data" / "words" / "traditional.txt"
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Marks put between characters to get past a filter. Those that also separate words must come twice.
STRANGE = "*＊_＿+＋|｜\\\\＼#＃@＠&＆=＝^☆★◆●○■□▲△※"
NOISE = f"{STRANGE} \\t\u3000\\-－~～.·•/／{INVISIBLE}"

_IS_HAN = re.compile(f"[{HAN}]")
_FOLDS, _INVISIBLE, _NOISY, _STRANGE, _HAN, _LINE_END, _BLANK = (np.uint8(1 << bit) for bit in range(7))
Asking = Callable[[int, np.uint8], NDArray[np.bool_]]  # is the neighbour so far away of one of these classes?


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a text as folding leaves them, end to end; `offsets[i]` is where the i-th character stands."""

    points: Points
    offsets: Indexes
    begins: Indexes  # where each piece begins in `points`

    @property
    def text(self) -> str:
        return "".join(map(chr, self.points.tolist()))

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a part of `text` stands; None when it lies across two pieces."""
        first, last = np.searchsorted(self.begins, [start, end - 1], "right")
        return (int(self.offsets[start]), int(self.offsets[end - 1]) + 1) if first == last else None


@dataclass(frozen=True, slots=True)
class Folding:
    """What folding changes in a text; None: nothing."""

    folded: Pieces | None  # around full-width letters, traditional, invisible characters, broken lines
    denoised: Pieces | None  # where marks stand between Chinese characters (赌*博)


def is_folded(word: str) -> bool:
    """Whether folding leaves the word as it is; one that it changes can only be looked for as written."""
    return not (_classes().take(basic(points(word))) & (_FOLDS | _INVISIBLE)).any()


def fold(text: str, written: Points | None = None) -> Folding:
    """`written` is the text as points, for those who have them."""
    written = points(text) if written is None else written
    watched = members(written, _is_watched())
    if not len(watched):
        return Folding(None, None)
    kinds_at = {shift: _classes().take(basic(beside(written, watched + shift))) for shift in (-1, 0, 1, 2, 3)}

    def is_any(shift: int, kinds: np.uint8) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (kinds_at[shift] & kinds) != 0
        return found

    broken = _broken(text, watched, is_any)
    changed = watched[is_any(0, _FOLDS | _INVISIBLE)]
    twice = is_any(2, _NOISY) | (is_any(2, _HAN) & is_any(3, _NOISY))
    between = is_any(1, _HAN) & is_any(-1, _HAN | _NOISY)
    marked = watched[between & (is_any(0, _STRANGE) | (is_any(0, _NOISY) & twice))]
    return Folding(
        _pieces(written, np.union1d(changed, broken), _INVISIBLE, broken),
        _pieces(written, marked, _NOISY, broken[:0]),
    )


def _broken(text: str, watched: Indexes, is_any: Asking) -> Indexes:
    """The characters of line breaks inside paragraphs, blanks beside them included: they separate no word."""
    ends = is_any(0, _LINE_END)
    plain = ends & is_any(-1, _HAN) & is_any(1, _HAN)
    others = ends & ~plain & is_any(-1, _HAN | _BLANK) & is_any(1, _HAN | _BLANK)
    found = [at for newline in watched[others].tolist() for at in _break(text, newline)]
    return np.union1d(watched[plain], np.array(found, np.intp))


def _break(text: str, newline: int) -> range:
    """The line break and the blanks beside it, if they stand between Chinese characters."""
    start = newline - (text[newline - 1 : newline] == "\r")
    while start and text[start - 1] in " \t":
        start -= 1
    end = newline + 1
    while text[end : end + 1] in (" ", "\t", ">"):
        end += 1
    is_inside = start and _IS_HAN.match(text, start - 1) and _IS_HAN.match(text, end)
    return range(start, end) if is_inside else range(0)


def _pieces(written: Points, places: Indexes, dropped: np.uint8, broken: Indexes) -> Pieces | None:
    """Places with what stands around them, less what is dropped; those that meet are one piece."""
    if not len(places):
        return None
    apart = np.flatnonzero(np.diff(places) > 2 * AROUND)
    firsts = np.maximum(places.take(np.append(0, apart + 1)) - AROUND, 0)
    sizes = np.minimum(places.take(np.append(apart, len(places) - 1)) + 1 + AROUND, len(written)) - firsts
    offsets = joined(firsts, sizes)
    kept = (_classes().take(basic(written.take(offsets))) & dropped) == 0
    if len(broken):
        kept &= ~np.isin(offsets, broken, assume_unique=True)
    owners = np.repeat(np.arange(len(firsts)), sizes)[kept]
    offsets = offsets[kept]
    return Pieces(_fold(written.take(offsets)), offsets, np.searchsorted(owners, np.arange(len(firsts))))


def _fold(written: Points) -> Points:
    folded = _folds().take(basic(written))
    return folded if written.dtype == np.uint16 else np.where(written < 0x10000, folded, written)


@cache
def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for mark in "，：；？！（）～":  # full width is their right form in Chinese
        del table[ord(mark)]
    return table | {ord(written): right for written, right in traditional().items()}


@cache
def traditional() -> dict[str, str]:
    """Traditional characters and what they are in simplified ones."""
    rows = [row for row in TRADITIONAL.read_text("utf-8").splitlines() if not row.startswith("#")]
    return {row[at]: row[at + 1] for row in rows for at in range(0, len(row), 2)}


@cache
def _folds() -> NDArray[np.uint16]:
    """What each character of the basic plane is folded to."""
    folds = np.arange(0x10000, dtype=np.uint16)
    folds[[*_table()]] = [*map(ord, _table().values())]
    return folds


@cache
def _classes() -> NDArray[np.uint8]:
    """What each character of the basic plane is to folding."""
    classes = np.zeros(0x10000, np.uint8)
    classes[[*_table()]] |= _FOLDS
    for kind, charset in (
        (_INVISIBLE, INVISIBLE),
        (_NOISY, NOISE),
        (_STRANGE, STRANGE),
        (_HAN, HAN),
        (_LINE_END, "\n"),
        (_BLANK, " \t>\r"),
    ):
        classes[_members(charset)] |= kind
    return classes


@cache
def _is_watched() -> NDArray[np.bool_]:
    """Characters that have to be folded, or may have to for what stands beside them."""
    watched: NDArray[np.bool_] = (_classes() & (_FOLDS | _INVISIBLE | _NOISY | _LINE_END)) != 0
    return watched


def _members(charset: str) -> list[int]:
    return [code for run in re.finditer(f"[{charset}]+", _plane()) for code in range(*run.span())]


@cache
def _plane() -> str:
    """All characters of the basic plane, each at its number; surrogates stand for themselves."""
    return "".join(map(chr, range(0x10000)))
