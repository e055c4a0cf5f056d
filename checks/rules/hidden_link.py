"""网页里不能有暗链。

看不见的站外链接（display:none、透明、字号或尺寸为零、剪裁、移到屏幕外、与背景同色、飞快的滚动条、1 像素的
框架）多半是网站被篡改后植入的，写在页内样式里的也算；<base> 和自动跳转指到站外的同样要查。
链到 gov.cn 和登记过的域名不算。

反例  <div style="display:none"><a href="http://bet.example.com/">…</a></div>
反例  <iframe src="http://x.example.com/" width="1" height="1"></iframe>
正例  <a class="visually-hidden" href="#main">跳到正文</a>      站内链接不算
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.finding import Finding, Severity
from checks.links.addresses import Kind, parse
from checks.links.outward import host_of
from checks.rules.unapproved_domain import is_approved
from checks.site_view import OpenPage
from checks.source import Surroundings
from checks.text.places import Lines

ID = "hidden-link"
CLAUSE = "2019 检查指标 V1.4；政府网站发展指引：避免“暗链”"

_CLASSES = frozenset(
    ["visually-hidden", "sr-only", "hidden", "hide", "d-none", "invisible", "offscreen", "screen-reader-text"]
)
_SUSPICIOUS = re.compile(
    r"<(?:i?frame|marquee|noscript|template|style|font|object|embed|base)\b|<svg\b[^>]*\s(?:width|height)\s*=\s*[\"']?0|\s(?:style|bgcolor)\s*=|\shidden[\s>=]"
    rf"|http-equiv\s*=\s*[\"']?refresh|class\s*=\s*[\"'][^\"']*\b(?:{'|'.join(sorted(_CLASSES))})\b"
    r"|<a\b[^<>]*>(?:\s|&nbsp;|&#\w+;|[\u00a0\u200b-\u200f\ufeff]|<img\b[^>]*\s(?:width|height)\s*=\s*[\"']?[0-3]\b[^>]*>)*</a\s*>",
    re.I,
)
_HOST = re.compile(r"[=;]\s*[\"']?\s*(?:https?:)?[/\\]{2}([\w.-]+)", re.I)
_LINKS = "a, area, iframe, frame, object, embed, base, meta[http-equiv]"
_ADDRESSES = ("href", "xlink:href", "src", "data")
_FRAMES = ("iframe", "frame", "object", "embed", "svg", "marquee", "img")
_REFRESH = re.compile(r"[^;,]*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.I)
_UNSEEN = re.compile(r"[\s\u00a0\u200b-\u200f\u2060\ufeff]*")
_DRAWN = ("img", "svg", "picture", "video", "audio", "canvas", "input", "button", "object", "embed", "iframe")
_SPECK = 3  # px of an element's own width or height
_RUSHING = 500  # px a step of a marquee
_WHITE = (1.0, 1.0, 1.0, 1.0)
_ALIKE = 0.03  # difference of two colours in each of red, green and blue that nobody sees
Hidden = tuple[str, Severity]


def check_page(page: OpenPage, around: Surroundings) -> Iterator[Finding]:
    own = frozenset([around.config.identity.domain])
    hosts = set(_HOST.findall(page.html)) - own
    if all(is_approved(host.lower(), around) for host in hosts) or not _SUSPICIOUS.search(page.html):
        return
    import turbohtml

    tree: Any = turbohtml.parse(page.html)
    styles: _Styles | None = None
    lines = None
    for node in tree.select(_LINKS):
        href = _address(node)
        address = parse(href, "/", own)
        if address.kind is not Kind.OUTSIDE or is_approved(host_of(address.url), around):
            continue
        styles = styles or _Styles.of(tree)
        hidden = _hidden(node, styles)
        if hidden:
            why, severity = hidden
            lines = lines or Lines(page.html)
            start = lines.offset(node.source_line, node.source_col + 1)
            yield Finding(
                rule=ID,
                severity=severity,
                place=lines.place(page.path, start, start + len(node.tag) + 1),
                text=href,
                message=f"疑似暗链（{why}）：{href}",
                suggestion="核实来源；不是本单位放的立即删去并查服务器",
                clause=CLAUSE,
            )


def _address(node: Any) -> str:
    if node.tag == "meta":
        match = _REFRESH.match(node.attrs.get("content") or "")
        return match[1].strip() if match and (node.attrs.get("http-equiv") or "").lower() == "refresh" else ""
    return next((node.attrs[name] or "" for name in _ADDRESSES if name in node.attrs), "")


@dataclass(frozen=True)
class _Styles:
    """What the page's own style sheets say of its elements, in the order of their rules."""

    by_node: dict[Any, dict[str, list[Any]]]
    worded: frozenset[
        tuple[int, int]
    ]  # where links with words begin; unclosed ones are in the tree several times

    @classmethod
    def of(cls, tree: Any) -> "_Styles":
        from checks.links import hiding

        sheets = [
            node.text
            for node in tree.select("style")
            if hiding.is_for_all_screens(node.attrs.get("media") or "")
        ]
        rules = [rule for sheet in sheets for rule in hiding.rules(sheet)]
        telling = {name for _, style in rules if hiding.hides(style, is_frame=True) for name in style}
        by_node: dict[Any, dict[str, list[Any]]] = {}
        for selector, style in rules:
            if telling.intersection(style) or {"color", "background", "background-color"}.intersection(style):
                for node in _selected(tree, selector):
                    by_node.setdefault(node, {}).update(style)
        worded = {
            (one.source_line, one.source_col)
            for one in tree.select("a")
            if not _UNSEEN.fullmatch(one.text or "")
        }
        return cls(by_node, frozenset(worded))

    def style(self, node: Any) -> dict[str, list[Any]]:
        from checks.links import hiding

        written = node.attrs.get("style")
        return self.by_node.get(node, {}) | (hiding.declarations(written) if written else {})


