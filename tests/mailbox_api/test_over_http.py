"""The whole story as programs and pages tell it, with a real server, and what it survives."""

import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import altcha
import httpx
import pytest

from mailbox_api import keys, start
from mailbox_api.letter import NOTICE_VERSION
from mailbox_api.service import citizen
from mailbox_api.setup import open_mailbox
from mailbox_api.store import audit, letters, limits, outbox
from mailbox_api.store.database import Database

PROJECT = Path(__file__).parents[2]
KILLS = 50
WRITERS = 4


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A project folder right after `portal mailbox init`."""
    (tmp_path / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    told = list(
        start.first_start(tmp_path, login="admin", name="管理员", mobile="", demo_mobile="13800000000")
    )
    (tmp_path / "password").write_text(re.search(r"口令 (\S+)（", "".join(told))[1], "utf-8")  # type: ignore[index]
    return tmp_path


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


def test_no_acknowledged_letter_is_lost_when_the_server_is_killed(office: Path) -> None:
    """Writers submit without pause while the server is killed again and again."""
    nothing_lost(office, run_kills(office, KILLS), KILLS)


@pytest.mark.soak
def test_two_hundred_kills_on_each_database(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "office"
    root.mkdir()
    (root / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    keys.save(keys.create(), root / "var/keys")
    monkeypatch.setenv("MAILBOX_DATABASE", database.url.render_as_string(hide_password=False))
    list(start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))

    nothing_lost(root, run_kills(root, 200), 200)


def nothing_lost(root: Path, acknowledged: list[tuple[str, str]], kills: int) -> None:
    """Every acknowledged letter is there, whole and once; the audit chain holds."""
    mailbox = open_mailbox(root)
    for code, key in acknowledged:
        progress = citizen.look_up(mailbox, code, "127.0.0.1")
        assert progress.words is not None
        assert key in progress.words.content
    with mailbox.database.read() as connection:
        stored = letters.open_letters(connection)
        words = [letters.words(connection, mailbox.keys, letter.number) for letter in stored]
        notices = [
            outbox.of_subject(connection, mailbox.keys, "letter", letter.number) for letter in stored[:50]
        ]
    contents = [one.content for one in words if one is not None]
    assert len(acknowledged) >= kills
    assert len(contents) == len(stored)  # none half
    assert len(set(contents)) == len(contents)  # none doubled under its key
    assert len(stored) <= len(acknowledged) + WRITERS  # the rest was cut off before its answer
    assert all(notices)
    assert audit.verify(mailbox.database).broken_at is None
    mailbox.database.close()


def run_kills(root: Path, kills: int) -> list[tuple[str, str]]:
    """(query code, idempotency key) of every letter that was answered 201; each key was sent until it was."""
    permits = make_permits(root, kills * 80)
    acknowledged: list[tuple[str, str]] = []
    address: dict[str, str] = {}
    stop = threading.Event()

    def write() -> None:
        with httpx.Client(base_url=address["url"], timeout=5) as http:
            while not stop.is_set():
                permit, key = permits.pop(), secrets.token_hex(8)
                body = LETTER | {"permit": permit, "content": f"第{key}件事情，请帮忙处理一下。"}
                while not stop.is_set():
                    try:
                        answer = http.post("/api/v1/letters", json=body, headers={"Idempotency-Key": key})
                    except httpx.TransportError:
                        continue
                    assert answer.status_code == 201, answer.text
                    acknowledged.append((answer.json()["query_code"], key))
                    break

    with kill_again_and_again(root) as (url, next_server):
        address["url"] = url
        threads = [threading.Thread(target=write) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for _ in range(kills):
            pid, before = next_server(), len(acknowledged)
            wait_until(lambda: len(acknowledged) > before)  # noqa: B023 - called at once
            time.sleep(random.uniform(0, 0.05))
            os.kill(pid, signal.SIGKILL)
        next_server()
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join(timeout=10)
    return acknowledged


def wait_until(ready: Callable[[], bool]) -> None:
    for _ in range(2000):
        if ready():
            return
        time.sleep(0.005)
    raise AssertionError("nothing was acknowledged in ten seconds")


# Imports once, then forks a server after every death, all on one listening socket.
NURSERY = """
import os, socket, sys
import uvicorn
from pathlib import Path
from mailbox_api.start import standalone
listening = socket.create_server(("127.0.0.1", 0), backlog=512)
print(listening.getsockname()[1], flush=True)
while True:
    child = os.fork()
    if child == 0:
        config = uvicorn.Config(standalone(Path()), log_level="warning", ws="none", lifespan="on")
        uvicorn.Server(config).run([listening])
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
"""


@contextmanager
def kill_again_and_again(root: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    process = subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = process.stdout
    try:
        yield f"http://127.0.0.1:{int(lines.readline())}", lambda: int(lines.readline())
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        lines.close()


def make_permits(root: Path, count: int) -> list[str]:
    """Proven mobiles, as if so many people had verified theirs."""
    mailbox = open_mailbox(root)
    tokens = []
    with mailbox.database.write() as connection:
        for number in range(count):
            mobile, token = f"139{number:08d}", secrets.token_urlsafe(16)
            tokens.append(token)
            limits.add_permit(
                connection,
                token_hmac=mailbox.keys.digest("permit", token),
                mobile_ct=mailbox.keys.seal(mobile, f"permit|{token}"),
                mobile_bi=mailbox.keys.blind(mobile),
                purpose="letter",
                expires_at=mailbox.clock().replace(year=2100),
            )
    mailbox.database.close()
    return tokens
