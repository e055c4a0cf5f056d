"""What moves or floats: carousel, float, site alert, grey mode. It can be stopped, closed, and stays away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from playwright.sync_api import Browser, Page, expect

from bureau import config

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
Compose = Callable[..., None]


@pytest.fixture
def compose(desk: Page) -> Compose:
    """`compose(float=…, alerts=…, grey=…, carousel=…)` answers /composed with a home page made of that."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "theme/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["static_url"] = "/static/"
    shared = {
        "site": config.load(ROOT / "site.toml").identity,
        "page": {"title": "首页", "kind": "home", "canonical": ""},
        "section": "/",
        "blocks": [],
    }

    def compose_(**parts: Any) -> None:
        desk.goto("/sitemap.html")
        addresses = {
            "css": desk.locator("link[rel=stylesheet]").get_attribute("href"),
            "js": desk.locator("script[src]").get_attribute("src"),
        }
        html = templates.get_template("index.html").render(**shared, **addresses, **parts)
        desk.route(
            "**/composed", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")
        )
        desk.goto("/composed")

    return compose_


SLIDES = [
    {"title": f"第{number}张", "url": f"/{number}", "image": "/static/mark.svg", "image_alt": f"图{number}"}
    for number in range(1, 8)
]
FLOAT = {"id": "2026-11", "title": "问卷：您满意吗", "url": "/hdjl/"}


def at(page: Page) -> int:
    """The slide that is shown, from 0."""
    return round(page.locator(".slides").evaluate("e => e.scrollLeft / e.clientWidth"))


def test_a_carousel_shows_five_at_most_and_turns_by_button_and_key(desk: Page, compose: Compose) -> None:
    desk.emulate_media(reduced_motion="reduce")
    compose(carousel=SLIDES)
    expect(desk.locator(".slide")).to_have_count(5)

    desk.get_by_role("button", name="下一张").click()
    desk.wait_for_function("document.querySelector('.slides').scrollLeft > 100")
    assert at(desk) == 1
    desk.locator(".slides").focus()
    desk.keyboard.press("ArrowLeft")
    desk.wait_for_function("document.querySelector('.slides').scrollLeft < 1")


def test_a_carousel_moves_by_itself_until_it_is_paused(desk: Page, compose: Compose) -> None:
    desk.clock.install()
    desk.emulate_media(reduced_motion="no-preference")
    compose(carousel=SLIDES)
    desk.clock.run_for(6500)
    desk.wait_for_function("document.querySelector('.slides').scrollLeft > 100")

    pause = desk.get_by_role("button", name="暂停轮播")
    pause.click()
    before = at(desk)
    desk.clock.run_for(30_000)
    assert at(desk) == before
    expect(desk.get_by_role("button", name="开始轮播")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("how", ["reduced motion", "elder view"])
def test_a_carousel_stands_still_for_those_who_ask(desk: Page, compose: Compose, how: str) -> None:
    desk.clock.install()
    desk.emulate_media(reduced_motion="reduce" if how == "reduced motion" else "no-preference")
    if how == "elder view":
        desk.goto("/sitemap.html?view=elder")
    compose(carousel=SLIDES)
    desk.clock.run_for(30_000)

    assert at(desk) == 0


def test_a_float_is_closed_by_keyboard_and_stays_closed(desk: Page, compose: Compose) -> None:
    compose(float=FLOAT)
    box = desk.locator(".float")
    expect(box).to_be_visible()
    box.get_by_role("link").focus()
    desk.keyboard.press("Escape")
    expect(box).to_be_hidden()
    desk.reload()
    expect(box).to_be_hidden()


def test_closing_comes_first_in_a_float_and_the_elder_view_has_none(desk: Page, compose: Compose) -> None:
    compose(float=FLOAT)
    first = desk.locator(".float :is(a, button)").first
    expect(first).to_have_accessible_name("关闭浮窗")
    desk.evaluate("document.documentElement.dataset.view = 'elder'")

    expect(desk.locator(".float")).to_be_hidden()


def test_an_alert_stands_above_the_text(desk: Page, compose: Compose) -> None:
    compose(alerts=[{"level": "emergency", "title": "道路结冰", "text": "请减速。", "url": "/zwgk/"}])
    box = desk.get_by_role("region", name="重要提示")

    expect(box).to_contain_text("道路结冰")
    expect(box.get_by_role("link")).to_have_attribute("href", "/zwgk/")


def test_grey_mode_leaves_what_is_fixed_in_its_place(desk: Page, compose: Compose) -> None:
    """The filter stands on html: on body it would make fixed boxes scroll away."""
    compose(grey=True, float=FLOAT)
    assert desk.evaluate("getComputedStyle(document.documentElement).filter") == "grayscale(1)"
    assert desk.evaluate("getComputedStyle(document.body).filter") == "none"
    box = desk.locator(".float").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900


def test_without_javascript_slides_are_scrolled_by_hand(browser: Browser, specimens: Any) -> None:
    context = browser.new_context(base_url=specimens.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")

    assert page.locator(".slide a").count() >= 2
    assert page.evaluate("getComputedStyle(document.querySelector('.slides')).overflowX") == "auto"
    expect(page.locator(".carousel-controls")).to_be_hidden()
    context.close()
