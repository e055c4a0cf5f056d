"""Set phrases of official writing, and texts that miss one by a single edit.

An edit is what people do wrong: a character dropped, doubled, swapped with its neighbour, or replaced by one
that sounds or looks like it. One edit leaves one half of a phrase whole (or swaps where the halves meet), so the
halves are looked for and what stands beside them is compared.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import ahocorasick_rs

from bureau.errors import ConfigError
from checks.text import context, segmentation

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
        pieces: dict[str, list[tuple[str, int]]] = {}  # what is looked for -> (phrase, where it stands in it)
        for text, middle in _cuts(self.by_text).items():
            swapped = text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]
            pieces.setdefault(text[:middle], []).append((text, 0))
            pieces.setdefault(text[middle:], []).append((text, middle))
            pieces.setdefault(swapped, []).append((text, 0))
        self._pieces = [*pieces.items()]
        self._automaton = ahocorasick_rs.AhoCorasick([*pieces]) if pieces else None

    def scan(self, text: str) -> list[NearMiss]:
        """Near misses in order, none inside a right phrase; of those that overlap the longest phrase's."""
        if self._automaton is None:
            return []
        right: set[tuple[int, int, str]] = set()
        missed: set[tuple[int, int, str]] = set()
        for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for phrase, offset in self._pieces[index][1]:
                first = start - offset
                last = first + len(phrase)
                # most pieces are words of other sentences: look at the far end before anything else
                if offset == 0:
                    if phrase[-1] not in text[last - 2 : last + 1] and not text.startswith(
                        phrase[:-1], first
                    ):
                        continue
                elif first < 0 or (
                    phrase[0] not in text[max(0, first - 1) : first + 2]
                    and not text.startswith(phrase[1:], first + 1)
                ):
                    continue
                if first >= 0 and text.startswith(phrase, first):
                    right.add((first, last, phrase))
                elif (
                    span := _forwards(text, phrase, start) if offset == 0 else _backwards(text, phrase, first)
                ):
                    missed.add((*span, phrase))
        missed.update(_doubled_edges(text, right))
        return list(self._judged(text, right, missed))

    def _judged(
        self, text: str, right: set[tuple[int, int, str]], missed: set[tuple[int, int, str]]
    ) -> Iterator[NearMiss]:
        told = -1
        spans = sorted((first, last) for first, last, _ in right)
        starts = [first for first, _ in spans]
        ends = list(accumulate((last for _, last in spans), max))
        for start, end, phrase in sorted(missed, key=lambda one: (one[0], -len(one[2]))):
            written = text[start:end]
            before = bisect_right(starts, start)
            inside = before > 0 and ends[before - 1] >= end
            if (
                start < told
                or inside
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
    if here and written.startswith(rest, same + 1) and _confusable(phrase[same], here):
        return size
    return size - 1 if written.startswith(rest, same) else 0


def _doubled_edges(text: str, right: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Right phrases with their first or last character twice, where the second is no word's beginning (共和国|国务院)."""
    for start, end, phrase in right:
        if text[end : end + 1] == phrase[-1] and not segmentation.begins_word(text, end):
            yield start, end + 1, phrase
        if start and text[start - 1] == phrase[0] and not segmentation.ends_word(text, start):
            yield start - 1, end, phrase


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


def _confusable(one: str, two: str) -> bool:
    return two in _confusable_with(one)


@cache
def _confusable_with(char: str) -> frozenset[str]:
    """Characters that sound or look like it."""
    import numpy as np  # loaded only when a text is read: link checks do without

    model = context.current()
    code = model.alphabet.code(char)
    _, others, _ = model.confusions.candidates(np.array([code]))
    return frozenset(map(model.alphabet.char, others.tolist()))


def _cuts(phrases: Iterable[str]) -> dict[str, int]:
    """Where to cut each so that both pieces are rare: every place that one of them stands must be looked at."""
    places = {phrase: range(2, len(phrase) - 1) for phrase in phrases}
    pieces = {piece for phrase, cuts in places.items() for at in cuts for piece in (phrase[:at], phrase[at:])}
    seen = _seen({gram for piece in pieces for gram in _grams(piece)})
    often = {piece: min(seen[gram] for gram in _grams(piece)) for piece in pieces}
    return {
        phrase: min((often[phrase[:at]] + often[phrase[at:]], at) for at in cuts)[1]
        for phrase, cuts in places.items()
    }


def _grams(piece: str) -> list[str]:
    """A short piece itself; of a long one, all that is four characters long."""
    return [piece[at : at + 4] for at in range(max(1, len(piece) - 3))]


def _seen(grams: set[str]) -> dict[str, float]:
    """How often official text has each of these two to four characters."""
    from checks.text.contextual.alphabet import key

    model = context.current()
    found: dict[str, float] = {}
    for size, counts in enumerate(
        (model.likelihood.pairs, model.likelihood.triples, model.likelihood.fours), 2
    ):
        chosen = sorted(gram for gram in grams if len(gram) == size)
        if chosen:
            codes = model.alphabet.encode("".join(chosen)).reshape(-1, size)
            found |= zip(chosen, counts.count(key(*codes.T)).tolist(), strict=True)
    return found
