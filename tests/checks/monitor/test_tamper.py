"""The live site against the release: one changed byte is a suspicion, and what was planted is named."""

import hashlib
import http.server
import threading
from collections.abc import Iterator

import pytest

from checks.built_site import Page
from checks.finding import Severity
from checks.monitor.tamper import watch

GOOD = "<!doctype html><title>页</title><p>正文</p>".encode()
Pages = dict[str, bytes]


@pytest.fixture
def live() -> Iterator[tuple[str, Pages]]:
    pages: Pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.send_response(500 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/", pages
        httpd.shutdown()


def row(url: str, kind: str = "article", published: str = "2026-11-01T09:00:00") -> Page:
    digest = hashlib.sha256(GOOD).hexdigest()
    return Page(
        url=url, file=f"{url}.html", kind=kind, source=f"content{url}.md", published=published, sha256=digest
    )


def test_an_untouched_site_is_silent(live: tuple[str, Pages]) -> None:
    url, pages = live
    pages |= {"/": GOOD, "/a": GOOD}
    result = watch(url, [row("/a"), row("/", "home")])

    assert (result.findings, result.visited, result.unchecked) == ((), 2, "")


def test_one_changed_byte_is_a_suspected_veto(live: tuple[str, Pages]) -> None:
    url, pages = live
    pages |= {"/a": GOOD.replace(b"<p>", b"<p >"), "/b": GOOD}
    findings = watch(url, [row("/a"), row("/b")]).findings

    assert [(found.text, found.severity, f"{found.place}") for found in findings] == [
        ("/a", Severity.VETO, "content/a.md")
    ]


def test_what_was_planted_is_named(live: tuple[str, Pages]) -> None:
    url, pages = live
    planted = (
        b'<script src="//evil.example/x.js"></script><a style="display: none" href="http://bet.example">x</a>'
    )
    pages["/a"] = GOOD + planted
    message = watch(url, [row("/a")]).findings[0].message

    assert "外来脚本 //evil.example/x.js" in message
    assert "隐藏链接 http://bet.example" in message


def test_what_was_not_reached_is_said(live: tuple[str, Pages]) -> None:
    url, pages = live
    pages["/a"] = GOOD
    broken = watch(url, [row("/a"), row("/gone")])
    late = watch(url, [row("/a")], budget=-1)

    assert (broken.visited, broken.unchecked) == (1, "1 个页面没有取到（超时或打不开）")
    assert (late.visited, late.unchecked) == (0, "1 个页面没有取到（超时或打不开）")
