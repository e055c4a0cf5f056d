"""Typos that only their context shows, as findings want them: with blocks, and with what lowers our certainty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from checks.text import segmentation
from checks.text.blocks import Block

if TYPE_CHECKING:  # numpy is loaded only when a text is read: link checks do without
    from checks.text.contextual.checker import Reading, Suspicion
    from checks.text.contextual.model import Model

SHIPPED = Path(__file__).parents[1] / "data" / "context.npz"
OWN = Path("var/words/context.npz")  # with the site's own archive; made by `portal lexicon train`
SCOPES = frozenset({"title", "body", "alt", "attachment"})
# Below these, a name and a word that the dictionary knows are right as written. Chosen by what they cost on the
# training pairs and save on news; docs/words.md has the measurements.
_SURE_OF_NAME, _SURE_OF_WORD = 0.7, 0.8
_KNOWN = 3  # times that the dictionary saw it
_AS_COMMON = 0.3  # the word as written beside the word it was meant to be, by the dictionary's counts
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

    In the names of people and places nothing is certain either: any character may be right there. Of names, and
    of words as common as what they were meant to be, weak doubts are not told.
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
            if one.probability < _SURE_OF_WORD and _is_right_as_written(block.text, one):
                continue
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


def _is_right_as_written(text: str, one: "Suspicion") -> bool:
    """Whether the dictionary has the word as written: as a name, or hardly less often than what was meant."""
    meant = text[: one.start] + one.right + text[one.end :]
    start, word = segmentation.word_at(text, one.start, one.end)
    before, after = one.start - start, len(word) - (one.end - start)
    same_place = word[:before] + one.right + word[len(word) - after :]
    rivals = (same_place, segmentation.word_at(meant, one.start, one.end)[1])
    if one.probability < _SURE_OF_NAME and len(word) > 1 and segmentation.is_name(word):
        return True
    seen = segmentation.frequency(word) if len(word) > 1 else 0
    return seen >= _KNOWN and seen >= _AS_COMMON * max(
        (segmentation.frequency(rival) for rival in rivals if len(rival) > 1), default=0
    )
