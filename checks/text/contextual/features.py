"""What speaks for and against a proposal, as one row of numbers."""

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import FIRST, Codes, key
from checks.text.contextual.model import Model
from checks.text.contextual.proposals import Proposals

REACH = 5  # characters on each side that are cut into words
_UNKNOWN_WORD = -4.5  # log10 cost of a character that no word takes in
_LONGEST = 4


def rows(model: Model, codes: Codes, proposals: Proposals, doubts: Codes) -> NDArray[np.float32]:
    now = _context(model, codes, proposals, changed=False)
    then = _context(model, codes, proposals, changed=True)
    at, behind = proposals.at, proposals.at + proposals.length
    doubtful = np.zeros(len(codes), np.float32)
    doubtful[doubts] = 1
    near = np.cumsum(doubtful)
    singles = model.likelihood.singles
    columns = [
        proposals.gain,
        proposals.lead,
        proposals.rank,
        np.minimum(proposals.rivals, 20),
        *(proposals.kind == kind for kind in range(4)),
        np.log10(singles[codes[at]] + 1),
        np.log10(singles[proposals.first] + 1),
        near[np.minimum(at + 8, len(codes) - 1)] - near[np.maximum(at - 8, 0)],
        doubtful[at - 1],
        doubtful[behind],
        codes[at - 1] < FIRST,
        codes[behind] < FIRST,
        _runs_to_edge(codes, at, -1),
        _runs_to_edge(codes, behind - 1, 1),
        *now,
        *then,
        then[0] - now[0],
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _runs_to_edge(codes: Codes, at: Codes, direction: int) -> Codes:
    """Chinese characters between the place and the next mark, up to REACH."""
    index = at[:, None] + direction * np.arange(1, REACH + 1)
    inside = codes[np.clip(index, 0, len(codes) - 1)] >= FIRST
    run: Codes = np.cumprod(inside, axis=1).sum(1)
    return run


def _context(
    model: Model, codes: Codes, proposals: Proposals, *, changed: bool
) -> list[NDArray[np.floating]]:
    """The text around as it is, or as it would be: cost as words, the word here, the n-grams here."""
    span = np.arange(-REACH, REACH + 2)
    index = np.clip(proposals.at[:, None] + span, 0, len(codes) - 1)
    text = proposals.replaced(codes, index) if changed else codes[index]
    cost, longest, frequency = _as_words(model, text)
    here = REACH
    like = model.likelihood
    grams = [
        *(like.pairs.count(key(*text[:, here + first : here + first + 2].T)) for first in (-1, 0, 1)),
        *(like.triples.count(key(*text[:, here + first : here + first + 3].T)) for first in (-2, -1, 0, 1)),
        *(like.fours.count(key(*text[:, here + first : here + first + 4].T)) for first in (-3, -2, -1, 0, 1)),
    ]
    return [cost, longest, frequency, *(np.log10(gram + 1) for gram in grams)]


def _as_words(model: Model, text: Codes) -> tuple[NDArray[np.float64], Codes, NDArray[np.floating]]:
    """The best way to cut each row into dictionary words: (log10 likelihood, length and frequency of the word here)."""
    size, width = text.shape
    total = np.float64(model.words_total)
    best = np.full((size, width + 1), -np.inf)
    best[:, 0] = 0
    longest = np.ones(size, np.int64)
    frequency = np.zeros(size, np.float32)
    for start in range(width):
        single = np.where(text[:, start] < FIRST, 0.0, _UNKNOWN_WORD)
        best[:, start + 1] = np.maximum(best[:, start + 1], best[:, start] + single)
        for length in range(2, min(_LONGEST, width - start) + 1):
            seen = model.words.count(key(*text[:, start : start + length].T))
            cost = np.where(seen > 0, np.log10(np.maximum(seen, 1) / total), -np.inf)
            best[:, start + length] = np.maximum(best[:, start + length], best[:, start] + cost)
            if start <= REACH < start + length:
                better = (seen > 0) & (length >= longest)
                frequency = np.where(
                    better & (length > longest),
                    seen,
                    np.where(better, np.maximum(seen, frequency), frequency),
                )
                longest = np.where(better, length, longest)
    return best[:, width], longest, np.log10(frequency + 1)
