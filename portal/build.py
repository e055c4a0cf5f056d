"""`portal build`: content/ → build/site, build/manifest.json and build/shell.html.

The new site is made beside the old one and takes its place only when it is whole; whatever is wrong with the
sources is told before, all at once.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bureau import channels as channel_tree
from bureau import config as site_description
from bureau.errors import BuildErrors, ConfigError


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    output: Path
    pages: int
    written: int  # files written or replaced
    removed: int


def build(
    root: Path, *, full: bool = False, output: Path | None = None, today: date | None = None
) -> BuildResult:
    """Raises BuildErrors with all that is wrong; then nothing has been replaced."""
    from plugins.press import reading
    from plugins.press.catalog import Catalog

    folder = output or root / "build"
    day = today or date.today()  # noqa: DTZ011 - the office's day
    config = site_description.load(root / "site.toml")
    channels = {row.path: row for row in channel_tree.load(root / "content")}
    errors: list[ConfigError] = []
    cards, digests = [], {}
    for source, _ in reading.article_files(root):
        data = (root / source).read_bytes()
        digests[source] = hashlib.blake2b(data, digest_size=16).digest()
        try:
            cards.append(reading.read_card(source, data, channels, config))
        except ConfigError as error:
            errors.append(error)
    assets = {file: reading.read_asset(root, file, source) for file, source, _ in reading.asset_files(root)}
    errors.extend(reading.cross_errors(root, cards, assets))
    if errors:
        raise BuildErrors(reading.sorted_errors(errors))
    catalog = Catalog(config, channels, cards, digests, assets, day)
    return _print(root, folder, catalog)


def _print(root: Path, folder: Path, catalog: Any) -> BuildResult:
    from bureau import front_matter
    from plugins.press import article, feeds, reading, rendering
    from plugins.press.pages import Edition

    def sheet(card: article.Card) -> dict[str, Any]:
        text = (root / card.source).read_bytes().decode("utf-8")
        return article.sheet(front_matter.parse(card.source, text))

    edition = Edition(catalog, sheet)
    staging = folder / ".next"
    shutil.rmtree(staging, ignore_errors=True)
    site = staging / "site"
    site.mkdir(parents=True)
    files: dict[str, bytes] = {}
    static, css, js = _theme_files(root)
    printer = rendering.Printer(
        rendering.environment(root / "theme"),
        rendering.shared_values(catalog.config, edition.menu, css, js),
    )
    rows, pages = [], list(edition.pages())
    taken = {page.file: page for page in pages}
    redirects = list(_redirects(root, catalog, taken))
    for page in pages:
        data = printer.page(page)
        files[page.file] = data
        rows.append(_row(page, data))
    extra: dict[str, bytes] = {"robots.txt": feeds.robots(catalog.config.identity)}
    extra |= feeds.sitemaps(catalog.config.identity, feeds.listed(pages))
    extra |= _feeds(catalog)
    for row in redirects:
        files[row["file"]] = feeds.redirect_stub(catalog.config.identity, row["to"], row.pop("title"))
    files |= extra
    assets = [_asset_row(file, "", data) for file, data in extra.items()]
    for file, source in static.items():
        data = (root / source).read_bytes()
        files[file] = data
        assets.append(_asset_row(file, source, data))
    for asset in catalog.assets.values():
        files[asset.file] = (root / asset.source).read_bytes()
        assets.append(
            {
                "url": asset.url,
                "file": asset.file,
                "source": asset.source,
                "sha256": asset.sha256,
                "size": asset.size,
            }
        )
    for file, data in files.items():
        path = site / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    manifest = {
        "version": 1,
        "pages": rows,
        "channels": list(_channel_rows(catalog)),
        "redirects": redirects,
        "assets": sorted(assets, key=lambda row: row["file"]),
    }
    (staging / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, separators=(",", ":")), "utf-8"
    )
    (staging / "shell.html").write_bytes(printer.shell(edition.shell()))
    old = folder / ".old"
    shutil.rmtree(old, ignore_errors=True)
    marker = folder / ".incomplete"
    marker.write_text("replacing\n")
    if (folder / "site").exists():
        os.rename(folder / "site", old)
    os.rename(site, folder / "site")
    for name in ("manifest.json", "shell.html"):
        os.replace(staging / name, folder / name)
    marker.unlink()
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(staging, ignore_errors=True)
    _ = reading
    return BuildResult(output=folder, pages=len(pages), written=len(files), removed=0)


def _row(page: Any, data: bytes) -> dict[str, Any]:
    return {
        "url": page.url,
        "file": page.file,
        "source": page.source,
        "title": page.title,
        "channel": page.channel,
        "kind": page.kind,
        "department": page.department,
        "published": _iso(page.published),
        "modified": _iso(page.modified),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _iso(moment: str) -> str | None:
    return moment.replace(" ", "T") + ":00" if moment else None


def _asset_row(file: str, source: str, data: bytes) -> dict[str, Any]:
    return {
        "url": f"/{file}",
        "file": file,
        "source": source,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def _channel_rows(catalog: Any) -> Iterator[dict[str, Any]]:
    for channel in catalog.channels.values():
        cards = catalog.shown[channel.path]
        yield {
            "path": channel.path,
            "name": channel.name,
            "url": channel.url,
            "kind": channel.kind,
            "type": channel.type,
            "owner": channel.owner,
            "level": channel.level,
            "limit_days": channel.limit_days,
            "archived": channel.archived,
            "menu": channel.menu,
            "articles": len(cards),
            "latest": _iso(cards[-1].date) if cards else None,
        }


def _theme_files(root: Path) -> tuple[dict[str, str], str, str]:
    """File on the site -> source; addresses of the style sheet and the script, which carry their content's hash."""
    from plugins.press import reading, rendering

    files: dict[str, str] = {}
    addresses = {"css": "", "js": ""}
    for path, _ in reading.walk(root, f"theme/{rendering.STATIC}"):
        file = path.removeprefix("theme/")
        stem, _, ending = file.rpartition(".")
        if ending in addresses and file.count("/") == 1:
            mark = hashlib.sha256((root / path).read_bytes()).hexdigest()[:10]
            file = f"{stem}.{mark}.{ending}"
            addresses[ending] = f"/{file}"
        files[file] = path
    return files, addresses["css"], addresses["js"]


