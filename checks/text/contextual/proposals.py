"""From text to proposals: at which characters to look, and what each may have been meant to be.

1. Gate: a character is doubtful when none of the three triples around it is known well.
2. Candidates of doubtful characters, cut down to those whose neighbours are known to stand beside them.
3. Rescoring: how much more likely the text becomes.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import BOUNDARY, FIRST, Codes, key
from checks.text.contextual.confusions import WORD
from checks.text.contextual.likelihood import ORDER
from checks.text.contextual.model import Model

MARGIN = 6  # boundary codes before and after every text, so that windows never leave the array
LEAST_GAIN = 0.5  # in powers of ten; less is not worth asking about
_BATCH = 200_000
_KEPT = 2  # proposals for one place


@dataclass(frozen=True)
class Proposals:
    """Row i says: codes[at[i] : at[i] + length[i]] were meant to be first[i] (and second[i])."""

    at: Codes
    length: Codes
    first: Codes
    second: Codes
    kind: Codes
    gain: NDArray[np.float64]  # log10 of how much more likely the text becomes
    lead: NDArray[np.float64]  # the gain's lead over the best of the others for the same place
    rank: Codes  # 0: the best for its place
    rivals: Codes  # candidates left for the same place

    def __len__(self) -> int:
        return len(self.at)

    def chosen(self, rows: NDArray[np.intp]) -> "Proposals":
        return Proposals(*(getattr(self, name)[rows] for name in Proposals.__dataclass_fields__))

    def replaced(self, codes: Codes, index: Codes) -> Codes:
        """codes[index] as they were if the proposals held; row i of `index` belongs to proposal i."""
        shape = (-1,) + (1,) * (index.ndim - 1)
        at, second = self.at.reshape(shape), self.second.reshape(shape)
        result = np.where(index == at, self.first.reshape(shape), codes[index])
        return np.where((index == at + 1) & (self.length.reshape(shape) == 2), second, result)


def padded(codes: Codes) -> Codes:
    edge = np.full(MARGIN, BOUNDARY, np.int64)
    return np.concatenate([edge, codes, edge])


def doubtful(model: Model, codes: Codes) -> Codes:
    """Positions of Chinese characters that no well-known triple covers."""
    known = model.gate.has(key(codes[:-2], codes[1:-1], codes[2:]))
    covered = np.zeros(len(codes), np.bool_)
    covered[:-2] |= known
    covered[1:-1] |= known
    covered[2:] |= known
    has_candidates = model.confusions.characters.starts[codes + 1] > model.confusions.characters.starts[codes]
    doubt = ~covered & has_candidates
    doubt[:MARGIN] = doubt[len(codes) - MARGIN :] = False
    return np.flatnonzero(doubt)


def propose(model: Model, codes: Codes, doubts: Codes) -> Proposals:
    """The best proposals for each doubtful place: one character, and one word of two."""
    single = _best(model, codes, _singles(model, codes, doubts))
    double = _best(model, codes, _doubles(model, codes, doubts))
    return Proposals(
        *(
            np.concatenate([getattr(single, name), getattr(double, name)])
            for name in Proposals.__dataclass_fields__
        )
    )


def _singles(model: Model, codes: Codes, doubts: Codes) -> Proposals:
    which, candidate, kind = model.confusions.candidates(codes[doubts])
    at = doubts[which]
    left, right = codes[at - 1], codes[at + 1]
    beside_left = model.neighbours.has(key(left, candidate))
    beside_right = model.neighbours.has(key(candidate, right))
    inside = (left >= FIRST) & (right >= FIRST)
    keep = np.flatnonzero(np.where(inside, beside_left & beside_right, beside_left | beside_right))
    lonely = np.flatnonzero(inside & (beside_left ^ beside_right))
    strong = model.friends.has(key(left[lonely], candidate[lonely])) | model.friends.has(
        key(candidate[lonely], right[lonely])
    )
    keep = np.sort(np.concatenate([keep, lonely[strong]]))
    at, candidate, kind = at[keep], candidate[keep], kind[keep]
    known = model.triples.has(key(codes[at - 2], codes[at - 1], candidate))
    known |= model.triples.has(key(codes[at - 1], candidate, codes[at + 1]))
    known |= model.triples.has(key(candidate, codes[at + 1], codes[at + 2]))
    at, candidate, kind = at[known], candidate[known], kind[known]
    before = np.zeros(len(codes))
    before[doubts] = _company(model, codes, doubts, codes[doubts])
    better = _company(model, codes, at, candidate) > before[at]
    at, candidate, kind = at[better], candidate[better], kind[better]
    return _proposals(at, np.ones_like(at), candidate, np.zeros_like(at), kind)


def _company(model: Model, codes: Codes, at: Codes, char: Codes) -> NDArray[np.float64]:
    """How well known the three triples with `char` at the places are; cheaper than the likelihood."""
    before2, before, after, after2 = (codes[at + shift] for shift in (-2, -1, 1, 2))
    counts = [
        model.likelihood.triples.count(key(*triple))
        for triple in ((before2, before, char), (before, char, after), (char, after, after2))
    ]
    company: NDArray[np.float64] = np.log1p(np.stack(counts).astype(np.float64)).sum(0)
    return company


def _doubles(model: Model, codes: Codes, doubts: Codes) -> Proposals:
    at = doubts[:-1][np.diff(doubts) == 1]
    which, first, second = model.confusions.homophones(codes[at], codes[at + 1])
    at = at[which]
    return _proposals(at, np.full_like(at, 2), first, second, np.full_like(at, WORD))


def _proposals(at: Codes, length: Codes, first: Codes, second: Codes, kind: Codes) -> Proposals:
    zeros, none = np.zeros(len(at)), np.zeros_like(at)
    return Proposals(at, length, first, second, kind, gain=zeros, lead=zeros, rank=none, rivals=none)


def _best(model: Model, codes: Codes, proposals: Proposals) -> Proposals:
    """Of all proposals for a place the few that gain most, where they gain enough."""
    if not len(proposals):
        return proposals
    length = int(proposals.length[0])
    places, which = np.unique(proposals.at, return_inverse=True)
    span = np.arange(1 - ORDER, length + ORDER - 1)
    before = model.likelihood.of(codes[places[:, None] + span])
    gain = np.empty(len(proposals))
    for start in range(0, len(proposals), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(proposals)))
        batch = proposals.chosen(rows)
        gain[rows] = model.likelihood.of(batch.replaced(codes, batch.at[:, None] + span))
    gain -= before[which]
    score = gain - model.kind_cost[proposals.kind]
    order = np.lexsort((-score, proposals.at))
    score = score[order]
    first = np.flatnonzero(np.diff(proposals.at[order], prepend=-1))
    rivals = np.diff(np.append(first, len(order)))
    begin = np.repeat(first, rivals)
    rank = np.arange(len(order)) - begin
    second = np.where(np.repeat(rivals, rivals) > 1, score[np.minimum(begin + 1, len(order) - 1)], -5.0)
    lead = score - np.where(rank == 0, second, score[begin])
    keep = np.flatnonzero((rank < _KEPT) & (score >= LEAST_GAIN))
    best = proposals.chosen(order[keep])
    return replace(
        best, gain=gain[order[keep]], lead=lead[keep], rank=rank[keep], rivals=np.repeat(rivals, rivals)[keep]
    )
