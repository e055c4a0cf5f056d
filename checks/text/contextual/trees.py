"""Boosted regression trees as plain arrays; trained elsewhere, evaluated here for all rows and trees at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trees:
    """Node n of tree t: go to `left` when feature <= threshold, else to `right`; a leaf leads to itself."""

    feature: NDArray[np.int16]  # trees x nodes
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    base: NDArray[np.float64]  # one number
    depth: NDArray[np.int64]  # one number

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        result = np.empty(len(rows))
        for start in range(0, len(rows), 4096):
            result[start : start + 4096] = self._batch(rows[start : start + 4096])
        return result

    def _batch(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        trees, nodes = self.feature.shape
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        base = np.arange(trees, dtype=np.int64) * nodes
        at = np.tile(base, (len(rows), 1))
        row = np.arange(len(rows))[:, None]
        for _ in range(int(self.depth[0])):
            goes_left = rows[row, feature[at]] <= threshold[at]
            at = base + np.where(goes_left, left[at], right[at])
        score = self.value.ravel()[at].sum(1, dtype=np.float64) + self.base[0]
        probability: NDArray[np.float64] = 1 / (1 + np.exp(-score))
        return probability
