"""A Markdown file as blocks and links with the exact places where they are written.

The same engine that builds the page parses it here; it tells for every element from where to where in the
file it reaches, and the texts between are aligned with what is written there.
"""

import re
from dataclasses import dataclass, field

import comrak

from bureau.markdown import EXTENSIONS
from checks.html_tokens import Token, tokenize
from checks.references import CODE, tag_facts
from checks.source import LinkKind, SourceLink, Tag
from checks.text.blocks import Block, Scope
from checks.text.places import Lines, align, runs

MASKED = "\ufffc"  # stands for code, addresses and pictures, so that words do not grow together over them
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "ruby",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
    ]
)
SKIPPED = frozenset(["code", "pre", "kbd", "samp", "script", "style", "svg", "math", "template"])
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_UNMARKED = ("p", "td", "th")  # their text begins where they begin
_MARKS = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+(?:\[[ xX]\][ \t])?|\d{1,9}[.)][ \t]+|[*_~]{1,3}|\[)")
_MADE = re.compile(r"data-footnote-backref|class=\"(?:footnote-ref|anchor)\"")
_POSITION = re.compile(r'data-sourcepos="(\d+):(\d+)-(\d+):(\d+)"')


def _placed() -> tuple[comrak.ParseOptions, comrak.RenderOptions]:
    """The portal's dialect with places of elements, counted in characters."""
    parse, render = comrak.ParseOptions(), comrak.RenderOptions()
    parse.sourcepos_chars = True
    render.sourcepos = render.unsafe_ = True
    return parse, render


_PARSE, _RENDER = _placed()


@dataclass(slots=True)
class _Element:
    name: str
    start: int  # in the file; -1 when it is raw HTML or made by the renderer
    end: int
    link: int = -1  # index of the link it is
    hidden: bool = False  # its text is no text of the author's
    raw: bool = False  # written as HTML


