"""Typos that only their context shows, as findings want them: with blocks, and with what lowers our certainty."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from checks.text import segmentation
from checks.text.blocks import Block
from checks.text.contextual import checker, model

SHIPPED = Path(__file__).parents[1] / "data" / "context.npz"
OWN = Path("var/words/context.npz")  # with the site's own archive; made by `portal lexicon train`
SCOPES = frozenset({"title", "body", "alt", "attachment"})


@dataclass(frozen=True, slots=True)
class Doubt:
    block: Block
    start: int
    end: int
    right: str
    certain: bool  # sure enough to block a publish
    probability: float


def doubts(blocks: tuple[Block, ...]) -> Iterator[Doubt]:
    """In a text that the model knows little of nothing is certain, and only the surest doubts are told.

    In the names of people and places nothing is certain either: any character may be right there.
    """
    chosen = [block for block in blocks if block.scope in SCOPES]
    texts = [block.text for block in chosen]
    reading = checker.read(_model(path()), checker.GAP.join(texts), checker.WARN)
    at, remaining = 0, iter(chosen)
    block = next(remaining, None)
    for one in reading.suspicions:
        while block and one.start >= at + len(block.text):
            at += len(block.text) + len(checker.GAP)
            block = next(remaining, None)
        if block is None or one.probability < reading.least:
            continue
        start, end = one.start - at, one.end - at
        if not reading.may_block and segmentation.in_word(block.text, start, end):
            continue  # an unfamiliar text, but a word that the dictionary knows
        certain = (
            one.probability >= checker.BLOCK and reading.may_block and not _in_name(block.text, start, end)
        )
        yield Doubt(block, start, end, one.right, certain, one.probability)


def path() -> Path:
    return OWN if OWN.is_file() else SHIPPED


def fingerprint() -> str:
    status = path().stat()
    return _fingerprint(path(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)
def _fingerprint(file: Path, size: int, changed: int) -> str:
    return model.fingerprint(file)


@lru_cache(maxsize=2)
def _model(file: Path) -> model.Model:
    return model.load(file)


def _in_name(text: str, start: int, end: int) -> bool:
    first, sentence = segmentation.sentence_around(text, start, end)
    return not segmentation.names(sentence).isdisjoint(range(start - first, end - first))
