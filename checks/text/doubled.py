"""Words set twice by mistake (衍文): 修建的的路面, 认真落实落实."""

from collections.abc import Iterator

import numpy as np

from checks.text import segmentation
from checks.text.characters import Indexes, Points, points

_PARTICLES = frozenset("的了和与是对为被将及于也但而把从向以其该使由要就都且")
_REPEATABLE = frozenset("一几每很好越又")  # 一件一件
_SIZES = range(1, 7)  # characters of what is set twice
_PIECE = 1 << 16  # characters looked at at a time
_BESIDE = 2 * _SIZES[-1] + 2  # what decides about a place stands so near
_LONGEST = 4  # of the dictionary's words


def doubled(text: str) -> Iterator[tuple[int, int]]:
    """Where the second, superfluous one stands."""
    written = points(text)
    for size in _SIZES:
        for start in _repeated(written, size).tolist():
            middle, end = start + size, start + 2 * size
            if _is_word(text[start:middle]) and not _is_explained(text, start, middle, size):
                yield middle, end


def _repeated(written: Points, size: int) -> Indexes:
    """Where so many characters are followed by the same ones, and stand in no longer repetition."""
    found = [np.zeros(0, np.intp)]
    for begin in range(0, len(written), _PIECE):  # a text may be long
        first = max(0, begin - _BESIDE)
        places = _repeated_in(written[first : begin + _PIECE + _BESIDE], size) + first
        found.append(places[(places >= begin) & (places < begin + _PIECE)])
    return np.concatenate(found)


def _repeated_in(written: Points, size: int) -> Indexes:
    if len(written) < 2 * size:
        return np.zeros(0, np.intp)
    same = written[size:] == written[:-size]
    alike = np.zeros(len(written) - 2 * size + 3, np.bool_)  # one place more at either end
    inner = alike[1:-1]
    inner[:] = same[: len(inner)]
    for at in range(1, size):
        inner &= same[at : at + len(inner)]
    return np.flatnonzero(inner & ~alike[:-2] & ~alike[2:])


def _is_word(chars: str) -> bool:
    if len(chars) == 1:
        return chars in _PARTICLES
    return chars[0] not in _REPEATABLE and (
        segmentation.frequency(chars) > 0
        if len(chars) <= _LONGEST
        else all("\u4e00" <= char <= "\u9fff" for char in chars)
    )


def _is_explained(text: str, start: int, middle: int, size: int) -> bool:
    """Whether one of the two belongs to a longer dictionary word: 行为|为限, 增进|了解, 名校|名校长."""
    for length in range(2, _LONGEST + 1) if size == 1 else (size + 1,):
        before = text[middle - length : middle] if middle >= length else ""
        beside = text[middle : middle + length], text[start : start + length]
        if any(segmentation.frequency(word) for word in (before, *beside) if len(word) == length):
            return True
    return False
