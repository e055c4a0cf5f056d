"""Wrong characters of a text, each with how sure the model is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual import features
from checks.text.contextual.alphabet import FIRST, Codes
from checks.text.contextual.model import Model
from checks.text.contextual.proposals import MARGIN, doubtful, padded, propose

GAP = "\n" * 9  # between texts that must not see each other: more than any evidence looks across
WARN, BLOCK = 0.4, 0.97  # chosen by cross-validation; docs/words.md has the measurements
# Strangeness of a text up to which these hold; beyond it only surer suspicions are worth a look.
FAMILIAR, FOREIGN = 0.30, 0.42
SURER, SUREST = 0.8, 0.95
_AT_ONCE = 20_000  # characters read together: many small texts cost as little as one long one
_PRIOR, _WEIGHT = 0.2, 100  # a few sentences say little about how strange a text is


@dataclass(frozen=True, slots=True)
class Suspicion:
    start: int
    end: int
    right: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    suspicions: tuple[Suspicion, ...] = ()  # by place; none touches another
    doubted: int = 0  # Chinese characters that the model does not know in this company
    seen: int = 0  # Chinese characters

    def __add__(self, other: "Reading") -> "Reading":
        """Of both texts together; the places remain those in each."""
        return Reading(
            self.suspicions + other.suspicions, self.doubted + other.doubted, self.seen + other.seen
        )

    @property
    def strangeness(self) -> float:
        return (self.doubted + _PRIOR * _WEIGHT) / (self.seen + _WEIGHT)

    @property
    def least(self) -> float:
        """The probability from which a suspicion is worth telling in this text."""
        return WARN if self.strangeness <= FAMILIAR else SURER if self.strangeness <= FOREIGN else SUREST

    @property
    def may_block(self) -> bool:
        return self.strangeness <= FAMILIAR


@dataclass(frozen=True, slots=True)
class _Piece:
    text: int  # which of the texts
    start: int  # in it
    chars: str


def read(model: Model, text: str, least: float = 0.1) -> Reading:
    """Suspicions of at least this probability."""
    return read_all(model, [text], least)[0]


def read_all(model: Model, texts: Sequence[str], least: float = 0.1) -> list[Reading]:
    """Each text's reading, the same as if it were read alone. Memory stays small however long a text is."""
    readings = [Reading()] * len(texts)
    for batch in _batches(texts):
        for piece, reading in zip(batch, _read(model, batch, least), strict=True):
            readings[piece.text] += reading
    return readings


def _batches(texts: Sequence[str]) -> Iterator[list[_Piece]]:
    batch: list[_Piece] = []
    size = 0
    for piece in (piece for index, text in enumerate(texts) for piece in _pieces(index, text)):
        batch.append(piece)
        size += len(piece.chars) + len(GAP)
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _pieces(index: int, text: str) -> Iterator[_Piece]:
    start = 0
    while len(text) - start > _AT_ONCE:
        marks = [text.rfind(mark, start + _AT_ONCE // 2, start + _AT_ONCE) for mark in ("\n", "。")]
        end = max(max(marks) + 1, start + _AT_ONCE if max(marks) < 0 else 0)
        yield _Piece(index, start, text[start:end])
        start = end
    yield _Piece(index, start, text[start:])


def _read(model: Model, batch: Sequence[_Piece], least: float) -> list[Reading]:
    codes, places = model.alphabet.unspaced(GAP.join(piece.chars for piece in batch))
    codes = padded(codes)
    doubts = doubtful(model, codes)
    ends = np.cumsum([len(piece.chars) + len(GAP) for piece in batch])

    def piece_at(at: Codes) -> NDArray[np.intp]:
        return np.searchsorted(ends, places[at - MARGIN], side="right")

    doubted = np.bincount(piece_at(doubts), minlength=len(batch))
    seen = np.bincount(piece_at(np.flatnonzero(codes >= FIRST)), minlength=len(batch))
    found: list[list[Suspicion]] = [[] for _ in batch]
    for at, right, probability in _suspected(model, codes, doubts, least):
        which = int(piece_at(np.array([at]))[0])
        piece = batch[which]
        start = int(places[at - MARGIN]) - (int(ends[which]) - len(piece.chars) - len(GAP)) + piece.start
        found[which].append(Suspicion(start, start + len(right), right, probability))
    return [
        Reading(tuple(one), int(doubt), int(char))
        for one, doubt, char in zip(found, doubted, seen, strict=True)
    ]


def _suspected(model: Model, codes: Codes, doubts: Codes, least: float) -> Iterator[tuple[int, str, float]]:
    """(position in codes, what it was meant to be, probability), by place."""
    if not len(doubts) or model.trees is None:
        return
    proposals = propose(model, codes, doubts)
    if not len(proposals):
        return
    probability = model.trees.probability(features.rows(model, codes, proposals, doubts))
    for row in _settled(proposals.at, proposals.length, probability, least):
        right = model.alphabet.char(int(proposals.first[row]))
        if proposals.length[row] == 2:
            right += model.alphabet.char(int(proposals.second[row]))
        yield int(proposals.at[row]), right, float(probability[row])


def _settled(at: Codes, length: Codes, probability: np.ndarray, least: float) -> Sequence[int]:
    """The surest proposals that do not touch one another, by place."""
    taken: set[int] = set()
    chosen = []
    for row in np.argsort(-probability, kind="stable"):
        if probability[row] < least:
            break
        span = range(int(at[row]), int(at[row] + length[row]))
        if not taken & {span.start - 1, *span, span.stop}:
            taken.update(span)
            chosen.append(int(row))
    return sorted(chosen, key=lambda row: int(at[row]))
