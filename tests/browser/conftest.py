"""Debian's Chromium, started once; every page it opens says what went wrong on it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from portal import web
from portal.build import build
from portal.design_pictures import one_of_each

OpenPage = Callable[..., Page]
HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
FORM = HERE / "form.html"  # every class of docs/design.md for forms, search and staff pages
EXTRA = HERE / "content"  # a withdrawn article, and one with every kind of markup
OWN = {
    "form": "/mailbox/new",
    "specimen": "/zwgk/tzgg/2026/20260103-992.html",
    "gone": "/zwgk/tzgg/2026/20260102-991.html",
}
TODAY = date(2026, 11, 25)


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


@dataclass(frozen=True)
class Specimens:
    """The portal with what only tests need beside its content, and one address for each template."""

    url: str
    templates: dict[str, str]


@pytest.fixture(scope="session")
def specimens(
    tmp_path_factory: pytest.TempPathFactory, serve_app: Callable[..., AbstractContextManager[str]]
) -> Iterator[Specimens]:
    root = tmp_path_factory.mktemp("specimens")
    shutil.copy(PROJECT / "site.toml", root)
    shutil.copytree(PROJECT / "theme", root / "theme")
    shutil.copytree(PROJECT / "content", root / "content")
    shutil.copytree(EXTRA, root / "content", dirs_exist_ok=True)
    build(root, full=True, today=TODAY)
    with serve_app(web.create_app(root, _forms(root))) as url:
        yield Specimens(url, one_of_each(root) | OWN)


def _forms(root: Path) -> Starlette:
    async def form(_request: Request) -> HTMLResponse:
        shell = (root / "build/shell.html").read_text("utf-8")
        content = FORM.read_text("utf-8")
        return HTMLResponse(
            shell.replace("<!--portal:title-->", "我要写信").replace("<!--portal:content-->", content)
        )

    return Starlette(routes=[Route("/mailbox/new", form)])


@pytest.fixture
def desk(browser: Browser, specimens: Specimens) -> Iterator[Page]:
    """A fresh page of a desktop browser; `goto` takes a path."""
    yield from _fresh(browser, specimens, width=1280, height=900)


@pytest.fixture
def phone(browser: Browser, specimens: Specimens) -> Iterator[Page]:
    yield from _fresh(browser, specimens, width=390, height=844, has_touch=True, is_mobile=True)


def _fresh(browser: Browser, specimens: Specimens, *, width: int, height: int, **more: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=specimens.url, viewport={"width": width, "height": height}, locale="zh-CN", **more
    )
    yield context.new_page()
    context.close()
