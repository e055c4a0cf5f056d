"""Which pages follow from a catalog, and what each of them shows.

Lists are numbered from the oldest page, so that a page of the archive stays as it is when news arrive
(the front page of a channel holds the newest articles, those not yet enough for a page of their own included).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property, partial
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from bureau.channels import Channel
from plugins.press import labels, pictures
from plugins.press.article import Card
from plugins.press.catalog import Catalog, Kinships

BLOCK_ITEMS = 8
CAROUSEL_ITEMS = 5


class Item(NamedTuple):
    """An article as lists show it."""

    title: str
    url: str
    date: datetime
    date_text: str
    summary: str
    image: str
    image_alt: str
    document_number: str
    index_number: str
    issued: str
    validity: str
    theme: str
    letter_number: str
    channel_name: str
    image_width: int
    image_height: int
    image_set: str


class Block(NamedTuple):
    channel: Channel
    items: list[Item]


class MenuRow(NamedTuple):
    name: str
    url: str
    active: bool
    archived: bool
    children: tuple["MenuRow", ...]


class Pagination(NamedTuple):
    number: int
    total: int
    prev: str  # towards the newer ones
    next: str
    pages: list[tuple[int, str]]


class PageMark(NamedTuple):
    """`page` in the templates."""

    title: str
    url: str
    canonical: str
    kind: str
    feed: str = ""
    image: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    file: str
    url: str
    kind: str
    template: str
    title: str
    section: str  # url of the top channel, "/" for home
    needs: Any  # what decides how the page looks, beside what is equal on all pages
    fill: Callable[[], dict[str, Any]]  # its own part of the context
    source: str = ""
    channel: str = ""
    department: str = ""
    published: str = ""
    modified: str = ""
    listed: bool = True  # in sitemap.xml


def menu(catalog: Catalog, *, hidden: bool = False) -> tuple[MenuRow, ...]:
    """The tree of channels; with `hidden` also those that the menu leaves out and blank ones."""
    left_out = {row.path for row in catalog.channels.values() if not row.menu}.union(catalog.blank)

    def rows(parent: str) -> tuple[MenuRow, ...]:
        return tuple(
            MenuRow(row.name, row.url, False, row.archived, rows(row.path))
            for row in catalog.channels.values()
            if row.parent == parent and (hidden or row.path not in left_out)
        )

    return rows("")


def size_text(size: int) -> str:
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


class Edition:
    """All pages of one catalog."""

    def __init__(self, catalog: Catalog, read: Callable[[Card], dict[str, Any]]) -> None:
        """`read` gives the sheet of an article: its whole head and its `html`."""
        self.catalog, self.read = catalog, read
        self.site = catalog.config.identity
        self._items: dict[str, Item] = {}
        self._site_labels = {
            "labels": labels.of_site(self.site),
            "labels_html": labels.html(labels.of_site(self.site)),
        }
        self._labels = cache(partial(labels.of_channel, self.site))
        self._labels_html = cache(lambda channel: labels.html(self._labels(channel)))
        self.breadcrumbs = cache(self._breadcrumbs)

    # -- what pages are made of --

    def item(self, card: Card) -> Item:
        found = self._items.get(card.source)
        if found is None:
            found = self._items[card.source] = Item(
                card.title, card.url, card.published, card.date, card.summary, card.image, card.image_alt,
                card.document_number, card.index_number, card.issued, card.validity, card.theme, card.letter_number,
                self.catalog.channels[card.channel].name, *self._picture(card.image),
            )  # fmt: skip
        return found

    def block(self, channel: Channel, count: int = BLOCK_ITEMS) -> Block:
        return Block(channel, [self.item(card) for card in self.catalog.newest(channel, count)])

    def _breadcrumbs(self, channel: Channel) -> list[tuple[str, str]]:
        parts = channel.path.split("/")
        above = [self.catalog.channels["/".join(parts[: depth + 1])] for depth in range(len(parts))]
        return [("首页", "/"), *((row.name, row.url) for row in above)]

    def section(self, channel: Channel) -> str:
        return self.catalog.top(channel).url

    @cached_property
    def menu(self) -> tuple[MenuRow, ...]:
        return menu(self.catalog)

    # -- pages --

    def of_site(self) -> Iterator[Page]:
        """Pages that look into several channels, and those that are there whatever the articles are."""
        yield self.home()
        for channel in self.catalog.channels.values():
            if channel.layout == "overview":
                yield self.overview(channel)
        yield from self.fixed()

    def of_channel(self, channel: Channel) -> Iterator[Page]:
        """The channel's lists and the pages of its articles."""
        if channel.layout != "overview":
            yield from self.front(channel)
        yield from self.articles(channel)
        for card in self.catalog.gone[channel.path]:
            yield self.withdrawn(channel, card)

    def channel_print(self, channel: Channel) -> bytes:
        """Differs whenever one of the pages of `of_channel` differs."""
        digests, parts, files = self.catalog.digests, list[bytes](), set[str]()
        for state, cards in ((b"+", self.catalog.shown), (b"-", self.catalog.gone)):
            for card in cards[channel.path]:
                parts += (state, digests[card.source], card.source.encode())
                files.update(card.files, card.pictures)
                if self._is_related(card):
                    parts.append(msgspec.msgpack.encode(self._needs(card)))
        parts += (f"{url} {self._asset_hash(url)}".encode() for url in sorted(files))
        return blake2b(b"".join(parts), digest_size=16).digest()

    def _asset_hash(self, url: str) -> str:
        assets = self.catalog.assets
        asset = assets.get(url[1:]) or assets.get(unquote(url[1:]))
        return asset.sha256 if asset else ""

    def _is_related(self, card: Card) -> bool:
        catalog = self.catalog
        return bool(card.result) or card.id in catalog.related_ids or card.id in catalog.feedback_ids

    def home(self) -> Page:
        home = self.catalog.config.home
        chosen = [self.catalog.channels[path] for path in home.blocks if path in self.catalog.channels]
        if not home.blocks:
            chosen = [row for row in self.catalog.channels.values() if row.kind != "static" and row.parent]
        blocks = [self.block(row) for row in chosen]
        pictures = self.catalog.channels.get(home.carousel)
        carousel = [self.item(card) for card in self.catalog.pictured(pictures)] if pictures else []

        def fill() -> dict[str, Any]:
            return {
                "page": PageMark(self.site.name, "/", f"{self.site.base_url}/", "home", "/feed.xml"),
                **self._site_labels,
                "breadcrumbs": [],
                "blocks": blocks,
                "carousel": carousel[:CAROUSEL_ITEMS],
                "quick": home.quick,
            }

        newest = max((block.items[0].date_text for block in blocks if block.items), default="")
        return Page(
            file="index.html", url="/", kind="home", template="index.html", title=self.site.name, section="/",
            needs=(blocks, carousel), fill=fill, published=newest, modified=newest,
        )  # fmt: skip

    def front(self, channel: Channel) -> Iterator[Page]:
        """The page a channel's address answers with, and its archive."""
        cards = self.catalog.shown[channel.path]
        if self.stands_alone(channel):
            yield self.single(channel, cards[0])
        else:
            yield from self.lists(channel, cards)

    def stands_alone(self, channel: Channel) -> bool:
        """Whether the channel's address shows its only article instead of a list of one."""
        alone = len(self.catalog.shown[channel.path]) == 1
        return alone and channel.kind == "static" and channel.layout != "overview"

    def _channel_page(self, channel: Channel, *, number: int = 0, **more: Any) -> Page:
        url = f"{channel.url}page/{number}.html" if number else channel.url
        return Page(
            file=url[1:] if number else f"{channel.path}/index.html",
            url=url, title=channel.name, section=self.section(channel),
            channel=channel.path, department=channel.owner, **more,
        )  # fmt: skip

    def _channel_context(self, channel: Channel, kind: str, url: str, title: str = "") -> dict[str, Any]:
        canonical = f"{self.site.base_url}{url}"
        return {
            "page": PageMark(title or channel.name, url, canonical, kind, f"{channel.url}feed.xml"),
            "labels": self._labels(channel),
            "labels_html": self._labels_html(channel),
            "breadcrumbs": self.breadcrumbs(channel),
            "channel": channel,
        }

    def overview(self, channel: Channel) -> Page:
        blocks = [self.block(row) for row in self.catalog.children(channel)]
        if own := self.catalog.shown[channel.path]:
            items = [self.item(card) for card in reversed(own)]
            blocks.insert(0, Block(channel, items))
        newest = max((block.items[0].date_text for block in blocks if block.items), default="")

        def fill() -> dict[str, Any]:
            return self._channel_context(channel, "overview", channel.url) | {"blocks": blocks}

        return self._channel_page(
            channel, kind="overview", template="overview.html", needs=blocks, fill=fill,
            published=newest, modified=newest,
        )  # fmt: skip

    def lists(self, channel: Channel, cards: Sequence[Card]) -> Iterator[Page]:
        """The front page first, then the archive from its newest page to its oldest, numbered the other way."""
        size = self.catalog.config.build.page_size
        archived = self.catalog.archive_pages(channel)
        for number in (0, *range(archived, 0, -1)):
            rows = cards[archived * size :] if number == 0 else cards[(number - 1) * size : number * size]
            yield self._list(channel, number, archived, [self.item(card) for card in reversed(rows)])

    def _list(self, channel: Channel, number: int, archived: int, items: list[Item]) -> Page:
        turning = pagination(channel.url, number, archived)
        newest = items[0].date_text if items else ""
        url = f"{channel.url}page/{number}.html" if number else channel.url

        def fill() -> dict[str, Any]:
            title = f"{channel.name}（第 {number} 页）" if number else channel.name
            context = self._channel_context(channel, "channel", url, title)
            return context | {"items": items, "pagination": turning}

        return self._channel_page(
            channel, number=number, kind="channel", template="channel.html", needs=(turning, items), fill=fill,
            published=newest, modified=newest, listed=number == 0,
        )  # fmt: skip

    def single(self, channel: Channel, card: Card) -> Page:
        """A static channel with one article shows it at its own address."""

        def fill() -> dict[str, Any]:
            context = self._article_context(channel, card, (None, None), [])
            mark = context["page"]._replace(url=channel.url, kind="page")
            return context | {"page": mark, "breadcrumbs": self.breadcrumbs(channel)}

        return self._channel_page(
            channel, kind="page", template="page.html", needs=self._needs(card), fill=fill,
            source=card.source, published=card.date, modified=card.date,
        )  # fmt: skip

    def articles(self, channel: Channel) -> Iterator[Page]:
        cards = self.catalog.shown[channel.path]
        kinships = Kinships(cards)
        section = self.section(channel)
        alone = self.stands_alone(channel)
        for index, card in enumerate(cards):
            beside = (
                cards[index - 1] if index else None,
                cards[index + 1] if index + 1 < len(cards) else None,
            )
            related = kinships.of(card)
            yield Page(
                file=card.file, url=card.url, kind="article", template="article.html", title=card.title,
                section=section, needs=(*self._needs(card), beside, related),
                fill=partial(self._article_context, channel, card, beside, related),
                source=card.source, channel=channel.path, department=card.department,
                published=card.date, modified=card.date, listed=not alone,
            )  # fmt: skip

    def _needs(self, card: Card) -> tuple[Any, ...]:
        catalog = self.catalog
        return (
            catalog.digests[card.source],
            catalog.interprets(card),
            catalog.interpreted_by(card),
            catalog.by_id.get(card.result) if card.result else None,
            card.id in catalog.feedback_ids,
            [self._attachment_facts(url) for url in card.files],
            [self._picture(url) for url in card.pictures],
        )

    def _attachment_facts(self, url: str) -> tuple[int, int]:
        asset = self.catalog.assets.get(url[1:])
        return (asset.size, asset.pages) if asset else (0, 0)

    def _picture(self, url: str) -> pictures.Facts:
        asset = self.catalog.assets.get(unquote(url[1:])) if url else None
        if asset is None:
            return pictures.Facts()
        copies = pictures.copies(asset.file, asset.sha256, asset.width)
        return pictures.Facts(asset.width, asset.height, pictures.srcset(copies))

    def _article_context(
        self, channel: Channel, card: Card, beside: tuple[Card | None, Card | None], related: Sequence[Card]
    ) -> dict[str, Any]:
        catalog, sheet = self.catalog, self.read(card)
        department = catalog.config.department(card.department)
        before, after = beside
        result = catalog.by_id.get(card.result)
        article = sheet | {
            "html": pictures.sized(sheet["html"], self._picture),
            "url": card.url,
            "summary": card.summary,
            "attachments": [self._attachment(row) for row in sheet.get("attachments", ())],
            "department_name": department.name if department else "",
            "previous": self.item(before) if before else None,
            "next": self.item(after) if after else None,
            "related": [self.item(row) for row in related],
            "interprets": [self.item(row) for row in catalog.interprets(card)],
            "interpreted_by": [self.item(row) for row in catalog.interpreted_by(card)],
            "result": self.item(result) if result else None,
            "asks": "closes" in sheet and card.id not in catalog.feedback_ids,
        }
        alone = (
            channel.kind == "static"
            and len(catalog.shown[channel.path]) == 1
            and channel.layout != "overview"
        )
        canonical = f"{self.site.base_url}{channel.url if alone else card.url}"
        image = f"{self.site.base_url}{card.image}" if card.image else ""
        own = labels.of_article(card, sheet.get("author") or sheet.get("editor") or "")
        return {
            "page": PageMark(card.title, card.url, canonical, "article", "", image),
            "labels": self._labels(channel) + own,
            "labels_html": self._labels_html(channel) + labels.html(own),
            "breadcrumbs": [*self.breadcrumbs(channel), ("正文", "")],
            "channel": channel,
            "article": article,
        }

    def _attachment(self, row: Mapping[str, str]) -> dict[str, Any]:
        size, pages = self._attachment_facts(row["file"])
        name = row["file"].rpartition("/")[2]
        return {
            "title": row.get("title") or name,
            "url": row["file"],
            "size_text": size_text(size),
            "type": name.rpartition(".")[2].lower(),
            "pages": pages,
        }

    def withdrawn(self, channel: Channel, card: Card) -> Page:
        department = self.catalog.config.department(card.department)
        reason = card.withdrawn_reason or f"已于 {card.unpublish_at} 到期下线"

        def fill() -> dict[str, Any]:
            return self._channel_context(channel, "gone", card.url, "页面已撤下") | {
                "page": PageMark("页面已撤下", card.url, "", "gone"),
                "article": {
                    "title": card.title,
                    "withdrawn_reason": reason,
                    "department_name": department.name if department else "",
                },
            }

        return Page(
            file=card.file, url=card.url, kind="gone", template="gone.html", title=card.title,
            section=self.section(channel), needs=card, fill=fill, source=card.source, channel=channel.path,
            department=card.department, published=card.date, modified=card.date, listed=False,
        )  # fmt: skip

    def fixed(self) -> Iterator[Page]:
        """Pages that are there whatever the articles are."""
        yield self._fixed("sitemap.html", "sitemap", "sitemap_page.html", "站点地图", listed=True)
        yield self._fixed("404.html", "error", "404.html", "没有找到这个页面")

    def _fixed(self, file: str, kind: str, template: str, title: str, *, listed: bool = False) -> Page:
        url = f"/{file}"

        def fill() -> dict[str, Any]:
            return {
                "page": PageMark(title, url, f"{self.site.base_url}{url}" if listed else "", kind),
                **self._site_labels,
                "breadcrumbs": [("首页", "/"), (title, url)],
                "tree": menu(self.catalog, hidden=True),
            }

        return Page(
            file=file,
            url=url,
            kind=kind,
            template=template,
            title=title,
            section="",
            needs=(),
            fill=fill,
            listed=listed,
        )

    def shell(self) -> dict[str, Any]:
        """The context of the frame that the mailbox and the search fill."""
        return {
            "page": PageMark("", "", "", "service"),
            **self._site_labels,
            "breadcrumbs": [],
        }


def pagination(base: str, number: int, archived: int) -> Pagination:
    """`number` 0 is the front page. A page of the archive names only older ones, so that it need not change;
    only the newest one learns the address of its newer neighbour when that is made."""

    def url(page: int) -> str:
        return f"{base}page/{page}.html" if page else base

    if number == 0:
        near = list(range(archived, max(0, archived - 4), -1))
        pages = [(archived + 1, base), *((page, url(page)) for page in near)]
        if archived > 4:
            pages += [(0, ""), (1, url(1))] if archived > 5 else [(1, url(1))]
        return Pagination(archived + 1, archived + 1, "", url(archived) if archived else "", pages)
    near = list(range(number, max(0, number - 4), -1))
    pages = [(page, url(page)) for page in near]
    if number > 4:
        pages += [(0, ""), (1, url(1))] if number > 5 else [(1, url(1))]
    newer = url(number + 1) if number < archived else base
    return Pagination(number, number + 1, newer, url(number - 1) if number > 1 else "", pages)
