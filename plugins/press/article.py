"""One article: its card (what other pages show of it) and its sheet (what its own page shows besides)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html import unescape
from typing import Any

import msgspec

from bureau.front_matter import FrontMatter
from plugins.press import outward, pictures

SUMMARY_LENGTH = 120
Render = Callable[[str], str]  # Markdown -> HTML
_NOT_PROSE = re.compile(r"[#>|`~<!\[=-]|[*+] |\d+[.)] |    |\t")
_TAG = re.compile(r"<[^>]*>")
_BLANK_LINES = re.compile(r"\n[ \t]*\n")


class Card(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What lists, feeds and neighbours show of an article, and what finds it. Small: 100,000 stay in memory."""

    source: str  # path below the project root
    channel: str
    id: str
    title: str
    date: str  # YYYY-MM-DD HH:MM
    origin: str  # 信息来源
    department: str
    summary: str = ""
    status: str = "published"
    withdrawn_reason: str = ""
    unpublish_at: str = ""
    image: str = ""
    image_alt: str = ""
    document_number: str = ""
    index_number: str = ""
    issued: str = ""
    validity: str = ""
    theme: str = ""
    letter_number: str = ""  # of a published letter
    result: str = ""
    keywords: tuple[str, ...] = ()
    interprets: tuple[str, ...] = ()
    interpreted_by: tuple[str, ...] = ()
    redirect_from: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # attachments and picture, below content/
    pictures: tuple[str, ...] = ()  # in the running text

    @property
    def published(self) -> datetime:
        return datetime.fromisoformat(self.date)

    @property
    def url(self) -> str:
        return f"/{self.channel}/{self.date[:4]}/{self.id}.html"

    @property
    def file(self) -> str:
        return f"{self.channel}/{self.date[:4]}/{self.id}.html"

    @property
    def order(self) -> tuple[str, str]:
        return self.date, self.id


def card(source: str, channel: str, head: FrontMatter, render: Render) -> Card:
    """The card of a sound head."""
    values = head.values
    service = values.get("service")
    attachments = values.get("attachments") or ()
    files = [row["file"] for row in attachments] + ([values["image"]] if values.get("image") else [])
    return Card(
        source=source,
        channel=channel,
        id=values["id"],
        title=values["title"],
        date=values["date"],
        origin=values["source"],
        department=values["department"],
        summary=values.get("summary") or first_words(head.body, render),
        status=values.get("status") or "published",
        withdrawn_reason=values.get("withdrawn_reason", ""),
        unpublish_at=values.get("unpublish_at", ""),
        image=values.get("image", ""),
        image_alt=values.get("image_alt", ""),
        document_number=values.get("document_number", ""),
        index_number=values.get("index_number", ""),
        issued=values.get("issued", ""),
        validity=values.get("validity", ""),
        theme=service.get("theme", "") if isinstance(service, Mapping) else "",
        letter_number=values.get("letter_number", ""),
        result=values.get("result", ""),
        keywords=tuple(values.get("keywords") or ()),
        interprets=tuple(values.get("interprets") or ()),
        interpreted_by=tuple(values.get("interpreted_by") or ()),
        redirect_from=tuple(values.get("redirect_from") or ()),
        files=tuple(files),
        pictures=pictures.addresses(head.body),
    )


def first_words(body: str, render: Render) -> str:
    """The beginning of the first paragraph as plain text, for articles without a summary of their own."""
    for block in _BLANK_LINES.split(body.strip("\n"), 12)[:12]:
        if block and not _NOT_PROSE.match(block):
            text = " ".join(unescape(_TAG.sub("", render(block))).split())
            return text if len(text) <= SUMMARY_LENGTH else text[: SUMMARY_LENGTH - 1] + "…"
    return ""


def sheet(card: Card, head: FrontMatter, render: Render) -> dict[str, Any]:
    """All fields of the head for the article's own page, with `html`. Fields not written are absent."""
    values = {key: value for key, value in head.values.items() if value}
    return values | {
        "date": card.published,
        "date_text": card.date,
        "html": outward.marked(render(head.body)),
    }
