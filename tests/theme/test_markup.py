"""Every built page: whole markup, one title, the marks the guideline asks for, nothing inline, nothing foreign."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from bureau import config

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
MARKS = ("party", "error", "id", "organizer", "contact", "icp", "police", "sitemap")


@dataclass
class Markup:
    """What a page consists of; `wrong` holds every slip of nesting, doubled attributes and ids, lost pointers."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.markup = Markup()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = Counter(name for name, _ in attrs)
        self.markup.wrong += [f"<{tag}> 属性写了两次：{name}" for name, count in names.items() if count > 1]
        self.markup.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.markup.wrong.append(f"{self.getpos()} </{tag}> 关错了，开着的是 {self.open[-3:]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def read(html: str) -> Markup:
    reader = Reader()
    reader.feed(html)
    reader.close()
    markup = reader.markup
    markup.wrong += [f"没有关上：{tag}" for tag in reader.open]
    ids = Counter(attributes["id"] for _, attributes in markup.tags if attributes.get("id"))
    markup.wrong += [f"id 重复：{name}" for name, count in ids.items() if count > 1]
    for tag, attributes in markup.tags:
        for pointer in POINTERS:
            lost = [name for name in attributes.get(pointer, "").split() if name not in ids]
            markup.wrong += [f"<{tag} {pointer}> 指向没有的 {name}" for name in lost]
    return markup


@pytest.fixture(scope="module")
def pages(built_portal: Path) -> dict[str, str]:
    manifest = json.loads((built_portal / "build/manifest.json").read_text("utf-8"))
    site = built_portal / "build/site"
    found = {page["file"]: (site / page["file"]).read_text("utf-8") for page in manifest["pages"]}
    return found | {"shell.html": (built_portal / "build/shell.html").read_text("utf-8")}


@pytest.fixture(scope="module")
def markups(pages: dict[str, str]) -> dict[str, Markup]:
    return {file: read(html) for file, html in pages.items()}


def test_the_reader_sees_slips() -> None:
    assert read("<p><b></p>").wrong
    assert read('<a id="x"></a><a id="x"></a>').wrong
    assert read('<label for="y"></label>').wrong
    assert read('<p class="a" class="b"></p>').wrong
    assert not read('<p id="a">好<br><img src="x"></p>').wrong


def test_the_markup_is_whole(markups: dict[str, Markup]) -> None:
    assert {file: markup.wrong for file, markup in markups.items() if markup.wrong} == {}


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
    site = config.load(Path(__file__).parents[2] / "site.toml").identity
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


def test_a_demonstration_says_so_once(pages: dict[str, str]) -> None:
    for file, html in pages.items():
        assert html.count('class="demo-mark"') == 1, file


def test_labels_are_never_empty(markups: dict[str, Markup]) -> None:
    for file, markup in markups.items():
        assert [
            row for row in markup.all("meta") if "charset" not in row and not row["content"].strip()
        ] == [], file


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