@dataclass(slots=True)
class _Reader:
    path: str
    written: str
    base: int  # where the body begins in the file
    lines: Lines
    blocks: list[Block] = field(default_factory=list)
    links: list[SourceLink] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    stack: list[_Element] = field(default_factory=list)
    cursor: int = 0
    shown: list[str] = field(default_factory=list)
    length: int = 0
    pairs: list[tuple[int, int]] = field(default_factory=list)
    skipping: int = 0
    first_line: int = 1

    def read(self, html: str) -> None:
        for token in tokenize(html):
            if token.kind == "open":
                self.open(token, html)
            elif token.kind == "close":
                self.close(token, html)
            elif token.kind == "text" and not self.skipping:
                self.text(token.text)
        self.flush()

    def open(self, token: Token, html: str) -> None:
        element = self.element(token, html)
        element.hidden = token.name in SKIPPED or _MADE.search(token.text) is not None
        if element.hidden:
            self.skipping += 1
            self.mask(element.start)
        elif token.name not in INLINE and token.name not in ("img", "br", "wbr"):
            self.flush()
        if token.name == "br":
            self.add("\n", [(0, element.start if element.start >= 0 else self.cursor)])
        if element.start >= 0 and (element.raw or token.name in ("a", "img")):
            self.link(token, element)
            if element.raw:
                place = self.lines.place(self.path, element.start, element.end)
                self.tags.append(Tag(token.name, token.attributes, place))
        if token.name == "img":
            self.alternative(token, element)
        if token.name not in VOID:
            self.stack.append(element)

    def element(self, token: Token, html: str) -> _Element:
        """Where the element stands in the file; moves the cursor behind its opening mark."""
        position = _POSITION.search(token.text)
        if position:
            line, column, end_line, end_column = map(int, position.groups())
            start = self.lines.offset(line + self.first_line - 1, column)
            end = self.lines.offset(end_line + self.first_line - 1, end_column) + 1
            mark = _MARKS.match(self.written, start, end)
            self.cursor = mark.end() if mark and token.name not in _UNMARKED else start
            return _Element(token.name, start, end)
        raw = html[token.start : token.end]
        found = self.written.find(raw, max(self.cursor, self.base))
        if found >= 0:
            self.cursor = found + len(raw)
            return _Element(token.name, found, self.cursor, raw=True)
        return _Element(token.name, -1, -1)

    def close(self, token: Token, html: str) -> None:
        if token.name not in INLINE and token.name not in SKIPPED:
            self.flush()
        if all(element.name != token.name for element in self.stack):
            return
        while True:
            element = self.stack.pop()
            self.skipping -= element.hidden
            if element.name == token.name:
                break
        raw = html[token.start : token.end]
        if element.raw:
            found = self.written.find(raw, self.cursor)
            self.cursor = found + len(raw) if found >= 0 else self.cursor
            element.end = self.cursor
        elif element.start >= 0:
            self.cursor = element.end
        if element.link >= 0:
            self.end_link(element)

    def limit(self) -> int:
        for element in reversed(self.stack):
            if element.start >= 0 and not element.raw:
                return element.end
        return len(self.written)

    def text(self, shown: str) -> None:
        if not self.length and not shown.strip():
            return
        lead = len(shown) - len(shown.lstrip()) if not self.length else 0
        shown = shown[lead:]
        link = self.links[self.stack[-1].link] if self.stack and self.stack[-1].link >= 0 else None
        if link and link.kind == "autolink":
            self.mask(link.start)
            return
        pairs, self.cursor = align(shown, self.written, self.cursor, self.limit())
        self.add(shown, pairs)

    def mask(self, place: int) -> None:
        if self.length:
            self.add(MASKED, [(0, max(place, 0) or self.cursor)])

    def add(self, shown: str, pairs: list[tuple[int, int]]) -> None:
        self.pairs += [(self.length + offset, place) for offset, place in pairs]
        self.shown.append(shown)
        self.length += len(shown)

    def flush(self) -> None:
        text = "".join(self.shown).rstrip()
        if text.strip(MASKED + " \n"):
            heading = next((int(e.name[1]) for e in self.stack if re.fullmatch("h[1-6]", e.name)), 0)
            quoted = any(element.name == "blockquote" for element in self.stack)
            self.blocks.append(
                Block(self.path, text, "body", runs(self.pairs, self.lines), quoted=quoted, heading=heading)
            )
        self.shown, self.pairs, self.length = [], [], 0

    def link(self, token: Token, element: _Element) -> None:
        if element.raw:
            tag = self.written[element.start : element.end]
            references = tag_facts(tag.encode("utf-8", "surrogateescape")).references
            hrefs = [one[1:] for one in references if not one.startswith(CODE, 1)]
        else:
            href = token.attributes.get("src" if token.name == "img" else "href")
            hrefs = [href] if href is not None else []
        place = self.lines.place(self.path, element.start, element.end)
        text = token.attributes.get("alt", "") if token.name == "img" else ""
        for href in hrefs:
            kind = self.kind(token.name, element)
            if token.name == "a":
                element.link = len(self.links)
            self.links.append(SourceLink(href, text, kind, place, element.start, element.end))
        if title := token.attributes.get("title"):
            self.beside(title, element, "alt")

    def kind(self, name: str, element: _Element) -> LinkKind:
        written = self.written[element.start : element.end]
        if element.raw:
            return "html"
        if name == "img":
            return "image"
        if written.startswith("<"):
            return "autolink"
        return "inline" if written.endswith(")") else "reference"

    def end_link(self, element: _Element) -> None:
        link = self.links[element.link]
        text = self.written[link.start : element.end]
        shown = re.sub(r"\A!?\[|\]\(.*\Z|\]\[.*\Z|\]\Z|<[^>]*>", "", text, flags=re.S) or link.text
        place = self.lines.place(self.path, link.start, element.end)
        self.links[element.link] = SourceLink(link.href, shown, link.kind, place, link.start, element.end)

    def alternative(self, token: Token, element: _Element) -> None:
        if alt := token.attributes.get("alt", "").strip():
            self.beside(alt, element, "alt")
        self.mask(element.start)
        if element.start >= 0 and not element.raw:
            self.cursor = element.end

    def beside(self, text: str, element: _Element, scope: Scope) -> None:
        """A text that stands in an attribute of the element."""
        if element.start < 0:
            return
        pairs, _ = align(text, self.written, element.start + 1, element.end)
        self.blocks.append(Block(self.path, text, scope, runs(pairs, self.lines)))


def read(path: str, written: str, body_line: int = 1) -> tuple[list[Block], list[SourceLink], list[Tag]]:
    """Blocks, links and HTML tags of the body that begins on `body_line` of the file."""
    lines = Lines(written)
    base = lines.offset(body_line, 1)
    html = comrak.render_markdown(written[base:], EXTENSIONS, _PARSE, _RENDER)
    reader = _Reader(path, written, base, lines, cursor=base, first_line=body_line)
    reader.read(html)
    return reader.blocks, reader.links, reader.tags
