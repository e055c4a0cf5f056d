"""The words of all lists found in a source, each with its place: what the rules about words share."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from checks.finding import Place, Severity
from checks.source import Source, Surroundings
from checks.text import lexicon
from checks.text.blocks import Block
from checks.text.lexicon import CLASSES, Entry, Lexicon

SITE_FILE = "words.tsv"  # in content/quality: the site's own words
BREAK = "\u2029"  # between the blocks of a source; part of no word


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


def found(source: Source, rule: str) -> Iterator[Word]:
    """The words of one rule; the pass over the text is shared by all rules that ask for the same source."""
    current = of_site(source.around.quality.get(SITE_FILE, ""), source.around.today)
    for block, start, end, entry in _scan(current, source.blocks):
        if CLASSES[entry.kind].rule == rule and entry.severity:
            yield Word(
                entry, entry.severity, block.place(start, end), block.text[start:end], block, start, end
            )


@lru_cache(maxsize=4)
def _scan(current: Lexicon, blocks: tuple[Block, ...]) -> Sequence[tuple[Block, int, int, Entry]]:
    """Blocks are joined for one scan; starting it anew for each paragraph would cost more than the scan."""
    hits = current.scan(BREAK.join(block.text for block in blocks))
    found, at, blocks_left = [], 0, iter(blocks)
    block = next(blocks_left, None)
    for hit in hits:
        while block and hit.start >= at + len(block.text):
            at += len(block.text) + len(BREAK)
            block = next(blocks_left, None)
        if block and block.scope in hit.entry.scopes:
            found.append((block, hit.start - at, hit.end - at, hit.entry))
    return found


@lru_cache(maxsize=8)
def of_site(site_words: str, today: date) -> Lexicon:
    """The project's lists and the site's own, compiled for a day. Raises ConfigError for a bad row."""
    own = lexicon.parse(site_words, f"content/quality/{SITE_FILE}") if site_words.strip() else []
    return Lexicon([*shipped(), *own], today)


@lru_cache(maxsize=1)
def shipped() -> tuple[Entry, ...]:
    """All lists of the project; where two have the same word for the same rule, the later file's row holds."""
    rows = [entry for path in sorted(lexicon.FOLDER.glob("*.tsv")) for entry in lexicon.read(path)]
    return tuple({(entry.wrong, CLASSES[entry.kind].rule): entry for entry in rows}.values())


def fingerprint(around: Surroundings) -> str:
    """Changes when the words in force change."""
    current = of_site(around.quality.get(SITE_FILE, ""), around.today)
    return _digest(current)


@lru_cache(maxsize=8)
def _digest(current: Lexicon) -> str:
    rows = [  # sets sorted: their order differs from process to process
        [
            sorted(value) if isinstance(value, frozenset) else value
            for value in map(entry.__getattribute__, Entry.__slots__)
        ]
        for entry in current.entries
    ]
    return hashlib.blake2b(repr((rows, current.allowed)).encode(), digest_size=16).hexdigest()
