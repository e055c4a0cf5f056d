"""What a reader does: on a phone and at a desk, by keyboard, enlarged, without JavaScript, on paper."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def test_an_article_reads_on_a_phone(phone: Page, specimens: Any) -> None:
    phone.goto(specimens.templates["specimen"])

    expect(phone.locator("h1")).to_have_count(1)
    expect(phone.get_by_text("来源：昆明市交通运输局")).to_be_visible()
    expect(phone.get_by_text("发布时间：2026-01-03 09:00")).to_be_visible()
    assert phone.locator(".prose p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 18


def test_the_menu_is_walked_by_keyboard(desk: Page) -> None:
    desk.goto("/")
    desk.keyboard.press("Tab")
    expect(desk.locator(".skip-link")).to_be_focused()
    expect(desk.locator(".skip-link")).to_be_in_viewport()
    summary = desk.locator(".menu-all > summary")
    summary.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".menu-tree")).to_be_visible()
    desk.keyboard.press("Tab")
    expect(desk.locator(".menu-tree a").first).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator(".menu-tree")).to_be_hidden()
    expect(summary).to_be_focused()

    desk.locator(".menu-top").get_by_text("政务公开", exact=True).focus()
    desk.keyboard.press("Enter")
    expect(desk).to_have_url("/zwgk/")
    expect(desk.locator(".menu-top [aria-current]")).to_have_text("政务公开")


def test_the_skip_link_leads_to_the_text(desk: Page, specimens: Any) -> None:
    desk.goto(specimens.templates["specimen"])
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")

    expect(desk.locator("#main")).to_be_focused()


def test_everything_is_reached_by_keyboard_and_shows_its_focus(desk: Page, specimens: Any) -> None:
    desk.goto(specimens.templates["specimen"])
    wanted = desk.evaluate("""() => [...document.querySelectorAll('a[href], button, input, summary')]
        .filter(e => e.checkVisibility({visibilityProperty: true})).length""")
    seen = 0
    for _ in range(wanted + 20):
        desk.keyboard.press("Tab")
        style = desk.evaluate("""() => { const e = document.activeElement, s = getComputedStyle(e);
            return e === document.body ? null : [s.outlineStyle, parseFloat(s.outlineWidth)]; }""")
        if style is None:
            break
        seen += 1
        assert style[0] != "none"
        assert style[1] >= 2

    assert seen >= wanted


def test_without_javascript_all_is_there(browser: Browser, specimens: Any) -> None:
    context = browser.new_context(
        base_url=specimens.url, viewport={"width": 390, "height": 800}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/")
    page.locator(".menu-all > summary").click()
    page.locator(".menu-tree").get_by_text("办事指南", exact=True).click()
    expect(page.locator("h1")).to_contain_text("办事指南")
    page.goto(specimens.templates["specimen"])
    expect(page.get_by_role("button", name="朗读")).to_be_hidden()
    expect(page.get_by_text("别的网站的链接")).to_have_attribute("href", "https://example.org/page")
    page.goto("/mailbox/new")
    expect(page.get_by_role("button", name="提交")).to_be_visible()
    context.close()


def test_the_elder_view_stays_and_can_be_shared_and_left(phone: Page) -> None:
    html = phone.locator("html")
    phone.goto("/?view=elder")
    expect(html).to_have_attribute("data-view", "elder")
    assert phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20
    phone.goto("/zwgk/")
    expect(html).to_have_attribute("data-view", "elder")
    phone.locator(".tools > summary").click()
    phone.get_by_role("button", name="长者模式").click()
    expect(html).not_to_have_attribute("data-view", "elder")
    phone.reload()
    expect(html).not_to_have_attribute("data-view", "elder")


def test_size_contrast_pointer_and_ruler_are_kept_until_reset(desk: Page) -> None:
    desk.goto("/zwgk/")
    desk.locator(".tools > summary").click()
    for name in ("字号放大", "高对比度", "链接下划线", "特大鼠标", "阅读标尺"):
        desk.get_by_role("button", name=name).click()
    desk.reload()
    html = desk.locator("html")
    for attribute, value in (("size", "1"), ("contrast", "high"), ("underline", "on"), ("pointer", "large")):
        expect(html).to_have_attribute(f"data-{attribute}", value)
    expect(desk.locator(".ruler")).to_have_count(1)

    desk.locator(".tools > summary").click()
    desk.get_by_role("button", name="恢复默认").click()
    expect(html).not_to_have_attribute("data-contrast", "high")
    expect(desk.locator(".ruler")).to_have_count(0)


def test_the_page_is_read_aloud_paragraph_by_paragraph(desk: Page, specimens: Any) -> None:
    """The voice is the browser's; a headless one has none, so a voice that notes what it is given stands in."""
    desk.add_init_script("""window.said = [];
      window.SpeechSynthesisUtterance = function (text) { this.text = text; };
      Object.defineProperty(window, 'speechSynthesis', {value: {speaking: false, cancel() {},
        speak(words) { said.push(words.text); setTimeout(() => words.onend(), 0); }}});""")
    desk.goto(specimens.templates["specimen"])
    desk.locator(".article-tools").get_by_role("button", name="朗读").click()
    expect(desk.locator(".article-tools").get_by_role("button", name="朗读")).to_have_attribute(
        "aria-pressed", "false"
    )  # again, at the end
    said = desk.evaluate("said")

    assert said[0] == desk.locator("h1").inner_text()
    assert any(text.startswith("第一段有加粗") for text in said)
    assert "引用的一段话。" in said
    assert len(said) == len(set(said))


