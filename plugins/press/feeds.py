"""What machines read: Atom feeds, sitemap.xml, robots.txt, and the pages left behind at old addresses."""

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from bureau.config import Identity
from plugins.press.article import Card
from plugins.press.pages import Page

SITEMAP_LIMIT = 50_000  # urls in one file, by the protocol
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def _instant(date: str) -> str:
    return f"{date[:10]}T{date[11:]}:00+08:00" if date else "1970-01-01T00:00:00+08:00"


def atom(site: Identity, title: str, url: str, feed_url: str, cards: Sequence[Card]) -> bytes:
    """Newest first. No moment of the build in it: a feed is a function of the articles."""
    base = site.base_url
    updated = max((card.date for card in cards), default="")
    entries = "".join(
        f"<entry><title>{escape(card.title)}</title><id>{base}{quote(card.url)}</id>"
        f'<link href="{base}{quote(card.url)}"/><published>{_instant(card.date)}</published>'
        f"<updated>{_instant(card.date)}</updated><author><name>{escape(card.origin)}</name></author>"
        f"<summary>{escape(card.summary)}</summary></entry>\n"
        for card in cards
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><title>{escape(title)}</title>'
        f'<id>{base}{url}</id><link href="{base}{url}"/><link rel="self" href="{base}{feed_url}"/>'
        f"<updated>{_instant(updated)}</updated>\n{entries}</feed>\n"
    ).encode()


def sitemaps(site: Identity, rows: Sequence[tuple[str, str]]) -> dict[str, bytes]:
    """File -> content from (url, date): one sitemap.xml, or an index of several where the protocol's limit asks."""
    if len(rows) <= SITEMAP_LIMIT:
        return {"sitemap.xml": _urlset(site, rows)}
    parts = [rows[start : start + SITEMAP_LIMIT] for start in range(0, len(rows), SITEMAP_LIMIT)]
    files = {f"sitemap-{number}.xml": _urlset(site, part) for number, part in enumerate(parts, 1)}
    index = "".join(f"<sitemap><loc>{site.base_url}/{file}</loc></sitemap>\n" for file in files)
    head = f'{_XML}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return {"sitemap.xml": f"{head}{index}</sitemapindex>\n".encode(), **files}


def _urlset(site: Identity, rows: Iterable[tuple[str, str]]) -> bytes:
    base = site.base_url
    urls = "".join(
        f"<url><loc>{base}{quote(url)}</loc>{f'<lastmod>{date[:10]}</lastmod>' if date else ''}</url>\n"
        for url, date in rows
    )
    return f'{_XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'.encode()


def listed(pages: Iterable[Page]) -> list[tuple[str, str]]:
    return [(page.url, page.modified) for page in pages if page.listed]


def robots(site: Identity) -> bytes:
    return f"User-agent: *\nDisallow: /staff/\nDisallow: /api/\n\nSitemap: {site.base_url}/sitemap.xml\n".encode()


def redirect_file(url: str) -> str:
    """Where the stub for an old address lies."""
    path = url.lstrip("/")
    last = path.rpartition("/")[2]
    if not path or path.endswith("/"):
        return f"{path}index.html"
    return path if "." in last else f"{path}/index.html"


def redirect_stub(site: Identity, to: str, title: str) -> bytes:
    """A static file cannot answer 301; nginx may do so from the manifest, this page works everywhere."""
    target = escape(to, quote=True)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>页面已移动</title>'
        f'<link rel="canonical" href="{site.base_url}{target}"><meta name="robots" content="noindex">'
        f'<meta http-equiv="refresh" content="0; url={target}"></head>'
        f'<body><p>本页已移至<a href="{target}">{escape(title)}</a>。</p></body></html>\n'
    ).encode()
