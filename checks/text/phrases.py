"""Set phrases of official writing, and texts that miss one by a single edit.

An edit is what people do wrong: a character dropped, doubled, swapped with its neighbour, or replaced by one
that sounds or looks like it. One edit leaves one half of a phrase whole (or swaps where the halves meet), so the
halves are looked for and what stands beside them is compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bureau.errors import ConfigError
from checks.text import context, rarity, segmentation
from checks.text.characters import Indexes, Points, Texts, beside, points
from checks.text.needles import Needles

FILE = Path(__file__).parents[1] / "data" / "words" / "phrases.txt"
SHORTEST = 5


@dataclass(frozen=True, slots=True)
class NearMiss:
    phrase: str
    start: int
    end: int
    inside: bool  # the edit is within the phrase, not at its first or last character


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    allowed: frozenset[str]  # texts one edit away that are right themselves


def read(path: Path = FILE) -> tuple[Phrase, ...]:
    """One phrase a line; after a tab the right texts that are one edit away, separated by `|`."""
    phrases: list[Phrase] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        text, _, allowed = line.partition("\t")
        if len(text) < SHORTEST:
            raise ConfigError(path, f"“{text}”少于 {SHORTEST} 个字，请写进词表", number)
        if text in lines:
            raise ConfigError(path, f"“{text}”与第 {lines[text]} 行重复", number)
        lines[text] = number
        phrases.append(Phrase(text, frozenset(allowed.split("|") if allowed else ())))
    return tuple(phrases)


@cache
def shipped() -> "Phrases":
    return Phrases(read())


class Phrases:
    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.by_text = {phrase.text: phrase for phrase in phrases}
        rows: list[
            tuple[str, int, int]
        ] = []  # what is looked for, the phrase's number, where it stands in it
        for number, (text, middle) in enumerate(_cuts(self.by_text).items()):
            swapped = text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]
            rows += [(text[:middle], number, 0), (text[middle:], number, middle), (swapped, number, 0)]
        self.pieces = tuple(piece for piece, _, _ in rows)
        self._texts = tuple(self.by_text)
        self._whole = Texts(self._texts)
        self._phrase_of = np.array([number for _, number, _ in rows], np.intp)
        self._offset_of = np.array([offset for _, _, offset in rows], np.intp)
        tails = self._whole.begins + self._whole.sizes - 1
        self._edges = [  # from the ends inwards: of all phrases the last characters, then of all the first ones
            self._whole.points.take(np.concatenate([tails - depth, self._whole.begins + depth]))
            for depth in range(3)
        ]

    @cached_property
    def _needles(self) -> Needles:
        return Needles(self.pieces)

    def scan(self, text: str) -> list[NearMiss]:
        """Near misses in order, none inside a right phrase; of those that overlap the longest phrase's."""
        written = points(text)
        return self.judged(text, written, *self._needles.scan(written))

    def judged(self, text: str, written: Points, which: Indexes, starts: Indexes) -> list[NearMiss]:
        """The near misses, given which of the pieces stand where."""
        numbers, offsets = self._phrase_of.take(which), self._offset_of.take(which)
        firsts = starts - offsets  # where the phrase begins, if it is here
        exact = self._whole.stand_at(written, numbers, firsts)
        others = np.flatnonzero(~exact)
        likely = others[self._is_likely(written, numbers[others], offsets[others], firsts[others])]
        numbers_exact, firsts_exact = numbers[exact], firsts[exact]
        missed = set(self._doubled_edges(text, written, numbers_exact, firsts_exact))
        for at in likely.tolist():
            phrase, first = self._texts[numbers[at]], int(firsts[at])
            span = _forwards(text, phrase, first) if offsets[at] == 0 else _backwards(text, phrase, first)
            if span:
                missed.add((*span, phrase))
        if not missed:
            return []
        order = np.argsort(firsts_exact, kind="stable")
        ends = np.maximum.accumulate((firsts_exact + self._whole.sizes.take(numbers_exact)).take(order))
        return list(self._told(text, firsts_exact.take(order), ends, missed))

    def _is_likely(
        self, written: Points, numbers: Indexes, offsets: Indexes, firsts: Indexes
    ) -> NDArray[np.bool_]:
        """Most pieces are words of other sentences. One edit leaves the far end in its place or beside it.

        The last two characters stand side by side, moved by at most one place; or the edit is one of them or
        next to them, and what stands before is not moved.
        """
        is_head = offsets == 0
        inwards = np.where(is_head, -1, 1)
        far = np.where(is_head, firsts + self._whole.sizes.take(numbers) - 1, firsts)
        ends = np.where(is_head, numbers, numbers + len(self._texts))
        near = {step: beside(written, far + inwards * step) for step in (-1, 0, 1, 2)}
        last, inner, third = (self._edges[depth].take(ends) for depth in range(3))
        is_last = {step: near[step] == last for step in (-1, 0, 1)}
        is_inner = {step: near[step] == inner for step in (0, 1, 2)}
        likely: NDArray[np.bool_] = is_last[-1] & is_inner[0]
        likely |= is_last[0] & is_inner[1]
        likely |= is_last[1] & is_inner[2]
        likely |= is_last[0] & is_inner[2]  # the third and the second have changed places
        likely |= (near[2] == third) & (is_inner[1] | is_last[-1] | is_last[0] | is_last[1])
        return likely

    def _doubled_edges(
        self, text: str, written: Points, numbers: Indexes, firsts: Indexes
    ) -> Iterator[tuple[int, int, str]]:
        """Right phrases with their first or last character twice, where the second is no word's (共和国|国务院)."""
        ends = firsts + self._whole.sizes.take(numbers)
        behind = beside(written, ends) == self._whole.tails.take(numbers)
        before = beside(written, firsts - 1) == self._whole.heads.take(numbers)
        for at in np.flatnonzero(behind).tolist():
            end = int(ends[at])
            if not segmentation.begins_word(text, end):
                yield int(firsts[at]), end + 1, self._texts[numbers[at]]
        for at in np.flatnonzero(before).tolist():
            first = int(firsts[at])
            if not segmentation.ends_word(text, first):
                yield first - 1, int(ends[at]), self._texts[numbers[at]]

    def _told(
        self, text: str, starts: Indexes, ends: Indexes, missed: Iterable[tuple[int, int, str]]
    ) -> Iterator[NearMiss]:
        """`starts` of the right phrases in order; `ends`: the farthest end of any that begins until there."""
        told = -1
        ordered = sorted(missed, key=lambda one: (one[0], -len(one[2]), one))
        before = np.searchsorted(starts, [start for start, _, _ in ordered], "right")
        reached = np.append(0, ends).take(before).tolist()  # by a right phrase
        for (start, end, phrase), covered in zip(ordered, reached, strict=True):
            written = text[start:end]
            if (
                start < told
                or covered >= end
                or written in self.by_text
                or self._is_allowed(text, phrase, start, written)
            ):
                continue
            told = end
            edges = {phrase[1:], phrase[:-1], phrase[0] + phrase, phrase + phrase[-1]}
            whole = written not in edges and written[:1] == phrase[:1] and written[-1:] == phrase[-1:]
            yield NearMiss(phrase, start, end, whole)

    def _is_allowed(self, text: str, phrase: str, start: int, written: str) -> bool:
        """Whether it is a right text of its own, or the beginning or end of one."""
        for right in self.by_text[phrase].allowed:
            at = right.find(written)
            while at >= 0:
                if start >= at and text.startswith(right, start - at):
                    return True
                at = right.find(written, at + 1)
        return False


