"""Build the shipped model and say how good it is: `portal lexicon train --base …`.

    texts   JSON lines (.jsonl or .jsonl.xz) with a "text" each, outside copyright
    pairs   label TAB written TAB meant, one sentence a line, equally long

Documents held out from counting give the trees their examples and the measure of false alarms; for the
measure the pairs are cross-validated, and sentences of the pairs are taken out of the counted texts. The
counts that are shipped are made from everything.
"""

import json
import lzma
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bureau.errors import ConfigError
from checks.text import segmentation
from checks.text.contextual import training
from checks.text.contextual.checker import BLOCK, WARN, Suspicion, read
from checks.text.contextual.model import Model
from checks.text.contextual.training import Pair, Rows
from checks.text.contextual.trees import Trees

FOLDS = 5
PAIR_WEIGHT = 3.0  # real errors count more than made-up ones
_WIDE = str.maketrans(",?!:;()", "，？！：；（）")


@dataclass(frozen=True, slots=True)
class Score:
    """Of wrong characters: how many alarms are right, how many are found; of right sentences: how many alarmed."""

    name: str
    threshold: float
    precision: float
    recall: float
    corrected: float  # F1 of whole sentences put right
    alarmed: float

    def __str__(self) -> str:
        return (
            f"{self.name} 阈值 {self.threshold:.3f}：字准确率 {self.precision:.2%} 字召回率 {self.recall:.2%} "
            f"整句改正 F1 {self.corrected:.1%} 干净句误报 {self.alarmed:.3%}"
        )


def build(
    texts: Sequence[Path], pairs: Sequence[Path], *, seed: int = 7, say: Callable[[str], None] = print
) -> tuple[Model, list[Score]]:
    documents = [text for path in texts for text in read_texts(path)]
    sets = {path.stem: list(read_pairs(path)) for path in pairs}
    chance = random.Random(seed)  # noqa: S311 - sampling, not secrecy
    chance.shuffle(documents)
    held, counted = documents[: len(documents) // 16], documents[len(documents) // 16 :]
    sentences = list(dict.fromkeys(sentence for text in held for sentence in training.sentences(text)))
    chance.shuffle(sentences)
    known = [*sentences[:30_000], *(meant for rows in sets.values() for _, meant in rows)]
    say(f"计数：{sum(map(len, counted)) / 1e6:.1f} 百万字，留出 {len(sentences)} 句")
    words = segmentation.short_words()
    partial = training.without_trees(list(training.without(counted, known)), words)
    examples, clean = sentences[: len(sentences) * 2 // 3], sentences[len(sentences) * 2 // 3 :][:10_000]
    made = [
        (training.corrupted(partial, one, chance) if chance.random() < 0.5 else one, one)
        for one in examples * 2
    ]
    base = training.rows(partial, made)
    real = {name: training.rows(partial, rows) for name, rows in sets.items()}
    say(f"训练：{len(base.right)} 个候选，其中对的 {int(base.right.sum())} 个")
    scores = list(_cross_validated(partial, base, sets, real, clean))
    trees = _fitted(base, list(real.values()))
    say("计数：全部文本")
    return training.with_trees(training.without_trees(documents, words), trees), scores


def _fitted(base: Rows, real: Sequence[Rows]) -> Trees:
    weights = [np.ones(len(base.right)), *(np.full(len(rows.right), PAIR_WEIGHT * 2) for rows in real)]
    everything = Rows(
        np.concatenate([base.features, *(rows.features for rows in real)]),
        np.concatenate([base.right, *(rows.right for rows in real)]),
        np.zeros(0, np.int64),
    )
    return training.fit(everything, np.concatenate(weights))


def _cross_validated(
    model: Model, base: Rows, sets: dict[str, list[Pair]], real: dict[str, Rows], clean: Sequence[str]
) -> Iterator[Score]:
    fold_of = {name: np.random.default_rng(1).permutation(len(rows)) % FOLDS for name, rows in sets.items()}
    judged: dict[str, list[tuple[Pair, tuple[Suspicion, ...]]]] = {name: [] for name in sets}
    false_alarms: list[tuple[Pair, tuple[Suspicion, ...]]] = []
    for fold in range(FOLDS):
        seen = [_chosen(rows, fold_of[name][rows.sentence] != fold) for name, rows in real.items()]
        trained = replace(model, trees=_fitted(base, seen))
        for name, rows in sets.items():
            mine = [pair for pair, its in zip(rows, fold_of[name], strict=True) if its == fold]
            judged[name] += [(pair, read(trained, pair[0], least=0.05).suspicions) for pair in mine]
        part = clean[fold::FOLDS]
        false_alarms += [((one, one), read(trained, one, least=0.05).suspicions) for one in part]
    for name, results in {**judged, "未见过的公文与法规": false_alarms}.items():
        for threshold in sorted({0.1, 0.25, 0.3, WARN, 0.5, 0.9, BLOCK, 0.98, 0.99}):
            yield score(name, results, threshold)


def _chosen(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    return Rows(rows.features[keep], rows.right[keep], rows.sentence[keep])


def score(name: str, results: Iterable[tuple[Pair, tuple[Suspicion, ...]]], threshold: float) -> Score:
    right = alarms = errors = mended = wrong_sentences = touched = clean = alarmed = 0
    for (written, meant), suspicions in results:
        told = {
            one.start + at: char
            for one in suspicions
            if one.probability >= threshold
            for at, char in enumerate(one.right)
        }
        gold = {at: char for at, char in enumerate(meant) if char != written[at]}
        right += len(told.keys() & gold.keys())
        alarms += len(told)
        errors += len(gold)
        touched += bool(told)
        wrong_sentences += bool(gold)
        mended += bool(gold) and told == gold
        clean += not gold
        alarmed += not gold and bool(told)
    precision, recall = mended / max(1, touched), mended / max(1, wrong_sentences)
    return Score(
        name, threshold, right / max(1, alarms), right / max(1, errors),
        2 * precision * recall / max(1e-9, precision + recall), alarmed / max(1, clean),
    )  # fmt: skip


def read_texts(path: Path) -> Iterator[str]:
    try:
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield json.loads(line)["text"]
                except (ValueError, KeyError, TypeError) as error:
                    raise ConfigError(path, "每行应是一个含 text 的 JSON 对象", number) from error
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"读不了：{error}") from error


def read_pairs(path: Path) -> Iterator[Pair]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"读不了：{error}") from error
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) < 3:
            raise ConfigError(path, "每行应是：标记、错句、正句，以制表符分隔", number)
        written, meant = cells[1].translate(_WIDE), cells[2].translate(_WIDE)
        if len(written) == len(meant) < 250:
            yield written, meant
