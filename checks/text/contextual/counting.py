"""Counting texts into a model, and adding more texts to a counted one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual.alphabet import BOUNDARY, Alphabet, Codes, key
from checks.text.contextual.counts import Counts, Keys
from checks.text.contextual.likelihood import ORDER, Likelihood
from checks.text.contextual.model import Model

LEAST_FOURS = 2  # four characters seen once say little and are most of all that is seen

_Counted = tuple[Keys, NDArray[np.int64]]


def stream(alphabet: Alphabet, texts: Iterable[str]) -> Codes:
    """All paragraphs as codes, kept apart so that no n-gram reaches from one into the next."""
    joined = ("\n" * (ORDER - 1)).join(
        re.sub(r"\s*\n\s*", "\n" * (ORDER - 1), text.strip()) for text in texts
    )
    edge = np.full(ORDER - 1, BOUNDARY, np.int64)
    return np.concatenate([edge, alphabet.encode(joined), edge])


def counted(codes: Codes, order: int) -> _Counted:
    columns = [codes[start : len(codes) - order + start + 1] for start in range(order)]
    keys, counts = np.unique(key(*columns), return_counts=True)
    return keys, counts


def likelihood(alphabet: Alphabet, texts: Iterable[str]) -> Likelihood:
    codes = stream(alphabet, texts)
    tables = {order: counted(codes, order) for order in range(2, ORDER + 1)}
    followers = np.zeros(len(alphabet), np.float32)
    first = (tables[2][0] >> np.uint64(13)).astype(np.int64)
    followers += np.bincount(first, minlength=len(alphabet))
    fours, often = tables[4]
    return Likelihood(
        singles=np.bincount(codes, minlength=len(alphabet)).astype(np.float32),
        followers=followers,
        pairs=Counts.of(*tables[2], _kinds(tables[2][0], tables[3][0])),
        triples=Counts.of(*tables[3], _kinds(tables[3][0], fours)),
        fours=Counts.of(fours[often >= LEAST_FOURS], often[often >= LEAST_FOURS]),
    )


def _kinds(contexts: Keys, longer: Keys) -> NDArray[np.int64]:
    """Of each context, how many different characters were seen after it; both sorted."""
    heads, counts = np.unique(longer >> np.uint64(13), return_counts=True)
    at = np.minimum(np.searchsorted(heads, contexts), len(heads) - 1)
    return np.where(heads[at] == contexts, counts[at], 1)


def with_more(base: Likelihood, alphabet: Alphabet, texts: Sequence[str], weight: int = 2) -> Likelihood:
    """The base model with the site's own texts counted in, each occurrence `weight` times."""
    codes = stream(alphabet, texts)
    tables = {order: counted(codes, order) for order in range(2, ORDER + 1)}
    new = {2: base.pairs, 3: base.triples, 4: base.fours}
    kinds = {}
    for order in (2, 3):
        longer, _ = tables[order + 1]
        unseen = longer[new[order + 1].find(longer) < 0]
        heads, counts = np.unique(unseen >> np.uint64(13), return_counts=True)
        at = np.minimum(np.searchsorted(heads, tables[order][0]), max(0, len(heads) - 1))
        kinds[order] = np.where(heads[at] == tables[order][0], counts[at], 0) if len(heads) else None
    return Likelihood(
        singles=base.singles + weight * np.bincount(codes, minlength=len(alphabet)).astype(np.float32),
        followers=base.followers,
        pairs=base.pairs.plus(tables[2][0], weight * tables[2][1], kinds[2]),
        triples=base.triples.plus(tables[3][0], weight * tables[3][1], kinds[3]),
        fours=base.fours.plus(tables[4][0], weight * tables[4][1], None),
    )


def trained_with(model: Model, texts: Sequence[str]) -> Model:
    """The shipped model with the site's own archive counted in; its trees stay."""
    return replace(model, likelihood=with_more(model.likelihood, model.alphabet, texts))
