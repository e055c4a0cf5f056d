"""What a citizen can do, and what the database holds of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from mailbox_api import query_code
from mailbox_api.errors import Conflict, Duplicate, Invalid, KeyReused, NotFound, TooMany
from mailbox_api.letter import Status
from mailbox_api.notices import Channel
from mailbox_api.service import citizen, clerk, intake
from mailbox_api.store import audit, letters, limits, outbox

MOBILE = "13900001234"
HERE = "192.0.2.1"


def test_a_letter_is_received_with_number_code_and_due_date(send: Any) -> None:
    receipt = send()

    assert receipt.number == "2026-000001"
    assert str(receipt.due) == "2026-12-02"  # five working days after Wednesday 25 November
    assert not receipt.provisional
    assert query_code.read(receipt.query_code) is not None


def test_the_notices_stand_in_the_letters_transaction(mailbox: Any, send: Any) -> None:
    receipt = send()

    with mailbox.database.read() as connection:
        rows = outbox.of_subject(connection, mailbox.keys, "letter", receipt.number)
    new = {(row.recipient, row.channel, row.address) for row in rows if row.rung == "new"}
    citizens = [row for row in rows if row.recipient == "citizen"]
    assert new == {
        ("registrar", Channel.SMS, "13800000000"),
        ("registrar", Channel.WECHAT, "registrar"),
        ("admin", Channel.SMS, "13800000006"),
        ("admin", Channel.WECHAT, "admin"),
    }
    assert [(row.channel, row.address, row.template) for row in citizens] == [
        (Channel.SMS, MOBILE, "citizen-received")
    ]
    assert receipt.query_code not in str(citizens[0].vars)


def test_nothing_personal_lies_in_the_clear(mailbox: Any, send: Any) -> None:
    receipt = send()

    with mailbox.database.read() as connection:
        tables = inspect(connection).get_table_names()
        rows = [
            repr(tuple(row)) for name in tables for row in connection.execute(text(f"SELECT * FROM {name}"))
        ]
    raw = "\n".join(rows)
    if mailbox.database.is_sqlite:
        files = mailbox.database.file.parent.glob("mailbox.db*")
        raw += "".join(path.read_bytes().decode(errors="ignore") for path in files)
    for secret in ("张三丰", MOBILE, "北京路公交", "夜间照明", receipt.query_code.replace("-", "")):
        assert secret not in raw
    assert receipt.number in raw


def test_the_same_key_gives_the_same_receipt(mailbox: Any, submission: Any, permit: Any) -> None:
    token = permit()
    first = intake.submit(mailbox, submission, token, "key-12345678")
    second = intake.submit(mailbox, submission, token, "key-12345678")

    assert first == second
    with pytest.raises(KeyReused):
        intake.submit(mailbox, replace(submission, title="另一件事情"), token, "key-12345678")


def test_a_permit_works_once_and_for_its_purpose(mailbox: Any, submission: Any, permit: Any) -> None:
    token = permit()
    intake.submit(mailbox, submission, token, "key-12345678")

    for wrong in (token, permit(purpose="recover"), "nonsense"):
        with pytest.raises(Invalid) as refused:
            intake.submit(mailbox, submission, wrong, f"other-{wrong}")
        assert list(refused.value.fields) == ["permit"]


def test_the_same_text_within_a_day_is_refused(send: Any, clock: Any) -> None:
    first = send()

    with pytest.raises(Duplicate, match=first.number):
        send(title="换了标题的同一封信")
    clock.forward(hours=25)
    assert send().number == "2026-000002"


def test_three_letters_a_day_and_ten_a_month(send: Any, clock: Any) -> None:
    for day in range(3):
        for number in range(3):
            send(content=f"第{day}天第{number}件事情，请帮忙处理一下。")
        with pytest.raises(TooMany):
            send(content=f"第{day}天第四件事情，请帮忙处理一下。")
        clock.forward(days=1, minutes=1)
    send(content="第十件事情，请帮忙处理一下。")
    clock.forward(days=1, minutes=1)

    with pytest.raises(TooMany):
        send(content="第十一件事情，请帮忙处理一下。")


def test_the_code_shows_state_and_answer(mailbox: Any, send: Any, staff: Any, clock: Any) -> None:
    receipt = send()
    assert citizen.look_up(mailbox, receipt.query_code, HERE).reply is None

    clock.forward(hours=2)
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    letter = clerk.submit_draft(
        mailbox, staff["handler"], receipt.number, letter.version, "已经派人检修，今晚亮灯。谢谢您！"
    )
    clerk.approve(mailbox, staff["reviewer"], receipt.number, letter.version)
    progress = citizen.look_up(mailbox, receipt.query_code.lower().replace("-", " "), HERE)

    assert progress.reply == "已经派人检修，今晚亮灯。谢谢您！"
    assert [step.what for step in progress.timeline] == ["已收到", "已受理", "已答复"]
    assert progress.timeline[1].note == "运输管理处"


def test_wrong_codes_look_alike_and_are_counted(mailbox: Any, send: Any, clock: Any) -> None:
    receipt = send()
    wrong = [query_code.shown(query_code.draw()) for _ in range(10)]

    told = set()
    for code in (*wrong, "0000-0000-00001", "乱写"):
        with pytest.raises(NotFound) as refused:
            citizen.look_up(mailbox, code, "192.0.2.9")
        told.add(refused.value.message)
        clock.forward(seconds=1 if code != wrong[-1] else 60)
    assert told == {citizen.UNKNOWN}
    assert citizen.look_up(mailbox, receipt.query_code, "192.0.2.9").letter.number == receipt.number


def test_ten_failures_a_minute_stop_an_address(mailbox: Any, send: Any) -> None:
    receipt = send()
    for _ in range(10):
        with pytest.raises(NotFound):
            citizen.look_up(mailbox, query_code.draw(), "192.0.2.9")

    with pytest.raises(TooMany) as refused:
        citizen.look_up(mailbox, receipt.query_code, "192.0.2.9")
    assert 0 < refused.value.wait <= 60
    assert citizen.look_up(mailbox, receipt.query_code, HERE).letter.number == receipt.number


def test_three_supplements_at_most(mailbox: Any, send: Any) -> None:
    code = send().query_code
    for number in range(3):
        progress = citizen.supplement(mailbox, code, f"补充第{number}点：站台编号是北京路12号。", HERE)

    assert progress.letter.supplements == 3
    assert not progress.can_supplement
    with pytest.raises(Conflict):
        citizen.supplement(mailbox, code, "再补充一点：站台编号是北京路12号。", HERE)


def test_a_question_is_answered_once(mailbox: Any, send: Any, staff: Any) -> None:
    receipt = send()
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    letter = clerk.ask(
        mailbox, staff["handler"], receipt.number, letter.version, "请问是哪个方向的站台？谢谢。"
    )
    assert citizen.look_up(mailbox, receipt.query_code, HERE).question == "请问是哪个方向的站台？谢谢。"

    progress = citizen.supplement(mailbox, receipt.query_code, "是往火车站方向的那个站台。", HERE)

    assert progress.letter.status is Status.HANDLING
    assert progress.letter.supplements == 0
    with pytest.raises(Conflict):
        clerk.ask(
            mailbox, staff["handler"], receipt.number, progress.letter.version, "请问还有别的情况要补充吗？"
        )


def test_withdrawing_works_until_acceptance(mailbox: Any, send: Any, staff: Any) -> None:
    first, second = send(), send(mobile="13900005678")
    assert citizen.withdraw(mailbox, first.query_code, HERE).letter.status is Status.WITHDRAWN

    clerk.accept(mailbox, staff["registrar"], second.number, 1, "ysgl")
    with pytest.raises(Conflict):
        citizen.withdraw(mailbox, second.query_code, HERE)


def test_rating_comes_after_the_answer_and_once(mailbox: Any, send: Any, staff: Any) -> None:
    receipt = send()
    with pytest.raises(Conflict):
        citizen.rate(mailbox, receipt.query_code, 3, HERE)
    letter = clerk.accept(mailbox, staff["registrar"], receipt.number, 1, "ysgl")
    letter = clerk.submit_draft(
        mailbox, staff["handler"], receipt.number, letter.version, "已经派人检修，今晚亮灯。"
    )
    clerk.approve(mailbox, staff["reviewer"], receipt.number, letter.version)

    assert citizen.rate(mailbox, receipt.query_code, 3, HERE).letter.rating == 3
    with pytest.raises(Conflict):
        citizen.rate(mailbox, receipt.query_code, 1, HERE)


def test_recovery_gives_new_codes_and_ends_the_old(mailbox: Any, send: Any, permit: Any) -> None:
    receipt = send()
    (row,) = citizen.recover(mailbox, permit(purpose="recover"))

    assert row.number == receipt.number
    assert citizen.look_up(mailbox, row.query_code, HERE).letter.number == receipt.number
    with pytest.raises(NotFound):
        citizen.look_up(mailbox, receipt.query_code, HERE)


def test_every_change_leaves_one_audit_row_and_the_chain_holds(mailbox: Any, send: Any) -> None:
    receipt = send()
    citizen.supplement(mailbox, receipt.query_code, "补充一点：站台编号是北京路12号。", HERE)
    citizen.withdraw(mailbox, receipt.query_code, HERE)

    with mailbox.database.read() as connection:
        actions = [entry.action for entry in audit.entries(connection, receipt.number)]
    assert actions == ["letter.withdraw", "letter.supplement", "letter.submit"]
    assert audit.verify(mailbox.database).broken_at is None


def test_one_changed_byte_of_the_audit_is_found(mailbox: Any, send: Any) -> None:
    for number in range(3):
        send(content=f"第{number}件事情，请帮忙处理一下。")
    with mailbox.database.write() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE seq = 2"))
    with mailbox.database.write() as connection:
        around = (
            "DROP TRIGGER audit_no_update"
            if mailbox.database.is_sqlite
            else "SET LOCAL session_replication_role = replica"
        )
        connection.execute(text(around))
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE seq = 2"))

    assert audit.verify(mailbox.database).broken_at == 2


CONSULTATION = """---
id: 20261101-900
title: 公交线网优化意见征集
opens: 2026-11-01
closes: 2026-11-30
---
请发表意见。
"""


def test_a_consultation_takes_letters_until_its_last_day(
    mailbox: Any, submission: Any, permit: Any, clock: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "content/hdjl/myzj/2026"
    folder.mkdir(parents=True)
    (folder / "20261101-900-xianwang.md").write_text(CONSULTATION, "utf-8")
    here = replace(mailbox, desk=replace(mailbox.desk, content=tmp_path / "content"))
    bound = replace(submission, consultation="20261101-900")

    def send_it(number: int) -> str:
        text = replace(bound, content=f"第{number}条意见：请保留北京路的站点。")
        return intake.submit(here, text, permit(f"1390000000{number}"), f"key-1234567{number}").number

    assert send_it(1)
    clock.to(2026, 11, 30, 23, 50)
    assert send_it(2)
    clock.to(2026, 12, 1, 0, 10)
    with pytest.raises(Conflict, match="已于2026-11-30结束"):
        send_it(3)
    for unknown in ("20261101-901", "../../etc", "*"):
        with pytest.raises(Invalid):
            intake.submit(here, replace(bound, consultation=unknown), permit(), "key-99999999")
    with mailbox.database.read() as connection:
        assert letters.get(connection, "2026-000001").consultation == "20261101-900"


def test_codes_tried_out_from_many_addresses_stop_those_who_guess(
    mailbox: Any, send: Any, clock: Any
) -> None:
    """Three hundred failures a minute: who was wrong today waits, who knows the code does not notice."""
    receipt = send()
    wrong = query_code.shown(query_code.draw())
    with pytest.raises(NotFound):
        citizen.look_up(mailbox, wrong, "192.0.2.9")
    with mailbox.database.write() as connection:
        for _ in range(citizen.FAILED_BY_ALL.most - 1):
            limits.add(connection, "query-all", citizen.FAILED_BY_ALL, clock())
    with pytest.raises(TooMany):
        citizen.look_up(mailbox, wrong, "192.0.2.9")
    assert citizen.look_up(mailbox, receipt.query_code, "192.0.2.10").letter.number == receipt.number
    with pytest.raises(NotFound):
        citizen.look_up(mailbox, wrong, "192.0.2.11")
    with pytest.raises(TooMany):
        citizen.look_up(mailbox, wrong, "192.0.2.11")
    clock.forward(minutes=1)
    with pytest.raises(NotFound):
        citizen.look_up(mailbox, wrong, "192.0.2.11")
