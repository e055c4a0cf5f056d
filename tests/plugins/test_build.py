"""What a build makes of a tiny site."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bureau.config import load as load_config

ATOM = "{http://www.w3.org/2005/Atom}"


def manifest(project: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(project.read("build/manifest.json"))
    return loaded


def labels(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta name="(\w+)" content="([^"]*)">', html))


def test_every_kind_of_page_is_there_and_in_the_manifest(project: Any) -> None:
    project.build()

    kinds = {row["file"]: row["kind"] for row in manifest(project)["pages"]}
    assert kinds == {
        "index.html": "home",
        "xw/index.html": "overview",
        "xw/yw/index.html": "channel",
        "xw/yw/2026/1001.html": "article",
        "xw/yw/2026/1002.html": "article",
        "xw/tz/index.html": "channel",
        "about/index.html": "page",
        "about/2026/2001.html": "article",
        "sitemap.html": "sitemap",
        "404.html": "error",
    }
    assert all((project.root / "build/site" / file).exists() for file in kinds)


def test_the_manifest_tells_where_a_page_comes_from(project: Any) -> None:
    project.build()

    row = next(row for row in manifest(project)["pages"] if row["file"] == "xw/yw/2026/1001.html")
    assert row | {"sha256": ""} == {
        "url": "/xw/yw/2026/1001.html",
        "file": "xw/yw/2026/1001.html",
        "source": "content/xw/yw/2026/1001-dongtai.md",
        "title": "第一篇",
        "channel": "xw/yw",
        "kind": "article",
        "department": "bgs",
        "published": "2026-03-01T09:00:00",
        "modified": "2026-03-01T09:00:00",
        "sha256": "",
    }
    channel = next(row for row in manifest(project)["channels"] if row["path"] == "xw/yw")
    assert (channel["articles"], channel["latest"], channel["limit_days"]) == (2, "2026-03-02T09:00:00", 14)


def test_pages_carry_three_seven_and_ten_labels(project: Any) -> None:
    project.build()

    site = {"SiteName", "SiteDomain", "SiteIDCode"}
    column = {"ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"}
    article = {"ArticleTitle", "PubDate", "ContentSource"}
    assert site <= labels(project.read("build/site/index.html")).keys()
    assert site | column <= labels(project.read("build/site/xw/yw/index.html")).keys()
    found = labels(project.read("build/site/xw/yw/2026/1001.html"))
    assert site | column | article <= found.keys()
    assert (found["PubDate"], found["ContentSource"]) == ("2026-03-01 09:00", "本站原创")


def _news(project: Any, numbers: range) -> None:
    for number in numbers:
        day = f"2026-{1 + number // 28:02d}-{1 + number % 28:02d} 10:00"
        project.article(f"xw/tz/2026/t{number:03d}", title=f"通知{number}", date=day)


def test_a_new_article_leaves_the_archive_as_it_is(project: Any) -> None:
    _news(project, range(65))
    project.build()
    before = {file: data for file, data in project.files("build/site").items() if "xw/tz/page/" in file}
    _news(project, range(65, 70))

    project.build()

    after = {file: data for file, data in project.files("build/site").items() if "xw/tz/page/" in file}
    assert sorted(before) == ["xw/tz/page/1.html", "xw/tz/page/2.html"]
    assert after == before


def test_the_pages_of_a_list_hold_every_article_once(project: Any) -> None:
    _news(project, range(65))

    project.build()

    pages = ["xw/tz/index.html", "xw/tz/page/2.html", "xw/tz/page/1.html"]
    found = [
        re.findall(r"/xw/tz/2026/(t\d+)\.html", project.read(f"build/site/{page}").partition("<main")[2])
        for page in pages
    ]
    assert [name for names in found for name in dict.fromkeys(names)] == [
        f"t{number:03d}" for number in range(64, -1, -1)
    ]
    assert [len(set(names)) for names in found] == [25, 20, 20]


def test_a_static_channel_with_one_article_shows_it(project: Any) -> None:
    project.article("about/2026/2001-shengming", "本站的声明全文。\n", title="网站声明")
    project.build()

    front = project.read("build/site/about/index.html")
    project.article("about/2026/2002-wuzhangai", title="无障碍说明")
    project.build()

    assert "本站的声明全文。" in front
    assert "无障碍说明" in project.read("build/site/about/index.html")
    assert "本站的声明全文。</p>" not in project.read("build/site/about/index.html")


def test_drafts_have_no_page_and_withdrawn_ones_say_why(project: Any) -> None:
    project.article("xw/yw/2026/1003", title="草稿", status="draft")
    project.article("xw/yw/2026/1004", title="撤下的", status="withdrawn", withdrawn_reason="内容有误")
    project.article("xw/yw/2026/1005", title="到期的", unpublish_at="2026-11-25")

    project.build()

    site = project.root / "build/site"
    assert not (site / "xw/yw/2026/1003.html").exists()
    assert "内容有误" in (site / "xw/yw/2026/1004.html").read_text("utf-8")
    assert "2026-11-25" in (site / "xw/yw/2026/1005.html").read_text("utf-8")
    assert not re.search("撤下的|到期的|草稿", (site / "xw/yw/index.html").read_text("utf-8"))
    assert {row["file"] for row in manifest(project)["pages"] if row["kind"] == "gone"} == {
        "xw/yw/2026/1004.html",
        "xw/yw/2026/1005.html",
    }


def test_old_addresses_lead_on(project: Any) -> None:
    project.article("xw/yw/2026/1003", redirect_from="[/c/2019-01-02/77.shtml, /old/]")

    project.build()

    rows = manifest(project)["redirects"]
    assert [(row["from"], row["to"], row["file"]) for row in rows] == [
        ("/c/2019-01-02/77.shtml", "/xw/yw/2026/1003.html", "c/2019-01-02/77.shtml"),
        ("/old/", "/xw/yw/2026/1003.html", "old/index.html"),
    ]
    assert 'content="0; url=/xw/yw/2026/1003.html"' in project.read("build/site/old/index.html")


def test_feeds_and_sitemap_are_well_formed_and_whole(project: Any) -> None:
    project.article("xw/yw/2026/1003", title="甲 & 乙 <丙>", date="2026-04-01 08:00")

    project.build()

    domain = load_config(project.root / "site.toml").identity.base_url
    feed = ElementTree.fromstring(project.read("build/site/xw/yw/feed.xml").encode())
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == [
        "甲 & 乙 <丙>",
        "第二篇",
        "第一篇",
    ]
    assert feed.findtext(f"{ATOM}updated") == "2026-04-01T08:00:00+08:00"
    sitemap = ElementTree.fromstring(project.read("build/site/sitemap.xml").encode())
    places = {row.text for row in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert {f"{domain}/", f"{domain}/xw/yw/2026/1003.html", f"{domain}/about/"} <= places
    assert f"{domain}/404.html" not in places
    assert f"Sitemap: {domain}/sitemap.xml" in project.read("build/site/robots.txt")


def test_titles_are_escaped(project: Any) -> None:
    project.article("xw/yw/2026/1003", title="'<b>甲</b> & \"乙\"'")

    project.build()

    assert "<b>甲</b>" not in project.read("build/site/xw/yw/2026/1003.html")
    assert "&lt;b&gt;甲&lt;/b&gt; &amp;" in project.read("build/site/xw/yw/2026/1003.html")


def test_an_interpretation_and_its_document_show_each_other(project: Any) -> None:
    project.article("xw/yw/2026/1003", title="某办法的解读", interprets="[1001]")

    project.build()

    assert "某办法的解读" in project.read("build/site/xw/yw/2026/1001.html")
    assert (
        'href="/xw/yw/2026/1001.html"'
        in project.read("build/site/xw/yw/2026/1003.html").partition("<main")[2]
    )


def test_attachments_are_published_with_size_and_type(project: Any) -> None:
    project.write("content/files/2026/申请表（样表）.docx", b"x" * 20480)
    project.article(
        "xw/yw/2026/1003", attachments='\n  - {file: "/files/2026/申请表（样表）.docx", title: 申请表}'
    )

    project.build()

    html = project.read("build/site/xw/yw/2026/1003.html")
    assert "20 KB" in html
    assert "DOCX" in html
    assert (project.root / "build/site/files/2026/申请表（样表）.docx").stat().st_size == 20480


def test_the_shell_has_room_for_a_title_and_a_content(project: Any) -> None:
    project.build()

    shell = project.read("build/shell.html")
    assert shell.count("<!--portal:title-->") == 1
    assert shell.count("<!--portal:content-->") == 1


def test_the_output_can_go_elsewhere(project: Any, tmp_path: Path) -> None:
    project.build(output=tmp_path / "there")

    assert (tmp_path / "there/site/index.html").exists()
    assert not (project.root / "build").exists()


def test_the_menu_leaves_out_blank_channels_until_they_are_filled(project: Any) -> None:
    project.build()
    assert "通知公告" not in project.read("build/site/index.html").partition("</header>")[0]
    assert "通知公告" in project.read("build/site/sitemap.html").partition("<main")[2]
    assert "本栏目暂无内容" in project.read("build/site/xw/tz/index.html")

    project.article("xw/tz/2026/1003-tongzhi")
    project.build()
    incremental = project.files()
    project.build(full=True)

    assert project.files() == incremental
    for file in ("index.html", "xw/yw/2026/1001.html"):
        assert "通知公告" in project.read(f"build/site/{file}").partition("</header>")[0]


def test_the_mailbox_tells_its_rules_apart_from_the_letters(real_project: Any) -> None:
    real_project.build()
    page = real_project.read("build/site/hdjl/ldxx/index.html").partition("<main")[2]
    before, heading, letters = page.partition("来信选登")

    assert heading
    assert "领导信箱写信须知" in before
    assert "领导信箱写信须知" not in letters
    assert "关于夜间机场出租车议价问题的投诉答复" in letters


def test_columns_of_a_table_are_aligned_by_class(project: Any) -> None:
    project.article("xw/yw/2026/1004-biao", body="| 项 | 数 |\n|---|---:|\n| 甲 | 1 |\n")
    project.build()

    assert '<td class="right">1</td>' in project.read("build/site/xw/yw/2026/1004.html")


def test_a_consultation_leads_to_its_form_until_its_result_is_told(project: Any) -> None:
    project.write(
        "content/channels.toml",
        project.read("content/channels.toml").replace('kind = "notice"', 'kind = "consultation"'),
    )
    days = {"opens": "2026-03-01", "closes": "2026-03-31"}
    project.article("xw/tz/2026/3001", title="征集意见", **days)
    project.build()
    form = '<a class="button" href="/mailbox/new?consultation=3001">'
    assert form in project.read("build/site/xw/tz/2026/3001.html")

    project.article("xw/tz/2026/3002", title="征集结果", **days)
    project.article("xw/tz/2026/3001", title="征集意见", result="3002", **days)
    project.build()
    asked, told = (project.read(f"build/site/xw/tz/2026/{number}.html") for number in (3001, 3002))
    assert "/mailbox/new?consultation" not in asked + told
    assert '<a href="/xw/tz/2026/3002.html">征集结果</a>' in asked
    changed = project.files("build/site")
    project.build(full=True)
    assert project.files("build/site") == changed
