"""Searching as a citizen does: from the box of any page, refined in place, by keyboard, and without JavaScript."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(desk: Page) -> Page:
    """The answer to 公交, with a mark on the window that a load of the page would wipe away."""
    desk.goto("/zwgk/")
    desk.get_by_role("searchbox", name="站内搜索").fill("公交")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url("/search?q=%E5%85%AC%E4%BA%A4")
    desk.evaluate("window.stayed = true")
    return desk


def total(page: Page) -> int:
    return int("".join(char for char in page.get_by_role("status").first.inner_text() if char.isdigit()))


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def test_conditions_take_effect_at_once_and_the_way_back_undoes_them(asked: Page) -> None:
    everything = total(asked)
    asked.get_by_label("年份").focus()
    asked.get_by_label("年份").select_option("2026")
    expect(asked).to_have_url("/search?q=%E5%85%AC%E4%BA%A4&year=2026")
    expect(asked.get_by_role("status").first).not_to_contain_text(f"找到 {everything} 条")
    assert 0 < total(asked) < everything
    expect(asked.get_by_label("年份")).to_be_focused()
    assert stayed(asked)

    asked.go_back()
    expect(asked.get_by_role("status").first).to_contain_text(f"找到 {everything} 条")
    expect(asked.get_by_label("年份")).to_have_value("")
    assert stayed(asked)


def test_kinds_and_pages_are_turned_by_keyboard_and_told_aloud(asked: Page) -> None:
    tab = asked.get_by_role("navigation", name="按类别看").get_by_role("link", name="信息公开")
    tab.focus()
    asked.keyboard.press("Enter")
    expect(asked.get_by_role("status").first).to_be_focused()  # read aloud, and the results come next
    expect(asked.get_by_role("navigation", name="按类别看").locator("[aria-current]")).to_contain_text(
        "信息公开"
    )
    asked.get_by_role("link", name="下一页").click()
    expect(asked.get_by_role("navigation", name="分页").locator("[aria-current]")).to_have_text("2")
    assert stayed(asked)

    asked.get_by_label("排序").select_option("date")  # the kind is kept, the pages begin anew
    expect(asked).to_have_url(
        "/search?q=%E5%85%AC%E4%BA%A4&sort=date&group=%E4%BF%A1%E6%81%AF%E5%85%AC%E5%BC%80"
    )
    days = asked.locator(".results time").all_inner_texts()
    assert days == sorted(days, reverse=True)


def test_when_the_request_fails_the_page_loads_as_without_a_script(asked: Page) -> None:
    asked.evaluate("() => { window.fetch = () => Promise.reject(new Error('no network')); }")
    asked.get_by_label("年份").select_option("2025")
    expect(asked).to_have_url("/search?q=%E5%85%AC%E4%BA%A4&year=2025")
    asked.wait_for_load_state()

    assert not stayed(asked)
    expect(asked.get_by_label("年份")).to_have_value("2025")


def test_nothing_found_suggests_what_may_have_been_meant(desk: Page) -> None:
    desk.goto("/search?q=网络预约出祖汽车")
    expect(desk.get_by_role("status").first).to_contain_text("没有找到")
    suggestion = desk.locator(".link-list a").first
    word = suggestion.inner_text()
    suggestion.click()
    expect(desk.get_by_role("searchbox", name="找什么")).to_have_value(word)

    assert desk.locator(".results a").count() > 0


def test_it_all_works_without_javascript(browser: Browser, specimens: Any) -> None:
    context = browser.new_context(base_url=specimens.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox", name="站内搜索").fill("公交")
    page.keyboard.press("Enter")
    page.get_by_label("年份").select_option("2026")
    page.locator("main").get_by_role("button", name="搜索").click()
    expect(page.get_by_label("年份")).to_have_value("2026")
    assert {day[:4] for day in page.locator(".results time").all_inner_texts()} == {"2026"}
    context.close()


@pytest.mark.parametrize(
    "address", ["/search", "/search?q=公交", "/search?q=公交&group=信息公开", "/search?q=没有这样的词"]
)
def test_every_answer_is_for_everyone(phone: Page, address: str) -> None:
    phone.goto(address)
    for view in ("", "elder"):
        phone.evaluate("view => { document.documentElement.dataset.view = view; }", view)
        assert Axe().run(phone).violations_count == 0
        for width in (320, 1280):
            phone.set_viewport_size({"width": width, "height": 800})
            assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), (view, width)
