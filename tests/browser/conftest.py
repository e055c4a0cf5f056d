"""Debian's Chromium, started once; every page it opens says what went wrong on it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, portal_url: str) -> Iterator[OpenPage]:
    """`open_page("/xwzx/", width=390)`; a test fails when its pages log an error or ask a third party."""
    contexts, trouble = [], []

    def open_(path: str, *, width: int = 1280, height: int = 900, **more: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"{path}: {error}"))
        page.on(
            "console", lambda said: trouble.append(f"{path}: {said.text}") if said.type == "error" else None
        )
        page.on(
            "request",
            lambda asked: trouble.append(asked.url) if not asked.url.startswith(portal_url) else None,
        )
        page.goto(portal_url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