def test_a_device_without_a_voice_says_so(desk: Page, specimens: Any) -> None:
    desk.add_init_script("""
      window.SpeechSynthesisUtterance = function (text) { this.text = text; };
      Object.defineProperty(window, 'speechSynthesis', {value: {speaking: false, cancel() {},
        speak(words) { setTimeout(() => words.onerror({error: 'voice-unavailable'}), 0); }}});""")
    desk.goto(specimens.templates["specimen"])
    button = desk.locator(".article-tools").get_by_role("button", name="朗读")
    button.click()

    expect(desk.locator("[data-toast]")).to_have_text("这台设备没有可用的朗读语音")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_paper_shows_the_text_and_where_it_is_from(desk: Page, specimens: Any) -> None:
    desk.goto(specimens.templates["specimen"])
    desk.emulate_media(media="print")

    for gone in (".menu", ".search", ".article-tools", ".strip", ".neighbours", ".footer-links"):
        expect(desk.locator(gone).first).to_be_hidden()
    for kept in (".brand-name", "h1", ".article-facts", ".prose", ".print-source"):
        expect(desk.locator(kept)).to_be_visible()
    address = desk.locator("link[rel=canonical]").get_attribute("href")
    assert address
    assert address in desk.locator(".print-source").inner_text()
    assert len(desk.pdf(format="A4")) > 10_000


def test_leaving_for_a_foreign_site_is_told_once(desk: Page, specimens: Any) -> None:
    desk.context.route(re.compile("^https://"), lambda route: route.fulfill(body="elsewhere"))
    desk.goto(specimens.templates["specimen"])
    link, notice = desk.get_by_text("别的网站的链接"), desk.locator("#leave")
    link.focus()
    desk.keyboard.press("Enter")
    expect(notice).to_be_visible()
    expect(notice.locator("[data-leave-url]")).to_have_text("example.org")
    desk.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    expect(link).to_be_focused()

    link.click()
    notice.get_by_role("link", name="继续访问").click()
    expect(desk).to_have_url("https://example.org/page")


def test_government_sites_open_directly(desk: Page, specimens: Any) -> None:
    desk.context.route(re.compile("^https://"), lambda route: route.fulfill(body="elsewhere"))
    desk.goto(specimens.templates["specimen"])
    desk.get_by_text("政府网站的链接").click()

    expect(desk).to_have_url("https://www.mot.gov.cn/")


def test_an_error_summary_takes_the_focus(desk: Page) -> None:
    desk.goto("/mailbox/new")

    expect(desk.locator(".error-summary")).to_be_focused()


def test_the_lost_page_offers_a_search_and_the_channels(desk: Page) -> None:
    answer = desk.goto("/zwgk/tzgg/公交线路-old.html")

    assert answer
    assert answer.status == 404
    expect(desk.locator("[data-from-path]")).to_have_value("公交线路")
    expect(desk.locator(".tile-links a").first).to_have_attribute("href", "/")


def test_a_withdrawn_page_gives_its_reason(desk: Page, specimens: Any) -> None:
    answer = desk.goto(specimens.templates["gone"])

    assert answer
    assert answer.status == 410
    expect(desk.get_by_text("公示期满")).to_be_visible()
    expect(desk.locator("body")).not_to_contain_text("这一段不应出现在网页上")
