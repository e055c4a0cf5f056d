"""Typos that only their context shows, as findings want them: with blocks, and with what lowers our certainty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from checks.text import segmentation
from checks.text.blocks import Block

if TYPE_CHECKING:  # numpy is loaded only when a text is read: link checks do without
    from checks.text.contextual.checker import Reading
    from checks.text.contextual.model import Model

SHIPPED = Path(__file__).parents[1] / "data" / "context.npz"
OWN = Path("var/words/context.npz")  # with the site's own archive; made by `portal lexicon train`
SCOPES = frozenset({"title", "body", "alt", "attachment"})
_ahead: dict[str, dict[str, "Reading"]] = {}  # fingerprint of the model -> text of a block -> its reading


@dataclass(frozen=True, slots=True)
class Doubt:
    block: Block
    start: int
    end: int
    right: str
    certain: bool  # sure enough to block a publish
    probability: float


def read_ahead(texts: Iterable[tuple[Block, ...]]) -> None:
    """Read the blocks of many texts together, which costs less than half of one after the other."""
    _ahead.clear()
    _ahead[fingerprint()] = _read(block.text for blocks in texts for block in _chosen(blocks))


def doubts(blocks: tuple[Block, ...]) -> Iterator[Doubt]:
    """In a text that the model knows little of nothing is certain, and only the surest doubts are told.

    In the names of people and places nothing is certain either: any character may be right there.
    """
    from checks.text.contextual import checker

    chosen = _chosen(blocks)
    known = _ahead.get(fingerprint(), {})
    if any(block.text not in known for block in chosen):
        known = _read(block.text for block in chosen)
    readings = [known[block.text] for block in chosen]
    whole = checker.Reading(
        doubted=sum(one.doubted for one in readings), seen=sum(one.seen for one in readings)
    )
    for block, reading in zip(chosen, readings, strict=True):
        for one in reading.suspicions:
            if one.probability < whole.least:
                continue
            if not whole.may_block and segmentation.in_word(block.text, one.start, one.end):
                continue  # an unfamiliar text, but a word that the dictionary knows
            certain = (
                one.probability >= checker.BLOCK
                and whole.may_block
                and not _in_name(block.text, one.start, one.end)
            )
            yield Doubt(block, one.start, one.end, one.right, certain, one.probability)


def _read(texts: Iterable[str]) -> dict[str, "Reading"]:
    from checks.text.contextual import checker

    different = list(dict.fromkeys(texts))
    return dict(zip(different, checker.read_all(current(), different, checker.WARN), strict=True))


def _chosen(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if block.scope in SCOPES]


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
