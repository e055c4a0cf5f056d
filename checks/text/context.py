"""Typos that only their context shows, as findings want them: with blocks, and with what lowers our certainty."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from checks.text import segmentation
from checks.text.blocks import Block

if TYPE_CHECKING:  # numpy is loaded only when a text is read: link checks do without
    from checks.text.contextual.model import Model

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
    from checks.text.contextual import checker

    chosen = [block for block in blocks if block.scope in SCOPES]
    texts = [block.text for block in chosen]
    reading = checker.read(current(), checker.GAP.join(texts), checker.WARN)
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


def current() -> "Model":
    return _model(path())


def fingerprint() -> str:
    status = path().stat()
    return _fingerprint(path(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)
def _fingerprint(file: Path, size: int, changed: int) -> str:
    from checks.text.contextual import model

    return model.fingerprint(file)


@lru_cache(maxsize=2)
def _model(file: Path) -> "Model":
    from checks.text.contextual import model

    return model.load(file)


def _in_name(text: str, start: int, end: int) -> bool:
    first, sentence = segmentation.sentence_around(text, start, end)
    return not segmentation.names(sentence).isdisjoint(range(start - first, end - first))