def _selected(tree: Any, selector: str) -> list[Any]:
    """Elements as they stand: what only a pointer, a script's class or a made-up element meets is left out."""
    try:
        return list(tree.select(selector)) if ":" not in selector else []
    except ValueError:
        return []


def _hidden(node: Any, styles: _Styles) -> Hidden | None:
    """Why nobody sees the link, if so; a warning where it may be an accident."""
    from checks.links import hiding

    if node.tag == "meta":
        return "页面自动跳到站外", Severity.VETO
    if node.tag == "base":
        return "整页的相对地址都被引到站外", Severity.VETO
    colour: hiding.Colour | None = None
    is_plain = True  # nothing says that the ground is other than white
    for element in (node, *node.ancestors):
        given = getattr(element, "attrs", None)
        if given is None:
            continue
        style = styles.style(element)
        if why := _out_of_sight(element, given, style):
            return why, Severity.VETO
        if why := _folded(element, given, style):
            return why, Severity.WARNING if _has_own_links(element) else Severity.VETO
        colour = colour or hiding.colour(style) or _named(given, "color")
        ground = hiding.ground(style) or _named(given, "bgcolor")
        if colour and ground and ground[3] > 0:
            return ("与背景同色", Severity.VETO) if _is_alike(colour, ground) else _empty(node, styles)
        is_plain = is_plain and not {"background", "background-image"} & style.keys()
    if colour and is_plain and _is_alike(colour, _WHITE):
        return "白字，样式没有写背景", Severity.WARNING
    return _empty(node, styles)


def _out_of_sight(element: Any, given: Any, style: dict[str, list[Any]]) -> str:
    from checks.links import hiding

    tag = element.tag
    if tag in ("noscript", "template"):
        return f"写在 <{tag}> 里，浏览器不显示"
    if tag in _FRAMES and any(_pixels(given.get(side)) <= _SPECK for side in ("width", "height")):
        return "小得看不见"
    if tag == "marquee" and _pixels(given.get("scrollamount"), 0) >= _RUSHING:
        return "滚动得太快，看不见"
    if tag in ("html", "body") or hiding.is_switched_off(style):
        return ""
    return "样式使它看不见" if hiding.hides(style, is_frame=tag in _FRAMES) else ""


def _folded(element: Any, given: Any, style: dict[str, list[Any]]) -> str:
    """Hidden in a way that honest menus and folded lists are too; those have links of the site's own."""
    from checks.links import hiding

    if "hidden" in given:
        return "hidden 属性使它看不见"
    if names := _CLASSES.intersection(_words(given.get("class"))):
        return f"类名 {min(names)} 使它看不见"
    return "样式使它看不见" if element.tag not in ("html", "body") and hiding.is_switched_off(style) else ""


def _has_own_links(element: Any) -> bool:
    return any(
        parse(node.attrs.get("href") or "", "/", frozenset()).kind is Kind.INSIDE
        for node in element.select("a[href]")
    )


def _empty(node: Any, styles: _Styles) -> Hidden | None:
    """A link without anything to see or to click on."""
    if (node.source_line, node.source_col) in styles.worded:
        return None
    if node.tag != "a" or "class" in node.attrs:
        return None
    drawn = [one for one in node.descendants if getattr(one, "tag", None) in _DRAWN]
    if any(one.tag == "img" and _pixels(one.attrs.get("width")) <= _SPECK for one in drawn):
        return "只有看不见的小图", Severity.VETO
    icons = [one for one in node.descendants if "class" in (getattr(one, "attrs", None) or ())]
    return None if drawn or icons else ("没有可见的文字", Severity.WARNING)


def _pixels(value: str | None, otherwise: int = 10_000) -> int:
    match = re.match(r"\s*(\d+)(?:px|%)?\s*$", value or "")
    return int(match[1]) if match else otherwise


def _named(given: Any, attribute: str) -> Any:
    from checks.links import hiding

    return hiding.named_colour(given[attribute]) if given.get(attribute) else None


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value or ())


def _is_alike(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= _ALIKE for a, b in zip(one[:3], other[:3], strict=True))
