"""A simulated quarter of the service desk: no reminder is missed, none comes twice, whatever the hour."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from mailbox_api.deadlines import BEIJING
from mailbox_api.jobs import sweep
from mailbox_api.jobs.dispatch import Dispatcher
from mailbox_api.service import desk
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Kind, Term, Ticket, opened
from mailbox_api.store import audit, tickets
from mailbox_api.store.people import Staff

SHARES = (50, 75, 90, 100)


def sent_rungs(gateway: Any, to: str) -> list[tuple[str, str, str, datetime]]:
    """(number, term, share, when) of each reminder of a clock that went to one person by SMS."""
    return [
        (row.vars["number"], row.vars["term"], row.vars["share"], row.at)
        for row in gateway.sent
        if row.template in ("ticket-clock", "ticket-breach") and row.channel == "sms" and row.to == to
    ]


def expected(ticket: Ticket) -> list[tuple[str, str, str]]:
    """What the engineer must have heard: each share that passed while its clock ran."""
    return [
        (ticket.number, clock.term.text, str(share))
        for clock in ticket.clocks()
        for share in SHARES
        if clock.stopped is None or clock.at(share) < clock.stopped
    ]


def run_until(dispatcher: Dispatcher, clock: Any, end: datetime, step: timedelta) -> None:
    while clock.now < end:
        clock.now = min(clock.now + step, end)
        while dispatcher.tick():
            pass


def test_a_quarter_of_faults_at_any_hour(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, dispatcher: Dispatcher, gateway: Any
) -> None:
    random.seed(9)
    clock.to(2026, 10, 1)
    engineer, made = staff["contractor"], []
    for day in range(0, 92, 8):
        begin = datetime(2026, 10, 1, tzinfo=BEIJING) + timedelta(
            days=day, hours=random.choice((3, 9, 17, 22, 23.75))
        )
        clock.now = max(clock.now, begin)
        ticket = desk.open_ticket(
            mailbox, staff["registrar"], kind="fault", title="首页打不开", text="时断时续。"
        )
        made.append(ticket.number)
        for action, wait in (
            (desk.answer, random.uniform(0.2, 3)),
            (desk.tell, random.uniform(1, 6)),
            (desk.handle, 3.0),
        ):
            run_until(dispatcher, clock, clock.now + timedelta(hours=wait), timedelta(minutes=10))
            if action is desk.tell and day % 3:
                continue
            ticket = action(mailbox, engineer, ticket.number, ticket.version, "照办。")
    with mailbox.database.read() as connection:
        found = [tickets.get(connection, number) for number in made]

    heard = Counter(row[:3] for row in sent_rungs(gateway, engineer.mobile))
    assert heard == Counter(rung for ticket in found for rung in expected(ticket))
    assert len(heard) > 30
    for number, term, share, at in sent_rungs(gateway, engineer.mobile):
        ticket = next(row for row in found if row.number == number)
        due = next(clock for clock in ticket.clocks() if clock.term.text == term).at(int(share))
        assert timedelta() <= at - due <= timedelta(minutes=10)
    assert audit.verify(mailbox.database).broken_at is None


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param((2026, 11, 25, 22, 30), id="跨零点"),
        pytest.param((2026, 11, 30, 20, 0), id="跨月末"),
        pytest.param((2026, 12, 31, 18, 0), id="跨年"),
    ],
)
def test_clocks_run_through_the_night(
    begin: tuple[int, ...],
    mailbox: Mailbox,
    staff: Mapping[str, Staff],
    clock: Any,
    dispatcher: Dispatcher,
    gateway: Any,
) -> None:
    clock.to(*begin)
    start = clock.now
    desk.open_ticket(mailbox, staff["registrar"], kind="fault", title="首页打不开", text="时断时续。")
    run_until(dispatcher, clock, start + timedelta(hours=9), timedelta(minutes=12))

    hours = [(at - start) / timedelta(hours=1) for *_, at in sent_rungs(gateway, staff["contractor"].mobile)]
    assert hours == pytest.approx([1, 1.5, 1.8, 2, 4, 6, 7.2, 8], abs=0.21)


def test_after_hours_of_standstill_each_clock_is_told_once_at_its_highest(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, dispatcher: Dispatcher, gateway: Any
) -> None:
    ticket = desk.open_ticket(
        mailbox, staff["registrar"], kind="fault", title="首页打不开", text="时断时续。"
    )
    dispatcher.tick()
    clock.forward(hours=6, minutes=30)
    run_until(dispatcher, clock, clock.now + timedelta(hours=3), timedelta(minutes=10))
    heard = [row[1:3] for row in sent_rungs(gateway, staff["contractor"].mobile)]
    with mailbox.database.read() as connection:
        kept = tickets.get(connection, ticket.number)

    assert heard == [
        ("响应", "100"),
        ("处理（或事先告知）", "75"),
        ("处理（或事先告知）", "90"),
        ("处理（或事先告知）", "100"),
    ]
    assert kept.breaches == ("answer", "handle")


def test_a_lost_reminder_is_made_again_by_the_sweep_and_one_that_went_out_is_not(
    mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, dispatcher: Dispatcher, gateway: Any
) -> None:
    desk.open_ticket(mailbox, staff["registrar"], kind="fault", title="首页打不开", text="时断时续。")
    run_until(dispatcher, clock, clock.now + timedelta(hours=1, minutes=10), timedelta(minutes=10))
    with mailbox.database.write() as connection:
        gone = connection.execute(text("DELETE FROM outbox WHERE rung LIKE 'clock-%' AND state = 'pending'"))
    made = sweep.run(mailbox, clock())

    assert made == gone.rowcount > 0
    run_until(dispatcher, clock, clock.now + timedelta(hours=9), timedelta(minutes=10))
    assert max(Counter(row[:3] for row in sent_rungs(gateway, staff["contractor"].mobile)).values()) == 1


def test_every_kind_with_a_term_has_its_clock_and_the_others_have_none(mailbox: Mailbox, clock: Any) -> None:
    terms = {
        kind: [
            one.term
            for one in opened("GD2026-0001", kind, "事项", mailbox.desk.hours, by="a", at=clock()).clocks()
        ]
        for kind in Kind
    }

    assert terms == {
        Kind.FAULT: [Term.ANSWER, Term.HANDLE],
        Kind.UPLOAD: [Term.ANSWER, Term.HANDLE],
        Kind.DIAGNOSIS: [Term.ANSWER],
        Kind.ON_SITE: [Term.ANSWER],
        Kind.ADJUSTMENT: [],
        Kind.TRAINING: [],
        Kind.FORCE_MAJEURE: [Term.TELL],
        Kind.MONITORING: [Term.TELL],
    }
