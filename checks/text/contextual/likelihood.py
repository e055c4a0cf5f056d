"""How likely official text puts a character after the three before it (Witten–Bell, log10)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import Codes, keys
from checks.text.contextual.counts import Counts, Numbers

ORDER = 4  # a character and those before it that its likelihood looks at


@dataclass(frozen=True)
class Likelihood:
    singles: Numbers  # counts of single codes
    followers: Numbers  # different codes seen after each code
    pairs: Counts
    triples: Counts
    fours: Counts

    def of(self, text: Codes) -> NDArray[np.float64]:
        """log10 P(character | three before), of each row's characters from the fourth on, summed."""
        pairs, triples = self.pairs.find(keys(text[:, 1:], 2)), self.triples.find(keys(text, 3))
        last, before = text[:, 3:], text[:, 2:-1]
        probability = (self.singles.take(last) + 0.1).astype(np.float64) / self.singles.sum(dtype=np.float64)
        probability = _mix(
            self.pairs.at(pairs[:, 1:]), self.singles.take(before), self.followers.take(before), probability
        )
        for counts, seen, lower, context in (
            (self.triples, triples[:, 1:], self.pairs, pairs[:, :-1]),
            (self.fours, self.fours.find(keys(text, ORDER)), self.triples, triples[:, :-1]),
        ):
            probability = _mix(counts.at(seen), lower.at(context), lower.kinds_at(context), probability)
        total: NDArray[np.float64] = np.log10(np.maximum(probability, 1e-12)).sum(1)
        return total


def _mix(
    seen: Numbers, total: NDArray[np.floating], kinds: Numbers, lower: NDArray[np.float64]
) -> NDArray[np.float64]:
    weight = total + kinds
    return np.where(weight > 0, (np.minimum(seen, total) + kinds * lower) / np.maximum(weight, 1), lower)
