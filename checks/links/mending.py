"""Dead links in a Markdown file become their text; nothing else on the page changes.

Every link form is undone as it is written, then the file is rendered again: unless the page is the one before
less exactly these links, the change is not certain and is not made.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import takewhile

from bureau import markdown
from checks import reading
from checks.html_tokens import attributes, tokenize
from checks.source import Source, SourceLink

_CONTEXT = 64  # characters kept on both sides, to find the place again
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_OPEN_TAG = re.compile(r"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>")
_HREF = re.compile(r"""\s+href\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.I)


@dataclass(frozen=True, slots=True)
class Undone:
    """One link that became its text, and what stands around that text now."""

    link: SourceLink
    written: str
    replaced: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mended:
    text: str  # of the whole file
    undone: tuple[Undone, ...]
    left: tuple[SourceLink, ...]  # dead ones that could not be undone with certainty


def undo(source: Source, dead: Callable[[SourceLink], bool]) -> Mended:
    """All dead links of the file; those of the head are left to the editor.

    A dead picture within a dead link comes when the link around it is gone.
    """
    undone: list[Undone] = []
    while True:
        mended = _undo_outermost(source, dead)
        undone += mended.undone
        if not mended.undone or not mended.left:
            return Mended(mended.text, tuple(undone), mended.left)
        source = reading.read(source.path, mended.text.encode(), source.around)


def _undo_outermost(source: Source, dead: Callable[[SourceLink], bool]) -> Mended:
    text = source.text
    chosen = [link for link in source.links if dead(link)]
    done: dict[tuple[int, int], str] = {}
    left = [link for link in chosen if link.kind == "front-matter"]
    body = source.head.body_line if source.head else 1
    for href in dict.fromkeys(link.href for link in chosen if link.kind != "front-matter"):
        links = [link for link in chosen if link.href == href and link.kind != "front-matter"]
        change = _certain(text, body, href, links, done)
        if change is None:
            left += links
        else:
            done = change
    mended = _with(text, done)
    by_span = {(link.start, link.end): link for link in chosen}
    undone, moved = [], 0
    for (start, end), label in sorted(done.items()):
        at = start + moved
        after = at + len(label)
        moved += len(label) - (end - start)
        undone.append(
            Undone(
                by_span[start, end],
                text[start:end],
                label,
                mended[max(0, at - _CONTEXT) : at],
                mended[after : after + _CONTEXT],
            )
        )
    return Mended(mended, tuple(undone), tuple(left))


def _certain(
    text: str, body: int, href: str, links: Sequence[SourceLink], done: dict[tuple[int, int], str]
) -> dict[tuple[int, int], str] | None:
    """The changes so far and those for one address, or nothing where the page would be another."""
    spans = {(link.start, link.end) for link in links}
    if len(spans) != len(links) or any(_overlap(span, other) for span in spans for other in done):
        return None
    wanted = _less(_rendered(_with(text, done), body), href)
    for labels in _labels(text, links):
        changed = done | dict(zip(((link.start, link.end) for link in links), labels, strict=True))
        if _rendered(_with(text, changed), body) == wanted:
            return changed
    return None


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _labels(text: str, links: Sequence[SourceLink]) -> Iterator[list[str]]:
    """Ways to write the texts: as they stand, then with everything escaped that could be markup."""
    plain = [_label(text[link.start : link.end], link) for link in links]
    if any(label is None for label in plain):
        return
    yield [label for label in plain if label is not None]
    yield [_escaped(link, label or "") for link, label in zip(links, plain, strict=True)]


def _label(written: str, link: SourceLink) -> str | None:
    """What of the written link remains; None for elements that have no text."""
    if link.kind == "autolink":
        return written[1:-1]
    if link.kind == "image":
        return link.text
    if link.kind == "html":
        return _html_label(written, link)
    end = _label_end(written)
    return written[1:end] if end > 0 else None


def _escaped(link: SourceLink, label: str) -> str:
    return label if link.kind == "html" else _PUNCTUATION.sub(r"\\\1", label)


def _html_label(written: str, link: SourceLink) -> str | None:
    tag = _OPEN_TAG.match(written)
    if tag is None:
        return None
    if re.match(r"<img[\s/>]", written, re.I):
        return escape(link.text, quote=False)
    closing = re.search(r"</a\s*>\Z", written, re.I)
    if not re.match(r"<a\s", written, re.I) or closing is None:
        return None
    given = attributes(tag[0][2:-1])
    if "id" in given or "name" in given:  # others may lead here
        return _HREF.sub("", tag[0], count=1) + written[tag.end() :]
    return written[tag.end() : closing.start()]


def _label_end(written: str) -> int:
    """Where the label of `[label](…)` or `[label][…]` ends: at its own closing bracket."""
    depth = at = 0
    while at < len(written):
        char = written[at]
        if char == "\\":
            at += 1
        elif char == "`" and (run := re.match(r"`+", written[at:])):
            closing = re.search(rf"(?<!`){run[0]}(?!`)", written[at + len(run[0]) :])
            at += len(run[0]) - 1 + (closing.end() if closing else 0)
        elif char == "<" and (tag := re.match(r"<[^<>\s][^<>]*>", written[at:])):
            at += len(tag[0]) - 1
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def _with(text: str, changes: dict[tuple[int, int], str]) -> str:
    pieces, at = [], 0
    for (start, end), label in sorted(changes.items()):
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]])


def _rendered(text: str, body_line: int) -> str:
    lines = text.split("\n")
    return markdown.render("\n".join(lines[body_line - 1 :]))


def _less(html: str, href: str) -> str:
    """The page without the links to one address: their texts stay, pictures leave their description."""
    pieces, at = [], 0
    inside = 0
    for token in tokenize(html):
        given = token.attributes if token.kind == "open" else {}
        new: str | None = None
        if token.kind == "open" and token.name == "a" and given.get("href") == href:
            inside += 1
            keeps = "id" in given or "name" in given
            new = _HREF.sub("", html[token.start : token.end], count=1) if keeps else ""
            inside -= keeps
        elif token.kind == "close" and token.name == "a" and inside:
            inside -= 1
            new = ""
        elif token.kind == "open" and token.name == "img" and given.get("src") == href:
            new = escape(given.get("alt", ""), quote=False).replace('"', "&quot;")
        if new is not None:
            pieces += [html[at : token.start], new]
            at = token.end
    return "".join([*pieces, html[at:]])


def restore(text: str, written: str, replaced: str, before: str, after: str) -> str | None:
    """The file with the link put back, or None where its place cannot be told for certain.

    Certain is the one place where more of the words around it still stand than anywhere else, on one side
    all of them. Links that were taken out together go back the last one first, so what stands before counts more.
    """
    found: dict[int, tuple[bool, int]] = {}  # offset -> what around it is as it was
    at = text.find(replaced)
    while at >= 0:
        left = _alike(reversed(text[max(0, at - len(before)) : at]), reversed(before))
        end = at + len(replaced)
        right = _alike(text[end : end + len(after)], after)
        starts = left == len(before) and (left == _CONTEXT or at == left)  # or the file begins there
        ends = right == len(after) and (right == _CONTEXT or end + right == len(text))
        if starts or ends:
            found[at] = starts, left + right
        at = text.find(replaced, at + 1) if at < len(text) else -1
    best = [at for at, alike in found.items() if alike == max(found.values())]
    if len(best) != 1:
        return None
    return text[: best[0]] + written + text[best[0] + len(replaced) :]


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters they have in common from their beginning on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
