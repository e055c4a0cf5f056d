"""Old addresses that lead to pages of today: `redirect_from`, and channels that an adjustment has moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bureau.errors import ConfigError
from plugins.press import reading
from plugins.press.article import Card
from plugins.press.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str  # the old address
    file: str  # where the page stands that leads on
    to: str
    title: str
    source: str  # whose mistake it is, should it not work

    @property
    def row(self) -> dict[str, str]:
        return {"from": self.url, "to": self.to, "file": self.file}


def redirect_file(url: str) -> str:
    path = url.lstrip("/")
    if not path or path.endswith("/"):
        return f"{path}index.html"
    return path if "." in path.rpartition("/")[2] else f"{path}/index.html"


def redirects(root: Path, catalog: Catalog) -> tuple[list[Redirect], list[ConfigError]]:
    """In the order of channels and articles; and what is wrong with those that cannot lead on."""
    rows: dict[str, Redirect] = {}
    errors: list[ConfigError] = []
    for row in _wanted(catalog):
        if problem := _problem(row, rows, catalog):
            line = reading.line_of(root, row.source, row.url)
            errors.append(ConfigError(row.source, problem, line))
        else:
            rows[row.file] = row
    return list(rows.values()), errors


def _wanted(catalog: Catalog) -> Iterator[Redirect]:
    for cards in catalog.shown.values():
        for card in cards:
            for url in card.redirect_from:
                yield _to_article(url, card)
    yield from _moved(catalog)


def _to_article(url: str, card: Card) -> Redirect:
    return Redirect(url, redirect_file(url), card.url, card.title, card.source)


def _moved(catalog: Catalog) -> Iterator[Redirect]:
    """The old addresses of channels that stand elsewhere today, of their lists and of all their articles."""
    for old, new in catalog.standing.moved.items():
        channel = catalog.channels[new]
        yield Redirect(
            f"/{old}/", redirect_file(f"/{old}/"), channel.url, channel.name, "content/channels.toml"
        )
        for number in range(1, catalog.archive_pages(channel) + 1):
            page = f"page/{number}.html"
            yield Redirect(
                f"/{old}/{page}",
                f"{old}/{page}",
                f"{channel.url}{page}",
                channel.name,
                "content/channels.toml",
            )
        for card in (*catalog.shown[new], *catalog.gone[new]):
            yield _to_article(f"/{old}{card.url.removeprefix(f'/{new}')}", card)


def _problem(row: Redirect, taken: dict[str, Redirect], catalog: Catalog) -> str:
    if not row.url.startswith("/") or ".." in row.url.split("/") or "?" in row.url or "#" in row.url:
        return f"redirect_from 要写 / 开头的旧地址（不带 ? 和 #），现为 {row.url}"
    if catalog.is_taken(row.file):
        return f"旧地址 {row.url} 现在就有页面，不能再跳转，请删去"
    if other := taken.get(row.file):
        return f"旧地址 {row.url} 已由 {other.source} 接管，请删去一处"
    return ""
