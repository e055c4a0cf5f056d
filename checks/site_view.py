"""The whole site as rules see it: what was built, its links, and the files that it was written in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from checks import reading
from checks.built_site import BuiltSite, Page
from checks.finding import Place
from checks.links.index import Table
from checks.links.outward import Outward, outward
from checks.links.register import Asked
from checks.links.resolver import Broken, Resolver
from checks.references import Scanner
from checks.source import Source, Surroundings
from checks.text.attachments import UnreadableError
from checks.text.places import Lines


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A built page with its text; what `check_page` is given."""

    row: Page
    path: str  # as findings name the file
    html: str

    @property
    def place(self) -> Place:
        """Where its editor should look: the Markdown file, or the built page where there is none."""
        return Place(self.row.source or self.path, 1, 1, 1, 1)


@dataclass(frozen=True)
class Site:
    built: BuiltSite
    table: Table
    around: Surroundings
    sources: Collection[str] = ()  # paths of the articles that the site is made from
    earlier: Mapping[str, str] = field(default_factory=dict)  # url -> source of the release that is served
    answers: Mapping[str, Asked] = field(default_factory=dict)  # what outward addresses answered
    _sources: dict[str, Source | None] = field(default_factory=dict)
    _opened: "dict[str, _Opened]" = field(default_factory=dict)
    _scanner: Scanner = field(default_factory=Scanner)

    @property
    def today(self) -> date:
        return self.around.today

    @cached_property
    def resolver(self) -> Resolver:
        own = self.built.has_manifest or self.around.config.identity.domain in self.built.hosts
        return Resolver(self.built, self.table, self.around.config.links.served if own else ())

    @cached_property
    def broken(self) -> tuple[Broken, ...]:
        return tuple(self.resolver.broken())

    @cached_property
    def _outward(self) -> tuple[Outward, ...]:
        return tuple(outward(self.built, self.table))

    def outward(self, kinds: str) -> Iterator[Outward]:
        """Every outward address of these kinds once, with the pages that have it."""
        return (link for link in self._outward if link.kind in kinds)

    def source(self, path: str) -> Source | None:
        """The file that a page was made from, taken apart; None when it is not there any more."""
        if path not in self._sources:
            try:
                self._sources[path] = reading.read(path, Path(path).read_bytes(), self.around)
            except (OSError, UnreadableError):
                self._sources[path] = None
        return self._sources[path]

    def text_of(self, path: str) -> str:
        """What the file says, without taking it apart."""
        try:
            return Path(path).read_text("utf-8", "surrogateescape")
        except OSError:
            return ""

    def place_in_page(self, file: str, reference: str) -> Place:
        """The first tag of a built file that holds the reference."""
        if file not in self._opened:
            self._opened.clear()  # links are told page by page, so one page is enough to remember
            self._opened[file] = _Opened.read(self.built.shown(file), self.built.read(file), self._scanner)
        return self._opened[file].place(reference)


@dataclass(frozen=True)
class _Opened:
    """A built file with the first place of each of its references."""

    path: str
    text: str
    lines: Lines
    spans: Mapping[str, tuple[int, int]]  # in bytes
    content: bytes

    @classmethod
    def read(cls, path: str, content: bytes, scanner: Scanner) -> "_Opened":
        text = content.decode("utf-8", "surrogateescape")
        return cls(path, text, Lines(text), scanner.places(content), content)

    def place(self, reference: str) -> Place:
        if reference not in self.spans:
            return _of_text(self.path, self.text, self.lines, reference[1:])
        start, end = (
            len(self.content[:offset].decode("utf-8", "surrogateescape")) for offset in self.spans[reference]
        )
        return self.lines.place(self.path, start, end)


def _of_text(path: str, text: str, lines: Lines, href: str) -> Place:
    """In style sheets and feeds: where the address is written, or the whole file."""
    start = text.find(href)
    return lines.place(path, start, start + len(href)) if start >= 0 else Place(path)
