"""What speaks for and against a proposal, as one row of numbers."""

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import FIRST, Codes, keys
from checks.text.contextual.model import Model
from checks.text.contextual.proposals import Proposals

REACH = 5  # characters on each side that are cut into words
_UNKNOWN_WORD = -4.5  # log10 cost of a character that no word takes in
_LONGEST = 4


def rows(model: Model, codes: Codes, proposals: Proposals, doubts: Codes) -> NDArray[np.float32]:
    index = np.clip(proposals.at[:, None] + np.arange(-REACH, REACH + 2), 0, len(codes) - 1)
    both = _context(model, np.concatenate([codes[index], proposals.replaced(codes, index)]))
    now, then = ([column[part] for column in both] for part in (slice(len(index)), slice(len(index), None)))
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


def _context(model: Model, text: Codes) -> list[NDArray[np.floating]]:
    """Of each row of text: its cost as words, the word in its middle, the n-grams there."""
    like, here = model.likelihood, REACH
    grams = np.concatenate(
        [
            like.pairs.count(keys(text[:, here - 1 : here + 3], 2)),
            like.triples.count(keys(text[:, here - 2 : here + 4], 3)),
            like.fours.count(keys(text[:, here - 3 : here + 5], 4)),
        ],
        axis=1,
    )
    return [*_as_words(model, text), *np.log10(grams + 1).T]


def _as_words(model: Model, text: Codes) -> tuple[NDArray[np.float64], Codes, NDArray[np.floating]]:
    """The best way to cut each row into dictionary words: (log10 likelihood, length and frequency of the word here)."""
    size, width = text.shape
    seen_of = {length: model.words.count(keys(text, length)) for length in range(2, _LONGEST + 1)}
    cost_of = {
        length: np.where(seen > 0, np.log10(np.maximum(seen, 1) / np.float64(model.words_total)), -np.inf)
        for length, seen in seen_of.items()
    }
    best = np.full((size, width + 1), -np.inf)
    best[:, 0] = 0
    longest = np.ones(size, np.int64)
    frequency = np.zeros(size, np.float32)
    for start in range(width):
        single = np.where(text[:, start] < FIRST, 0.0, _UNKNOWN_WORD)
        best[:, start + 1] = np.maximum(best[:, start + 1], best[:, start] + single)
        for length in range(2, min(_LONGEST, width - start) + 1):
            seen, end = seen_of[length][:, start], start + length
            best[:, end] = np.maximum(best[:, end], best[:, start] + cost_of[length][:, start])
            if start <= REACH < end:
                better = (seen > 0) & (length >= longest)
                longer = better & (length > longest)
                frequency = np.where(longer, seen, np.where(better, np.maximum(seen, frequency), frequency))
                longest = np.where(better, length, longest)
    return best[:, width], longest, np.log10(frequency + 1)
