"""网页里不能有暗链。

看不见的站外链接（display:none、字号或尺寸为零、移到屏幕外、与背景同色、1 像素的框架）多半是网站被
篡改后植入的；所有外部链接都应当在页面上看得见。

反例  <div style="display:none"><a href="http://bet.example.com/">…</a></div>
反例  <iframe src="http://x.example.com/" width="1" height="1"></iframe>
正例  <a class="visually-hidden" href="#main">跳到正文</a>      站内链接不算
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from checks.finding import Finding, Severity
from checks.links.addresses import Kind, parse
from checks.site_view import OpenPage
from checks.source import Surroundings
from checks.text.places import Lines

ID = "hidden-link"
CLAUSE = "2019 检查指标 V1.4；政府网站发展指引：避免“暗链”"

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*(?:\.0+)?\s*(?:[;!}]|$)"
    r"|font-size\s*:\s*0*(?:\.\d+)?[01]?(?:px|pt|em|rem|%)?\s*(?:[;!}]|$)"
    r"|(?:text-indent|left|top|right|bottom|margin(?:-(?:left|top))?)\s*:\s*-\d{3,}"
    r"|(?:^|[;{\s])(?:max-)?(?:width|height)\s*:\s*[01](?:px|pt|em|%)?\s*(?:[;!}]|$)"
    r"|clip\s*:\s*rect\(\s*0|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)"
    r"|transform\s*:[^;]*(?:scale\(\s*0\s*\)|translate[xy3d]*\(\s*-\d{3,})"
    r"|z-index\s*:\s*-\d{2,}",
    re.I,
)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.I)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*(#[0-9a-f]{3,8}|rgba?\([^)]*\)|[a-z]+)", re.I)
_SUSPICIOUS = re.compile(
    r"<iframe|<frame\b|<marquee|<noscript|style\s*=\s*[\"'][^\"']*(?:none|hidden|opacity|font-size|indent|left|top"
    r"|right|margin|width|height|clip|transform|z-index|color)|<style|\shidden[\s>=]",
    re.I,
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMED = {"white": "#ffffff", "black": "#000000", "transparent": "#0000"}


def check_page(page: OpenPage, around: Surroundings) -> Iterator[Finding]:
    if not _SUSPICIOUS.search(page.html):
        return
    import turbohtml

    own = frozenset([around.config.identity.domain])
    tree: Any = turbohtml.parse(page.html)
    hidden = _hiding_selectors(page.html)
    lines = None
    for node in tree.select("a[href], area[href], iframe[src], frame[src]"):
        href = node.attrs.get("href") or node.attrs.get("src") or ""
        if parse(href, "/", own).kind is not Kind.OUTSIDE:
            continue
        why = _why_hidden(node, hidden)
        if why:
            lines = lines or Lines(page.html)
            start = lines.offset(node.source_line, node.source_col + 1)
            yield Finding(
                rule=ID,
                severity=Severity.VETO,
                place=lines.place(page.path, start, start + len(node.tag) + 1),
                text=href,
                message=f"疑似暗链（{why}）：{href}",
                suggestion="核实来源；不是本单位放的立即删去并查服务器",
                clause=CLAUSE,
            )


def _why_hidden(node: Any, selectors: tuple[str, ...]) -> str:
    if node.tag in ("iframe", "frame") and any(
        _is_tiny(node.attrs.get(side)) for side in ("width", "height")
    ):
        return "框架小得看不见"
    colour = ""
    for element in (node, *node.ancestors):
        attributes = getattr(element, "attrs", None)
        if attributes is None:
            continue
        style = attributes.get("style") or ""
        if _HIDING.search(style):
            return "样式使它看不见"
        if "hidden" in attributes:
            return "hidden 属性使它看不见"
        if selectors and _matches(attributes, selectors):
            return "页内样式使它看不见"
        colour = colour or _plain_colour(_COLOUR.search(style))
        ground = _plain_colour(_GROUND.search(style))
        if colour and ground:
            return "与背景同色" if colour == ground else ""
    return ""


def _is_tiny(value: str | None) -> bool:
    match = re.match(r"\s*(\d+)(?:px)?\s*$", value or "")
    return match is not None and int(match[1]) <= 3


@lru_cache(maxsize=64)
def _hiding_selectors(html: str) -> tuple[str, ...]:
    """Plain `.class` and `#id` selectors that a style element of the page hides."""
    found = []
    for sheet in re.findall(r"<style[^>]*>(.*?)</style", html, re.S | re.I):
        for selectors, body in _RULE.findall(sheet):
            if _HIDING.search(body):
                found += [
                    one.strip() for one in selectors.split(",") if re.fullmatch(r"\s*[.#][\w-]+\s*", one)
                ]
    return tuple(found)


def _matches(attributes: Any, selectors: tuple[str, ...]) -> bool:
    classes = {f".{name}" for name in _words(attributes.get("class"))}
    return bool(classes.intersection(selectors)) or f"#{attributes.get('id')}" in selectors


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value or ())


def _plain_colour(match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    value = re.sub(r"\s", "", match[1].lower())
    value = _NAMED.get(value, value)
    return "#" + "".join(digit * 2 for digit in value[1:]) if re.fullmatch(r"#[0-9a-f]{3}", value) else value
