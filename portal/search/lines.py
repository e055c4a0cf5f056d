"""Short texts of all articles, in memory: which of them contain a piece is told without asking the database."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
_END = "\f"  # folded text has none


class Lines:
    def __init__(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """The texts are folded; whatever stands between two pieces of one text is no letter, no digit and no form feed."""
        whole = _END.join([*texts, ""])
        self._codes = np.frombuffer(whole.encode("utf-32-le"), "<u4")
        self._ends = np.flatnonzero(self._codes == ord(_END))
        self._ids = np.array(ids, np.int64)

    def containing(self, run: str) -> Ids:
        """The ids of the texts that contain the characters in a row; one for each place, so some stand twice."""
        places = np.flatnonzero(self._codes == ord(run[0]))
        for distance, character in enumerate(run[1:], 1):
            places = places[self._codes[places + distance] == ord(character)]
        return self._ids[np.searchsorted(self._ends, places)]
