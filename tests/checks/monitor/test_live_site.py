"""Online services and IPv6, against a real local server."""

import http.server
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from checks.monitor.live_site import look

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class SixServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


@pytest.fixture
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_some_services_down_is_told_and_all_down_means_no_entry(site: str) -> None:
    some = look(site, [f"{site}/a", f"{site}/gone"], NOW)
    none = look(site, [f"{site}/gone"], NOW)

    assert some["online-systems-down"] == [f"{site}/gone：返回 404"]
    assert some["no-online-service-entry"] == []
    assert none["no-online-service-entry"] == [f"{site}/gone：返回 404"]


def test_no_service_named_leaves_the_entry_unjudged(site: str) -> None:
    assert "no-online-service-entry" not in look(site, [], NOW)


def test_a_host_without_aaaa_fails_and_one_that_answers_passes() -> None:
    try:
        server = SixServer(("::1", 0), Quiet)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")  # judged on machines that have one
    with server as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        url = f"http://[::1]:{httpd.server_port}/"
        assert look(url, [], NOW)["no-ipv6"] == []
        assert look("http://127.0.0.1:9/", [], NOW)["no-ipv6"] == ["127.0.0.1 没有 IPv6 地址"]
        httpd.shutdown()


def test_a_name_that_cannot_be_asked_stays_unjudged(site: str) -> None:
    def no_answer(host: str) -> bool:
        raise OSError("name service down")

    assert "no-ipv6" not in look(site, [], NOW, resolve=no_answer)
