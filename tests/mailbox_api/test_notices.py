"""The ladder of reminders, and the dispatcher between the outbox and a gateway that fails."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bureau.workdays import WorkCalendar, Year
from mailbox_api.deadlines import BEIJING, QuietHours, after_office_hours, at_local
from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Unknown, Why
from mailbox_api.jobs import dispatch, sweep
from mailbox_api.jobs.adapters import Adapters
from mailbox_api.jobs.dispatch import Dispatcher
from mailbox_api.notices import Channel, State
from mailbox_api.service import clerk, monthly
from mailbox_api.store import letters, outbox, receipts
from mailbox_api.web.letters import _letter
from tests.mailbox_api.conftest import person

REPLY = "已经派人检修，今晚亮灯。谢谢您！"


def drain(dispatcher: Dispatcher) -> None:
    while dispatcher.tick():
        pass


def rows(mailbox: Any, number: str) -> list[Any]:
    with mailbox.database.read() as connection:
        return outbox.of_subject(connection, mailbox.keys, "letter", number)


def waiting(mailbox: Any, number: str, who: str = "") -> set[str]:
    """The rungs that are on their way to staff, or to one of them."""
    return {
        row.rung
        for row in rows(mailbox, number)
        if row.state is State.PENDING and row.recipient in ({who} if who else {row.recipient} - {"citizen"})
    }


def sent_of(gateway: Any, template: str) -> list[tuple[str, str]]:
    return [(one.channel, one.to) for one in gateway.sent if one.template == template]


HOURS = (9, 10, 15)  # when something is due; `new-letter` has no hour


def run_to(dispatcher: Dispatcher, clock: Any, *when: int) -> None:
    """Turn the clock forward from one telling hour to the next, as a running mailbox lives them."""
    end = type(clock)()
    end.to(*when)
    while clock.now < end.now:
        days = [clock.now.date(), clock.now.date() + timedelta(days=1)]
        moments = [at_local(day, hour) for day in days for hour in HOURS]
        clock.now = min([moment for moment in moments if moment > clock.now] + [end.now])
        drain(dispatcher)


def test_a_new_letter_goes_out_at_once_even_at_night(
    send: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    clock.to(2026, 11, 25, 23, 30)
    send()
    drain(dispatcher)

    told = Counter(one.template for one in gateway.sent)
    assert told == {"new-letter": 4, "citizen-received": 1}


def test_every_rung_in_its_hour(send: Any, dispatcher: Any, gateway: Any, clock: Any) -> None:
    send()  # Wednesday 25 November 10:00, due Wednesday 2 December
    drain(dispatcher)
    run_to(dispatcher, clock, 2026, 12, 4, 12)

    when: dict[str, list[str]] = {}
    for one in gateway.sent:
        if one.to == "registrar":
            when.setdefault(one.template, []).append(f"{one.at.astimezone(BEIJING):%m-%d %H}")
    assert when == {
        "new-letter": ["11-25 10"],
        "unread": ["11-25 15", "11-26 10"],
        "not-accepted": ["11-26 15"],  # the second meets a higher rung on the 27th and gives way
        "due-soon": ["11-27 09", "12-01 09"],
        "due-today": ["12-02 09", "12-02 15"],
        "overdue": ["12-03 09", "12-04 09"],
    }


def test_the_leader_hears_on_the_third_day_and_then_weekly(
    send: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    send()
    run_to(dispatcher, clock, 2026, 12, 18, 12)

    days = [f"{one.at.astimezone(BEIJING):%m-%d}" for one in gateway.sent if one.to == "leader"]
    assert days == ["12-07", "12-14"]  # the 3rd and the 8th working day after 2 December


def test_the_reply_cancels_every_reminder_in_its_transaction(
    mailbox: Any, send: Any, staff: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    number = send().number
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl")
    clock.to(2026, 11, 27, 8, 30)
    sweep.run(mailbox, clock())
    assert "due-3-2026-12-02" in waiting(mailbox, number)
    letter = clerk.submit_draft(mailbox, staff["handler"], number, letter.version, REPLY)
    clerk.approve(mailbox, staff["reviewer"], number, letter.version)

    assert waiting(mailbox, number) == set()
    run_to(dispatcher, clock, 2026, 12, 10, 12)
    assert not {"due-soon", "due-today", "overdue", "leader"} & {one.template for one in gateway.sent}


def test_a_rung_has_rows_from_the_hour_before_and_the_sweep_brings_them_back(
    mailbox: Any, send: Any, clock: Any
) -> None:
    number = send().number
    sweep.run(mailbox, clock())
    assert waiting(mailbox, number) == {"new"}
    clock.to(2026, 11, 27, 7, 59)
    sweep.run(mailbox, clock())
    assert "due-3-2026-12-02" not in waiting(mailbox, number)
    clock.to(2026, 11, 27, 8, 1)
    sweep.run(mailbox, clock())
    before = {row.dedupe_key for row in rows(mailbox, number)}
    assert "due-3-2026-12-02" in waiting(mailbox, number)

    with mailbox.database.write() as connection:
        connection.execute(text("DELETE FROM outbox WHERE rung LIKE 'due-%'"))
    assert sweep.run(mailbox, clock()) > 0
    assert {row.dedupe_key for row in rows(mailbox, number)} == before
    assert sweep.run(mailbox, clock()) == 0


def test_the_letters_page_shows_the_reminders_that_have_no_rows_yet(
    mailbox: Any, send: Any, clock: Any
) -> None:
    number = send().number
    shown = _letter(mailbox, person("registrar"), number)["notices"]

    rungs = [row["rung"] for row in shown if isinstance(row, dict)]
    assert {"not-accepted", "accept-late", "due-3-2026-12-02", "due-today-15-2026-12-02"} <= {*rungs}
    assert len(shown) == len(rows(mailbox, number)) + len(rungs)


def test_a_reply_and_a_sweep_at_once_leave_no_reminder(
    mailbox: Any, send: Any, staff: Any, clock: Any
) -> None:
    """The sweep looked while the letter was open, and writes while it is being answered."""
    number = send().number
    clock.to(2026, 11, 27, 8, 30)
    now = clock()
    with mailbox.database.read() as connection:
        missing = list(outbox.missing(connection, sweep.letters_policy(mailbox, connection, now)))
    assert {one.subject_id for one in missing} == {number}

    def sweeps() -> None:
        with mailbox.database.write() as connection:
            outbox.add(connection, mailbox.keys, sweep.still_open(connection, missing), now)

    with ThreadPoolExecutor(1) as other:
        with mailbox.database.write() as connection:
            letter = letters.hold(connection, number)
            late = other.submit(sweeps)
            time.sleep(0.2)
            outbox.cancel(connection, "letter", number)
            letters.save(connection, letter.withdrawn(now))
        late.result()

    assert waiting(mailbox, number) == set()


def test_a_new_handler_gets_the_reminders_and_the_old_one_no_more(
    mailbox: Any, send: Any, staff: Any, clock: Any
) -> None:
    number, rung = send().number, "due-3-2026-12-02"
    clock.to(2026, 11, 27, 8, 30)
    sweep.run(mailbox, clock())
    assert rung in waiting(mailbox, number, "registrar")
    letter = clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl", "handler")
    assert rung in waiting(mailbox, number, "handler")
    assert rung not in waiting(mailbox, number, "registrar")
    letter = clerk.assign(mailbox, staff["registrar"], number, letter.version, "bgs")
    assert rung not in waiting(mailbox, number, "handler")
    clerk.assign(mailbox, staff["registrar"], number, letter.version, "ysgl", "handler")
    assert rung in waiting(mailbox, number, "handler")


def test_what_an_outage_held_back_goes_to_the_new_owner(
    mailbox: Any, send: Any, staff: Any, clock: Any, gateway: Any, dispatcher: Any
) -> None:
    """Overdue since nine, the gateway down: then the letter is accepted, in the night."""
    number, ways = send().number, dict(dispatcher.adapters.gateways)
    drain(dispatcher)
    clock.to(2026, 12, 3, 10)
    down = Faulty(answers=[Refused(Why.TRANSIENT, "busy")] * 99)
    dispatcher.adapters.gateways = {channel: [down] for channel in ways}
    dispatcher.tick()
    clock.to(2026, 12, 3, 23)
    clerk.accept(mailbox, staff["registrar"], number, 1, "ysgl", "handler")
    assert "overdue-2026-12-03" in waiting(mailbox, number, "handler") & waiting(
        mailbox, number, "supervisor"
    )
    assert waiting(mailbox, number, "registrar") == set()

    dispatcher.adapters.gateways = ways
    clock.to(2026, 12, 4, 8)
    drain(dispatcher)
    told = {(one.template, one.to) for one in gateway.sent if one.channel == "wechat"}
    assert {("overdue", "supervisor"), ("assigned", "handler")} <= told  # which says it to the handler
    assert ("overdue", "registrar") not in told


def test_many_reminders_for_one_person_become_one_message(
    send: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    for number in range(6):
        send(mobile=f"1390000000{number}")
    drain(dispatcher)
    gateway.sent.clear()
    run_to(dispatcher, clock, 2026, 11, 25, 16)

    (digest,) = [one for one in gateway.sent if (one.to, one.channel) == ("registrar", "wechat")]
    assert digest.template == "digest"
    assert digest.vars["count"] == "6"
    assert "2026-000003" in digest.text


def test_a_round_that_only_folds_is_not_the_last(
    send: Any, dispatcher: Any, gateway: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reminders of twelve letters, claimed for four at a time, all end in digests: nobody waits for the next hour."""
    for number in range(12):
        send(mobile=f"1390000{number:04d}")
    drain(dispatcher)
    gateway.sent.clear()
    monkeypatch.setattr(dispatch, "BATCH", 16)
    clock.to(2026, 11, 25, 15)
    drain(dispatcher)

    told = [one for one in gateway.sent if (one.to, one.channel) == ("registrar", "wechat")]
    assert sum(int(one.vars.get("count", 1)) for one in told) == 12


