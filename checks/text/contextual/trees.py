"""Boosted regression trees as plain arrays; trained elsewhere, evaluated here for all rows and trees at once.

Every node's question is asked of every row. A "no" rules out the leaves left of the node; the leftmost leaf that
is left over is where the row ends (Lucchese et al., QuickScorer, 2015). For trees of few leaves that is less
work than walking down, and nothing of it waits for anything else.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MOST_LEAVES = 32  # bits of a mask
_BATCH = 256  # rows whose answers stay in the processor's cache


@dataclass(frozen=True)
class Trees:
    """Node n of tree t: go to `left` when feature <= threshold, else to `right`; a leaf leads to itself."""

    feature: NDArray[np.int16]  # trees x nodes
    threshold: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    base: NDArray[np.float64]  # one number
    _asked: NDArray[np.intp] = field(init=False, repr=False)  # the feature of every question, tree by tree
    _limits: NDArray[np.float32] = field(init=False, repr=False)
    _masks: NDArray[np.uint32] = field(init=False, repr=False)  # the leaves that a "no" leaves over
    _firsts: NDArray[np.intp] = field(init=False, repr=False)  # the first question of each tree
    _values: NDArray[np.float32] = field(init=False, repr=False)  # trees x leaves, from the left

    def __post_init__(self) -> None:
        """Raises ValueError for a tree without a question or with too many leaves."""
        masks: list[int] = []
        nodes: list[tuple[int, int]] = []
        firsts, values = [], np.zeros((len(self.feature), MOST_LEAVES), np.float32)
        for tree in range(len(self.feature)):
            firsts.append(len(nodes))
            leaves = self._walk(tree, 0, nodes, masks, [])
            if len(leaves) > MOST_LEAVES or len(nodes) == firsts[-1]:
                raise ValueError(f"树 {tree} 有 {len(leaves)} 片叶")
            values[tree, : len(leaves)] = self.value[tree, leaves]
        index = tuple(np.array(nodes, np.intp).reshape(-1, 2).T)
        for name, array in {
            "_asked": self.feature[index].astype(np.intp),
            "_limits": self.threshold[index],
            "_masks": np.array(masks, np.uint32),
            "_firsts": np.array(firsts, np.intp),
            "_values": values,
        }.items():
            object.__setattr__(self, name, array)

    def _walk(
        self, tree: int, node: int, nodes: list[tuple[int, int]], masks: list[int], leaves: list[int]
    ) -> list[int]:
        left, right = int(self.left[tree, node]), int(self.right[tree, node])
        if left == node:
            leaves.append(node)
            return leaves
        at, first = len(nodes), len(leaves)
        nodes.append((tree, node))
        masks.append(0)
        self._walk(tree, left, nodes, masks, leaves)
        masks[at] = 0xFFFFFFFF & ~((1 << len(leaves)) - (1 << first))
        return self._walk(tree, right, nodes, masks, leaves)

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        result = np.empty(len(rows))
        for start in range(0, len(rows), _BATCH):
            result[start : start + _BATCH] = self._batch(rows[start : start + _BATCH])
        return result

    def _batch(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        no = rows.T[self._asked] > self._limits[:, None]
        left_over = np.where(no, self._masks[:, None], np.uint32(0xFFFFFFFF))
        left_over = np.bitwise_and.reduceat(left_over, self._firsts, axis=0)
        leaf = np.frexp((left_over & (~left_over + np.uint32(1))).astype(np.float64))[1] - 1
        score = np.take_along_axis(self._values, leaf, axis=1).sum(0, dtype=np.float64) + self.base[0]
        probability: NDArray[np.float64] = 1 / (1 + np.exp(-score))
        return probability
