"""How the model is made: counts from trusted text, trees from errors put into text it has not seen."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checks.text.contextual import confusions, counting, features
from checks.text.contextual.alphabet import Alphabet, key
from checks.text.contextual.checker import GAP
from checks.text.contextual.counts import Counts
from checks.text.contextual.model import Model
from checks.text.contextual.proposals import MARGIN, doubtful, padded, propose
from checks.text.contextual.trees import Trees

Pair = tuple[str, str]  # as written, as meant; equally long
_WINDOW = 16


@dataclass(frozen=True)
class Rows:
    features: NDArray[np.float32]
    right: NDArray[np.bool_]  # the proposal is what was meant
    sentence: NDArray[np.int64]


def without_trees(texts: Sequence[str], dictionary: dict[str, int]) -> Model:
    """Counts and tables; `dictionary` gives words and how frequent they are."""
    alphabet = Alphabet.of(texts)
    likelihood = counting.likelihood(alphabet, texts)
    known = {
        word: often for word, often in dictionary.items() if all(alphabet.code(char) >= 4 for char in word)
    }
    codes = {size: [word for word in known if len(word) == size] for size in (2, 3, 4)}
    keys = [
        key(*np.array([[alphabet.code(char) for char in word] for word in words], np.int64).T)
        for words in codes.values()
    ]
    often = np.array([known[word] for words in codes.values() for word in words])
    pairs = codes[2]
    seen = likelihood.pairs.count(keys[0])
    homophones = [word for word, count in zip(pairs, seen, strict=True) if known[word] >= 30 and count >= 9]
    return Model(
        alphabet,
        likelihood,
        confusions.build(alphabet, homophones),
        Counts.of(np.concatenate(keys), often),
        None,
    )


def rows(model: Model, pairs: Sequence[Pair]) -> Rows:
    """The proposals for sentences whose meaning is known."""
    starts = np.cumsum([0, *(len(written) + len(GAP) for written, _ in pairs)])
    codes = padded(model.alphabet.encode(GAP.join(written for written, _ in pairs)))
    meant = padded(model.alphabet.encode(GAP.join(right for _, right in pairs)))
    doubts = doubtful(model, codes)
    proposals = propose(model, codes, doubts)
    right = meant[proposals.at] == proposals.first
    right &= (proposals.length == 1) | (meant[proposals.at + 1] == proposals.second)
    sentence = np.searchsorted(starts, proposals.at - MARGIN, side="right") - 1
    return Rows(features.rows(model, codes, proposals, doubts), right, sentence)


def fit(data: Rows, weights: NDArray[np.float64] | None = None, trees: int = 160, leaves: int = 24) -> Trees:
    """Needs scikit-learn, which only training does."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-not-found,import-untyped,unused-ignore]

    learner = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=leaves, learning_rate=0.07, l2_regularization=1.0,
        min_samples_leaf=25, early_stopping=False, random_state=0,
    )  # fmt: skip
    learner.fit(data.features, data.right, sample_weight=weights)
    return _exported(learner)


def _exported(learner: Any) -> Trees:
    grown = [stage[0].nodes for stage in learner._predictors]
    size = max(map(len, grown))
    shape = (len(grown), size)
    feature, left, right = (np.zeros(shape, np.int16) for _ in range(3))
    threshold, value = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for tree, nodes in enumerate(grown):
        leaf = nodes["is_leaf"].astype(bool)
        own = np.arange(len(nodes))
        feature[tree, : len(nodes)] = np.where(leaf, 0, nodes["feature_idx"])
        threshold[tree, : len(nodes)] = np.where(leaf, 0, nodes["num_threshold"])
        left[tree, : len(nodes)] = np.where(leaf, own, nodes["left"])
        right[tree, : len(nodes)] = np.where(leaf, own, nodes["right"])
        value[tree, : len(nodes)] = nodes["value"]
    base = np.atleast_1d(np.asarray(learner._baseline_prediction, np.float64).ravel()[0])
    return Trees(feature, threshold, left, right, value, base)


def with_trees(model: Model, trees: Trees) -> Model:
    return replace(model, trees=trees)


def sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[。！？；\n])", text):
        if 8 <= len(sentence.strip()) <= 200:
            yield sentence.strip()


def without(texts: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """The texts without the sentences that share sixteen characters with one of `known`."""
    bad = {piece for sentence in known for piece in _pieces(sentence)}
    for text in texts:
        parts = re.split(r"(?<=[。；\n])", text)
        yield "".join(part if bad.isdisjoint(_pieces(part)) else "\n" for part in parts)


def _pieces(text: str) -> Iterator[str]:
    han = "".join(re.findall("[\u4e00-\u9fff]", text))
    if len(han) >= 8:
        yield from (han[start : start + _WINDOW] for start in range(max(1, len(han) - _WINDOW + 1)))


def corrupted(model: Model, sentence: str, chance: random.Random) -> str:
    """The sentence with one or two errors of the kinds people make."""
    text = list(sentence)
    table = model.confusions.characters
    places = [at for at, char in enumerate(text) if _has_row(table, model.alphabet.code(char))]
    if len(places) < 4:
        return sentence
    for _ in range(chance.choice((1, 1, 1, 2))):
        at = chance.choice(places)
        if chance.random() < 0.3 and at + 1 < len(text) and _homophone(model, text, at, chance):
            continue
        code = model.alphabet.code(text[at])
        values = table.values[table.starts[code] : table.starts[code + 1]]
        kind = chance.choices((0, 1, 2), (0.72, 0.08, 0.2))[0]
        wanted = values[(values & 3) == kind]
        wanted = (wanted if len(wanted) else values) >> 2
        weights = np.power(model.likelihood.singles[wanted] + 0.5, 0.55)
        text[at] = model.alphabet.char(chance.choices(wanted.tolist(), weights.tolist())[0])
    return "".join(text)


def _has_row(table: confusions.Rows, code: int) -> bool:
    return bool(table.starts[code + 1] > table.starts[code])


def _homophone(model: Model, text: list[str], at: int, chance: random.Random) -> bool:
    pair = np.array([[model.alphabet.code(text[at])], [model.alphabet.code(text[at + 1])]])
    _, first, second = model.confusions.homophones(pair[0], pair[1])
    if not len(first):
        return False
    pick = chance.randrange(len(first))
    text[at], text[at + 1] = model.alphabet.char(int(first[pick])), model.alphabet.char(int(second[pick]))
    return True