def test_after_an_outage_only_the_highest_rung_goes(
    send: Any, dispatcher: Any, gateway: Any, clock: Any
) -> None:
    send()
    drain(dispatcher)
    gateway.sent.clear()
    clock.to(2026, 12, 3, 10)  # nothing ran for a week
    drain(dispatcher)

    assert sent_of(gateway, "overdue").count(("wechat", "registrar")) == 1
    assert not {"due-soon", "due-today", "unread"} & {one.template for one in gateway.sent}


def test_the_heartbeat_comes_each_working_day_and_names_the_audit_head(
    dispatcher: Any, gateway: Any, clock: Any
) -> None:
    run_to(dispatcher, clock, 2026, 12, 1, 8)

    beats = [one for one in gateway.sent if one.template == "heartbeat"]
    assert [f"{one.at.astimezone(BEIJING):%m-%d}" for one in beats] == ["11-25", "11-26", "11-27", "11-30"]
    assert "2027年放假安排还没有录入" in beats[0].text


def test_no_message_carries_a_citizens_words(send: Any, dispatcher: Any, gateway: Any, clock: Any) -> None:
    receipt = send()
    run_to(dispatcher, clock, 2026, 12, 8, 12)

    for one in gateway.sent:
        for secret in (
            "张三丰",
            "夜间照明",
            "北京路",
            receipt.query_code,
            receipt.query_code.replace("-", ""),
        ):
            assert secret not in one.text + str(one.vars)
        assert one.to == "13900001234" or "13900001234" not in one.text


