"""Dispatchers killed in the middle of everything, before a gateway that loses answers: nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mailbox_api import keys, start
from mailbox_api.jobs import sweep
from mailbox_api.notices import Channel, State
from mailbox_api.setup import open_mailbox
from mailbox_api.store import outbox
from mailbox_api.store.database import Database

PROJECT = Path(__file__).parents[2]
UNDER_WAY = (State.PENDING, State.SENDING, State.UNKNOWN)
# Refuses 15 %, swallows 10 %, takes 10 % without an answer; asked, it knows what it took.
LYING = """
import os, random, time
from datetime import timedelta
from pathlib import Path
from threading import Event
from mailbox_api.gateways import Accepted, Fate, Refused, Unknown, Why
from mailbox_api.jobs import adapters, dispatch
from mailbox_api.notices import Channel
from mailbox_api.setup import open_mailbox
adapters.REST = dispatch.REST = timedelta(milliseconds=100)
dispatch.ASK_AGAIN = (timedelta(seconds=1),) * 3
dispatch.BACKOFF = (timedelta(milliseconds=200),) * 6
dispatch.MOST_TRIES = 10_000
dispatch.POLL, dispatch.FRESH = 0.05, 3
dispatch.outbox.LEASE = timedelta(seconds=6)
TAKEN = os.open("taken", os.O_RDWR | os.O_APPEND | os.O_CREAT)
class Lying:
    name = "lying"
    def send(self, message):
        fate = random.random()
        if fate < 0.15:
            return Refused(Why.TRANSIENT, "busy")
        if fate < 0.25:
            return Unknown("swallowed")
        os.write(TAKEN, (message.out_id + "\\n").encode())
        time.sleep(0.002)
        return Unknown("cut") if fate < 0.35 else Accepted(message.out_id)
    def query(self, message):
        seen = Path("taken").read_text().split()
        return Fate.TAKEN if message.out_id in seen else Fate.ABSENT
gateway = Lying()
ways = adapters.Adapters(gateways={Channel.SMS: [gateway], Channel.WECHAT: [gateway]})
dispatch.Dispatcher(mailbox=open_mailbox(Path()), adapters=ways).run(Event())
"""


@pytest.mark.soak
def test_ten_thousand_notices_survive_killed_dispatchers_and_a_lying_gateway(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dispatcher on SQLite, three on PostgreSQL, one of them killed every few seconds."""
    monkeypatch.setenv("MAILBOX_DATABASE", database.url.render_as_string(hide_password=False))
    (tmp_path / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    keys.save(keys.create(), tmp_path / "var/keys")
    list(start.first_start(tmp_path, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    wanted = notices(tmp_path, 10_000)
    kills, deadline = 0, time.monotonic() + 1200
    fleet = [dispatcher(tmp_path) for _ in range(1 if database.is_sqlite else 3)]
    try:
        while time.monotonic() < deadline:
            at_work(tmp_path / "taken")
            time.sleep(random.uniform(0, 3))
            kill(fleet.pop(0))
            kills += 1
            fleet.append(dispatcher(tmp_path))
            with database.read() as connection:
                counts = outbox.counts(connection)
            if not any(counts.get(state) for state in UNDER_WAY):
                break
    finally:
        for process in fleet:
            kill(process)

    taken = Counter((tmp_path / "taken").read_text().split())
    assert not any(counts.get(state) for state in UNDER_WAY)
    assert counts.get(State.DEAD, 0) == 0
    assert wanted <= taken.keys()  # none lost
    assert [row for row, times in taken.items() if times > 1] == []  # none doubled
    assert kills >= 10


def notices(root: Path, count: int) -> set[str]:
    """So many rows in the outbox; their ids as the gateway sees them."""
    mailbox = open_mailbox(root)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        told = [
            notice
            for number in range(count)
            for notice in sweep.alert(
                mailbox, connection, key=f"k{number}", title="测试", detail="内容", now=now
            )
            if notice.channel is Channel.SMS
        ]
        outbox.add(connection, mailbox.keys, told, now)
        rows = outbox.in_states(connection, mailbox.keys, [State.PENDING], 10 * count)
    mailbox.database.close()
    ids = {row.out_id for row in rows if row.rung == "alert"}
    assert len(ids) == count
    return ids


def at_work(taken: Path) -> None:
    """Until something more has gone out, or nothing is left to send."""
    before = taken.stat().st_size if taken.exists() else 0
    for _ in range(100):
        time.sleep(0.1)
        if taken.exists() and taken.stat().st_size > before:
            return


def dispatcher(root: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.Popen([sys.executable, "-c", LYING], cwd=root, env=environment)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
