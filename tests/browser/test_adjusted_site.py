"""A site with local adjustments as visitors meet it: the day before they begin, while they stand, the day after."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from portal import web
from portal.build import build
from portal.published import Shopwindow
from portal.shell import closed_mailbox

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).parents[2]
ADJUSTMENTS = Path(__file__).parent / "adjustments"
BEFORE, FIRST, LAST, AFTER = (date(2026, 11, day) for day in (19, 20, 24, 25))
COUNTY = "/xwzx/xqdt/2024/20240919-017.html"
POLICY = "/zwgk/zcwj/2024/20240110-043.html"
Visit = Callable[..., Page]


class Site:
    """One folder, built for whichever day is asked for, each build upon the last."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = root, url
        self.day: date | None = None

    def on(self, day: date) -> None:
        if day != self.day:
            build(self.root, today=day)
            self.day = day


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, serve_app: Callable[..., AbstractContextManager[str]]
) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("adjusted")
    shutil.copy(PROJECT / "site.toml", root)
    shutil.copytree(PROJECT / "theme", root / "theme")
    shutil.copytree(PROJECT / "content", root / "content")
    shutil.copytree(ADJUSTMENTS, root / "content/adjustments", dirs_exist_ok=True)
    build(root, today=BEFORE)
    with serve_app(web.create_app(root, closed_mailbox(Shopwindow(root)))) as url:
        yield Site(root, url)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """`visit(day, path)` is a new visitor; `reduced_motion="reduce"` and the like as Chromium knows them."""
    contexts = []

    def visit_(day: date, path: str = "/", **more: Any) -> Page:
        site.on(day)
        context = browser.new_context(
            base_url=site.url, viewport={"width": 1280, "height": 900}, locale="zh-CN", **more
        )
        contexts.append(context)
        page = context.new_page()
        if more.get("reduced_motion") == "no-preference":
            page.clock.install()
        page.goto(path)
        return page

    yield visit_
    for context in contexts:
        context.close()


def shown_slide(page: Page) -> int:
    return round(page.locator(".slides").evaluate("e => e.scrollLeft / e.clientWidth"))


def wait_for_slide(page: Page, number: int) -> None:
    """Scrolling is smooth; the site's policy forbids `wait_for_function`, which evaluates text."""
    for _ in range(100):
        if shown_slide(page) == number:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"slide {number} did not come")


@pytest.mark.parametrize("day", [BEFORE, FIRST, LAST, AFTER], ids=["before", "first", "last", "after"])
def test_an_adjustment_stands_on_its_days_and_on_no_other(visit: Visit, day: date) -> None:
    stands = FIRST <= day <= LAST
    page = visit(day)
    menu = page.locator(".menu-tree")
    blocks = page.locator("main .block-head h2").all_inner_texts()

    assert page.evaluate("getComputedStyle(document.documentElement).filter") == (
        "grayscale(1)" if stands else "none"
    )
    expect(page.get_by_role("region", name="重要提示")).to_have_count(int(stands))
    expect(page.locator(".float")).to_have_count(int(stands))
    expect(menu.get_by_text("今日头条", exact=True)).to_have_count(int(stands))
    expect(menu.get_by_text("专题专栏", exact=True)).to_have_count(int(not stands))
    assert (blocks == ["通知公告", "今日头条", "办事指南"]) is stands
    first = page.locator(".slide a").first.get_attribute("href") or ""
    assert first.startswith("/xwzx/jtyw/" if stands else "/xwzx/tpxw/")

    page.goto(POLICY)
    assert page.locator(".article-layout--document").count() == stands
    page.goto(COUNTY)
    expect(page).to_have_url(COUNTY.replace("/xwzx/", "/zwgk/") if stands else COUNTY)
    expect(page.locator(".breadcrumbs")).to_contain_text("政务公开" if stands else "新闻中心")


def test_a_moved_channel_is_reached_by_its_old_addresses(visit: Visit, site: Site) -> None:
    page = visit(FIRST, "/xwzx/xqdt/")

    expect(page).to_have_url("/zwgk/xqdt/")
    expect(page.locator("h1")).to_contain_text("县区动态")
    expect(page.locator(".side [aria-current]")).to_have_text("县区动态")
    stub = (site.root / f"build/site{COUNTY}").read_text("utf-8")  # for a server that knows no map
    assert f"url={COUNTY.replace('/xwzx/', '/zwgk/')}" in stub


def test_the_float_is_closed_by_keyboard_and_stays_away(visit: Visit) -> None:
    page = visit(FIRST)
    box = page.locator(".float")
    expect(box).to_be_visible()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-float-close]')"):
            break
    expect(box.get_by_role("button", name="关闭浮窗")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_be_hidden()

    page.goto("/zwgk/")
    expect(page.locator(".float")).to_be_hidden()
    expect(visit(FIRST).locator(".float")).to_be_visible()  # for another visitor


def test_the_carousel_moves_until_it_is_paused(visit: Visit) -> None:
    page = visit(FIRST, reduced_motion="no-preference")
    page.mouse.move(5, 5)
    page.clock.run_for(6500)
    wait_for_slide(page, 1)
    page.get_by_role("button", name="暂停轮播").focus()
    page.keyboard.press("Enter")
    page.locator("h1").evaluate("() => document.activeElement.blur()")
    before = shown_slide(page)
    page.clock.run_for(30_000)

    assert shown_slide(page) == before
    expect(page.get_by_role("button", name="开始轮播")).to_have_attribute("aria-pressed", "true")


def test_under_reduced_motion_the_carousel_waits_for_the_visitor(visit: Visit) -> None:
    page = visit(FIRST, reduced_motion="reduce")
    page.clock.install()
    page.clock.run_for(30_000)
    assert shown_slide(page) == 0
    expect(page.locator(".slide")).to_have_count(5)
    page.get_by_role("button", name="下一张").click()
    wait_for_slide(page, 1)


@pytest.mark.parametrize("path", ["/", "/zwgk/xqdt/", POLICY])
def test_an_adjusted_page_is_for_everyone(visit: Visit, path: str) -> None:
    page = visit(LAST, path, reduced_motion="reduce")
    assert Axe().run(page).violations_count == 0
    page.set_viewport_size({"width": 320, "height": 700})

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".alert").bounding_box()["width"] <= 320  # type: ignore[index]