def test_due_dates_are_settled_when_the_year_arrives(mailbox: Any, send: Any, clock: Any) -> None:
    clock.to(2026, 12, 25, 10)
    receipt = send(category="投诉")
    assert receipt.provisional
    off = frozenset({date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 5)})
    mailbox.calendars._from_files = WorkCalendar({2027: Year(off, frozenset(), "通知")})
    sweep.run(mailbox, clock())

    with mailbox.database.read() as connection:
        letter = letters.get(connection, receipt.number)
    assert not letter.provisional
    assert letter.due > receipt.due
    clock.now = at_local(letter.due, 8, 30)
    sweep.run(mailbox, clock())
    assert f"due-today-9-{letter.due}" in waiting(mailbox, letter.number)


def test_months_are_frozen_once(mailbox: Any, send: Any, clock: Any) -> None:
    send()
    clock.to(2026, 12, 1, 0, 10)
    sweep.run(mailbox, clock())
    first = monthly.of_month(mailbox, monthly.Month(2026, 11))
    clock.to(2026, 12, 20)
    sweep.run(mailbox, clock())

    assert first["frozen"]
    assert monthly.of_month(mailbox, monthly.Month(2026, 11)) == first


@given(st.datetimes(timezones=st.just(BEIJING), min_value=at_local(date(2026, 1, 1), 0).replace(tzinfo=None),
                    max_value=at_local(date(2026, 12, 1), 0).replace(tzinfo=None)))  # fmt: skip
def test_quiet_hours_hold_for_every_moment(at: Any) -> None:
    quiet = QuietHours()
    moment = quiet.next_allowed(at)

    assert quiet.allow(moment)
    assert timedelta() <= moment - at <= timedelta(hours=11)
    assert after_office_hours(at, 4, WorkCalendar()) > at


# ---- a gateway that fails


@dataclass
class Faulty:
    """Answers as it is told; remembers what really went out."""

    name: str = "faulty"
    answers: list[Answer] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    calls: int = 0

    def send(self, message: Message) -> Answer:
        self.calls += 1
        return self.answers.pop(0) if self.answers else Accepted(message.out_id)

    def query(self, message: Message) -> Fate:
        return self.fates.pop(0) if self.fates else Fate.UNSURE


@pytest.fixture
def one_sms(mailbox: Any) -> Any:
    """A single SMS in the outbox; gives its row again."""
    with mailbox.database.write() as connection:
        told = sweep.alert(mailbox, connection, key="k", title="测试", detail="内容", now=mailbox.clock())
        outbox.add(
            connection, mailbox.keys, [one for one in told if one.channel is Channel.SMS][:1], mailbox.clock()
        )

    def row() -> Any:
        with mailbox.database.read() as connection:
            return outbox.of_subject(connection, mailbox.keys, "monitor", "k")[0]

    return row


