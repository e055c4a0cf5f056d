"""No alert is lost while the mailbox is down, refuses or lies; none waits twice."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checks.monitor.alerts import Alert, post


@dataclass
class Mailbox:
    """A stand-in that stores by key, as the real one does, and misbehaves on demand."""

    status: int = 202
    store_before_failing: bool = False
    stored: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    url: str = ""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    state = Mailbox()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.tokens.add(self.headers["Authorization"])
            if state.status == 202 or state.store_before_failing:
                state.stored |= {row["key"]: row for row in body["notices"]}
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state.url = f"http://127.0.0.1:{httpd.server_port}/"
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield state
        httpd.shutdown()


def alert(number: int) -> Alert:
    return Alert(
        key=f"daily:{number}",
        level="error",
        audience="administrators",
        subject="死链",
        text=f"第 {number} 处",
    )


def test_what_the_mailbox_stored_leaves_the_spool(mailbox: Mailbox, tmp_path: Path) -> None:
    result = post([alert(n) for n in range(250)], mailbox.url, "secret", tmp_path)

    assert (len(result.delivered), result.waiting, result.reason) == (250, 0, "")
    assert len(mailbox.stored) == 250
    assert mailbox.tokens == {"Bearer secret"}


def test_alerts_wait_while_the_mailbox_is_down_and_go_with_the_next(mailbox: Mailbox, tmp_path: Path) -> None:
    down = post([alert(1)], "http://127.0.0.1:9", "t", tmp_path)
    again = post([alert(1)], "http://127.0.0.1:9", "t", tmp_path)
    up = post([alert(2)], mailbox.url, "t", tmp_path)

    assert (down.waiting, again.waiting, up.waiting) == (1, 1, 0)
    assert down.reason.startswith("信箱没有应答")
    assert set(mailbox.stored) == {"daily:1", "daily:2"}


def test_a_refusal_or_a_lost_answer_keeps_them(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.status, mailbox.store_before_failing = 503, True
    refused = post([alert(1)], mailbox.url, "t", tmp_path)
    mailbox.status = 202
    accepted = post([], mailbox.url, "t", tmp_path)

    assert (refused.waiting, refused.reason) == (1, "信箱返回 503")
    assert (accepted.delivered, len(mailbox.stored)) == ((alert(1),), 1)


def test_a_damaged_file_is_set_aside(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"key": ', "utf-8")
    result = post([alert(1)], mailbox.url, "t", tmp_path)

    assert result.waiting == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x.damaged"]


def test_without_an_address_they_wait(tmp_path: Path) -> None:
    assert post([alert(1)], "", "t", tmp_path).reason == "没有配置 [monitor] mailbox_url"
