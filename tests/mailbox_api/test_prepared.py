"""Prepared statements do what Core does, on both databases; letters that nobody waits for; the log beside commits."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, insert, select, update

from mailbox_api.errors import Unavailable
from mailbox_api.letter import Submission
from mailbox_api.service import intake
from mailbox_api.store import counters, letters, people, tables
from mailbox_api.store.database import Database
from mailbox_api.store.prepared import Prepared

RATE = tables.rate
NOW = datetime(2026, 11, 25, 10, 0, 0, 5, UTC)
ADD = Prepared(lambda _: insert(RATE))
OF_BUCKET = Prepared(
    lambda _: select(RATE).where(RATE.c.bucket == bindparam("name")).order_by(RATE.c.window_start)
)
AT_LEAST_SEVEN = Prepared(lambda _: update(RATE).where(RATE.c.bucket == bindparam("name")).values(count=7))


def row(bucket: str, start: int, at: datetime = NOW) -> dict[str, Any]:
    return {"bucket": bucket, "window_start": start, "count": start, "last_at": at, "expires_at": NOW}


def test_what_is_written_and_found_is_what_core_writes_and_finds(database: Database) -> None:
    rows = [row(bucket, start) for bucket in "abc" for start in range(3)]
    with database.write() as connection:
        assert ADD.many(connection, []) == 0
        assert ADD.many(connection, rows) == 9
        assert AT_LEAST_SEVEN.many(connection, [{"name": "a"}, {"name": "b"}, {"name": "nobody"}]) == 6
        found = OF_BUCKET.each(connection, [{"name": "c"}, {"name": "a"}, {"name": "nobody"}])
        core = [
            tuple(one)
            for bucket in ("c", "a")
            for one in connection.execute(
                select(RATE).where(RATE.c.bucket == bucket).order_by(RATE.c.window_start)
            )
        ]
    assert found == core
    assert [one[2] for one in found] == [0, 1, 2, 7, 7, 7]


MIN, MAX = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1990, 2200))
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(at=st.datetimes(MIN, MAX, timezones=zones))
def test_every_moment_comes_back(database: Database, at: datetime) -> None:
    with database.write() as connection:
        connection.execute(delete(RATE))
        ADD.many(connection, [row("prepared", 0, at)])
        connection.execute(insert(RATE), [row("core", 0, at)])
        rows = connection.execute(select(RATE.c.bucket, RATE.c.last_at))
        stored = {one.bucket: one.last_at for one in rows}
        (prepared,) = OF_BUCKET.each(connection, [{"name": "core"}])
    assert stored == {"prepared": at, "core": at}
    assert prepared[3] == at


def test_a_connection_that_breaks_is_not_used_again(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite is in the process")

    def break_off() -> None:
        with database.write() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with database.read() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            ADD.many(connection, [row("a", 1), row("a", 2)])

    with pytest.raises(Unavailable):
        break_off()
    with database.write() as connection:
        assert ADD.many(connection, [row("a", 1), row("a", 2)]) == 2


def test_the_crew_is_what_is_stored_now(mailbox: Any, staff: Any) -> None:
    def on_duty(day: datetime) -> set[str]:
        with mailbox.database.read() as connection:
            return {one.login for one in people.crew(connection, mailbox.keys).on_duty(day.date())}

    assert on_duty(NOW) == {"registrar", "admin"}
    with mailbox.database.write() as connection:
        people.add_duty(connection, "admin", NOW.date(), NOW.date())
    assert on_duty(NOW) == {"admin"}
    with mailbox.database.write() as connection:
        connection.execute(update(tables.staff).where(tables.staff.c.login == "admin").values(active=False))
    assert on_duty(NOW) == {"registrar"}


def test_a_letter_whose_sender_went_away_is_stored_and_known_by_its_key(
    mailbox: Any, permit: Callable[..., str], submission: Submission
) -> None:
    token = permit()

    async def hang_up() -> None:
        with mailbox.database.write() as connection:
            counters.count(
                connection, letters.series(2026), by=0
            )  # nobody else writes until the sender has gone
            sent = asyncio.create_task(intake.submitted(mailbox, submission, token, "key-12345678"))
            await asyncio.sleep(0.05)
            sent.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sent

    asyncio.run(hang_up())
    receipt = intake.submit(mailbox, submission, token, "key-12345678")
    with mailbox.database.read() as connection:
        assert [one.number for one in letters.open_letters(connection)] == [receipt.number]


def test_the_log_is_carried_over_beside_the_commits(
    database: Database, mailbox: Any, send: Any, tmp_path: Path
) -> None:
    """The file alone, without its log, has the letter then."""
    database.carry_over()
    if not database.is_sqlite:
        return
    number, copy = send().number, tmp_path / "alone.db"
    shutil.copy(database.file, copy)
    assert numbers(copy) == []
    database.carry_over()
    shutil.copy(database.file, copy)
    assert numbers(copy) == [number]


def numbers(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        return [one for (one,) in connection.execute("SELECT number FROM letter")]
    finally:
        connection.close()