def with_sms(mailbox: Any, *gateways: Any) -> Dispatcher:
    adapters = Adapters(gateways={Channel.SMS: gateways, Channel.WECHAT: [Faulty("wechat")]})
    return Dispatcher(mailbox=mailbox, adapters=adapters)


def live(dispatcher: Dispatcher, clock: Any, minutes: int) -> None:
    for _ in range(minutes):
        clock.forward(minutes=1)
        dispatcher.tick()


@pytest.mark.parametrize(
    ("answers", "fates", "state", "calls"),
    [
        pytest.param([], [], State.SENT, 1, id="收下"),
        pytest.param([Refused(Why.TRANSIENT, "busy")] * 3, [], State.SENT, 4, id="暂时不收，再试"),
        pytest.param([Refused(Why.ADDRESS, "no such number")], [], State.DEAD, 1, id="号码不对，不再试"),
        pytest.param([Unknown("timeout")], [Fate.DELIVERED], State.DELIVERED, 1, id="没有答复，查到已送达"),
        pytest.param([Unknown("timeout")], [Fate.TAKEN], State.SENT, 1, id="没有答复，查到已收下"),
        pytest.param([Unknown("timeout")], [Fate.ABSENT] * 2, State.SENT, 2, id="没有答复，两次查不到才重发"),
        pytest.param(
            [Unknown("timeout")], [Fate.ABSENT, Fate.TAKEN], State.SENT, 1, id="第一次查不到，第二次查到"
        ),
        pytest.param([Unknown("timeout")] * 9, [], State.DEAD, 2, id="始终查不清，至多发两次"),
    ],
)
def test_what_a_gateway_says_decides(
    mailbox: Any, clock: Any, one_sms: Any, answers: Any, fates: Any, state: Any, calls: int
) -> None:
    gateway = Faulty(answers=list(answers), fates=list(fates))
    live(with_sms(mailbox, gateway), clock, 60)

    assert (one_sms().state, gateway.calls) == (state, calls)


def test_a_configuration_error_pauses_the_adapter_and_the_next_one_takes_over(
    mailbox: Any, clock: Any, one_sms: Any
) -> None:
    first, second = Faulty("first", [Refused(Why.CONFIGURATION, "bad sign")] * 9), Faulty("second")
    dispatcher = with_sms(mailbox, first, second)
    live(dispatcher, clock, 2)

    assert (one_sms().state, one_sms().adapter, first.calls) == (State.SENT, "second", 1)
    with mailbox.database.read() as connection:
        alarms = outbox.of_subject(
            connection, mailbox.keys, "monitor", f"gateway:first:bad sign:{mailbox.today}"
        )
    assert alarms
    assert not dispatcher.is_stuck()


def test_with_every_adapter_paused_the_rows_wait_and_stats_say_so(
    mailbox: Any, clock: Any, one_sms: Any
) -> None:
    only = Faulty("only", [Refused(Why.MONEY, "no money")])
    dispatcher = with_sms(mailbox, only)
    dispatcher.tick()
    assert (one_sms().state, dispatcher.is_stuck()) == (State.PENDING, True)
    live(dispatcher, clock, 25)

    assert one_sms().state is State.SENT


def test_a_dispatcher_that_dies_in_a_call_leaves_a_row_to_be_asked_for(
    mailbox: Any, clock: Any, one_sms: Any
) -> None:
    with mailbox.database.write() as connection:
        outbox.claim(connection, mailbox.keys, mailbox.clock(), 10)  # and then the process is gone
    gateway = Faulty(fates=[Fate.TAKEN])
    live(with_sms(mailbox, gateway), clock, 3)

    assert (one_sms().state, gateway.calls) == (State.SENT, 0)


def test_a_receipt_settles_the_row(mailbox: Any, clock: Any, one_sms: Any) -> None:
    with_sms(mailbox, Faulty()).tick()
    with mailbox.database.write() as connection:
        receipts.record(
            connection,
            adapter="faulty",
            provider_id="",
            out_id=one_sms().out_id,
            delivered=True,
            code="",
            at=clock(),
        )

    assert one_sms().state is State.DELIVERED


def test_a_dead_notice_is_told_on_the_other_channel(mailbox: Any, send: Any, clock: Any) -> None:
    number = send().number
    with_sms(mailbox, Faulty(answers=[Refused(Why.ADDRESS, "bad")] * 9)).tick()

    with mailbox.database.read() as connection:
        told = outbox.of_subject(connection, mailbox.keys, "monitor", f"dead:letter:{number}:sms")
    assert told
    assert {row.channel for row in told} == {Channel.WECHAT}
