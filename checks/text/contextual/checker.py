"""Wrong characters of a text, each with how sure the model is."""

from collections.abc import Sequence
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
    """Suspicions of at least this probability."""
    codes = padded(model.alphabet.encode(text))
    doubts = doubtful(model, codes)
    strangeness = (len(doubts) + _PRIOR * _WEIGHT) / (int((codes >= FIRST).sum()) + _WEIGHT)
    if not len(doubts) or model.trees is None:
        return Reading((), strangeness)
    proposals = propose(model, codes, doubts)
    if not len(proposals):
        return Reading((), strangeness)
    probability = model.trees.probability(features.rows(model, codes, proposals, doubts))
    found = []
    for row in _settled(proposals.at, proposals.length, probability, least):
        start = int(proposals.at[row]) - MARGIN
        right = model.alphabet.char(int(proposals.first[row]))
        if proposals.length[row] == 2:
            right += model.alphabet.char(int(proposals.second[row]))
        found.append(Suspicion(start, start + len(right), right, float(probability[row])))
    return Reading(tuple(found), strangeness)


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
