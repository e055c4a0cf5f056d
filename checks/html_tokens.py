"""HTML as a stream of tags and texts with their offsets, tokenized as browsers do it.

Comments, scripts, styles and the like are one token each, so nothing inside them is taken for a tag.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

RAW_TEXT = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext")
# One attribute; the value double-quoted, single-quoted or bare. A repeated attribute counts once: the first.
ATTRIBUTE = r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|((?!["'])[^\s>]*+)))?+"""
_ATTRIBUTES = rf"(?:[\s/]++|{ATTRIBUTE.replace('([^', '(?:[^').replace('((?!', '(?:(?!')}|=)*+"
TAG = rf"<(/?)([A-Za-z][^\s/>]*+)({_ATTRIBUTES})>"
COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+(?:>|\Z)|</[^A-Za-z>][^>]*+(?:>|\Z)|</>"
_TOKEN = re.compile(rf"{COMMENT}|{TAG}", re.S)
_ATTRIBUTE = re.compile(ATTRIBUTE)


@dataclass(slots=True)
class Token:
    kind: Literal["open", "close", "text", "raw"]  # raw: what stands in a script, style, title …
    start: int
    end: int
    name: str = ""  # of the tag, in lower case
    text: str = ""  # of texts, entities resolved; of an open tag its attributes as written

    @property
    def attributes(self) -> dict[str, str]:
        return attributes(self.text)


def attributes(written: str) -> dict[str, str]:
    """Names in lower case and values with entities resolved."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def tokenize(html: str) -> Iterator[Token]:
    position = 0
    while match := _TOKEN.search(html, position):
        start, end = match.span()
        if start > position:
            yield Token("text", position, start, text=unescape(html[position:start]))
        position = end
        if match[2] is None:
            continue
        name = match[2].lower()
        yield Token("close" if match[1] else "open", start, end, name, match[3])
        if not match[1] and name in RAW_TEXT:
            closing = re.compile(rf"</{name}(?=[\s/>])|\Z", re.I).search(html, end)
            position = closing.start() if closing else len(html)
            yield Token("raw", end, position, name, html[end:position])
    if position < len(html):
        yield Token("text", position, len(html), text=unescape(html[position:]))
