"""What can be done with a service ticket, who may, and which of the contract's terms it breaks."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mailbox_api.errors import Conflict, Forbidden, Invalid
from mailbox_api.jobs import sweep
from mailbox_api.notices import State
from mailbox_api.service import desk
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Status, Ticket
from mailbox_api.store import audit, outbox, tables, tickets
from mailbox_api.store.people import Staff

Open = Callable[..., Ticket]


@pytest.fixture
def report(mailbox: Mailbox, staff: Mapping[str, Staff]) -> Open:
    def opened(kind: str = "fault", by: str = "registrar", **more: object) -> Ticket:
        words = {"title": "首页打不开", "text": "上午起首页时断时续。"} | more
        return desk.open_ticket(mailbox, staff[by], kind=kind, **words)  # type: ignore[arg-type]

    return opened


def rungs(mailbox: Mailbox, number: str, *states: State) -> list[str]:
    with mailbox.database.read() as connection:
        rows = outbox.of_subject(connection, mailbox.keys, "ticket", number)
    return [row.rung.rpartition("-")[2] for row in rows if row.state in states and "clock-" in row.rung]


def test_a_fault_answered_and_handled_in_time_breaks_nothing(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, report: Open
) -> None:
    ticket = report()
    clock.forward(hours=2)
    ticket = desk.answer(mailbox, staff["contractor"], ticket.number, ticket.version, "正在查看。")
    clock.forward(hours=6)
    ticket = desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "重启了服务。")
    clock.forward(days=1)
    ticket = desk.close(mailbox, staff["registrar"], ticket.number, ticket.version)

    assert ticket.status is Status.CLOSED
    assert ticket.owner == "contractor"
    assert ticket.breaches == ()
    assert rungs(mailbox, ticket.number, State.PENDING) == []


@pytest.mark.parametrize(
    ("told_after", "handled_after", "broken"),
    [
        pytest.param(None, 8.01, ("handle",), id="八小时后才处理"),
        pytest.param(None, 8, (), id="正好八小时处理"),
        pytest.param(7.9, 30, (), id="八小时前已告知"),
        pytest.param(8.01, 30, ("handle",), id="告知晚了"),
    ],
)
def test_past_eight_hours_only_an_earlier_notice_saves_the_term(
    mailbox: Mailbox,
    staff: Mapping[str, Staff],
    clock: Any,
    report: Open,
    told_after: float | None,
    handled_after: float,
    broken: tuple[str, ...],
) -> None:
    ticket, begin = report(), clock.now
    ticket = desk.answer(mailbox, staff["contractor"], ticket.number, ticket.version, "正在查看。")
    if told_after is not None:
        clock.now = begin + timedelta(hours=told_after)
        promise = clock.now + timedelta(hours=40)
        ticket = desk.tell(mailbox, staff["contractor"], ticket.number, ticket.version, "要等配件。", promise)
    clock.now = begin + timedelta(hours=handled_after)
    ticket = desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "换了配件。")

    assert ticket.breaches == broken


def test_the_sweep_records_a_broken_term_once(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, report: Open
) -> None:
    number = report().number
    clock.forward(hours=2, minutes=1)
    for _ in range(3):
        sweep.run(mailbox, clock())
    with mailbox.database.read() as connection:
        ticket = tickets.get(connection, number)
        recorded = [row for row in audit.entries(connection, number) if row.action == "ticket.breached"]

    assert ticket.breaches == ("answer",)
    assert len(recorded) == 1
    assert audit.verify(mailbox.database).broken_at is None


def test_answering_cancels_the_answer_clock_and_leaves_the_other(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, report: Open
) -> None:
    ticket = report()
    before = rungs(mailbox, ticket.number, State.PENDING)
    ticket = desk.answer(mailbox, staff["contractor"], ticket.number, ticket.version, "正在查看。")

    assert {before.count(share) for share in ("050", "075")} == {4}  # two clocks, one engineer, two channels
    assert {before.count(share) for share in ("090", "100")} == {8}  # and the administrator
    assert len(rungs(mailbox, ticket.number, State.PENDING)) == len(before) / 2


def test_a_reopened_fault_gets_eight_new_hours(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, report: Open
) -> None:
    ticket = report()
    ticket = desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "重启了服务。")
    clock.forward(days=2)
    ticket = desk.reopen(mailbox, staff["registrar"], ticket.number, ticket.version, "又打不开了")
    waiting = rungs(mailbox, ticket.number, State.PENDING)
    clock.forward(hours=8)
    ticket = desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "换了磁盘。")

    assert ticket.breaches == ()
    assert sorted(set(waiting)) == ["050", "075", "090", "100"]


def test_remote_diagnosis_waits_for_the_offices_consent(
    mailbox: Mailbox, staff: Mapping[str, Staff], report: Open
) -> None:
    ticket = report("diagnosis")
    with pytest.raises(Conflict, match="先登记甲方同意"):
        desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "已诊断。")
    with pytest.raises(Forbidden):
        desk.consent(mailbox, staff["contractor"], ticket.number, ticket.version, "某某", "电话")
    ticket = desk.consent(mailbox, staff["leader"], ticket.number, ticket.version, "王主任", "电话同意")
    ticket = desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "已诊断。")

    assert ticket.status is Status.HANDLED
    assert ticket.facts["consent_by"] == "王主任"


def test_a_training_counts_only_with_its_attendance_and_materials(
    mailbox: Mailbox, staff: Mapping[str, Staff], report: Open
) -> None:
    ticket, engineer = report("training"), staff["contractor"]
    with pytest.raises(Conflict, match="先登记培训"):
        desk.handle(mailbox, engineer, ticket.number, ticket.version, "培训完了。")
    held = {"held_on": date(2026, 11, 24), "place": "三楼会议室", "hours": 3.5, "materials": "编辑手册"}
    with pytest.raises(Invalid, match="参加培训的人"):
        desk.record_training(mailbox, engineer, ticket.number, ticket.version, attendees="", **held)  # type: ignore[arg-type]
    ticket = desk.record_training(
        mailbox, engineer, ticket.number, ticket.version, attendees="张三、李四\n王五", **held
    )  # type: ignore[arg-type]

    assert ticket.facts["attendees"] == 3
    assert "张三" not in str(ticket.facts)
    assert desk.handle(mailbox, engineer, ticket.number, ticket.version, "培训完了。").answered_at


def test_force_majeure_is_counted_from_the_event(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, report: Open
) -> None:
    ticket = report("force-majeure", "contractor", started_at=clock() - timedelta(hours=60))
    clock.forward(hours=12, minutes=1)
    ticket = desk.tell(mailbox, staff["contractor"], ticket.number, ticket.version, "机房停电。")

    assert ticket.breaches == ("tell",)
    with pytest.raises(Invalid, match="不能晚于现在"):
        report("force-majeure", "contractor", started_at=clock() + timedelta(hours=1))


def test_two_at_once_give_one_change_and_one_conflict(
    mailbox: Mailbox, staff: Mapping[str, Staff], report: Open
) -> None:
    ticket = report()
    desk.answer(mailbox, staff["contractor"], ticket.number, ticket.version, "正在查看。")
    with pytest.raises(Conflict, match="已由别人处理"):
        desk.answer(mailbox, staff["admin"], ticket.number, ticket.version, "我来处理。")


def test_personal_data_in_a_title_are_covered_and_the_words_are_sealed(
    mailbox: Mailbox, staff: Mapping[str, Staff], report: Open
) -> None:
    ticket = report(title="用户13912345678打不开首页", text="联系13912345678的李某。")

    assert "13912345678" not in ticket.title
    assert (
        desk.read(mailbox, staff["contractor"], ticket.number).timeline[0].body == "联系13912345678的李某。"
    )
    with mailbox.database.read() as connection:
        sealed = connection.execute(select(tables.ticket_entry.c.body_ct)).scalars().all()
    assert sealed
    assert not any(b"13912345678" in value for value in sealed)


def test_attachments_come_back_as_they_went_in_up_to_a_size(
    mailbox: Mailbox, staff: Mapping[str, Staff], report: Open
) -> None:
    ticket, data = report(), bytes(range(256)) * 40
    ticket = desk.attach(mailbox, staff["registrar"], ticket.number, ticket.version, "C:\\图\\截图.png", data)
    opened = desk.read(mailbox, staff["contractor"], ticket.number)
    with mailbox.database.read() as connection:
        name, back = tickets.file(connection, mailbox.keys, ticket.number, opened.files[0].id)

    assert (name, back) == ("截图.png", data)
    with pytest.raises(Invalid, match="最大 5 MB"):
        desk.attach(
            mailbox, staff["registrar"], ticket.number, ticket.version, "大.zip", bytes(desk.MAX_FILE + 1)
        )


@pytest.mark.parametrize("kind", ["monitoring", "nonsense", ""])
def test_an_unknown_kind_is_refused_with_the_list(kind: str, report: Open) -> None:
    with pytest.raises(Invalid, match="故障"):
        report(kind)


def test_an_ended_ticket_moves_nowhere(mailbox: Mailbox, staff: Mapping[str, Staff], report: Open) -> None:
    ticket = report()
    with pytest.raises(Forbidden, match="撤销"):
        desk.withdraw(mailbox, staff["handler"], ticket.number, ticket.version, "重复了")
    ticket = desk.withdraw(mailbox, staff["registrar"], ticket.number, ticket.version, "重复了")
    for action in (desk.answer, desk.handle, desk.tell):
        with pytest.raises(Conflict):
            action(mailbox, staff["admin"], ticket.number, ticket.version, "再处理。")

    assert rungs(mailbox, ticket.number, State.PENDING) == []
