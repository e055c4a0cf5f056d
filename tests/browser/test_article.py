"""A citizen reads an article, on a telephone and on a PC, and gets there by keyboard alone."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def articles(root: Path) -> list[dict[str, str]]:
    pages = json.loads((root / "build/manifest.json").read_text("utf-8"))["pages"]
    return [page for page in pages if page["kind"] == "article"]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_kind_of_article_reads_well(open_page, portal_url: str, built_portal: Path, width: int) -> None:  # type: ignore[no-untyped-def]
    by_channel = {page["channel"]: page for page in articles(built_portal)}

    page = open_page("/", width=width)
    for article in by_channel.values():
        page.goto(portal_url + article["url"])

        assert page.locator("h1").all_inner_texts() == [article["title"]], article["url"]
        assert page.locator("main").is_visible()
        assert overflow(page) <= 0, article["url"]


def test_the_menu_is_walked_by_keyboard(open_page) -> None:  # type: ignore[no-untyped-def]
    page = open_page("/")
    seen = []
    for _ in range(120):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """() => { const node = document.activeElement, box = node.getBoundingClientRect();
            return {href: node.getAttribute("href"), nav: !!node.closest("nav"), shown: box.width > 0 && box.height > 0} }"""
        )
        assert focus["shown"], focus
        seen.append(focus)
        if focus["nav"] and (focus["href"] or "").startswith("/xwzx/"):
            break

    assert seen[0]["href"] == "#main"  # first stop: past the menu
    assert seen[-1]["nav"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/xwzx/**")
    assert page.locator("h1").count() == 1


def test_an_unknown_address_gets_the_portals_page(open_page, portal_url: str) -> None:  # type: ignore[no-untyped-def]
    page = open_page("/")
    answer = page.request.get(f"{portal_url}/nothing/here.html")

    assert answer.status == 404
    assert "<nav" in answer.text()
