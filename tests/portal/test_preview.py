"""portal preview: save, look, see what the checks say beside the page, jump there. Nothing of it is published."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bureau.errors import ConfigError
from checks.finding import Finding, Place, Severity
from portal.preview import Workshop, create_preview, paragraph, rows_of_page

SOURCE = "content/xwzx/1.md"
MARKDOWN = """---
id: '1'
title: 一号线
---

# 一号线

第一段，没有问题。

第二段里要认真**布署**，见[旧闻](/no.html)。

| 单位 | 数量 |
|---|---|
| 甲站 | 布署 |
"""
PAGE = """<!doctype html><html lang="zh-CN"><title>一号线</title><main><h1>一号线</h1>
<p>第一段，没有问题。</p>FILLER
<p id="second">第二段里要认真<strong>布署</strong>，见<a href="/no.html">旧闻</a>。</p>
<table><tr><th>单位</th><th>数量</th></tr><tr><td>甲站</td><td id="cell">布署</td></tr></table></main></html>""".replace(
    "FILLER", "<p>别的话。</p>" * 60
)


def finding(line: int, column: int, text: str, path: str = SOURCE) -> Finding:
    return Finding(
        rule="typo",
        severity=Severity.ERROR,
        place=Place(path, line, column),
        text=text,
        message=f"“{text}”是错字",
    )


FINDINGS = [
    finding(10, 8, "布署"),
    finding(10, 14, "/no.html"),
    finding(14, 8, "布署"),
    finding(9, 1, "别处", "content/2.md"),
]


@pytest.fixture
def root(make_build: Callable[..., Path]) -> Path:
    root = make_build(
        {"index.html": "<main>首页</main>", "xwzx/1.html": PAGE}, sources={"xwzx/1.html": SOURCE}
    )
    (root / SOURCE).parent.mkdir(parents=True)
    (root / SOURCE).write_text(MARKDOWN, "utf-8")
    return root


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (2, ""),
        (8, "第一段，没有问题。"),
        (10, "第二段里要认真布署，见旧闻。"),
        (99, "单位\n数量\n\n\n\n\n甲站\n布署"),
    ],
)
def test_a_line_of_markdown_means_the_paragraph_that_readers_see(root: Path, line: int, said: str) -> None:
    assert "".join(paragraph(root / SOURCE, line).split()) == "".join(said.split())


def test_only_what_concerns_the_page_is_told(root: Path) -> None:
    rows = rows_of_page(root, "/xwzx/1.html", FINDINGS)

    assert [row["line"] for row in rows] == [10, 10, 14]
    assert rows[0]["editor"] == f"vscode://file{(root / SOURCE).resolve()}:10:8"
    assert rows_of_page(root, "/", FINDINGS) == []


@pytest.fixture
def workshop(root: Path) -> Workshop:
    """Rebuilds by copying the page's source state; broken while a file `broken` is there."""

    def build() -> None:
        if (root / "content/broken").exists():
            raise ConfigError("content/broken", "日期不对", 3)
        html = PAGE.replace("没有问题", "改过了") if "改过了" in (root / SOURCE).read_text("utf-8") else PAGE
        (root / "build/site/xwzx/1.html").write_text(html, "utf-8")

    return Workshop(root, build, lambda: FINDINGS)


@pytest.fixture
def page(
    root: Path, workshop: Workshop, serve_app: Callable[..., AbstractContextManager[str]], browser: Browser
) -> Iterator[Page]:
    with serve_app(create_preview(root, workshop)) as url, browser.new_page(base_url=url) as page:
        page.goto("/xwzx/1.html")
        yield page


@pytest.mark.browser
def test_findings_stand_beside_the_page_and_lead_to_the_paragraph(page: Page) -> None:
    inside = page.frame_locator("#page")
    expect(page.get_by_text("本页有 3 个问题")).to_be_visible()
    expect(inside.locator("#second")).not_to_be_in_viewport()

    for number, target in enumerate(("#second", "#second a", "#cell")):
        page.locator("#findings button").nth(number).click()
        expect(inside.locator(target)).to_be_in_viewport()
        expect(inside.locator(target)).to_have_css("outline-style", "solid")


@pytest.mark.browser
def test_a_save_refreshes_the_page_and_a_mistake_is_told(page: Page, root: Path) -> None:
    inside = page.frame_locator("#page")
    expect(page.locator("#state")).to_have_text("已检查")
    (root / SOURCE).write_text(MARKDOWN.replace("没有问题", "改过了"), "utf-8")
    expect(inside.get_by_text("第一段，改过了。")).to_be_visible(timeout=5000)

    (root / "content/broken").touch()
    expect(page.get_by_role("alert")).to_have_text("content/broken:3: 日期不对")
    expect(inside.get_by_text("第一段，改过了。")).to_be_visible()
    (root / "content/broken").unlink()
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.browser
def test_what_stands_in_the_frame_is_the_file_that_would_be_published(page: Page, root: Path) -> None:
    answer = page.request.get("/xwzx/1.html")

    assert answer.body() == (root / "build/site/xwzx/1.html").read_bytes()
    assert page.url.endswith("/xwzx/1.html")
    assert "__preview" in page.content()
