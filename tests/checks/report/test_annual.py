"""The yearly table is counted where it can be and says 待填 where it cannot."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bureau import config as site_config
from bureau.errors import ConfigError
from checks.built_site import ChannelRow, Page
from checks.monitor.evidence import Article
from checks.report.annual import BY_HAND, TO_FILL, compose, entries, read_by_hand
from checks.report.document import Table

CONFIG = site_config.load(Path(__file__).parents[3] / "site.toml")
CHANNELS = [
    ChannelRow(path="jggk/jgzn", name="职能", url="/", kind="static", type="机构职能", level=2),
    ChannelRow(path="xwzx/jtyw", name="要闻", url="/", kind="news", level=2),
    ChannelRow(path="zwgk/tzgg", name="公告", url="/", kind="notice", level=2),
    ChannelRow(path="zwgk/zcjd", name="解读", url="/", kind="interpretation", level=2),
    ChannelRow(path="ztzl/jtqg", name="专题", url="/", kind="topic", level=2),
    ChannelRow(path="ztzl/old", name="归档专题", url="/", kind="topic", level=2, archived=True),
    ChannelRow(path="hdjl/myzj", name="征集", url="/", kind="consultation", level=2),
]


def article(channel: str, year: int = 2026, **head: Any) -> Article:
    return Article(
        id="1", url="/", source="a.md", title="题", channel=channel, published=datetime.fromisoformat(f"{year}-05-01T09:00"),
        head=head, body="", file="/a.html",
    )  # fmt: skip


ARTICLES = [
    article("xwzx/jtyw"), article("xwzx/jtyw", 2025), article("jggk/jgzn"), article("zwgk/tzgg"), article("zwgk/zcjd", form="图解"),
    article("zwgk/zcjd"), article("ztzl/jtqg"), article("hdjl/myzj", closes="2026-06-01", result="9"), article("hdjl/myzj"),
]  # fmt: skip
PAGES = [
    Page(url="/", file="/", kind="article", channel=row.channel, published=row.published.isoformat())
    for row in ARTICLES
]
MAILBOX = {
    "months": {
        "2025-12": {"received": 99},
        "2026-01": {"received": 10, "answered": 8, "published": 2, "mean_natural_days": 3.0},
        "2026-02": {"received": 5, "answered": 2, "published": 1, "mean_natural_days": 8.0},
    }
}


def filled(**by_hand: str) -> dict[str, str]:
    rows = entries(2026, CONFIG, CHANNELS, PAGES, ARTICLES, MAILBOX, by_hand)
    return {row.label: row.value for row in rows}


def test_what_can_be_counted_is_counted() -> None:
    table = filled()

    expected = {
        "信息发布总数（条）": "8", "概况类信息更新量（条）": "1", "政务动态信息更新量（条）": "1", "信息公开目录信息更新量（条）": "1",
        "维护数量（个）": "1", "解读信息发布总数（条）": "2", "其中：解读产品数量（个）": "1", "征集调查：期数（期）": "1",
        "征集调查：公布结果期数（期）": "1", "留言：收到数量（条）": "15", "留言：平均办理时间（天）": "4.0",
    }  # fmt: skip
    assert {label: table[label] for label in expected} == expected


def test_the_rest_is_to_be_filled_until_somebody_does() -> None:
    assert filled()["网站总访问量（次）"] == TO_FILL
    assert filled(visits="120000")["网站总访问量（次）"] == "120000"
    document = compose(
        2026, entries(2026, CONFIG, CHANNELS, PAGES, ARTICLES, None, {}), CONFIG, date(2027, 1, 20)
    )
    assert any(
        isinstance(block, Table) and ("留言：收到数量（条）", "信箱统计没有读到") in block.rows
        for block in document.blocks
    )
    assert f"还有 {len(BY_HAND)} 项待填" in str(document.blocks[-1])


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "annual-2026.toml"
    path.write_text("visits = 3\nsecurity_drill = true\n", "utf-8")
    assert read_by_hand(path) == {"visits": "3", "security_drill": "是"}
    path.write_text('visit = "3"\n', "utf-8")

    with pytest.raises(ConfigError, match="不认识的键 visit，可用：visitors"):
        read_by_hand(path)
