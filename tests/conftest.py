"""What tests of several parts share: the real content/, built once, and served."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.types import ASGIApp

from portal import web
from portal.build import build
from portal.commands.serve import listen
from portal.published import Shopwindow
from portal.shell import closed_mailbox

ROOT = Path(__file__).parents[1]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The synchronous Playwright keeps a loop running, so its tests have processes of their own (see Makefile)."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def built_portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which build/ is the real content, as `portal build` makes it."""
    root = tmp_path_factory.mktemp("portal")
    build(ROOT, output=root / "build")
    return root


@pytest.fixture(scope="session")
def portal_url(built_portal: Path) -> Iterator[str]:
    """Where the built portal answers, without a slash at the end."""
    with running(web.create_app(built_portal, closed_mailbox(Shopwindow(built_portal)))) as url:
        yield url


@pytest.fixture(scope="session")
def serve_app() -> Callable[[ASGIApp], object]:
    """`with serve_app(app) as url:` any ASGI application on a port of its own."""
    return running


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once: a second playwright in the same process is refused."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(QUIET))
        yield browser
        browser.close()
