"""The disk is full, the database is away, a gateway is down for a day: nothing lost, the alarm raised, clear words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from mailbox_api.deadlines import BEIJING
from mailbox_api.gateways import Accepted, Fate, Message, Refused, Unknown, Why
from mailbox_api.letter import NOTICE_VERSION
from mailbox_api.notices import Channel, Notice, State
from mailbox_api.store import letters, outbox
from mailbox_api.store.database import Database

LETTER = {
    "name": "张三丰",
    "title": "公交站台夜间照明",
    "content": "北京路公交站台晚上没有灯，等车看不清站牌，请派人看看。" * 100,  # needs pages of its own
    "category": "咨询",
    "publish_consent": True,
    "notice_version": NOTICE_VERSION,
}


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """SQLite: the file may not grow; PostgreSQL: the table space is as if it were read-only."""
    engine, is_sqlite = database.engine, database.is_sqlite

    def limit(raw: Any, _record: object) -> None:
        raw.execute("PRAGMA max_page_count=1" if is_sqlite else "SET default_transaction_read_only = on")
        if not is_sqlite:
            raw.commit()

    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()


@pytest.fixture
def crammed(database: Database) -> Database:
    """Without free pages that a letter could still go into."""
    if not database.is_sqlite:
        pytest.skip("the same road as «away»: the server says no")
    database.engine.dispose()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE ballast (x)")
        connection.exec_driver_sql("INSERT INTO ballast VALUES (zeroblob(100000))")
        connection.commit()
    return database


def test_a_full_disk_takes_no_letter_and_says_so(
    crammed: Database, mailbox: Any, client: Any, permit: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    body, key = LETTER | {"permit": permit()}, {"Idempotency-Key": "key-12345678"}
    dispatcher.tick()
    with full_disk(crammed):
        answers = [client.post("/api/v1/letters", json=body, headers=key) for _ in range(3)]
        dispatcher.alarm.tell()
        client.post("/api/v1/letters", json=body, headers=key)
        dispatcher.alarm.tell()
    again = client.post("/api/v1/letters", json=body, headers=key)

    assert [answer.status_code for answer in answers] == [503] * 3
    problem = answers[0].json()
    assert problem["code"] == "unavailable"
    assert "没有提交" in problem["detail"]
    assert answers[0].headers["retry-after"] == "30"
    alarms = [one for one in gateway.sent if one.template == "alert"]
    assert {(one.channel, one.to) for one in alarms} == {
        ("sms", "13800000006"),
        ("wechat", "admin"),
        ("wechat", "group"),
    }
    assert len(alarms) == 3  # once, then hourly
    assert "full" in alarms[0].text
    assert again.status_code == 201
    with mailbox.database.read() as connection:
        assert len(letters.open_letters(connection)) == 1


def test_the_form_keeps_its_text_when_nothing_can_be_stored(
    crammed: Database, client: Any, permit: Any, clock: Any
) -> None:
    page = client.get("/mailbox/new").text
    token = page.split('name="token" value="')[1].split('"')[0]
    fields = {**LETTER, "publish_consent": "yes", "permit": permit(), "token": token, "action": "send"}
    with full_disk(crammed):
        answer = client.post("/mailbox/new", data=fields)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "没有提交" in answer.text
    assert LETTER["content"] in answer.text
    assert f'value="{LETTER["title"]}"' in answer.text


def test_a_database_that_is_away_is_told_and_comes_back(
    tmp_path: Any, postgres: str, database: Database, mailbox: Any, client: Any, permit: Any,
    dispatcher: Any, gateway: Any, clock: Any,
) -> None:  # fmt: skip
    if database.is_sqlite:
        pytest.skip("SQLite is in the process")
    body, key = LETTER | {"permit": permit()}, {"Idempotency-Key": "key-12345678"}
    dispatcher.tick()
    gateway.sent.clear()
    home, database.engine = database.engine, Database("postgresql://nobody@/none?host=/nowhere").engine
    answer = client.post("/api/v1/letters", json=body, headers=key)
    ready = client.get("/readyz")
    clock.forward(seconds=1)
    dispatcher.alarm.tell()
    database.engine = home

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert ready.status_code == 503
    assert {one.template for one in gateway.sent} == {"alert"}
    assert client.post("/api/v1/letters", json=body, headers=key).status_code == 201


def test_an_answer_lost_at_the_beginning_of_an_outage_is_asked_for_after_it(
    mailbox: Any, send: Any, dispatcher: Any, gateway: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway took the messages and was gone for a day; none of them is sent again."""
    send()
    taken: list[str] = []

    def cut(message: Message) -> Unknown:
        taken.append(message.out_id)
        return Unknown("ReadTimeout")

    monkeypatch.setattr(gateway, "send", cut)
    monkeypatch.setattr(gateway, "query", lambda _message: Fate.UNSURE)
    dispatcher.tick()
    assert len(taken) >= 3
    monkeypatch.setattr(gateway, "send", lambda _message: Refused(Why.TRANSIENT, "ConnectError"))
    for _ in range(24 * 6):
        clock.forward(minutes=10)
        dispatcher.tick()
    monkeypatch.setattr(gateway, "query", lambda one: Fate.TAKEN if one.out_id in taken else Fate.ABSENT)
    monkeypatch.setattr(gateway, "send", lambda one: taken.append(one.out_id) or Accepted(one.out_id))
    for _ in range(24):
        clock.forward(minutes=10)
        dispatcher.tick()

    assert len(set(taken)) == len(taken)
    with mailbox.database.read() as connection:
        counts = outbox.counts(connection)
    assert not counts.get(State.DEAD)
    assert not counts.get(State.UNKNOWN)


