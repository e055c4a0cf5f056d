"""Letters that arrive together: written together, judged and answered one by one."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from mailbox_api import query_code
from mailbox_api.errors import Duplicate, Invalid, KeyReused, TooMany
from mailbox_api.letter import Submission
from mailbox_api.service import citizen, intake
from mailbox_api.service.arriving import Receipt
from mailbox_api.store import audit, counters, letters, outbox
from mailbox_api.store.together import Together

HERE = "192.0.2.1"
Call = tuple[Submission, str, str]


def all_at_once(mailbox: Any, calls: Sequence[Call]) -> list[Future[Receipt]]:
    """Every call waits until the last has come; then a few groups settle them all."""
    with ThreadPoolExecutor(len(calls)) as pool:
        with mailbox.database.write() as connection:
            counters.count(connection, letters.series(2026), by=0)  # nobody else may write a letter now
            futures = [pool.submit(intake.submit, mailbox, *call) for call in calls]
            time.sleep(0.3)
        return futures


def test_each_has_its_own_number_code_and_notices(mailbox: Any, permit: Any, submission: Submission) -> None:
    texts = [replace(submission, content=f"第{n}件事情，请派人看看，谢谢。") for n in range(30)]
    calls = [(text, permit(f"139000000{n:02d}"), f"key-{n:08d}") for n, text in enumerate(texts)]
    receipts = [future.result() for future in all_at_once(mailbox, calls)]

    assert sorted(one.number for one in receipts) == [f"2026-{n:06d}" for n in range(1, 31)]
    for text, receipt in zip(texts, receipts, strict=True):
        words = citizen.look_up(mailbox, receipt.query_code, HERE).words
        assert words is not None
        assert words.content == text.content
    with mailbox.database.read() as connection:
        told = [outbox.of_subject(connection, mailbox.keys, "letter", one.number) for one in receipts]
        actions = [row.subject for row in audit.entries(connection) if row.action == "letter.submit"]
    assert {tuple(row.rung for row in rows) for rows in told} == {tuple(row.rung for row in told[0])}
    assert sorted(actions) == sorted(one.number for one in receipts)
    assert audit.verify(mailbox.database).broken_at is None


def test_what_is_wrong_with_one_holds_up_no_other(mailbox: Any, permit: Any, submission: Submission) -> None:
    """One permit of nobody, one key twice, one key with another text, one mobile too often, one text twice."""
    good, twice, busy = permit("13900000001"), permit("13900000002"), "13900000003"
    other = replace(submission, content="另外一件事情，请派人看看。")
    third = [replace(submission, content=f"同一个人的第{n}件事情，请看看。") for n in range(4)]
    calls = [
        (submission, good, "key-good-1"),
        (submission, "nobody", "key-nobody"),
        (submission, twice, "key-twice-1"),
        (submission, twice, "key-twice-1"),
        (other, twice, "key-twice-1"),
        *((text, permit(busy), f"key-busy-{n}") for n, text in enumerate(third)),
    ]
    same = [(other, permit("13900000004"), f"key-same-{n}") for n in range(2)]
    futures = all_at_once(mailbox, [*calls, *same])
    errors = [type(one.exception()) for one in futures]

    assert errors[:2] == [type(None), Invalid]
    assert sorted(error.__name__ for error in errors[2:5]) in (
        ["KeyReused", "NoneType", "NoneType"],
        ["KeyReused", "KeyReused", "NoneType"],
    )
    assert sorted(error.__name__ for error in errors[5:9]) == ["NoneType"] * 3 + ["TooMany"]
    assert sorted(error.__name__ for error in errors[9:]) == ["Duplicate", "NoneType"]
    receipts = {one.result().number for one in futures if one.exception() is None}
    with mailbox.database.read() as connection:
        assert {letter.number for letter in letters.open_letters(connection)} == receipts
    assert {KeyReused, TooMany, Duplicate} < set(errors)


def test_a_letter_that_cannot_be_written_is_left_out_alone(
    mailbox: Any, permit: Any, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two query codes alike break a transaction; the letters are then written one by one."""
    drawn = iter(["0" * 13, "0" * 13, *(query_code.draw() for _ in range(9))])
    monkeypatch.setattr(query_code, "draw", lambda: next(drawn))
    calls = [
        (
            replace(submission, content=f"第{n}件事情，请派人看看，谢谢。"),
            permit(f"1390000000{n}"),
            f"key-{n:08d}",
        )
        for n in range(4)
    ]
    futures = all_at_once(mailbox, calls)

    with mailbox.database.read() as connection:
        stored = {letter.number for letter in letters.open_letters(connection)}
    assert stored == {one.result().number for one in futures if one.exception() is None}
    assert len(stored) >= 3
    assert audit.verify(mailbox.database).broken_at is None


def test_several_processes_agree_on_numbers_and_on_one_key(
    mailbox: Any, permit: Any, submission: Submission
) -> None:
    """Each has its own queue, as two web processes on PostgreSQL have; both get the same letters under the same keys."""
    there = replace(mailbox, intake=Together())
    texts = [replace(submission, content=f"第{n}件事情，请派人看看，谢谢。") for n in range(12)]
    calls = [(text, permit(f"139000000{n:02d}"), f"key-{n:08d}") for n, text in enumerate(texts)]
    with ThreadPoolExecutor(24) as pool:
        futures = [
            [pool.submit(intake.submit, process, *call) for process in (mailbox, there)] for call in calls
        ]
        receipts = [[future.result() for future in both] for both in futures]

    assert all(one == other for one, other in receipts)
    assert {one.number for one, _ in receipts} == {f"2026-{n:06d}" for n in range(1, 13)}
    assert audit.verify(mailbox.database).broken_at is None


def test_nobody_returns_before_the_own_item_is_written() -> None:
    together: Together[int] = Together(most=3)
    written: list[list[int]] = []
    begun, go = threading.Event(), threading.Event()

    def write(items: list[int]) -> None:
        begun.set()
        go.wait(5)
        written.append(items)

    def put(number: int) -> bool:
        together.put(number, write).result()
        return any(number in items for items in written)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(put, 0)
        begun.wait(5)
        rest = [pool.submit(put, number) for number in range(1, 8)]
        time.sleep(0.1)
        assert not any(future.done() for future in (first, *rest))
        go.set()
        assert all(future.result() for future in (first, *rest))
    assert sorted(number for items in written for number in items) == list(range(8))
    assert max(map(len, written)) == 3
