"""How often official text has pairs, triples and fours of characters, by the counts of the contextual model."""

import numpy as np
from numpy.typing import NDArray

from checks.text import context
from checks.text.contextual.alphabet import key


def of_pairs(text: str) -> NDArray[np.float32]:
    """For each character of the text but the last: how often it and the next one stand together."""
    model = context.current()
    codes = model.alphabet.encode(text)
    return model.likelihood.pairs.count(key(codes[:-1], codes[1:]))


def of_strangers(first: str, second: str) -> NDArray[np.float64]:
    """How often two characters would stand at a given distance if neither knew of the other, pair by pair."""
    model = context.current()
    singles = model.likelihood.singles.astype(np.float64)
    often = singles.take(model.alphabet.encode(first)) * singles.take(model.alphabet.encode(second))
    expected: NDArray[np.float64] = often / singles.sum()
    return expected


def of_grams(grams: set[str]) -> dict[str, float]:
    """For each of these texts of two to four characters."""
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
