"""What a rule is given: one file that people wrote, and what is known about the site around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from bureau.adjustments import Adjustment
from bureau.channels import Channel
from bureau.config import SiteConfig
from bureau.errors import ConfigError
from bureau.front_matter import FrontMatter
from checks.finding import Place
from checks.text.blocks import Block

LinkKind = Literal["inline", "reference", "autolink", "image", "html", "front-matter"]


@dataclass(frozen=True)
class Surroundings:
    """All that a rule may know besides its file. Nothing here is read from disk by a rule."""

    config: SiteConfig
    channels: tuple[Channel, ...]
    today: date
    quality: Mapping[str, str] = field(default_factory=dict)  # content/quality: file name -> its text
    adjustments: tuple[Adjustment, ...] = ()
    content: str = "content"  # the folder of the articles, as paths of sources begin

    @cached_property
    def channel_by_path(self) -> Mapping[str, Channel]:
        return {channel.path: channel for channel in self.channels}


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A link as it stands in a file; `place` begins at its `[`, `<` or `!`."""

    href: str  # as written, entities and escapes resolved
    text: str
    kind: LinkKind
    place: Place
    start: int = 0  # offsets in the file's text: source[start:end] is the whole link
    end: int = 0


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag of HTML as somebody wrote it."""

    name: str
    attributes: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class Source:
    """A Markdown file, a page of HTML or an attachment, taken apart."""

    path: str
    kind: Literal["markdown", "html", "attachment"]
    text: str  # the file's text as read; for office files and PDF the text drawn from them
    blocks: tuple[Block, ...]
    links: tuple[SourceLink, ...]
    around: Surroundings
    tags: tuple[Tag, ...] = ()  # of HTML that stands in the file
    head: FrontMatter | None = None
    channel: Channel | None = None  # of an article below content/
    head_error: ConfigError | None = None  # why the head could not be read