def test_a_slow_gateway_does_not_carry_reminders_into_the_night(
    mailbox: Any, dispatcher: Any, gateway: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.to(2026, 11, 25, 20, 59, 50)
    notices = [
        Notice(
            dedupe_key=f"monitor:{n}", subject="monitor", subject_id=f"{n}", rung="alert", channel=Channel.SMS,
            recipient="admin", address="13800000006", template="alert", vars={"title": "测试", "detail": "内容"},
            due_at=clock(),
        )
        for n in range(3)
    ]  # fmt: skip
    with mailbox.database.write() as connection:
        outbox.add(connection, mailbox.keys, notices, clock())
    sent: list[datetime] = []

    def slowly(message: Message) -> Accepted:
        if message.template == "alert":
            sent.append(clock.now)
        clock.forward(seconds=8)
        return Accepted(message.out_id)

    monkeypatch.setattr(gateway, "send", slowly)
    dispatcher.tick()
    dispatcher.tick()
    assert [f"{at:%H:%M:%S}" for at in sent] == ["20:59:50", "20:59:58"]
    clock.to(2026, 11, 26, 8, 0)
    dispatcher.tick()
    assert len(sent) == 3


def test_gateways_that_are_down_for_a_day_lose_nothing(
    mailbox: Any, send: Any, dispatcher: Any, gateway: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = send()
    monkeypatch.setattr(
        gateway, "send", lambda _message: Refused(Why.TRANSIENT, "ConnectError"), raising=True
    )
    for _ in range(24 * 6):
        dispatcher.tick()
        clock.forward(minutes=10)
    monkeypatch.undo()
    sent = []
    monkeypatch.setattr(gateway, "send", lambda message: sent.append(message) or Accepted(message.out_id))
    for _ in range(24 * 6):
        dispatcher.tick()
        clock.forward(minutes=10)

    with mailbox.database.read() as connection:
        rows = outbox.of_subject(connection, mailbox.keys, "letter", receipt.number)
    due = [row for row in rows if row.due_at < clock() and row.state is not State.CANCELLED]
    assert due
    assert {row.state for row in due} <= {State.SENT, State.FOLDED}
    assert {"new", "citizen-received"} <= {row.rung for row in due}
    assert len({one.out_id for one in sent}) == len(sent)
    for one in sent:
        urgent = one.template in ("new-letter", "alert", "digest", "citizen-received")
        assert urgent or 8 <= one.at.astimezone(BEIJING).hour < 21
