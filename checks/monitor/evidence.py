"""All that the measures are counted from, gathered once: nothing in the measures reads a disk or a clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from bureau import front_matter
from bureau.config import SiteConfig
from bureau.errors import ConfigError
from bureau.workdays import WorkCalendar
from checks.built_site import BuiltSite, ChannelRow, Page
from checks.finding import Finding
from checks.monitor.availability import Availability


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A published article; one without a time is none to the tables (G7). `published` is local, without zone."""

    id: str
    url: str
    source: str
    title: str
    channel: str
    published: datetime
    head: Mapping[str, Any]
    body: str
    file: str  # of the built page

    @property
    def service(self) -> Mapping[str, Any]:
        value = self.head.get("service")
        return value if isinstance(value, dict) else {}

    def day(self, key: str) -> date | None:
        value = self.head.get(key)
        return front_matter.as_date(value) if isinstance(value, str) else None

    def ids(self, key: str) -> tuple[str, ...]:
        value = self.head.get(key)
        return tuple(value) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedByHand:
    """A line of the checklist: what a named person found on a day."""

    count: int
    by: str
    on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """A message on the platform “我为政府网站找错”; `answered` None: not yet."""

    number: str
    received: date
    answered: date | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`None` means: not looked at in this run, so what depends on it is unjudged."""

    today: date
    config: SiteConfig
    channels: tuple[ChannelRow, ...]
    articles: tuple[Article, ...]
    pages: tuple[Page, ...]
    html: Callable[[str], str]  # the built page's text, by its file
    findings: Sequence[Finding] | None = None
    unchecked: Mapping[str, str] = field(default_factory=dict)  # rule -> why it did not run
    availability: Availability | None = None
    availability_ipv6: Availability | None = None  # told beside it; the veto counts the other
    mailbox: Mapping[str, Any] | None = None  # GET /internal/v1/stats
    live: Mapping[str, Any] | None = None  # what probes of the live site showed
    search: Callable[[str], Sequence[Mapping[str, Any]]] | None = None  # query -> results, best first
    checklist: Mapping[str, CheckedByHand] = field(default_factory=dict)  # indicator id -> line
    error_reports: tuple[ErrorReport, ...] | None = None  # of the platform “我为政府网站找错”, as imported
    workdays: WorkCalendar = field(default_factory=WorkCalendar)
    first_committed: Mapping[str, date] | None = None  # source -> day of its first commit

    @cached_property
    def channel_by_path(self) -> Mapping[str, ChannelRow]:
        return {channel.path: channel for channel in self.channels}

    @cached_property
    def articles_by_kind(self) -> Mapping[str, list[Article]]:
        """Kind of the channel -> its articles, newest first."""
        rows: dict[str, list[Article]] = {}
        for article in sorted(self.articles, key=lambda row: row.published, reverse=True):
            if channel := self.channel_by_path.get(article.channel):
                rows.setdefault(channel.kind, []).append(article)
        return rows

    @cached_property
    def article_by_id(self) -> Mapping[str, Article]:
        return {article.id: article for article in self.articles}

    @cached_property
    def frames(self) -> Mapping[tuple[str, str], list[str]]:
        """(header, footer) of built pages -> addresses of the pages that have them.

        Read in one pass; pages share a few frames, so that looking for marks costs nothing.
        """
        shared: dict[tuple[str, str], list[str]] = {}
        for page in self.pages:
            if page.kind and page.kind != STUB:
                html = self.html(page.file)
                frame = (_between(html, "<header", "</header>"), _between(html, "<footer", "</footer>"))
                shared.setdefault(frame, []).append(page.url)
        return {(unescape(header), unescape(footer)): urls for (header, footer), urls in shared.items()}

    def of_kind(self, *kinds: str) -> list[ChannelRow]:
        return [channel for channel in self.channels if channel.kind in kinds and not channel.archived]

    def latest(self, channel: ChannelRow) -> date | None:
        """The newest dated article of a channel or of those below it (G7: without a date nothing is new)."""
        below = [
            row.latest
            for row in self.channels
            if row.latest and (row.path == channel.path or row.path.startswith(f"{channel.path}/"))
        ]
        return max((datetime.fromisoformat(moment).date() for moment in below), default=None)

    def is_stale(self, channel: ChannelRow, days: int | None = None) -> bool:
        limit = channel.limit_days if days is None else days
        if not limit or channel.archived:
            return False
        latest = self.latest(channel)
        return latest is not None and latest < self.today - timedelta(days=limit)

    def is_empty(self, channel: ChannelRow) -> bool:
        """No article in it nor below it; what an inspector sees as a blank column."""
        return self.latest(channel) is None

    def within(self, articles: Iterable[Article], days: int) -> list[Article]:
        since = self.today - timedelta(days=days)
        return [row for row in articles if row.published.date() >= since]


STUB = "redirect"  # a page that only leads elsewhere has neither header nor footer


def _between(html: str, opening: str, closing: str) -> str:
    """The site's own header or footer: the first header, the last footer."""
    start = html.find(opening) if opening == "<header" else html.rfind(opening)
    end = html.find(closing, start)
    return html[start:end] if 0 <= start < end else ""


def read_articles(site: BuiltSite) -> tuple[Article, ...]:
    """The articles behind the built pages. Raises ConfigError when a source is gone: build first."""
    return tuple(_article(page) for page in site.pages if page.source.endswith(".md") and page.published)


def _article(page: Page) -> Article:
    try:
        head = front_matter.parse(page.source, Path(page.source).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(page.source, "稿件不在了，请先执行 portal build") from error
    return Article(
        id=str(head.values.get("id", "")),
        url=page.url,
        source=page.source,
        title=page.title,
        channel=page.channel,
        published=datetime.fromisoformat(page.published),
        head=head.values,
        body=head.body,
        file=page.file,
    )
