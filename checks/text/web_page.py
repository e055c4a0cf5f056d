"""A page of HTML as blocks and links, for files that were not written in Markdown."""

from dataclasses import dataclass, field

from checks.html_tokens import Token, tokenize
from checks.references import tag_facts
from checks.source import SourceLink, Tag
from checks.text.blocks import Block, Scope
from checks.text.markdown import INLINE, MASKED, SKIPPED, VOID
from checks.text.places import Lines, align, runs


@dataclass(slots=True)
class _Reader:
    path: str
    written: str
    lines: Lines
    blocks: list[Block] = field(default_factory=list)
    links: list[SourceLink] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    length: int = 0
    pairs: list[tuple[int, int]] = field(default_factory=list)
    skipping: int = 0

    def read(self) -> None:
        for token in tokenize(self.written):
            if token.kind == "open":
                self.open(token)
            elif token.kind == "close":
                self.close(token)
            elif token.kind == "raw" and token.name == "title":
                self.block(token.text, token.start, token.end, "title")
            elif token.kind == "text" and not self.skipping and (self.length or token.text.strip()):
                pairs, _ = align(token.text, self.written, token.start, token.end)
                self.add(token.text, pairs)
        self.flush()

    def open(self, token: Token) -> None:
        attributes = token.attributes
        if token.name in SKIPPED:
            self.skipping += 1
        elif token.name not in INLINE and token.name not in ("img", "br", "wbr"):
            self.flush()
        if token.name in ("br", "img"):
            self.add("\n" if token.name == "br" else MASKED, [(0, token.start)])
        for name in ("alt", "title"):
            if value := attributes.get(name, "").strip():
                self.block(value, token.start, token.end, "alt")
        if token.name == "meta" and attributes.get("name", "").lower() in ("description", "keywords"):
            self.block(attributes.get("content", ""), token.start, token.end, "meta")
        place = self.lines.place(self.path, token.start, token.end)
        self.tags.append(Tag(token.name, attributes, place))
        tag = self.written[token.start : token.end].encode("utf-8", "surrogateescape")
        for reference in tag_facts(tag).references:
            text = attributes.get("alt", "")
            self.links.append(SourceLink(reference[1:], text, "html", place, token.start, token.end))
        if token.name not in VOID:
            self.stack.append(token.name)

    def close(self, token: Token) -> None:
        if token.name not in INLINE and token.name not in SKIPPED:
            self.flush()
        while token.name in self.stack:
            name = self.stack.pop()
            self.skipping -= name in SKIPPED
            if name == token.name:
                break

    def add(self, shown: str, pairs: list[tuple[int, int]]) -> None:
        self.pairs += [(self.length + offset, place) for offset, place in pairs]
        self.shown.append(shown)
        self.length += len(shown)

    def flush(self) -> None:
        text = "".join(self.shown).rstrip()
        if text.strip(MASKED + " \n"):
            heading = next(
                (int(name[1]) for name in self.stack if name in ("h1", "h2", "h3", "h4", "h5", "h6")), 0
            )
            quoted = "blockquote" in self.stack
            self.blocks.append(
                Block(self.path, text, "body", runs(self.pairs, self.lines), quoted=quoted, heading=heading)
            )
        self.shown, self.pairs, self.length = [], [], 0

    def block(self, text: str, start: int, end: int, scope: Scope) -> None:
        pairs, _ = align(text, self.written, start, end)
        self.blocks.append(Block(self.path, text, scope, runs(pairs, self.lines)))


def read(path: str, written: str) -> tuple[list[Block], list[SourceLink], list[Tag]]:
    reader = _Reader(path, written, Lines(written))
    reader.read()
    return reader.blocks, reader.links, reader.tags
