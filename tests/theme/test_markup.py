"""Every built page: one title, the marks the guideline asks for, nothing inline, nothing foreign."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from bureau import adjustments, channels, config, front_matter
from bureau.channels import Channel

ROOT = Path(__file__).parents[2]
REQUIRED = {
    "SiteName", "SiteDomain", "SiteIDCode",
    "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType",
    "ArticleTitle", "PubDate", "ContentSource",
}  # fmt: skip
MARKS = ("party", "error", "id", "organizer", "contact", "icp", "police", "sitemap")


class Markup(HTMLParser):
    """The tags of a page with their attributes. That they are sound, tests/theme/test_validity.py sees to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def pages(built_portal: Path) -> dict[str, str]:
    manifest = json.loads((built_portal / "build/manifest.json").read_text("utf-8"))
    site = built_portal / "build/site"
    found = {page["file"]: (site / page["file"]).read_text("utf-8") for page in manifest["pages"]}
    return found | {"shell.html": (built_portal / "build/shell.html").read_text("utf-8")}


@pytest.fixture(scope="module")
def markups(pages: dict[str, str]) -> dict[str, Markup]:
    return {file: Markup(html) for file, html in pages.items()}


def test_one_title_one_heading_one_language(pages: dict[str, str], markups: dict[str, Markup]) -> None:
    for file, markup in markups.items():
        assert pages[file].startswith("<!DOCTYPE html>\n<html lang="), file
        assert markup.all("html")[0]["lang"] == "zh-CN", file
        assert len(markup.all("title")) == 1, file
        assert len(markup.all("main")) == 1, file
        assert len(markup.all("h1")) == (0 if file == "shell.html" else 1), file


def test_headings_skip_no_level(markups: dict[str, Markup]) -> None:
    for file, markup in markups.items():
        levels = [1, *(int(tag[1]) for tag, _ in markup.tags if re.fullmatch("h[1-6]", tag))]
        jumps = [(one, other) for one, other in pairwise(levels) if other > one + 1]
        assert jumps == [], file


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(markups: dict[str, Markup]) -> None:
    for file, markup in markups.items():
        assert markup.all("style") == [], file
        for tag, attributes in markup.tags:
            assert "style" not in attributes, (file, tag)
            assert [name for name in attributes if name.startswith("on")] == [], (file, tag)
        scripts = [row for row in markup.all("script") if row.get("type") != "application/ld+json"]
        sheets = [row for row in markup.all("link") if row["rel"] == "stylesheet"]
        assert [sorted(row) for row in scripts] == [["blocking", "defer", "src"]], file
        assert len(sheets) == 1, file
        loaded = [
            row["src"]
            for tag in ("img", "script", "source", "iframe")
            for row in markup.all(tag)
            if "src" in row
        ]
        loaded += [row["href"] for row in sheets] + [row["href"] for row in markup.all("use")]
        assert [url for url in loaded if not url.startswith("/") or url.startswith("//")] == [], file


def test_every_footer_bears_the_marks(pages: dict[str, str], markups: dict[str, Markup]) -> None:
    site = config.load(ROOT / "site.toml").identity
    for file, markup in markups.items():
        classes = {name for _, row in markup.tags for name in row.get("class", "").split()}
        assert {f"mark-{mark}" for mark in MARKS} <= classes, file
        footer = pages[file].partition('<footer class="footer">')[2]
        for text in (site.id_code, site.organizer, site.contact, site.icp, site.police_record):
            assert text in footer, (file, text)
        assert site.party_mark_url.replace("&", "&amp;") in footer, file
        assert site.error_report_url in footer, file
        header = pages[file].partition('<header class="masthead">')[2].partition("</header>")[0]
        assert site.name in header, file
        assert 'action="/search"' in header, file


def test_an_archived_channel_says_so_wherever_it_is_named(pages: dict[str, str]) -> None:
    archived = [row for row in channels.load(ROOT / "content") if row.archived]
    assert archived
    for row in archived:
        assert "本栏目已停止更新并归档" in pages[f"{row.path}/index.html"]
        for file in ("index.html", "sitemap.html", f"{row.parent}/index.html"):
            named = re.findall(rf'<a href="{row.url}"[^>]*>{row.name}(.{{0,60}})', pages[file], re.S)
            assert named, file
            assert [rest for rest in named if "已归档" not in rest] == [], file


def test_a_demonstration_says_so_once(pages: dict[str, str]) -> None:
    for file, html in pages.items():
        assert html.count('class="demo-mark"') == 1, file


def meta(markup: Markup) -> dict[str, str]:
    return {row["name"]: row["content"] for row in markup.all("meta") if "name" in row} | {
        row["property"]: row["content"] for row in markup.all("meta") if "property" in row
    }


