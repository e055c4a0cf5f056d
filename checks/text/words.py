"""The words of all lists found in a source, each with its place: what the rules about words share."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from checks import prepared
from checks.finding import Place, Severity
from checks.source import Source, Surroundings
from checks.text import context, lexicon
from checks.text.blocks import Block
from checks.text.lexicon import CLASSES, Entry

if TYPE_CHECKING:  # numpy is loaded only when a text is read: link checks do without
    from checks.text.collocations import Slip
    from checks.text.compiled import Lexicon, OnePass
    from checks.text.phrases import NearMiss

SITE_FILE = "words.tsv"  # in content/quality: the site's own words
ROSTER = "roster.tsv"  # there too: names and posts of leaders
BREAK = "\u2029"  # between the blocks of a source; part of no word
_DAY = re.compile(r"(?<=\t)\d{4}-\d\d-\d\d(?=[\t\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Word:
    entry: Entry
    severity: Severity
    place: Place
    text: str  # as it stands there
    block: Block
    start: int  # in the block
    end: int

    @property
    def name(self) -> str:
        return CLASSES[self.entry.kind].name

    @property
    def complaint(self) -> str:
        return {"form": "不是推荐的词形", "usage": "疑似用错"}.get(self.entry.kind, "是错别字")


@dataclass(frozen=True, slots=True)
class Miss:
    """A set phrase, or a name of the roster, that is one edit away."""

    near: "NearMiss"
    block: Block
    start: int  # in the block
    end: int


@dataclass(slots=True)
class _Found:
    compiled: "OnePass"
    blocks: tuple[Block, ...]
    words: list[tuple[Block, int, int, Entry]] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    slips: list[tuple[Block, "Slip"]] = field(default_factory=list)  # with places in the block
    doubled: list[tuple[Block, int, int]] = field(default_factory=list)  # with places in the block


Read = Mapping[int, _Found]  # by the identity of the blocks
_read: Read = {}  # the sources looked through last


def found(source: Source, rule: str) -> Iterator[Word]:
    """The words of one rule; the pass over the text is shared by all rules that ask for the same source."""
    for block, start, end, entry in _of(source).words:
        if CLASSES[entry.kind].rule == rule and entry.severity:
            yield Word(
                entry, entry.severity, block.place(start, end), block.text[start:end], block, start, end
            )


def near_misses(source: Source) -> Sequence[Miss]:
    return _of(source).misses


def slips(source: Source) -> Sequence[tuple[Block, "Slip"]]:
    """Collocations with one wrong character, with their places in the block."""
    return _of(source).slips


def doubled(source: Source) -> Sequence[tuple[Block, int, int]]:
    """What was set twice by mistake, with its place in the block."""
    return _of(source).doubled


def read_ahead(sources: Sequence[Source]) -> None:
    """Look through many sources of one site in one pass: starting it anew for each would cost more than the pass."""
    global _read
    compiled = _compiled_for(sources[0].around)
    if not all(_known(source, compiled) for source in sources):
        _read = _scan(compiled, sources)


def _of(source: Source) -> _Found:
    global _read
    compiled = _compiled_for(source.around)
    known = _known(source, compiled)
    if known is None:
        _read = found = _scan(compiled, [source])
        known = found[id(source.blocks)]
    return known


def _scan(compiled: "OnePass", sources: Sequence[Source]) -> Read:
    from checks.text import doubled as twice

    read: dict[int, _Found] = {}
    owners: list[tuple[_Found, Block]] = []
    begins: list[int] = []
    at = 0
    for source in sources:
        one = read[id(source.blocks)] = _Found(compiled, source.blocks)
        for block in source.blocks:
            owners.append((one, block))
            begins.append(at)
            at += len(block.text) + len(BREAK)
    text = BREAK.join(block.text for _, block in owners)
    hits, misses, slips = compiled.scan(text)
    for hit in hits:
        number = bisect_right(begins, hit.start) - 1
        (one, block), begin = owners[number], begins[number]
        if block.scope in hit.entry.scopes:
            one.words.append((block, hit.start - begin, hit.end - begin, hit.entry))
    for miss in misses:
        number = bisect_right(begins, miss.start) - 1
        (one, block), begin = owners[number], begins[number]
        one.misses.append(Miss(miss, block, miss.start - begin, miss.end - begin))
    for slip in slips:
        number = bisect_right(begins, slip.start) - 1
        (one, block), begin = owners[number], begins[number]
        one.slips.append((block, slip.moved(-begin)))
    for start, end in twice.doubled(text):
        number = bisect_right(begins, start) - 1
        (one, block), begin = owners[number], begins[number]
        one.doubled.append((block, start - begin, end - begin))
    return read


def _known(source: Source, compiled: "OnePass") -> _Found | None:
    known = _read.get(id(source.blocks))
    return known if known and known.blocks is source.blocks and known.compiled is compiled else None


def _compiled_for(around: Surroundings) -> "OnePass":
    return _compiled(around.quality.get(SITE_FILE, ""), around.quality.get(ROSTER, ""), around.today)


@lru_cache(maxsize=8)
def _compiled(site_words: str, roster_rows: str, today: date) -> "OnePass":
    model = context.path()  # says where phrases are cut
    depends = repr((site_words, roster_rows, today, model, model.stat().st_size, model.stat().st_mtime_ns))
    return prepared.prepared("words", depends, lambda: _compile(site_words, roster_rows, today))


def _compile(site_words: str, roster_rows: str, today: date) -> "OnePass":
    from checks.text import collocations, phrases, roster
    from checks.text.compiled import OnePass

    return OnePass(
        of_site(site_words, today), (phrases.shipped(), roster.names(roster_rows)), collocations.shipped()
    )


@lru_cache(maxsize=8)
def of_site(site_words: str, today: date) -> "Lexicon":
    """The project's lists and the site's own, compiled for a day. Raises ConfigError for a bad row."""
    from checks.text.compiled import Lexicon

    own = lexicon.parse(site_words, f"content/quality/{SITE_FILE}") if site_words.strip() else []
    return Lexicon([*shipped(), *own], today)


@lru_cache(maxsize=1)
def shipped() -> tuple[Entry, ...]:
    """All lists of the project; where two have the same word for the same rule, the later file's row holds."""
    rows = [entry for path in sorted(lexicon.FOLDER.glob("*.tsv")) for entry in lexicon.read(path)]
    return tuple({(entry.wrong, CLASSES[entry.kind].rule): entry for entry in rows}.values())


def fingerprint(around: Surroundings) -> str:
    """Changes on the days on which rows come into force or lapse; what they say is part of the rules' hash."""
    days = {date.fromisoformat(day) for day in (*_shipped_days(), *_days(around.quality.get(SITE_FILE, "")))}
    return " ".join(f"{day}:{(day <= around.today) + (day < around.today)}" for day in sorted(days))


@lru_cache(maxsize=1)
def _shipped_days() -> frozenset[str]:
    return frozenset(day for path in lexicon.FOLDER.glob("*.tsv") for day in _days(path.read_text("utf-8")))


def _days(text: str) -> Iterator[str]:
    """All dates in cells of their own."""
    for cell in _DAY.findall(text):
        with suppress(ValueError):
            yield date.fromisoformat(cell).isoformat()
