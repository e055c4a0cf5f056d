"""Every address in a page of HTML or a style sheet, fast.

One regular expression cuts the page into comments, raw texts (script, style, title …) and tags that have
attributes, as a browser's tokenizer would; each distinct tag is taken apart once. Scanning works on bytes,
and places are only looked up for what turned out to be dead.
"""

import re
from dataclasses import dataclass
from html import unescape

from checks.html_tokens import ATTRIBUTE, RAW_TEXT, attributes

# What an address is for; the first character of a reference.
NAVIGATE, ASSET, SCRIPT, STYLE, FRAME, FORM, HINT = "nasyfoh"

_ATTRIBUTES = rf"(?:[\s/]++|{re.sub(r'[(](?![?])', '(?:', ATTRIBUTE)}|=)*+"
_NAMES = "|".join(f"{name}(?=[\\s/>]){_ATTRIBUTES}>.*?(?:</{name}(?=[\\s/>])|\\Z)" for name in RAW_TEXT)
_FIRST = "".join(sorted({letter for name in RAW_TEXT for letter in name[0] + name[0].upper()}))
_TOKEN = re.compile(  # begins with one fixed byte, so that the search is fast
    rf"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(?=[{_FIRST}])(?i:{_NAMES})|[A-Za-z][^\s/>]*+(?=[\s/]){_ATTRIBUTES}>)".encode(),
    re.S,
)
_TAG = re.compile(rf"<([A-Za-z][^\s/>]*+)({_ATTRIBUTES})>(.*)", re.S)
_CSS = re.compile(
    r"""/\*.*?(?:\*/|\Z)|url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""",
    re.S | re.I,
)
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.I)
_PICTURES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "og:video", "og:audio")
# The commonest shapes, told without taking the tag apart.
_PLAIN_LINK = re.compile(rb'<a href="([^"&]*+)"(?: (?:class|title|target|rel)="[^"]*+")*+>')
_PLAIN_LABEL = re.compile(rb'<meta name="(?!twitter|og)[^"]*+" content="[^"]*+">')
_ATTRIBUTE_KINDS = {
    ("a", "href"): NAVIGATE,
    ("a", "xlink:href"): NAVIGATE,
    ("area", "href"): NAVIGATE,
    ("iframe", "src"): FRAME,
    ("frame", "src"): FRAME,
    ("embed", "src"): FRAME,
    ("object", "data"): FRAME,
    ("form", "action"): FORM,
    ("button", "formaction"): FORM,
    ("input", "formaction"): FORM,
    ("input", "src"): ASSET,
    ("img", "src"): ASSET,
    ("img", "longdesc"): NAVIGATE,
    ("img", "usemap"): NAVIGATE,
    ("source", "src"): ASSET,
    ("audio", "src"): ASSET,
    ("video", "src"): ASSET,
    ("video", "poster"): ASSET,
    ("track", "src"): ASSET,
    ("script", "src"): SCRIPT,
    ("body", "background"): ASSET,
    ("table", "background"): ASSET,
    ("td", "background"): ASSET,
    ("use", "href"): ASSET,
    ("use", "xlink:href"): ASSET,
    ("image", "href"): ASSET,
    ("image", "xlink:href"): ASSET,
    ("html", "manifest"): ASSET,
}
CODE = "javascript:"  # begins what stands for a script written into the page
_KEPT = 4_000  # characters of such a script
_RUN = ("", "module", "text/javascript", "application/javascript", "application/x-javascript")
_HINTS = frozenset(["preconnect", "dns-prefetch"])
_MANY = 12_000  # distinct tags remembered at most


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What one tag (or style element) gives: references `kind + address`, anchors, a base address."""

    references: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    base: str | None = None


_NOTHING = TagFacts()


@dataclass(frozen=True, slots=True)
class Scanned:
    references: frozenset[str]
    anchors: frozenset[str]
    base: str | None
    whole: bool  # false: something opened here is closed only behind the end


class Scanner:
    """Remembers the tags it has met; one for each process."""

    def __init__(self) -> None:
        self._known: dict[bytes, TagFacts] = {}

    def scan(self, html: bytes) -> Scanned:
        tokens = _TOKEN.findall(html)
        known = self._known
        references: set[str] = set()
        anchors: set[str] = set()
        base = None
        for tag in set(tokens):
            facts = known.get(tag) or self._facts(tag)
            if facts is not _NOTHING:
                references.update(facts.references)
                anchors.update(facts.anchors)
                if facts.base is not None:
                    base = facts.base
        whole = html.rfind(b">") >= html.rfind(b"<") and not (tokens and _is_open(tokens[-1]))
        return Scanned(frozenset(references), frozenset(anchors), base, whole)

    def places(self, html: bytes) -> dict[str, tuple[int, int]]:
        """For each reference of a page the bytes of the first tag that holds it."""
        found: dict[str, tuple[int, int]] = {}
        for match in _TOKEN.finditer(html):
            for reference in self._facts(match[0]).references:
                found.setdefault(reference, match.span())
        return found

    def _facts(self, tag: bytes) -> TagFacts:
        facts = self._known.get(tag)
        if facts is None:
            if len(self._known) > _MANY:
                self._known.clear()
            facts = self._known[tag] = tag_facts(tag)
        return facts


def _is_open(token: bytes) -> bool:
    """Does a comment or raw text reach the end without its closing mark?"""
    if token.startswith(b"<!--"):
        return not token.endswith(b">")
    name = re.match(rb"<([A-Za-z]+)", token)
    raw = name is not None and name[1].lower().decode() in RAW_TEXT
    return raw and name is not None and not token.lower().endswith(b"</" + name[1].lower())


def tag_facts(token: bytes) -> TagFacts:
    if plain := _PLAIN_LINK.fullmatch(token):
        return TagFacts((NAVIGATE + plain[1].decode("utf-8", "surrogateescape"),))
    if token.startswith(b"<!") or _PLAIN_LABEL.fullmatch(token):
        return _NOTHING
    match = _TAG.match(token.decode("utf-8", "surrogateescape"))
    if match is None:
        return _NOTHING
    name, written = match[1].lower(), attributes(match[2])
    references = list(_of_attributes(name, written))
    if name == "style":
        references += [STYLE + address for address in css_addresses(match[3])]
    if name == "script" and "src" not in written and written.get("type", "").lower() in _RUN:
        references.append(f"{SCRIPT}{CODE}{match[3][:_KEPT]}")
    anchors = [written["id"]] if written.get("id") else []
    if name in ("a", "map") and written.get("name"):
        anchors.append(written["name"])
    base = written.get("href") if name == "base" else None
    if not references and not anchors and base is None:
        return _NOTHING
    return TagFacts(tuple(references), tuple(anchors), base)


def _of_attributes(name: str, written: dict[str, str]) -> list[str]:
    found = []
    for key, value in written.items():
        if kind := _ATTRIBUTE_KINDS.get((name, key)):
            found.append(kind + value)
        elif key in ("srcset", "imagesrcset"):
            found += [ASSET + address for address in srcset_addresses(value)]
        elif key.startswith("on") and key.isalpha():
            found.append(f"{SCRIPT}{CODE}{value[:_KEPT]}")
        elif key == "style" and "(" in value:
            found += [ASSET + address for address in css_addresses(value)]
    if name == "link" and "href" in written:
        found.append(_link_kind(written.get("rel", "")) + written["href"])
    if name == "meta":
        found += _of_meta(written)
    return found


def _link_kind(rel: str) -> str:
    kinds = rel.lower().split()
    if _HINTS.intersection(kinds):
        return HINT
    if "stylesheet" in kinds:
        return STYLE
    return (
        NAVIGATE if {"alternate", "canonical", "next", "prev", "help", "index"}.intersection(kinds) else ASSET
    )


def _of_meta(written: dict[str, str]) -> list[str]:
    content = written.get("content", "")
    if written.get("http-equiv", "").lower() == "refresh" and "url" in content.lower():
        match = _REFRESH.match(content)
        return [NAVIGATE + match[1].strip()] if match else []
    if (written.get("property") or written.get("name", "")).lower() in _PICTURES and content:
        return [ASSET + content]
    return []


def srcset_addresses(value: str) -> list[str]:
    """The addresses of a srcset; a comma belongs to an address unless it ends it."""
    found, rest = [], value
    while rest := rest.lstrip(" \t\n\r\f,"):
        address, _, rest = rest.partition(" ") if " " in rest else (rest, "", "")
        if address.endswith(","):
            found.append(address.rstrip(","))
            continue
        found.append(address)
        _, _, rest = rest.partition(",")
    return [address for address in found if address]


def css_addresses(css: str) -> list[str]:
    found = []
    for match in _CSS.finditer(css):
        address = next((group for group in match.groups() if group), "")
        if address:
            found.append(re.sub(r"\\([^0-9a-fA-F])", r"\1", unescape(address)))
    return found
