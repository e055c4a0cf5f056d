"""Servers and databases that die under load: nothing acknowledged is lost, half there, or there twice."""

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bench import postgres as postgresql
from mailbox_api import keys, start
from mailbox_api.letter import NOTICE_VERSION
from mailbox_api.service import citizen
from mailbox_api.setup import open_mailbox
from mailbox_api.store import audit, letters, limits, outbox
from mailbox_api.store.database import Database

PROJECT = Path(__file__).parents[2]
KILLS = 50
WRITERS = 8
LETTER = {
    "name": "张三丰",
    "title": "公交站台夜间照明",
    "category": "咨询",
    "publish_consent": True,
    "notice_version": NOTICE_VERSION,
}


@dataclass
class Writers:
    """Citizens who send letter after letter, each under one key until it is acknowledged."""

    permits: list[str]
    acknowledged: list[tuple[str, str]] = field(default_factory=list)  # query code, key
    answers: Counter[int] = field(default_factory=Counter)  # by HTTP status
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at(self, url: str) -> Iterator[None]:
        threads = [threading.Thread(target=self._write, args=(url,)) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=10)

    def _write(self, url: str) -> None:
        with httpx.Client(base_url=url, timeout=20) as http:
            while not self._stop.is_set():
                permit, key = self.permits.pop(), secrets.token_hex(8)
                body = LETTER | {"permit": permit, "content": f"第{key}件事情，请帮忙处理一下。"}
                while not self._stop.is_set() and not self._sent(http, body, key):
                    pass

    def _sent(self, http: httpx.Client, body: dict[str, object], key: str) -> bool:
        try:
            answer = http.post("/api/v1/letters", json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code == 503:
            time.sleep(0.05)
            return False
        assert answer.status_code == 201, answer.text
        self.acknowledged.append((answer.json()["query_code"], key))
        return True


def test_no_acknowledged_letter_is_lost_when_the_server_is_killed(office: Path) -> None:
    """Writers submit without pause while the server is killed again and again."""
    nothing_lost(office, run_kills(office, KILLS), KILLS)


@pytest.mark.soak
def test_two_hundred_kills_on_each_database(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOX_DATABASE", database.url.render_as_string(hide_password=False))
    root = new_office(tmp_path)
    nothing_lost(root, run_kills(root, 200), 200)


def new_office(folder: Path) -> Path:
    """A project folder after `portal mailbox init` on a database that is there already."""
    root = folder / "office"
    root.mkdir()
    (root / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    keys.save(keys.create(), root / "var/keys")
    list(start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    return root


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
    writers = Writers(make_permits(root, kills * 160))
    with kill_again_and_again(root) as (url, next_server), writers.at(url):
        for _ in range(kills):
            pid, before = next_server(), len(writers.acknowledged)
            wait_until(lambda: len(writers.acknowledged) > before)  # noqa: B023 - called at once
            time.sleep(random.uniform(0, 0.05))
            os.kill(pid, signal.SIGKILL)
        next_server()
        time.sleep(1)
    assert set(writers.answers) == {201}
    return writers.acknowledged


@pytest.mark.soak
def test_a_database_that_restarts_under_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL stops and starts ten times; letters are refused in words meanwhile, and the alarm is raised."""
    with postgresql.cluster() as cluster:
        if cluster is None:
            pytest.skip("PostgreSQL is not installed: deploy/setup.sh test")
        monkeypatch.setenv("MAILBOX_DATABASE", cluster.empty_database())
        root = new_office(tmp_path)
        writers = Writers(make_permits(root, 20_000))
        with kill_again_and_again(root) as (url, next_server), writers.at(url):
            next_server()
            for how in ("fast", "immediate") * 5:
                before = len(writers.acknowledged)
                wait_until(lambda: len(writers.acknowledged) > before + 20)  # noqa: B023 - called at once
                cluster.stop(how)
                time.sleep(random.uniform(0.2, 2))
                cluster.start()
            before = len(writers.acknowledged)
            wait_until(lambda: len(writers.acknowledged) > before + 20)
        nothing_lost(root, writers.acknowledged, 200)

    told = [json.loads(line) for line in (root / "var/outbox/messages.jsonl").read_text("utf-8").splitlines()]
    alarms = [line["vars"]["title"] for line in told if line["template"] == "alert"]
    assert set(writers.answers) == {201, 503}
    assert "信箱数据库故障" in alarms


def wait_until(ready: Callable[[], bool]) -> None:
    for _ in range(2000):
        if ready():
            return
        time.sleep(0.02)
    raise AssertionError("nothing was acknowledged in forty seconds")


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