def _feeds(catalog: Any) -> dict[str, bytes]:
    from plugins.press import feeds
    from plugins.press.pages import FEED_ITEMS

    site = catalog.config.identity
    files = {}
    for channel in catalog.channels.values():
        url = f"{channel.url}feed.xml"
        cards = catalog.newest(channel, FEED_ITEMS)
        files[url[1:]] = feeds.atom(site, f"{channel.name} - {site.name}", channel.url, url, cards)
    cards = sorted(
        (card for rows in catalog.shown.values() for card in rows[-FEED_ITEMS:]), key=lambda card: card.order
    )
    files["feed.xml"] = feeds.atom(site, site.name, "/", "/feed.xml", cards[::-1][:FEED_ITEMS])
    return files


def _redirects(root: Path, catalog: Any, taken: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    from plugins.press import feeds, reading

    errors, seen = [], {}
    rows = []
    for cards in catalog.shown.values():
        for card in cards:
            for url in card.redirect_from:
                file = feeds.redirect_file(url)
                line = reading.line_of(root, card.source, url)
                if not url.startswith("/") or ".." in url:
                    errors.append(
                        ConfigError(card.source, f"redirect_from 要写 / 开头的旧地址，现为 {url}", line)
                    )
                elif file in taken or file in catalog.assets:
                    errors.append(ConfigError(card.source, f"旧地址 {url} 现在就有页面，不能再跳转", line))
                elif file in seen:
                    errors.append(ConfigError(card.source, f"旧地址 {url} 已由 {seen[file]} 接管", line))
                else:
                    seen[file] = card.source
                    rows.append({"from": url, "to": card.url, "file": file, "title": card.title})
    if errors:
        raise BuildErrors(errors)
    yield from rows
