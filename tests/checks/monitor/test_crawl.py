"""LinkChecker over a site that is really served: what is dead, where it stands, what was not reached."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bureau.config import Links
from checks import built_site
from checks.built_site import Page
from checks.monitor import crawl

FILES = {
    "index.html": '<a href="/a/">甲</a><a href="/none.html">无</a>',
    "a/index.html": '<p><a href="/b.html">乙</a><img src="/no.png"></p>',
    "b.html": "<p>乙</p>",
    "lonely.html": "<p>没有链接到这里</p>",
}
PAGES = (
    Page(url="/", file="/index.html", kind="home"),
    Page(url="/a/", file="/a/index.html", kind="channel"),
    Page(url="/b.html", file="/b.html", kind="article", source="content/b.md"),
    Page(url="/lonely.html", file="/lonely.html", kind="article"),
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_dead_links_are_told_with_their_page_and_what_was_not_reached_is_said(served: str) -> None:
    seen = crawl.crawl(served, PAGES, budget=30)

    assert {finding.text for finding in seen.findings} == {f"{served}/none.html", f"{served}/no.png"}
    assert {finding.place.path for finding in seen.findings} == {f"{served}/", f"{served}/a/"}
    assert all("404" in finding.message for finding in seen.findings)
    assert seen.unchecked == ("没有走到 /lonely.html",)


def test_a_site_that_does_not_answer_is_not_judged() -> None:
    seen = crawl.crawl("http://127.0.0.1:9", (), budget=10)

    assert seen.findings == ()
    assert seen.unchecked


@pytest.mark.soak
def test_the_served_portal_is_walked_for_as_long_as_the_time_allows(
    portal_url: str, built_portal: Path
) -> None:
    pages = built_site.load(built_portal / "build/site", built_portal / "build/manifest.json").pages

    seen = crawl.crawl(portal_url, pages, budget=8)

    assert seen.pages >= 20
    answered_by_programs = tuple(portal_url + path for path in Links().served)
    assert [one for one in seen.findings if not one.text.startswith(answered_by_programs)] == []
