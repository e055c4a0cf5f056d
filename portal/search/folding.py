"""One spelling for what readers take as the same, and the pairs of characters that the index knows.

Traditional characters become simplified, letters small and half width; punctuation and spaces vanish. So 〔2026〕1号,
[2026]1号 and ２０２６１号 are one. Words need no dictionary: every two neighbouring characters are a term of the
index, and a phrase of such pairs finds exactly the texts that contain the characters in a row.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from checks.text import folding as lexicon

TRADITIONAL = lexicon.TRADITIONAL  # pairs of characters, one table for the checks and for search


class _Table(dict[int, str]):
    """Fills itself: each character is looked at once."""

    def __missing__(self, code: int) -> str:
        character = unicodedata.normalize("NFKC", chr(code)).lower()
        kept = "".join(_simplified().get(one, one) for one in character if one.isalnum())
        self[code] = kept
        return kept


@cache
def _simplified() -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in TRADITIONAL.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            pairs |= {line[at]: line[at + 1] for at in range(0, len(line), 2)}
    return pairs


_TABLE = _Table()


def fold(text: str) -> str:
    return text.translate(_TABLE)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where it stands in `text`."""
    parts = [_TABLE[code] for code in map(ord, text)]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def terms(blocks: Iterable[str]) -> str:
    """What the index stores of some blocks of text. No pair reaches over the end of a block.

    The last character of a block stands alone, so that a query of one character finds it too.
    """
    found: list[str] = []
    for block in blocks:
        run = fold(block)
        if run:
            found += map("".join, pairwise(run))
            found.append(run[-1])
    return " ".join(found)


def phrase(word: str) -> str:
    """How FTS5 is asked for a word; empty when nothing of it is left after folding."""
    run = fold(word)
    if len(run) < 2:
        return f'"{run}" *' if run else ""
    pairs = " ".join(map("".join, pairwise(run)))
    return f'"{pairs}"'
