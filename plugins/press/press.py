"""One build: look at the sources, find the pages that must be made anew, make them, put them into place."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from bureau import adjustments, front_matter, markdown
from bureau import channels as channel_tree
from bureau import config as site_description
from bureau.errors import BuildErrors
from plugins.press import (
    adjusted,
    article,
    feeds,
    fingerprint,
    manifest,
    parallel,
    pictures,
    reading,
    rendering,
)
from plugins.press import state as saved
from plugins.press.article import Card
from plugins.press.catalog import Asset, Catalog
from plugins.press.fingerprint import Environment
from plugins.press.manifest import Loose
from plugins.press.outputs import Folder, Listing, Stamp, Written, pack, unpack
from plugins.press.pages import Edition, Page
from plugins.press.reading import CONTENT, Sources
from plugins.press.redirects import Redirect, redirects
from plugins.press.state import PageRow, Section, State

CACHE = Path("var/cache/build")
SITE = ""  # the section of the pages that belong to no single channel
MANY = 400  # changed sources from which a second process pays
Results = dict[str, Written]
LooseRows = dict[str, tuple[bytes, int]]


@dataclass
class Draft:
    """A section whose pages are looked at one by one."""

    print: bytes
    old: Mapping[str, PageRow]
    prints: dict[str, bytes] = field(default_factory=dict)  # file -> print
    rows: list[bytes] = field(
        default_factory=list
    )  # of the manifest, in the same order, still without their hash
    urls: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    pages: int
    written: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the last build left: `lying` is how its site lies now."""

    state: State | None = None
    lying: Listing = field(default_factory=dict)


