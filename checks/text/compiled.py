"""Word lists compiled for one day, and the one pass over a text that finds their words and near misses of phrases."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from checks.text import folding, segmentation
from checks.text.characters import Indexes, Points, points
from checks.text.collocations import Collocations, Slip
from checks.text.folding import Pieces
from checks.text.lexicon import Entry
from checks.text.needles import Needles
from checks.text.phrases import NearMiss, Phrases
from checks.text.reach import AROUND

Spans = dict[tuple[int, int], str]  # start and end -> the form found there


@dataclass(frozen=True, slots=True)
class Hit:
    entry: Entry
    start: int
    end: int


class Lexicon:
    """Word lists compiled for one day."""

    def __init__(self, entries: Iterable[Entry], today: date) -> None:
        current = [entry for entry in entries if entry.in_force(today)]
        # a right form that contains the wrong one (文化大革命 in quotation marks) is allowed by itself
        allowed = {entry.wrong for entry in current if entry.severity is None}
        allowed |= {entry.right for entry in current if entry.wrong in entry.right}
        self.allowed = tuple(sorted(allowed))
        self.entries = tuple(entry for entry in current if entry.severity is not None)
        self._entries_of: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for form in _forms(entry.wrong):
                self._entries_of.setdefault(form, []).append(entry)
        self._allowed_with: dict[str, list[str]] = {}
        for right in self.allowed:
            for char in set(right):
                self._allowed_with.setdefault(char, []).append(right)
        self._allowed_beside: dict[str, tuple[str, ...]] = {}  # for two characters, those of either
        self._longest_allowed = max(map(len, self.allowed), default=0)
        self.forms = tuple(self._entries_of)
        self._is_noisy = self._some(lambda row: "noise" in row.manners)
        self._is_foldable = self._some(lambda row: "exact" not in row.manners)

    def _some(self, holds: Callable[[Entry], bool]) -> NDArray[np.bool_]:
        """For each form, whether that holds for one of its rows."""
        return np.array([any(map(holds, self._entries_of[form])) for form in self.forms], np.bool_)

    @cached_property
    def _needles(self) -> Needles:
        return Needles(self.forms)

    def scan(self, text: str) -> list[Hit]:
        """Every wrong word of the text, in order; of words inside one another the longest."""
        written = points(text)
        return self.judged(text, written, self._needles, *self._needles.scan(written))

    def judged(
        self, text: str, written: Points, needles: Needles, which: Indexes, starts: Indexes
    ) -> list[Hit]:
        """The words among what `needles` found; the first of these are the forms."""
        spans: Spans = {}
        mine = which < len(self.forms)
        for form, start in zip(which[mine].tolist(), starts[mine].tolist(), strict=True):
            spans[start, start + len(self.forms[form])] = self.forms[form]
        changed = folding.fold(text, written)
        spans |= self._disguised(text, changed.folded, needles, self._is_foldable)
        spans |= self._disguised(text, changed.denoised, needles, self._is_foldable & self._is_noisy)
        return list(self._hits(text, spans))

    def _disguised(
        self, text: str, pieces: Pieces | None, needles: Needles, wanted: NDArray[np.bool_]
    ) -> Spans:
        """What only folding brings to light."""
        spans: Spans = {}
        if pieces is None:
            return spans
        which, firsts = needles.scan(pieces.points)
        mine = which < len(self.forms)
        mine[mine] = wanted[which[mine]]
        for number, first in zip(which[mine].tolist(), firsts[mine].tolist(), strict=True):
            form = self.forms[number]
            span = pieces.span(first, first + len(form))
            if span and text[slice(*span)] != form:
                spans[span] = form
        return spans

    def _hits(self, text: str, spans: Spans) -> Iterator[Hit]:
        end_of_last = -1
        for (start, end), form in sorted(spans.items(), key=lambda hit: (hit[0][0], -hit[0][1])):
            if end <= end_of_last or _inside_token(text, start, end) or self._is_allowed(text, start, end):
                continue
            entries = [entry for entry in self._entries_of[form] if not _guarded(text, entry, start, end)]
            if entries:
                end_of_last = end
            yield from (Hit(entry, start, end) for entry in entries)

    def _is_allowed(self, text: str, start: int, end: int) -> bool:
        """Whether a longer right word overlaps text[start:end]: it then has its first or its last character."""
        near = text[max(0, start - self._longest_allowed) : end + self._longest_allowed]
        for right in self._allowed_over(text[start], text[end - 1]):
            size = len(right)
            if (
                size > end - start
                and right in near
                and text.find(right, max(0, start - size + 1), end + size - 1) >= 0
            ):
                return True
        return False

    def _allowed_over(self, first: str, last: str) -> tuple[str, ...]:
        """The right words that have one of the characters."""
        found = self._allowed_beside.get(first + last)
        if found is None:
            both = (*self._allowed_with.get(first, ()), *self._allowed_with.get(last, ()))
            found = self._allowed_beside[first + last] = tuple(dict.fromkeys(both))
        return found


def _forms(word: str) -> set[str]:
    """Latin letters are the same in either case."""
    return {word, word.lower(), word.upper(), word.title()} if re.search("[A-Za-z]", word) else {word}


def _inside_token(text: str, start: int, end: int) -> bool:
    """Whether a word that begins or ends with a Latin letter or digit is cut out of a longer one."""
    return (_is_token(text[start]) and start > 0 and _is_token(text[start - 1])) or (
        _is_token(text[end - 1]) and _is_token(text[end : end + 1])
    )


def _is_token(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _guarded(text: str, entry: Entry, start: int, end: int) -> bool:
    if entry.near or entry.unless:
        sentence = segmentation.sentence_around(text, start, end)[1]
        if entry.near and not any(word in sentence for word in entry.near):
            return True
        if any(word in sentence for word in entry.unless):
            return True
    return (
        text.startswith(entry.after, end)
        or (bool(entry.before) and text[max(0, start - AROUND) : start].endswith(entry.before))
        or ("word" in entry.manners and not segmentation.stands_alone(text, start, end))
    )


class OnePass:
    """A lexicon, set phrases and collocations, looked for together."""

    def __init__(self, lexicon: Lexicon, phrases: Sequence[Phrases], collocations: Collocations) -> None:
        self._lexicon = lexicon
        self._phrases = phrases
        self._collocations = collocations
        pieces = [piece for some in phrases for piece in some.pieces]
        self._needles = Needles([*lexicon.forms, *pieces])

    def scan(self, text: str) -> tuple[list[Hit], list[NearMiss], list[Slip]]:
        """The wrong words, the near misses of each set of phrases, the slips in collocations; each in order."""
        written = points(text)
        which, starts = self._needles.scan(written)
        misses: list[NearMiss] = []
        begin = len(self._lexicon.forms)
        for some in self._phrases:
            end = begin + len(some.pieces)
            mine = (which >= begin) & (which < end)
            misses += some.judged(text, written, which[mine] - begin, starts[mine])
            begin = end
        hits = self._lexicon.judged(text, written, self._needles, which, starts)
        return hits, misses, self._collocations.scan(text, written)
