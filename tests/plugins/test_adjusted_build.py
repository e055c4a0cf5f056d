"""Local adjustments in the build: on their days and no others, old addresses alive, nothing left when the file goes."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from bureau.errors import ConfigError

FROM, UNTIL = date(2026, 11, 20), date(2026, 11, 24)
HEAD = f"""number = 1
requested = 2026-11-01
requested_by = "办公室"
approved_by = "主管领导"
effective_from = {FROM}
effective_until = {UNTIL}
summary = "一句话"
"""
FILE = "content/adjustments/0001-test.toml"
CHANGES = """
[[changes]]
kind = "rename-channel"
channel = "xw/yw"
name = "头条"
[[changes]]
kind = "move-channel"
channel = "xw/tz"
to = "tz"
[[changes]]
kind = "article-layout"
article = "1"
layout = "wide"
[[changes]]
kind = "animation"
animation = "site-alert"
title = "雨天慢行"
[[changes]]
kind = "animation"
animation = "grey"
"""


@pytest.fixture
def adjusted(project: Any) -> Any:
    project.article("xw/yw/2026/1-a.md")
    project.article("xw/tz/2026/2-b.md")
    project.write(FILE, HEAD + CHANGES)
    return project


def test_it_stands_on_its_days(adjusted: Any) -> None:
    adjusted.build(today=FROM)
    home = adjusted.read("build/site/index.html")

    assert "头条" in home
    assert "雨天慢行" in home
    assert 'class="grey"' in home
    assert (adjusted.root / "build/site/tz/2026/2.html").exists()
    assert "article-layout--wide" in adjusted.read("build/site/xw/yw/2026/1.html")


def test_old_addresses_of_a_moved_channel_lead_on(adjusted: Any) -> None:
    adjusted.build(today=FROM)
    redirects = {
        row["from"]: row["to"] for row in json.loads(adjusted.read("build/manifest.json"))["redirects"]
    }

    assert redirects == {"/xw/tz/": "/tz/", "/xw/tz/2026/2.html": "/tz/2026/2.html"}
    assert "/tz/2026/2.html" in adjusted.read("build/site/xw/tz/2026/2.html")


@pytest.mark.parametrize("day", [FROM - timedelta(days=1), UNTIL + timedelta(days=1)])
def test_outside_its_days_and_without_its_file_the_site_is_the_same(adjusted: Any, day: date) -> None:
    adjusted.build(today=FROM)
    adjusted.build(today=day)
    outside = adjusted.files()
    (adjusted.root / FILE).unlink()
    adjusted.build(today=day, full=True)

    assert adjusted.files() == outside
    assert b"\xe5\xa4\xb4\xe6\x9d\xa1" not in outside["site/index.html"]


def test_the_stock_flow_gives_the_same_bytes(adjusted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    adjusted.build(today=FROM, full=True)
    fast = adjusted.files()
    monkeypatch.setenv("PORTAL_FAST", "0")
    adjusted.build(today=FROM, full=True)

    assert adjusted.files() == fast


def test_the_day_it_starts_an_incremental_build_equals_a_full_one(adjusted: Any) -> None:
    adjusted.build(today=FROM - timedelta(days=1))
    adjusted.build(today=FROM)
    incremental = adjusted.files()
    adjusted.build(today=FROM, full=True)

    assert adjusted.files() == incremental


def test_old_lists_and_withdrawn_articles_of_a_moved_channel_lead_on_too(adjusted: Any) -> None:
    for number in range(60):
        adjusted.article(f"xw/tz/2025/t{number:02d}", date=f"2025-01-{1 + number % 28:02d} 10:00")
    adjusted.article("xw/tz/2024/3-c", status="withdrawn", withdrawn_reason="公示期满")
    adjusted.build(today=FROM)
    loaded = json.loads(adjusted.read("build/manifest.json"))
    redirects = {row["from"]: row["to"] for row in loaded["redirects"]}
    pages = {row["url"] for row in loaded["pages"]}

    assert redirects["/xw/tz/page/2.html"] == "/tz/page/2.html"
    assert redirects["/xw/tz/2024/3.html"] == "/tz/2024/3.html"
    assert set(redirects.values()) <= pages


MISSING = [
    ('kind = "article-layout"\narticle = "none"\nlayout = "wide"', "没有编号为 none 的稿件"),
    (
        'kind = "animation"\nanimation = "float"\ntitle = "窗"\nurl = "/"\nimage = "/images/none.png"\nimage_alt = "图"',
        "找不到图片 /images/none.png",
    ),
    ('kind = "animation"\nanimation = "carousel"\nchannel = "xw/yw"', "轮播没有内容"),
]


@pytest.mark.parametrize(("change", "message"), MISSING)
@pytest.mark.parametrize("day", [FROM - timedelta(days=9), UNTIL])
def test_what_is_not_there_is_told_before_the_day_comes(
    project: Any, change: str, message: str, day: date
) -> None:
    project.write(FILE, f"{HEAD}[[changes]]\n{change}\n")

    with pytest.raises(ConfigError, match=rf"0001-test\.toml:8: .*{message}"):
        project.build(today=day)
    project.build(today=UNTIL + timedelta(days=1))  # it is over: no longer in anybody's way
