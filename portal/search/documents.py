"""An article as search sees it: what can be found, and what is shown of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from bureau import front_matter, markdown
from bureau.front_matter import FrontMatter

_BREAK = re.compile(
    r"</(?:p|li|h[1-6]|td|th|tr|dt|dd|pre|blockquote|figcaption|div|caption|summary)>|<br\s*/?>|<hr\s*/?>"
)
_COMMENT = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.S)
_ALT = re.compile(r'<img\b[^>]*?\balt="([^"]*)"[^>]*>')
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    source: str
    url: str
    title: str
    channel: str
    published: str  # YYYY-MM-DD HH:MM
    department: str
    document_number: str
    validity: str
    summary: str
    text: str  # blocks, one a line
    names: tuple[str, ...]  # keywords and what citizens call it


def read(source: str, text: str, url: str, channel: str, department: str) -> Document:
    """The source has passed the build, so its head is sound."""
    head = front_matter.parse(source, text)
    values = head.values
    return Document(
        source=source,
        url=url,
        title=values["title"],
        channel=channel,
        published=values["date"],
        department=department,
        document_number=values.get("document_number", ""),
        validity=values.get("validity", ""),
        summary=values.get("summary", ""),
        text="\n".join(_blocks(head)),
        names=(*_list(values.get("aliases")), *_list(values.get("keywords"))),
    )


def _blocks(head: FrontMatter) -> Iterator[str]:
    """The text that the article's page shows, the structured parts of its head included."""
    yield from _said(head.values.get("service"))
    html = _COMMENT.sub("", markdown.render(head.body))
    for block in _BREAK.sub("\n", _ALT.sub(r" \1 ", html)).split("\n"):
        plain = " ".join(unescape(_TAG.sub("", block)).split())
        if plain:
            yield plain
    for attachment in _list(head.values.get("attachments")):
        yield attachment["title"] if isinstance(attachment, dict) and "title" in attachment else ""
    for key in ("document_number", "index_number", "issuer", "subject", "author", "editor", "source"):
        if value := head.values.get(key):
            yield value


def _said(value: Any) -> Iterator[str]:
    """Every text in a structure of lists and tables, addresses left out."""
    if isinstance(value, str):
        if not value.startswith(("/", "http")):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _said(part)
    elif isinstance(value, list):
        for part in value:
            yield from _said(part)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