def _forwards(text: str, phrase: str, start: int) -> tuple[int, int] | None:
    """The span from `start` that is one edit away from the phrase."""
    length = _edited(text[start : start + len(phrase) + 1], phrase)
    return (start, start + length) if length else None


def _backwards(text: str, phrase: str, start: int) -> tuple[int, int] | None:
    """The span one edit away from the phrase that ends where the phrase would, had it begun at `start`."""
    end = start + len(phrase)
    length = _edited(text[max(0, start - 1) : end][::-1], phrase[::-1])
    return (end - length, end) if length else None


def _edited(written: str, phrase: str) -> int:
    """How many characters of `written` are the phrase with one edit; 0 when they are not."""
    size, same = len(phrase), 0
    while same < min(size, len(written)) and written[same] == phrase[same]:
        same += 1
    if same >= size:
        return 0
    here = written[same : same + 1]
    rest = phrase[same + 1 :]
    if rest and here == rest[0] and written.startswith(phrase[same] + rest[1:], same + 1):
        return size
    if same and here == phrase[same - 1] and written.startswith(phrase[same:], same + 1):
        return size + 1
    if here and written.startswith(rest, same + 1) and confusable(phrase[same], here):
        return size
    return size - 1 if written.startswith(rest, same) else 0


def variants(phrase: str) -> Iterator[str]:
    """Every text one edit away."""
    for at, char in enumerate(phrase):
        before, after = phrase[:at], phrase[at + 1 :]
        yield before + after
        yield before + char + char + after
        if after and after[0] != char:
            yield before + after[0] + char + after[1:]
        for other in _confusable_with(char):
            yield before + other + after


def confusable(one: str, two: str) -> bool:
    """Whether they sound or look alike."""
    return two in _confusable_with(one)


@cache
def _confusable_with(char: str) -> frozenset[str]:
    """Characters that sound or look like it."""
    model = context.current()
    code = model.alphabet.code(char)
    _, others, _ = model.confusions.candidates(np.array([code]))
    return frozenset(map(model.alphabet.char, others.tolist()))


def _cuts(phrases: Iterable[str]) -> dict[str, int]:
    """Where to cut each so that both pieces are rare: every place that one of them stands must be looked at."""
    places = {phrase: range(2, len(phrase) - 1) for phrase in phrases}
    pieces = {piece for phrase, cuts in places.items() for at in cuts for piece in (phrase[:at], phrase[at:])}
    seen = rarity.of_grams({gram for piece in pieces for gram in _grams(piece)})
    often = {piece: min(seen[gram] for gram in _grams(piece)) for piece in pieces}
    return {
        phrase: min((often[phrase[:at]] + often[phrase[at:]], at) for at in cuts)[1]
        for phrase, cuts in places.items()
    }


def _grams(piece: str) -> list[str]:
    """A short piece itself; of a long one, all that is four characters long."""
    return [piece[at : at + 4] for at in range(max(1, len(piece) - 3))]
