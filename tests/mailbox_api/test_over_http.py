"""The whole story as programs and pages tell it, with a real server, and what it survives."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import altcha
import httpx

from mailbox_api.letter import NOTICE_VERSION

PROJECT = Path(__file__).parents[2]


@contextmanager
def server(root: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "mailbox_api.asgi:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen(command, cwd=root, env=os.environ | {"PYTHONPATH": str(PROJECT)})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        yield url, process
    finally:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server ended by itself"
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def messages(root: Path, count: int = 1, **wanted: str) -> list[dict[str, Any]]:
    """What the file gateway wrote, once there are `count` of the kind."""
    path = root / "var/outbox/messages.jsonl"
    for _ in range(200):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        found = [line for line in lines if all(line[key] == value for key, value in wanted.items())]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no message {wanted}")


def proof(http: httpx.Client) -> str:
    challenge = altcha.Challenge.from_dict(http.get("/api/v1/challenge").json())
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


LETTER = {
    "name": "张三丰",
    "title": "公交站台夜间照明",
    "content": "北京路公交站台晚上没有灯，等车看不清站牌，请派人看看。",
    "category": "咨询",
    "publish_consent": True,
    "notice_version": NOTICE_VERSION,
}


def test_a_letter_is_sent_answered_and_read(office: Path) -> None:
    mobile = "13912340000"
    with server(office) as (url, _), httpx.Client(base_url=url) as http:
        sent = http.post("/api/v1/otp", json={"mobile": mobile, "purpose": "letter", "altcha": proof(http)})
        assert sent.status_code == 202
        (sms,) = messages(office, template="otp")
        assert (sms["to"], sms["channel"]) == (mobile, "sms")
        assert list(sms) == ["at", "channel", "to", "template", "vars", "text"]
        checked = http.post(
            "/api/v1/otp/verify", json={"mobile": mobile, "purpose": "letter", "code": sms["vars"]["code"]}
        )
        permit = checked.json()["permit"]
        made = http.post(
            "/api/v1/letters",
            json=LETTER | {"permit": permit},
            headers={"Idempotency-Key": secrets.token_hex(8)},
        )
        assert made.status_code == 201
        receipt = made.json()
        assert {row["channel"] for row in messages(office, 2, template="new-letter")} == {"sms", "wechat"}
        (told,) = messages(office, template="citizen-received")
        assert told["to"] == mobile
        assert receipt["query_code"] not in told["text"]

        answer = reply_by_hand(http, office, receipt["number"])
        seen = http.post("/api/v1/letters/query", json={"code": receipt["query_code"]})

    assert seen.json()["status"] == "replied"
    assert seen.json()["reply"] == answer
    assert seen.headers["cache-control"] == "no-store"


def reply_by_hand(http: httpx.Client, office: Path, number: str) -> str:
    """What the first administrator does in the browser."""
    signed = http.post(
        "/staff/login", data={"login": "admin", "password": (office / "password").read_text("utf-8")}
    )
    assert (signed.status_code, signed.headers["location"]) == (303, "/staff/")
    inbox = http.get("/staff/letters")
    assert number in inbox.text
    answer = "已经派人检修，今晚亮灯。\n谢谢您的来信！"
    for action, fields in (
        ("accept", {"department": "ysgl", "handler": ""}),
        ("submit-draft", {"text": answer}),
    ):
        page = http.get(f"/staff/letters/{number}").text
        hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrf", "version")}  # type: ignore[index]
        done = http.post(f"/staff/letters/{number}/{action}", data=hidden | fields)
        assert done.status_code == 303, done.text
    return answer


def test_a_letter_without_javascript(office: Path) -> None:
    mobile = "13912340001"
    with server(office) as (url, _), httpx.Client(base_url=url) as http:
        fields = LETTER | {"publish_consent": "yes", "mobile": mobile, "consultation": "", "permit": ""}
        fields["token"] = token_in(http.get("/mailbox/new").text)
        early = http.post("/mailbox/new", data=fields | {"action": "code"})
        assert early.status_code == 409
        time.sleep(5)
        page = http.post("/mailbox/new", data=fields | {"action": "code"})
        assert "验证码已发送" in page.text
        fields["token"] = token_in(page.text)
        (sms,) = messages(office, template="otp")
        done = http.post("/mailbox/new", data=fields | {"action": "send", "code": sms["vars"]["code"]})
        code = re.search(r"data-query-code>([^<]+)<", done.text)[1]  # type: ignore[index]
        again = http.post("/mailbox/new", data=fields | {"action": "send", "code": sms["vars"]["code"]})
        shown = http.post("/mailbox/query", data={"code": code})

    assert done.status_code == 200
    assert again.status_code == 422  # the code is used; the first receipt stands
    assert 'data-status="received"' in shown.text
    assert "公交站台夜间照明" in shown.text


def token_in(page: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', page)[1]  # type: ignore[index]


def test_a_second_server_on_the_same_file_is_refused(office: Path) -> None:
    with server(office):
        second = subprocess.run(
            [sys.executable, "-c", "from portal.cli import main; main()", "mailbox", "serve", "--port", "0"],
            cwd=office,
            capture_output=True,
            text=True,
        )

    assert second.returncode == 2
    assert "只能有一个" in second.stderr
