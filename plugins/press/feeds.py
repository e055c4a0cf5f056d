"""What machines read: Atom feeds, sitemap.xml, robots.txt, and the pages left behind at old addresses."""

import re
from collections.abc import Sequence
from html import escape

from bureau.channels import Channel
from bureau.config import Identity
from plugins.press.article import Card
from plugins.press.catalog import Catalog

FEED_ITEMS = 20
# Addresses are ASCII as they are: channels' slugs and articles' ids allow nothing else.
SITEMAP_LIMIT = 50_000  # urls in one file, by the protocol
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def _instant(date: str) -> str:
    return f"{date[:10]}T{date[11:]}:00+08:00" if date else "1970-01-01T00:00:00+08:00"


def atom(site: Identity, title: str, url: str, feed_url: str, cards: Sequence[Card]) -> bytes:
    """Newest first. No moment of the build in it: a feed is a function of the articles."""
    base = site.base_url
    updated = max((card.date for card in cards), default="")
    entries = "".join(
        f"<entry><title>{escape(card.title)}</title><id>{base}{card.url}</id>"
        f'<link href="{base}{card.url}"/><published>{_instant(card.date)}</published>'
        f"<updated>{_instant(card.date)}</updated><author><name>{escape(card.origin)}</name></author>"
        f"<summary>{escape(card.summary)}</summary></entry>\n"
        for card in cards
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><title>{escape(title)}</title>'
        f'<id>{base}{url}</id><link href="{base}{url}"/><link rel="self" href="{base}{feed_url}"/>'
        f"<updated>{_instant(updated)}</updated>\n{entries}</feed>\n"
    ).encode()


def feed_file(channel: Channel | None) -> str:
    return f"{channel.path}/feed.xml" if channel else "feed.xml"


def atom_feed(catalog: Catalog, channel: Channel | None) -> tuple[str, bytes]:
    """File and content: of a channel, those below it included, or of the whole site."""
    site, file = catalog.config.identity, feed_file(channel)
    if channel is not None:
        cards = catalog.newest(channel, FEED_ITEMS)
        return file, atom(site, f"{channel.name} - {site.name}", channel.url, f"/{file}", cards)
    tops = [
        card
        for row in catalog.channels.values()
        if not row.parent
        for card in catalog.newest(row, FEED_ITEMS)
    ]
    tops.sort(key=lambda card: card.order, reverse=True)
    return file, atom(site, site.name, "/", f"/{file}", tops[:FEED_ITEMS])


def sitemap_line(site: Identity, url: str, date: str) -> bytes:
    moment = f"<lastmod>{date[:10]}</lastmod>" if date else ""
    return f"<url><loc>{site.base_url}{url}</loc>{moment}</url>\n".encode()


def sitemaps(site: Identity, lines: bytes) -> dict[str, bytes]:
    """File -> content: one sitemap.xml, or an index of several where the protocol's limit asks for it."""
    count = lines.count(b"\n")
    if count <= SITEMAP_LIMIT:
        return {"sitemap.xml": _sitemap("urlset", lines)}
    rows = lines.splitlines(keepends=True)
    parts = [rows[start : start + SITEMAP_LIMIT] for start in range(0, count, SITEMAP_LIMIT)]
    files = {
        f"sitemap-{number}.xml": _sitemap("urlset", b"".join(part)) for number, part in enumerate(parts, 1)
    }
    index = "".join(f"<sitemap><loc>{site.base_url}/{file}</loc></sitemap>\n" for file in files)
    return {"sitemap.xml": _sitemap("sitemapindex", index.encode()), **files}


def is_sitemap(file: str) -> bool:
    return re.fullmatch(r"sitemap(-\d+)?\.xml", file) is not None


def _sitemap(tag: str, lines: bytes) -> bytes:
    head = f'{_XML}<{tag} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return b"%b%b</%b>\n" % (head.encode(), lines, tag.encode())


def robots(site: Identity) -> bytes:
    return f"User-agent: *\nDisallow: /staff/\nDisallow: /api/\n\nSitemap: {site.base_url}/sitemap.xml\n".encode()


def redirect_stub(site: Identity, to: str, title: str) -> bytes:
    """A static file cannot answer 301; nginx may do so from the manifest, this page works everywhere."""
    target = escape(to, quote=True)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>页面已移动</title>'
        f'<link rel="canonical" href="{site.base_url}{target}"><meta name="robots" content="noindex">'
        f'<meta http-equiv="refresh" content="0; url={target}"></head>'
        f'<body><p>本页已移至<a href="{target}">{escape(title)}</a>。</p></body></html>\n'
    ).encode()
