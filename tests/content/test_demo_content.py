"""The demo content must read like a real portal: sound heads, distinct wording, fresh channels, kept promises."""

import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bureau import channels, config, front_matter
from bureau.channels import Channel
from portal import demo_forms

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
WRITTEN = date(2026, 11, 25)  # the day as of which the demo content is complete
MAGIC = {".docx": b"PK", ".xlsx": b"PK", ".pdf": b"%PDF-", ".zip": b"PK"}


@dataclass(frozen=True, slots=True)
class Article:
    path: str
    head: front_matter.FrontMatter
    channel: Channel

    @property
    def id(self) -> str:
        return str(self.head.values["id"])

    @property
    def published(self) -> datetime:
        return datetime.fromisoformat(self.head.values["date"])

    def day(self, key: str) -> date:
        return date.fromisoformat(self.head.values[key])

    @property
    def wording(self) -> str:
        """What a reader sees of it, without markup, addresses and punctuation."""
        shown = {
            key: value for key, value in self.head.values.items() if key in ("title", "summary", "service")
        }
        text = " ".join([*_texts(shown), self.head.body])
        return re.sub(
            r"[^\u4e00-\u9fffA-Za-z0-9]", "", re.sub(r"\]\([^)]*\)|https?://[!-~]+|/files/\S+", "", text)
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@pytest.fixture(scope="module")
def tree() -> dict[str, Channel]:
    return {channel.path: channel for channel in channels.load(CONTENT)}


@pytest.fixture(scope="module")
def articles(tree: dict[str, Channel]) -> list[Article]:
    found = []
    for path in sorted(CONTENT.rglob("*.md")):
        channel = front_matter.channel_of(path.relative_to(CONTENT).parts, tree)
        assert channel is not None, f"{path}: in no channel"
        found.append(Article(str(path), front_matter.parse(path, path.read_text("utf-8")), channel))
    return found


def test_every_head_is_sound(articles: list[Article]) -> None:
    site = config.load(ROOT / "site.toml")
    wrong = [
        f"{article.path}:{problem.line} {problem.message}"
        for article in articles
        for problem in front_matter.problems(article.head, article.channel, site)
    ]
    assert wrong == []


def test_ids_are_unique_and_name_the_day_of_publishing(articles: list[Article]) -> None:
    ids = [article.id for article in articles]
    assert len(set(ids)) == len(ids)
    for article in articles:
        assert article.id.startswith(f"{article.published:%Y%m%d}-"), article.path
        assert f"/{article.published:%Y}/{article.id}-" in article.path


def test_there_are_enough_articles_over_three_years_and_none_from_the_future(articles: list[Article]) -> None:
    assert len(articles) >= 120
    assert {2024, 2025, 2026} <= {article.published.year for article in articles}
    assert max(article.published.date() for article in articles) <= WRITTEN


def test_no_two_articles_share_a_tenth_of_their_wording(articles: list[Article]) -> None:
    shingles = {
        article.path: {text[i : i + 5] for i in range(len(text) - 4)}
        for article in articles
        if (text := article.wording)
    }
    assert len(shingles) == len(articles)
    alike = [
        (one, other)
        for one, other in itertools.combinations(shingles, 2)
        if len(shingles[one] & shingles[other]) > 0.1 * min(len(shingles[one]), len(shingles[other]))
    ]
    assert alike == []


def test_no_channel_is_empty_or_stale_on_the_day_of_writing(
    articles: list[Article], tree: dict[str, Channel]
) -> None:
    latest: dict[str, date] = {}
    for article in articles:
        day = article.published.date()
        latest[article.channel.path] = max(day, latest.get(article.channel.path, day))
    leaves = [
        channel for channel in tree.values() if channel.path not in {row.parent for row in tree.values()}
    ]
    assert [channel.path for channel in leaves if channel.path not in latest] == []
    stale = [
        channel.path
        for channel in leaves
        if channel.limit_days and latest[channel.path] < WRITTEN - timedelta(days=channel.limit_days)
    ]
    assert stale == []


def test_closed_consultations_tell_their_result_within_a_month(articles: list[Article]) -> None:
    by_id = {article.id: article for article in articles}
    rounds = [article for article in articles if "result" in article.head.values]
    assert len(rounds) >= 6
    for article in rounds:
        told = by_id[article.head.values["result"]].published.date() - article.day("closes")
        assert timedelta(0) < told <= timedelta(days=31), article.path
    results = {article.head.values["result"] for article in rounds}
    waiting = [
        article
        for article in articles
        if article.channel.kind == "consultation" and article not in rounds and article.id not in results
    ]
    assert waiting
    assert all(article.day("closes") > WRITTEN for article in waiting)


def test_published_letters_show_when_and_by_whom_they_were_answered(articles: list[Article]) -> None:
    letters = [article for article in articles if "letter_number" in article.head.values]
    assert len(letters) >= 4
    for article in letters:
        values = article.head.values
        assert values["replied_by"]
        assert values["category"] in ("咨询", "求助", "建议", "投诉", "举报", "其他")
        assert values["received_at"] < values["replied_at"] < values["date"], article.path


def test_annual_reports_are_out_by_the_end_of_january(articles: list[Article]) -> None:
    reports = [article for article in articles if article.channel.kind == "annual"]
    assert len(reports) >= 5
    assert all(article.published.month == 1 for article in reports)


def test_service_guides_cover_every_theme_and_offer_forms(articles: list[Article]) -> None:
    guides = [article.head.values["service"] for article in articles if "service" in article.head.values]
    assert {guide["theme"] for guide in guides} == set(front_matter.SERVICE_THEMES)
    with_form = [guide for guide in guides if any("template_url" in row for row in guide["materials"])]
    assert len(with_form) >= 6


def test_every_attachment_is_there_and_is_what_its_name_says(articles: list[Article]) -> None:
    named = {row["file"] for article in articles for row in article.head.values.get("attachments", ())}
    assert len(named) >= 10
    for address in named:
        file = CONTENT / address.removeprefix("/")
        assert file.read_bytes().startswith(MAGIC.get(file.suffix, b"")), address
        if file.suffix in (".docx", ".xlsx"):
            assert zipfile.ZipFile(file).testzip() is None


def test_the_forms_are_those_that_the_script_makes(tmp_path: Path) -> None:
    for file in demo_forms.write(tmp_path):
        assert file.read_bytes() == (ROOT / demo_forms.FOLDER / file.name).read_bytes(), file.name
