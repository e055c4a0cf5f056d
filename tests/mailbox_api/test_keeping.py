"""Backups that open only with the escrowed keys, new keys, personal data that goes, replies that are published."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, select

from bureau import channels, front_matter
from bureau.errors import ConfigError
from bureau.markdown import render
from bureau.personal_data import Kind, find
from mailbox_api import keys
from mailbox_api.jobs import backup, keeping, publish, sweep
from mailbox_api.service import citizen, clerk, publishing
from mailbox_api.service.arriving import Receipt
from mailbox_api.service.redaction import redacted
from mailbox_api.store import audit, letters, outbox, tables
from mailbox_api.store.database import Database

PROJECT = Path(__file__).parents[2]
HERE = "192.0.2.1"
REPLY = "已经派人检修，今晚亮灯。谢谢您！"


def empty_like(database: Database, tmp_path: Path) -> Database:
    if database.is_sqlite:
        return Database(f"sqlite:///{tmp_path / 'restored/mailbox.db'}")
    url = make_url(database.url.render_as_string(hide_password=False))
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        connection.execute("CREATE DATABASE restored")
    return Database(url.set(database="restored").render_as_string(hide_password=False))


def test_the_drill_begins_with_the_escrowed_keys(mailbox: Any, send: Any, tmp_path: Path) -> None:
    receipt = send()
    keys.save(mailbox.keys, tmp_path / "escrow")
    copy = backup.make(mailbox, tmp_path / "backups")
    later = send(mobile="13900007777")
    wrong = empty_like(mailbox.database, tmp_path)
    with pytest.raises(ConfigError):
        backup.restore(wrong, copy, keys.create())
    wrong.close()
    restored = empty_like(mailbox.database, tmp_path)
    count = backup.restore(restored, copy, keys.load(tmp_path / "escrow"))

    again = replace(mailbox, database=restored)
    assert count == 1
    assert citizen.look_up(again, receipt.query_code, HERE).words.content.startswith("北京路")  # type: ignore[union-attr]
    with pytest.raises(Exception, match="没有找到"):
        citizen.look_up(again, later.query_code, HERE)
    assert audit.verify(restored).broken_at is None
    with pytest.raises(ConfigError):
        backup.restore(restored, copy, mailbox.keys)  # never over something
    restored.close()


def test_a_backup_says_nothing_in_the_clear(mailbox: Any, send: Any, tmp_path: Path) -> None:
    receipt = send()
    copy = backup.make(mailbox, tmp_path)

    raw = copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    for secret in ("张三丰", "13900001234", "夜间照明", receipt.query_code.replace("-", "")):
        assert secret.encode() not in raw
    assert list(tmp_path.glob(".mailbox-*")) == []


def test_old_backups_are_thinned_out(tmp_path: Path) -> None:
    """Three weeks of copies every five minutes: the last hour, each hour of a day, each day of a fortnight."""
    now = datetime(2026, 11, 25, 12, 2, tzinfo=UTC)
    copies = [
        tmp_path / f"mailbox-{now - backup.EVERY * step:%Y%m%dT%H%M%SZ}.db"
        for step in range(21 * 288, -1, -1)
    ]
    gone = set(backup.superseded(copies, now))
    kept = [path.stem.removeprefix("mailbox-") for path in copies if path not in gone]

    assert kept[-13:] == [f"{now - backup.EVERY * step:%Y%m%dT%H%M%SZ}" for step in range(12, -1, -1)]
    assert len({stem[:11] for stem in kept if stem >= "20261124T13"}) == 24  # an hour each
    assert len({stem[:8] for stem in kept}) == 15
    assert len(kept) <= 13 + 25 + 15
    assert set(backup.superseded([path for path in copies if path not in gone], now)) == set()


def test_at_most_five_minutes_of_letters_are_lost_with_the_machine(
    mailbox: Any, send: Any, clock: Any, tmp_path: Path
) -> None:
    """A copy every five minutes, a letter every minute; the last copy has all that are older."""
    stored: list[tuple[Any, str]] = []
    for minute in range(23):
        if minute % 5 == 0:
            copy = backup.make(mailbox, tmp_path / "backups")
        stored.append((clock(), send(mobile=f"139000000{minute:02d}").number))
        clock.forward(minutes=1)
    restored = empty_like(mailbox.database, tmp_path)
    backup.restore(restored, copy, mailbox.keys)
    with restored.read() as connection:
        there = {letter.number for letter in letters.open_letters(connection)}
    restored.close()

    lost = [at for at, number in stored if number not in there]
    assert len(lost) == 3
    assert clock() - min(lost) <= backup.EVERY


def test_a_backup_that_stops_is_told(mailbox: Any, clock: Any, tmp_path: Path) -> None:
    key = f"backup:{mailbox.today}"
    sweep.run(mailbox, clock())
    backup.make(mailbox, tmp_path)
    clock.forward(minutes=14)
    sweep.run(mailbox, clock())
    with mailbox.database.read() as connection:
        assert not outbox.has_subject(connection, "monitor", key)
    clock.forward(minutes=2)
    sweep.run(mailbox, clock())

    with mailbox.database.read() as connection:
        told = outbox.of_subject(connection, mailbox.keys, "monitor", key)
    assert "11-25 10:00" in told[0].vars["detail"]


def test_an_old_log_is_not_played_into_the_restored_file(mailbox: Any, send: Any, tmp_path: Path) -> None:
    if not mailbox.database.is_sqlite:
        pytest.skip("only SQLite has a log beside the file")
    send()
    copy = backup.make(mailbox, tmp_path / "backups")
    restored = empty_like(mailbox.database, tmp_path)
    restored.file.parent.mkdir()
    log = restored.file.with_name("mailbox.db-wal")
    log.touch()
    with pytest.raises(ConfigError, match="改名"):
        backup.restore(restored, copy, mailbox.keys)
    log.unlink()

    assert backup.restore(restored, copy, mailbox.keys) == 1
    restored.close()


def test_a_new_key_writes_every_value_anew(mailbox: Any, send: Any, staff: Any) -> None:
    receipt = send()
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    clerk.draft(mailbox, staff["handler"], receipt.number, letter.version, REPLY)
    ring = mailbox.keys.with_new_key()
    assert keeping.rekey(mailbox, ring) > 10
    assert keeping.rekey(mailbox, ring) == 0

    fresh = replace(mailbox, keys=ring.only_current())
    assert citizen.look_up(fresh, receipt.query_code, HERE).words.name == "张三丰"  # type: ignore[union-attr]
    with fresh.database.read() as connection:
        assert letters.draft(connection, fresh.keys, receipt.number).body == REPLY  # type: ignore[union-attr]
        for name, table in tables.metadata.tables.items():
            for column in table.c:
                if column.name.endswith("_ct") and name not in ("permit", "idempotency"):
                    for value in connection.execute(select(column)).scalars():
                        assert value is None or keys.KeyRing.key_of(value) == "k2", (name, column.name)
    assert keeping.in_use(mailbox, "k1") > 0  # the stored answer, for a day


def test_a_value_moved_to_another_row_does_not_open(mailbox: Any, send: Any) -> None:
    first, second = send(), send(mobile="13900007777")
    secret = tables.letter_secret
    with mailbox.database.write() as connection:
        stolen = connection.execute(
            select(secret.c.name_ct).where(secret.c.number == first.number)
        ).scalar_one()
        connection.execute(secret.update().where(secret.c.number == second.number).values(name_ct=stolen))

    with pytest.raises(ConfigError, match="密文被改动"):
        citizen.look_up(mailbox, second.query_code, HERE)


def answered(mailbox: Any, send: Any, staff: Any, **fields: Any) -> Receipt:
    receipt: Receipt = send(**fields)
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    letter = clerk.submit_draft(mailbox, staff["handler"], receipt.number, letter.version, REPLY)
    clerk.approve(mailbox, staff["reviewer"], receipt.number, letter.version)
    return receipt


def test_personal_data_go_after_the_term_and_figures_stay(
    mailbox: Any, send: Any, staff: Any, clock: Any
) -> None:
    old = answered(mailbox, send, staff)
    clock.forward(days=150)
    young = answered(mailbox, send, staff, mobile="13900007777")
    waiting = send(mobile="13900006666")
    clock.forward(days=40)

    sweep.run(mailbox, clock())
    clock.to(2027, 6, 1, 9, 5)
    sweep.run(mailbox, clock())
    with mailbox.database.read() as connection:
        told = outbox.of_subject(connection, mailbox.keys, "monitor", "purge:2027-06")
    assert "1封来信" in told[0].vars["detail"]
    assert keeping.purge(mailbox, dry_run=True) == [old.number]
    assert citizen.look_up(mailbox, old.query_code, HERE).words is not None
    assert keeping.purge(mailbox, dry_run=False) == [old.number]
    gone = citizen.look_up(mailbox, old.query_code, HERE)
    assert gone.words is None
    assert gone.letter.replied_at is not None
    for kept in (young, waiting):
        assert citizen.look_up(mailbox, kept.query_code, HERE).words is not None


TEXTS = {
    "title": '*公交*站台 <b>照明</b>: "夜间"',
    "body": "# 不是标题\n<script>alert(1)</script>\n\n- 不是列表 [链接](javascript:alert(1))\n1. 也不是",
    "reply": "已经派人检修，今晚亮灯。",
}


def test_a_published_reply_is_a_sound_article_and_can_be_revoked(
    mailbox: Any, send: Any, staff: Any, tmp_path: Path
) -> None:
    receipt = answered(mailbox, send, staff)
    publishing.propose(mailbox, staff["handler"], receipt.number, TEXTS)
    publishing.approve(mailbox, staff["publisher"], receipt.number, "")
    (tmp_path / "site.toml").write_text((PROJECT / "site.toml").read_text("utf-8"), "utf-8")
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "start"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *command], check=True)

    (path,) = publish.run(mailbox, tmp_path, "信箱 <mailbox@localhost>")
    text = (tmp_path / path).read_text("utf-8")
    head = front_matter.parse(path, text)
    html = render(head.body)
    assert {"received_at", "replied_at", "replied_by", "letter_number"} <= head.values.keys()
    assert head.values["title"] == f"{TEXTS['title']}（选登）"
    for live in ("<script", "<h1", "<li", "<a "):
        assert live not in html
    assert "&lt;script&gt;" in html
    log = subprocess.run(
        ["git", "-C", str(tmp_path), "log", "-1", "--format=%an", "--", path], capture_output=True, text=True
    )
    assert log.stdout.strip() == "信箱"
    assert publish.run(mailbox, tmp_path, "信箱 <mailbox@localhost>") == []

    publishing.revoke(mailbox, staff["publisher"], receipt.number, "来信人要求")
    assert publish.run(mailbox, tmp_path, "信箱 <mailbox@localhost>") == [path]
    left = (tmp_path / path).read_text("utf-8")
    assert "status: withdrawn" in left
    assert "亮灯" not in left


def test_the_channel_of_published_replies_exists() -> None:
    rows = {row.path: row for row in channels.load(PROJECT / "content")}

    assert rows[str(publish.CHANNEL.relative_to("content"))].kind == "mailbox"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=80))
def test_no_text_of_a_citizen_becomes_markup(text: str) -> None:
    html = render(publish.plain(text.replace("\x00", "")))

    assert not {
        tag
        for tag in ("<script", "<a ", "<img", "<h1", "<ul", "<ol", "<blockquote", "<code", "<em", "<strong")
        if tag in html
    }


@given(
    st.integers(0, 10**8 - 1),
    st.sampled_from("3456789"),
    st.sampled_from(["", "请打", "电话：", "号码", "微信同号"]),
)
def test_a_mobile_is_never_left_in_a_copy(number: int, second: str, before: str) -> None:
    mobile = f"1{second}{number:09d}"
    copy = redacted(f"{before}{mobile}，谢谢。", "张三丰")
    assert mobile not in copy
    assert not [one for one in find(copy) if one.kind is Kind.MOBILE]
