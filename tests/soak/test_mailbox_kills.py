"""Dispatchers killed in the middle of everything, before a gateway that loses answers: nothing lost, nothing doubled."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mailbox_api import start
from mailbox_api.jobs import sweep
from mailbox_api.notices import Channel, State
from mailbox_api.setup import open_mailbox
from mailbox_api.store import outbox

pytestmark = pytest.mark.soak

PROJECT = Path(__file__).parents[2]
NOTICES = 1000
LYING = """
import os, random, sys, time
from pathlib import Path
from threading import Event
from mailbox_api.gateways import Accepted, Fate, Refused, Unknown, Why
from mailbox_api.jobs import dispatch
from mailbox_api.jobs.adapters import Adapters
from mailbox_api.notices import Channel
from mailbox_api.setup import open_mailbox
from datetime import timedelta
dispatch.ASK_AGAIN = (timedelta(seconds=1),) * 3
dispatch.BACKOFF = (timedelta(milliseconds=200),) * 50
dispatch.POLL = 0.05
dispatch.outbox.LEASE = timedelta(seconds=3)
TAKEN = Path("taken")
class Lying:
    name = "lying"
    def send(self, message):
        fate = random.random()
        if fate < 0.15:
            return Refused(Why.TRANSIENT, "busy")
        if fate < 0.25:
            return Unknown("swallowed")
        handle = os.open(TAKEN, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, (message.out_id + "\\n").encode())
        os.close(handle)
        time.sleep(0.002)
        return Unknown("cut") if fate < 0.35 else Accepted(message.out_id)
    def query(self, message):
        seen = TAKEN.read_text().split() if TAKEN.exists() else []
        return Fate.TAKEN if message.out_id in seen else Fate.ABSENT
gateway = Lying()
adapters = Adapters(gateways={Channel.SMS: [gateway], Channel.WECHAT: [gateway]})
dispatcher = dispatch.Dispatcher(mailbox=open_mailbox(Path()), adapters=adapters)
dispatcher.run(Event())
"""


def test_notices_survive_killed_dispatchers_and_a_lying_gateway(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "site.toml", tmp_path)
    list(start.first_start(tmp_path, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    mailbox = open_mailbox(tmp_path)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        for number in range(NOTICES):
            told = sweep.alert(mailbox, connection, key=f"k{number}", title="测试", detail="内容", now=now)
            outbox.add(connection, mailbox.keys, [one for one in told if one.channel is Channel.SMS], now)
    kills, deadline = 0, time.monotonic() + 300
    while time.monotonic() < deadline:
        process = subprocess.Popen(
            [sys.executable, "-c", LYING], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PROJECT)}
        )
        time.sleep(random.uniform(2, 5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        with mailbox.database.read() as connection:
            counts = outbox.counts(connection)
        if not any(counts.get(state) for state in (State.PENDING, State.SENDING, State.UNKNOWN)):
            break

    taken = Counter((tmp_path / "taken").read_text().split())
    assert kills >= 5
    assert len([row for row in taken if row.startswith("kmjt")]) >= NOTICES
    assert [row for row, times in taken.items() if times > 1] == []
    assert counts.get(State.DEAD, 0) == 0
