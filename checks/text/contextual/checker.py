"""Wrong characters of a text, each with how sure the model is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checks.text.contextual import features
from checks.text.contextual.alphabet import FIRST, Codes
from checks.text.contextual.model import Model
from checks.text.contextual.proposals import MARGIN, doubtful, padded, propose

GAP = "\n" * 3  # between texts that must not see each other
WARN, BLOCK = 0.4, 0.97  # chosen by cross-validation; docs/words.md has the measurements
# Strangeness of a text up to which these hold; beyond it only surer suspicions are worth a look.
FAMILIAR, FOREIGN = 0.30, 0.42
SURER, SUREST = 0.8, 0.95
_LONGEST = 50_000  # characters read at a time
_PRIOR, _WEIGHT = 0.2, 100  # a few sentences say little about how strange a text is


@dataclass(frozen=True, slots=True)
class Suspicion:
    start: int
    end: int
    right: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    suspicions: tuple[Suspicion, ...]  # by place; none touches another
    strangeness: float  # share of the Chinese characters that the model does not know in this company

    @property
    def least(self) -> float:
        """The probability from which a suspicion is worth telling in this text."""
        return WARN if self.strangeness <= FAMILIAR else SURER if self.strangeness <= FOREIGN else SUREST

    @property
    def may_block(self) -> bool:
        return self.strangeness <= FAMILIAR


def read(model: Model, text: str, least: float = 0.1) -> Reading:
    """Suspicions of at least this probability. A long text is read piece by piece, so memory stays small."""
    found: list[Suspicion] = []
    doubted = seen = 0
    for start, piece in _pieces(text):
        codes = padded(model.alphabet.encode(piece))
        doubts = doubtful(model, codes)
        doubted += len(doubts)
        seen += int((codes >= FIRST).sum())
        found += _suspicions(model, codes, doubts, start, least)
    return Reading(tuple(found), (doubted + _PRIOR * _WEIGHT) / (seen + _WEIGHT))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > _LONGEST:
        marks = [text.rfind(mark, start + _LONGEST // 2, start + _LONGEST) for mark in ("\n", "。")]
        end = max(max(marks) + 1, start + _LONGEST if max(marks) < 0 else 0)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _suspicions(model: Model, codes: Codes, doubts: Codes, offset: int, least: float) -> Iterator[Suspicion]:
    if not len(doubts) or model.trees is None:
        return
    proposals = propose(model, codes, doubts)
    if not len(proposals):
        return
    probability = model.trees.probability(features.rows(model, codes, proposals, doubts))
    for row in _settled(proposals.at, proposals.length, probability, least):
        start = int(proposals.at[row]) - MARGIN + offset
        right = model.alphabet.char(int(proposals.first[row]))
        if proposals.length[row] == 2:
            right += model.alphabet.char(int(proposals.second[row]))
        yield Suspicion(start, start + len(right), right, float(probability[row]))


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
