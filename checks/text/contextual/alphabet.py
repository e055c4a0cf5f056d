"""Characters as small numbers. Position i of the codes is character i of the text."""

import string
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

BOUNDARY, UNKNOWN, DIGIT, LATIN, FIRST = 0, 1, 2, 3, 4
BITS = 13  # a code fits in; four make one key
SIZE = 1 << BITS
_LETTERS = string.ascii_letters + "".join(
    chr(ord(char) + 0xFEE0) for char in string.ascii_letters
)  # of both widths
_HALF_WIDTH = {ord(half): ord(full) for half, full in zip(",;:?!()", "，；：？！（）", strict=True)}


class Alphabet:
    """The characters of the model, most frequent first, from code FIRST on."""

    def __init__(self, chars: str) -> None:
        self.chars = chars
        table = np.full(0x10000, UNKNOWN, np.uint16)
        plane = np.arange(0x10000, dtype=np.uint32).view("U1")
        table[np.strings.isspace(plane)] = BOUNDARY  # U+2029 among them
        table[np.strings.isdigit(plane)] = DIGIT
        table[[*map(ord, _LETTERS)]] = LATIN
        table[[*map(ord, chars)]] = np.arange(FIRST, FIRST + len(chars))
        for half, full in _HALF_WIDTH.items():
            table[half] = table[full]
        self._table = table

    def __len__(self) -> int:
        return FIRST + len(self.chars)

    def encode(self, text: str) -> Codes:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes: Codes = self._table[np.minimum(points, 0xFFFF)].astype(np.int64)
        return codes

    def unspaced(self, text: str) -> tuple[Codes, NDArray[np.intp]]:
        """The codes less the spaces set beside a number or a foreign word, and the position of each in the text."""
        codes = self.encode(text)
        token = (codes == DIGIT) | (codes == LATIN)
        beside = np.zeros(len(codes), np.bool_)
        beside[1:] |= token[:-1]
        beside[:-1] |= token[1:]
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        kept = np.flatnonzero(~(beside & ((points == ord(" ")) | (points == 0xA0))))
        return codes[kept], kept

    def char(self, code: int) -> str:
        return self.chars[code - FIRST] if code >= FIRST else ""

    def code(self, char: str) -> int:
        return int(self._table[min(ord(char), 0xFFFF)])

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 2) -> "Alphabet":
        """The characters that occur at least `least` times, and all of GB 2312: errors use rare ones."""
        counts = np.zeros(0x10000, np.int64)
        for text in texts:
            points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
            counts += np.bincount(points[points < 0x10000], minlength=0x10000)
        wanted = [
            chr(code)
            for code in np.argsort(-counts, kind="stable")[: SIZE - FIRST]
            if counts[code] >= least and not (char := chr(code)).isspace() and not _is_token(char)
        ]
        common = (
            bytes((row, cell)).decode("gb2312")
            for row in range(0xB0, 0xF8)
            for cell in range(0xA1, 0xFF - 5 * (row == 0xD7))
        )
        return cls("".join(dict.fromkeys([*wanted, *common]))[: SIZE - FIRST])


def _is_token(char: str) -> bool:
    return (
        char.isdigit() or (char.isalpha() and (char.isascii() or "Ａ" <= char <= "ｚ")) or char in ",;:?!()"
    )


def key(*columns: Codes) -> NDArray[np.uint64]:
    """Up to four columns of codes as one number each."""
    packed = columns[0].astype(np.uint64)
    for column in columns[1:]:
        packed = packed << np.uint64(BITS) | column.astype(np.uint64)
    return packed


def keys(text: Codes, size: int) -> NDArray[np.uint64]:
    """The keys of all windows of up to four codes in each row."""
    width = text.shape[1] - size + 1
    return key(*(text[:, start : start + width] for start in range(size)))
