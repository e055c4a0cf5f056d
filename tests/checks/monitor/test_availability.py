"""Probes against a real, misbehaving server; the weekly share against hand-computed weeks."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from checks.monitor.availability import EVERY, Probe, probe, week

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


class Portal(http.server.BaseHTTPRequestHandler):
    """A home page, a broken one, a dripping one, a silent one, and redirects near and far."""

    def do_GET(self) -> None:
        {
            "/": lambda: self.answer(200, b"<h1>home</h1>" * 1000),
            "/broken": lambda: self.answer(503, b""),
            "/moved": lambda: self.answer(302, b"", location="/"),
            "/loop": lambda: self.answer(302, b"", location="/loop"),
            "/away": lambda: self.answer(302, b"", location="http://example.org/"),
            "/drip": self.drip,
            "/silent": lambda: time.sleep(1.2),
        }[self.path]()

    def answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(20):
            try:
                self.wfile.write(b".")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as httpd:
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_an_open_page_has_its_times_in_order(portal: str) -> None:
    visit = probe(f"{portal}/moved", NOW)

    assert (visit.ok, visit.status, visit.reason) == (True, 200, "")
    assert visit.dns_ms is not None
    assert visit.first_byte_ms is not None
    assert visit.total_ms is not None
    assert 0 <= visit.dns_ms <= visit.first_byte_ms <= visit.total_ms


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/broken", "返回 503"),
        ("/drip", "超过时限没有打开"),
        ("/silent", "超过时限没有打开"),
        ("/loop", "跳转次数过多"),
        ("/away", "跳转到别的主机 example.org"),
    ],
)
def test_each_kind_of_failure_is_told(portal: str, path: str, reason: str) -> None:
    visit = probe(portal + path, NOW, limit=0.6)

    assert (visit.ok, visit.reason) == (False, reason)


def test_no_server_and_no_name_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert probe(f"http://127.0.0.1:{port}/", NOW).reason == "连接被拒绝或中断"
    assert probe("http://no-such-host.invalid/", NOW).reason == "域名解析失败"
    assert probe(f"https://127.0.0.1:{port}/", NOW).reason == "连接被拒绝或中断"


def visits(*failed: int, count: int = 1008) -> list[Probe]:
    begin = NOW - timedelta(days=7)
    return [
        Probe(at=begin + index * EVERY, url="u", family="IPv4", ok=index not in failed)
        for index in range(count)
    ]


def test_a_full_week_counts_exactly() -> None:
    result = week(visits(*range(20)), NOW)

    assert (result.visits, result.failures, result.percent, result.gaps) == (1008, 20, 1.98, ())
    assert not result.is_veto
    assert result.failures_left == 31  # the 51st failure is 5.06 %


def test_five_percent_is_a_veto() -> None:
    assert not week(visits(*range(50)), NOW).is_veto
    assert week(visits(*range(51)), NOW).is_veto


def test_no_sample_is_no_pass_and_a_gap_is_a_gap() -> None:
    nothing = week([], NOW)
    half = week(visits(count=504), NOW)

    assert (nothing.percent, nothing.gaps) == (None, ((NOW - timedelta(days=7), NOW),))
    assert half.gaps == ((NOW - timedelta(days=3.5) - EVERY, NOW),)