def expected_labels(page: dict[str, str], rows: dict[str, Channel]) -> dict[str, str]:
    """What guideline-2017 §3 asks of a page, from what its sources say; optional ones where there is a value."""
    site = config.load(ROOT / "site.toml").identity
    found = {"SiteName": site.name, "SiteDomain": site.domain, "SiteIDCode": site.id_code}
    channel = rows.get(page["channel"])
    if channel:
        found |= {
            "ColumnName": channel.name,
            "ColumnDescription": channel.description,
            "ColumnKeywords": ",".join(channel.keywords),
            "ColumnType": channel.type,
        }
    if page["source"] and page["kind"] != "gone":
        head = front_matter.parse(page["source"], (ROOT / page["source"]).read_text("utf-8")).values
        found |= {"ArticleTitle": head["title"], "PubDate": head["date"], "ContentSource": head["source"]}
        optional = {
            "Keywords": ",".join(head.get("keywords", ())),
            "Author": head.get("author") or head.get("editor"),
            "Description": head.get("summary"),
            "Image": head.get("image"),
        }
        found |= {name: value for name, value in optional.items() if value}
    return found


def test_every_label_of_the_guideline_is_there_with_its_value(
    built_portal: Path, markups: dict[str, Markup]
) -> None:
    """Of home, channels, articles and static pages: 3, 7 and 10 that must be there, and those that may."""
    manifest = json.loads((built_portal / "build/manifest.json").read_text("utf-8"))
    today, tree = date.today(), channels.load(ROOT / "content")  # noqa: DTZ011 - the day of the build
    standing = adjustments.apply(
        config.load(ROOT / "site.toml"), tree, adjustments.load(ROOT / "content", tree), today
    )
    rows = {row.path: row for row in standing.channels}
    counts = set()
    for page in manifest["pages"]:
        wanted = expected_labels(page, rows)
        given = meta(markups[page["file"]])
        counts.add((page["kind"], len(wanted.keys() & REQUIRED)))
        assert {name: given.get(name) for name in wanted} == wanted, page["file"]
        if page["kind"] == "article":
            assert given["Url"] == page["url"], page["file"]
            assert given["Description"], page["file"]

    assert {("home", 3), ("overview", 7), ("channel", 7), ("page", 10), ("article", 10)} <= counts


def test_labels_are_never_empty_and_never_twice(markups: dict[str, Markup]) -> None:
    for file, markup in markups.items():
        rows = [row for row in markup.all("meta") if "charset" not in row]
        names = [row.get("name") or row["property"] for row in rows]
        assert [row for row in rows if row["content"].strip() in ("", "null")] == [], file
        assert len(names) == len(set(names)), file


def test_pages_tell_their_address_and_title_to_other_sites(
    built_portal: Path, markups: dict[str, Markup]
) -> None:
    manifest = json.loads((built_portal / "build/manifest.json").read_text("utf-8"))
    base = config.load(ROOT / "site.toml").identity.base_url
    for page in manifest["pages"]:
        canonical = [row["href"] for row in markups[page["file"]].all("link") if row["rel"] == "canonical"]
        if page["kind"] in ("gone", "error"):
            assert canonical == [], page["file"]
            continue
        assert len(canonical) == 1, page["file"]
        assert canonical[0].startswith(f"{base}/"), page["file"]
        given = meta(markups[page["file"]])
        assert given["og:url"] == canonical[0], page["file"]
        assert page["kind"] == "page" or page["title"] in given["og:title"], page["file"]
        assert given["og:type"] == ("article" if page["kind"] == "article" else "website"), page["file"]


def test_the_trail_is_told_to_machines_too(pages: dict[str, str]) -> None:
    trails = 0
    for file, html in pages.items():
        for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S):
            trail = json.loads(text)["itemListElement"]
            trails += 1
            assert [row["position"] for row in trail] == list(range(1, len(trail) + 1)), file
            assert all(row["name"] for row in trail), file
            assert all(row.get("item", "https://").startswith("https://") for row in trail), file

    assert trails > 50


def test_articles_tell_time_and_source(built_portal: Path) -> None:
    manifest = json.loads((built_portal / "build/manifest.json").read_text("utf-8"))
    for page in manifest["pages"]:
        if page["kind"] != "article":
            continue
        html = (built_portal / "build/site" / page["file"]).read_text("utf-8")
        facts = html.partition('<p class="article-facts">')[2].partition("</p>")[0]
        assert re.search(r"来源：\S", facts), page["file"]
        shown = re.search(r'<time datetime="(\S+)T(\S+)">(.*?)</time>', facts)
        assert shown, page["file"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", shown[3]), page["file"]
        assert shown[3] == f"{shown[1]} {shown[2]}", page["file"]
