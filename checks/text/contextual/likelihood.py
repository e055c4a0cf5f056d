"""How likely official text puts a character after the three before it (Witten–Bell, log10)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import Codes, key
from checks.text.contextual.counts import Counts, Numbers

ORDER = 4
_OFFSETS = np.arange(-ORDER + 1, 1)


@dataclass(frozen=True)
class Likelihood:
    singles: Numbers  # counts of single codes
    followers: Numbers  # different codes seen after each code
    pairs: Counts
    triples: Counts
    fours: Counts

    def of(self, windows: Codes) -> NDArray[np.float64]:
        """log10 P(last | three before) of each row of four codes."""
        a, b, c, d = windows.T
        probability = (self.singles[d] + 0.1).astype(np.float64) / self.singles.sum(dtype=np.float64)
        probability = _mix(self.pairs.count(key(c, d)), self.singles[c], self.followers[c], probability)
        context = self.pairs.find(key(b, c))
        probability = _mix(
            self.triples.count(key(b, c, d)),
            self.pairs.at(context),
            self.pairs.kinds_at(context),
            probability,
        )
        context = self.triples.find(key(a, b, c))
        probability = _mix(
            self.fours.count(key(a, b, c, d)),
            self.triples.at(context),
            self.triples.kinds_at(context),
            probability,
        )
        return np.log10(np.maximum(probability, 1e-12))

    def around(self, codes: Codes, positions: Codes, length: int = 1) -> NDArray[np.float64]:
        """Summed log-likelihood of the windows that see codes[position : position + length]."""
        windows = codes[positions[:, None, None] + np.arange(ORDER + length - 1)[:, None] + _OFFSETS]
        total: NDArray[np.float64] = self.of(windows.reshape(-1, ORDER)).reshape(len(positions), -1).sum(1)
        return total


def _mix(
    seen: Numbers, total: NDArray[np.floating], kinds: Numbers, lower: NDArray[np.float64]
) -> NDArray[np.float64]:
    weight = total + kinds
    return np.where(weight > 0, (np.minimum(seen, total) + kinds * lower) / np.maximum(weight, 1), lower)
