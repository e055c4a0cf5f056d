"""What there is to publish on one day: channels, articles in their order, files; and who stands beside whom."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bureau.adjustments import InForce
from bureau.channels import Channel
from bureau.config import SiteConfig
from plugins.press.article import Card

RELATED = 5
LOOKED_THROUGH = 20  # articles, for those with a picture
_FILLED_OTHERWISE = ("mailbox", "interaction")  # kinds of channels that programs fill


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that is published as it is."""

    file: str  # below the site's root
    source: str
    sha256: str
    size: int
    pages: int = 0  # of a PDF
    width: int = 0  # of a picture, in pixels
    height: int = 0

    @property
    def url(self) -> str:
        return f"/{self.file}"


@dataclass(frozen=True)
class Catalog:
    standing: InForce  # settings and channels of the day, local adjustments over them
    channels: Mapping[str, Channel]
    cards: Sequence[Card]  # drafts included
    digests: Mapping[str, bytes]  # source -> digest of the file
    assets: Mapping[str, Asset]  # file -> asset
    today: date

    @property
    def config(self) -> SiteConfig:
        return self.standing.config

    @cached_property
    def _stands(self) -> tuple[dict[str, list[Card]], dict[str, list[Card]]]:
        shown: dict[str, list[Card]] = {path: [] for path in self.channels}
        gone: dict[str, list[Card]] = {path: [] for path in self.channels}
        today = self.today.isoformat()
        for card in self.cards:
            if card.status == "withdrawn" or (card.unpublish_at and card.unpublish_at <= today):
                gone[card.channel].append(card)
            elif card.status == "published":
                shown[card.channel].append(card)
        for rows in (*shown.values(), *gone.values()):
            rows.sort(key=lambda card: (card.date, card.id))  # its order, without asking for a property
        return shown, gone

    @property
    def shown(self) -> Mapping[str, Sequence[Card]]:
        """Published articles of each channel, oldest first."""
        return self._stands[0]

    @property
    def gone(self) -> Mapping[str, Sequence[Card]]:
        """Withdrawn or expired articles: their address answers 410."""
        return self._stands[1]

    @cached_property
    def by_id(self) -> Mapping[str, Card]:
        return {card.id: card for rows in self.shown.values() for card in rows}

    @cached_property
    def _interpretations(self) -> Mapping[str, list[str]]:
        """id -> ids of the articles that interpret it, whichever side wrote it down."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for card in self.by_id.values():
            for other in card.interprets:
                found[other][card.id] = None
            for other in card.interpreted_by:
                found[card.id][other] = None
        return {key: list(ids) for key, ids in found.items()}

    @cached_property
    def _interpreted(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for document, ids in self._interpretations.items():
            for interpretation in ids:
                found[interpretation][document] = None
        return {key: list(ids) for key, ids in found.items()}

    @cached_property
    def related_ids(self) -> frozenset[str]:
        """Ids that stand on either side of an interpretation."""
        return frozenset((*self._interpretations, *self._interpreted))

    @cached_property
    def feedback_ids(self) -> frozenset[str]:
        """Ids of the articles that tell what came of a consultation."""
        return frozenset(card.result for card in self.by_id.values() if card.result)

    def interprets(self, card: Card) -> list[Card]:
        return self._existing(self._interpreted.get(card.id, ()))

    def interpreted_by(self, card: Card) -> list[Card]:
        return self._existing(self._interpretations.get(card.id, ()))

    def _existing(self, ids: Sequence[str]) -> list[Card]:
        if not ids:
            return []
        rows = [self.by_id[key] for key in ids if key in self.by_id]
        return sorted(rows, key=lambda card: card.order)

    @cached_property
    def _places(self) -> frozenset[str]:
        """Files of the site that stand whatever the articles are."""
        fixed = ("index.html", "404.html", "sitemap.html", "sitemap.xml", "feed.xml", "robots.txt")
        return frozenset(
            (*fixed, *(f"{path}/{name}" for path in self.channels for name in ("index.html", "feed.xml")))
        )

    def is_taken(self, file: str) -> bool:
        """Whether a page or another file of the site stands there."""
        name = file.rpartition("/")[2].removesuffix(".html")
        article = self._all_by_id.get(name)
        if (article and article.file == file) or file in self._places or file in self.assets:
            return True
        archive = re.fullmatch(r"(.+)/page/\d+\.html", file)
        return (
            (archive is not None and archive[1] in self.channels)
            or file.startswith("static/")
            or re.fullmatch(r"sitemap-\d+\.xml", file) is not None
        )

    @cached_property
    def _all_by_id(self) -> Mapping[str, Card]:
        return {card.id: card for rows in (*self.gone.values(), *self.shown.values()) for card in rows}

    @cached_property
    def blank(self) -> tuple[str, ...]:
        """Paths of channels with nothing to read in them nor below them. The menu hides them (2017 guideline 六:
        no blank channels), their address still answers."""
        filled = [f"{path}/" for path, cards in self.shown.items() if cards]
        return tuple(
            row.path
            for row in self.channels.values()
            if row.kind not in _FILLED_OTHERWISE
            and not any(path.startswith(f"{row.path}/") for path in filled)
        )

    def archive_pages(self, channel: Channel) -> int:
        """Whole pages of a channel's list that nothing new will touch; none where the address shows no list."""
        if channel.layout == "overview":
            return 0
        return max(0, len(self.shown[channel.path]) // self.config.build.page_size - 1)

    def children(self, channel: Channel) -> list[Channel]:
        return [row for row in self.channels.values() if row.parent == channel.path]

    def below(self, channel: Channel) -> list[Channel]:
        """The channel and all channels below it, in the order of the tree."""
        return [row for row in self.channels.values() if f"{row.path}/".startswith(f"{channel.path}/")]

    def top(self, channel: Channel) -> Channel:
        return self.channels[channel.path.partition("/")[0]]

    def newest(self, channel: Channel, count: int) -> list[Card]:
        """Of the channel and those below it, newest first."""
        rows = [card for row in self.below(channel) for card in self.shown[row.path][-count:]]
        return sorted(rows, key=lambda card: card.order, reverse=True)[:count]

    def pictured(self, channel: Channel) -> list[Card]:
        """Of its newest articles those with a picture, for the carousel."""
        return [card for card in self.newest(channel, LOOKED_THROUGH) if card.image]


class Kinships:
    """Earlier articles of one channel that share keywords.

    Only earlier ones, so that a new article leaves the pages of the old ones as they are.
    """

    def __init__(self, cards: Sequence[Card]) -> None:
        self._by_keyword: defaultdict[str, list[tuple[tuple[str, str], Card]]] = defaultdict(list)
        for card in cards:  # in their order, so that each list is sorted
            for keyword in card.keywords:
                self._by_keyword[keyword].append((card.order, card))

    def of(self, card: Card) -> list[Card]:
        """The most kindred first, then the newest."""
        shared: dict[str, int] = {}
        found: dict[str, Card] = {}
        for keyword in card.keywords:
            rows = self._by_keyword[keyword]
            end = bisect_left(rows, (card.order,))
            for _, other in rows[max(0, end - RELATED) : end]:
                found[other.id] = other
                shared[other.id] = shared.get(other.id, 0) + 1
        ranked = sorted(found.values(), key=lambda row: (shared[row.id], row.order), reverse=True)
        return ranked[:RELATED]