class Press:
    def __init__(
        self,
        root: Path,
        folder: Folder,
        catalog: Catalog,
        sources: Sources,
        redirects: list[Redirect],
        environment: Environment,
        before: Before,
    ) -> None:
        self.root, self.folder, self.catalog, self.sources = root, folder, catalog, sources
        self.redirects = redirects
        self.environment, self.state, self.lying = environment, before.state, before.lying
        self.anew = (  # every page must be made
            self.state is None or self.state.environment != environment or self.state.blank != catalog.blank
        )
        self.same_program = self.state is not None and fingerprint.is_same_program(
            self.state.environment, environment
        )
        self._render = markdown.engine(catalog.config.build.markdown)
        self.edition = Edition(catalog, self.sheet)
        self.sections: dict[str, Section] = {}
        self.drafts: dict[str, Draft] = {}
        self.rows: dict[str, bytes] = {}  # of the sections of this build, for the manifest

    def sheet(self, card: Card) -> dict[str, Any]:
        head = self.sources.heads.pop(card.source, None)
        if head is None:
            head = front_matter.parse(card.source, reading.read(self.root, card.source).decode("utf-8"))
        layouts = self.catalog.standing.article_layouts
        adjusted = layouts.get(card.id) or layouts.get(card.channel)
        sheet = article.sheet(card, head, self._render)
        return sheet if adjusted is None else sheet | {"layout": adjusted}

    @cached_property
    def theme(self) -> manifest.Theme:
        return manifest.theme(self.root)

    @cached_property
    def shared(self) -> dict[str, Any]:
        return rendering.shared_values(
            self.catalog.standing, self.edition.menu, self.theme.css, self.theme.js
        )

    @cached_property
    def printer(self) -> rendering.Printer:
        return rendering.Printer(
            rendering.environment(self.root / "theme", self.root / CACHE / "templates"), self.shared
        )

    # -- pages --

    def plan(self) -> Iterator[tuple[Draft, Page, bytes]]:
        """Every page of every section that may have changed, with the print of what the page needs."""
        self.drafts.clear()
        yield from self._planned(SITE, b"", self.edition.of_site())
        for path, channel in self.catalog.channels.items():
            taken = self.edition.channel_print(channel)
            old = self.state.sections.get(path) if self.state else None
            if old is not None and old.print == taken and not self.anew:
                self.sections[path] = old
            else:
                yield from self._planned(path, taken, self.edition.of_channel(channel))

    def _planned(self, key: str, taken: bytes, pages: Iterable[Page]) -> Iterator[tuple[Draft, Page, bytes]]:
        old = self.state.sections.get(key) if self.state else None
        draft = self.drafts[key] = Draft(taken, old.pages if old else {})
        for page in pages:
            needs = msgspec.msgpack.encode((page.template, page.kind, page.needs))
            yield draft, page, blake2b(needs, digest_size=16).digest()

    def print_pages(self) -> Results:
        """Make what must be made, in as many processes as pay."""
        many = len(self.sources.articles if self.anew else self.sources.changed) > MANY
        results: Results = {}
        for data in parallel.spread(self._print_share, parallel.cores() if many else 1):
            results |= msgspec.msgpack.decode(data, type=Results)
        return results

    def _print_share(self, share: int, of: int) -> bytes:
        made: Results = {}
        number = 0
        for draft, page, taken in self.plan():
            if share == 0:
                self._note(draft, page, taken)
            row = draft.old.get(page.file)
            if row is None or row.print != taken or self.anew:
                if number % of == share:
                    made[page.file] = self.folder.write(page.file, self.printer.page(page))
                number += 1
        return msgspec.msgpack.encode(made)

    def all_pages(self) -> Iterator[Page]:
        yield from self.edition.of_site()
        for channel in self.catalog.channels.values():
            yield from self.edition.of_channel(channel)

    def adopt_pages(self) -> Results:
        """The same for pages that Pelican's own writer has written into the staging site."""
        results: Results = {}
        for draft, page, taken in self.plan():
            self._note(draft, page, taken)
            results[page.file] = self.folder.adopt(page.file)
        return results

    def _note(self, draft: Draft, page: Page, taken: bytes) -> None:
        draft.prints[page.file] = taken
        draft.rows.append(manifest.row_without_hash(page))
        if page.listed:
            draft.urls.append(feeds.sitemap_line(self.edition.site, page.url, page.modified))

    def _finish_sections(self, results: Results) -> None:
        """Hashes into the rows of the drafts, which then are the sections of this build."""
        for key, draft in self.drafts.items():
            pages = {
                file: PageRow(taken, results[file].sha256 if file in results else draft.old[file].sha256)
                for file, taken in draft.prints.items()
            }
            self.rows[key] = manifest.rows(draft.rows, (page.sha256 for page in pages.values()))
            raw = msgspec.Raw(saved.encode(pages))
            self.sections[key] = Section(draft.print, len(pages), (0, 0), b"".join(draft.urls), raw)
            draft.rows.clear()
            draft.urls.clear()

    @property
    def _in_order(self) -> list[Section]:
        return [self.sections[key] for key in (SITE, *self.catalog.channels)]

    # -- everything that is no page --

    def loose_files(self) -> Iterator[Loose]:
        site = self.edition.site
        yield from self.theme.files
        self._shrink_on_all_cores()
        for asset in self.catalog.assets.values():
            yield Loose(asset.file, asset.source, bytes.fromhex(asset.sha256), asset.size)
            yield from self._copies(asset)
        yield manifest.made("robots.txt", feeds.robots(site))
        if self.drafts.keys() == {SITE} and self.state:  # no article has changed
            yield from (self._as_before(file) for file in self.state.loose if feeds.is_sitemap(file))
        else:
            for file, data in feeds.sitemaps(
                site, b"".join(section.urls for section in self._in_order)
            ).items():
                yield manifest.made(file, data)
        yield from self._feeds()

    @property
    def _known_copies(self) -> Mapping[str, object]:
        return self.state.loose if self.state and self.same_program else {}

    def _shrink_on_all_cores(self) -> None:
        """Copies that are missing get into the cache, where `_copies` then finds them."""
        known = self._known_copies
        fresh = [
            (asset, widths)
            for asset in self.catalog.assets.values()
            if (
                widths := [
                    copy.width
                    for copy in pictures.copies(asset.file, asset.sha256, asset.width)
                    if copy.file not in known
                ]
            )
        ]

        def share_of(share: int, of: int) -> bytes:
            for asset, widths in fresh[share::of]:
                data = (self.root / asset.source).read_bytes()
                for width in widths:
                    pictures.shrunk(self.root, asset.sha256, data, width)
            return b""

        if len(fresh) > 1:
            parallel.spread(share_of, parallel.cores())

    def _copies(self, asset: Asset) -> Iterator[Loose]:
        known = self._known_copies
        data = b""
        for file, width in pictures.copies(asset.file, asset.sha256, asset.width):
            if file in known:
                yield self._as_before(file)
            else:
                data = data or (self.root / asset.source).read_bytes()
                yield manifest.made(file, pictures.shrunk(self.root, asset.sha256, data, width))

    def _feeds(self) -> Iterator[Loose]:
        for channel in (None, *self.catalog.channels.values()):
            below = self.catalog.below(channel) if channel else self.catalog.channels.values()
            if any(row.path in self.drafts for row in below):
                yield manifest.made(*feeds.atom_feed(self.catalog, channel))
            else:
                yield self._as_before(feeds.feed_file(channel))

    def _as_before(self, file: str) -> Loose:
        assert self.state is not None
        sha256, size = self.state.loose[file]
        return Loose(file, "", sha256, size)

    def stubs(self) -> Iterator[Loose]:
        for row in self.redirects:
            yield manifest.made(row.file, feeds.redirect_stub(self.edition.site, row.to, row.title))

    def _write_loose(self, files: Iterable[Loose]) -> Results:
        old = self.state.loose if self.state else {}
        results: Results = {}
        for row in files:
            if old.get(row.file, (b"",))[0] == row.sha256:
                continue
            if row.data is None:
                results[row.file] = self.folder.copy(row.file, self.root / row.source, row.sha256)
            else:
                results[row.file] = self.folder.write(row.file, row.data)
        return results

    # -- into place --

    def place(self, results: Results, state_file: Path | None) -> Outcome:
        """All that needs room on the disk is written first; then names change."""
        self._finish_sections(results)
        assets, stubs = list(self.loose_files()), list(self.stubs())
        loose = {row.file: (row.sha256, row.size) for row in (*assets, *stubs)}
        results |= self._write_loose((*assets, *stubs))
        changed, removed = self._changes(results, loose)
        if self.state is None or changed or removed or self.anew or self.sources.touched:
            companions = self._write_companions(assets)
            self._update_listing(results, changed, removed)
            fresh_state = state_file and self._save(self._new_state(companions, loose), state_file)
            if self.state is None:
                self.folder.replace_whole()
            else:
                self.folder.replace_some(changed, removed)
            if fresh_state and state_file:
                os.replace(fresh_state, state_file)
            self.folder.finish()
        self.folder.clear_staging()
        pages = sum(section.count for section in self._in_order)
        return Outcome(pages=pages, written=len(changed), removed=len(removed))

    def _write_companions(self, assets: Iterable[Loose]) -> dict[str, Stamp]:
        keys = (SITE, *self.catalog.channels)
        redirects = (row.row for row in self.redirects)
        whole, spans = manifest.whole(map(self._rows, keys), self.catalog, redirects, assets)
        for key, span in zip(keys, spans, strict=True):
            self.sections[key] = msgspec.structs.replace(self.sections[key], rows=span)
        self.rows.clear()
        stamps = dict(self.state.companions) if self.state else {}
        stamps["manifest.json"] = self.folder.write_companion("manifest.json", whole)
        if self.anew:
            shell = self.printer.shell(self.edition.shell())
            stamps["shell.html"] = self.folder.write_companion("shell.html", shell)
        return stamps

    def _rows(self, key: str) -> bytes | memoryview:
        if key in self.rows:
            return self.rows[key]
        start, end = self.sections[key].rows
        return self._old_manifest[start:end]

    @cached_property
    def _old_manifest(self) -> memoryview:
        return memoryview(self.folder.read_companion("manifest.json"))

    def _new_state(self, companions: dict[str, Stamp], loose: LooseRows) -> State:
        return State(
            output=str(self.folder.path.resolve()),
            environment=self.environment,
            blank=self.catalog.blank,
            looked_at=self.sources.looked_at,
            companions=companions,
            sources=self.sources.articles,
            assets=self.sources.assets,
            sections=self.sections,
            loose=loose,
            lying=self.lying,
        )

    def _save(self, new_state: State, state_file: Path) -> Path:
        state_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = state_file.with_suffix(".new")
        saved.save(fresh, new_state)
        return fresh

    def _changes(self, results: Results, loose: LooseRows) -> tuple[list[str], list[str]]:
        """Files whose content differs from what lies in the site, and files that have no place in it any more."""
        if self.state is None:
            return list(results), []
        before = {file: sha256 for file, (sha256, _) in self.state.loose.items()}
        kept: set[str] = set(loose)
        for draft in self.drafts.values():
            before |= {file: row.sha256 for file, row in draft.old.items()}
            kept |= draft.prints.keys()
        for key, section in self.state.sections.items():
            if key not in self.sections:
                before |= {file: row.sha256 for file, row in section.pages.items()}
        changed = [file for file, written in results.items() if before.get(file) != written.sha256]
        return changed, [file for file in before if file not in kept]

    def _update_listing(self, results: Results, changed: Iterable[str], removed: Iterable[str]) -> None:
        """How the site will lie when the names have changed."""
        folders: dict[str, dict[str, Stamp]] = {}

        def of(folder: str) -> dict[str, Stamp]:
            if folder not in folders:
                folders[folder] = unpack(self.lying[folder]) if folder in self.lying else {}
            return folders[folder]

        for file in changed:
            folder, _, name = file.rpartition("/")
            of(folder)[name] = results[file].stamp
        for file in removed:
            folder, _, name = file.rpartition("/")
            del of(folder)[name]
        self.lying = self.lying | {folder: pack(rows) for folder, rows in folders.items()}
        for folder in [folder for folder, rows in folders.items() if not rows]:
            del self.lying[folder]


def prepare(root: Path, folder: Folder, today: date, environment: Environment, before: Before) -> Press:
    """Read the sources and see that they fit together. Raises BuildErrors with all that is wrong."""
    config, tree = site_description.load(root / "site.toml"), channel_tree.load(root / CONTENT)
    rows = adjustments.load(root / CONTENT, tree)
    standing = adjustments.apply(config, tree, rows, today)
    channels = {row.path: row for row in standing.channels}
    folders = {row.path: channels[standing.moved.get(row.path, row.path)] for row in tree}
    same = before.state is not None and before.state.environment == environment
    sources = reading.look(root, folders, standing.config, before.state if same else None)
    cards = [row.card for row in sources.articles.values()]
    assets = {file: row.asset for file, row in sources.assets.items()}
    digests = {source: row.digest for source, row in sources.articles.items()}
    catalog = Catalog(standing, channels, cards, digests, assets, today)
    found, errors = redirects(root, catalog)
    errors += [*sources.errors, *reading.cross_errors(root, cards, assets), *adjusted.errors(rows, catalog)]
    if errors:
        raise BuildErrors(errors)
    return Press(root, folder, catalog, sources, found, environment, before)
