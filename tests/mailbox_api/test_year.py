"""A simulated year: letters come in, are read, answered late or never, gateways fail and lie, the server is down,
the clock jumps. Every reminder that a plain reading of the rules asks for goes out, once, and none at night."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bureau.workdays import WorkCalendar
from mailbox_api.deadlines import BEIJING
from mailbox_api.gateways import Accepted, Answer, Fate, Message, Refused, Unknown, Why
from mailbox_api.letter import Letter
from mailbox_api.notices import State
from mailbox_api.service import clerk
from mailbox_api.service.parts import Rules
from mailbox_api.store import letters, outbox
from mailbox_api.store.outbox import Outgoing

START = date(2025, 12, 1)  # over New Year, Spring Festival and their working weekends
SLOTS = [
    time(*at)
    for at in ((0, 30), (8, 0), (9, 0), (9, 40), (12, 0), (15, 0), (15, 40), (17, 30), (20, 50), (23, 30))
]
DAYS_LATE = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20, 35)  # days from receipt to the reply
CATEGORIES = ("咨询", "求助", "建议", "投诉")
CALENDAR = WorkCalendar()


@dataclass
class Weather:
    """A gateway that is down, swallows, or answers into the void; `taken` is what really went out."""

    chance: random.Random
    name: str = "weather"
    down: bool = False
    honest: bool = True
    taken: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Answer:
        if self.down:
            return Refused(Why.TRANSIENT, "ConnectError")
        luck = 1.0 if self.honest else self.chance.random()
        if luck < 0.03:
            return Unknown("swallowed")
        self.taken.append(message)
        return Unknown("cut") if luck < 0.06 else Accepted(message.out_id)

    def query(self, message: Message) -> Fate:
        if self.down:
            return Fate.UNSURE
        return Fate.TAKEN if message.out_id in {one.out_id for one in self.taken[-5000:]} else Fate.ABSENT


@dataclass(frozen=True, slots=True)
class Plan:
    """What people will do with a letter."""

    arrives: datetime
    reads: datetime
    accepts: datetime
    replies: datetime


@dataclass
class Year:
    mailbox: Any
    clock: Any
    dispatcher: Any
    weather: Weather
    chance: random.Random
    staff: Any
    send: Callable[..., Any]
    working: list[datetime] = field(default_factory=list)  # moments at which something could be sent by day
    ticked: set[date] = field(default_factory=set)  # days with a round after nine
    waiting: dict[str, tuple[Plan, list[str]]] = field(default_factory=dict)

    def live(self, days: int, count: int) -> None:
        plans = iter(self.plans(days, count))
        coming = next(plans, None)
        down_until = away_until = datetime.combine(START, time())
        for day in range(days):
            fault = self.chance.random()
            morning = datetime.combine(START + timedelta(days=day), time())
            if fault < 0.03:
                down_until = morning + timedelta(hours=self.chance.uniform(1, 30))
            elif fault < 0.05:
                away_until = morning + timedelta(hours=self.chance.uniform(1, 40))
            jump = (
                timedelta(hours=self.chance.choice((-24, -1, 1, 24))) if 0.05 < fault < 0.08 else timedelta()
            )
            for slot in SLOTS:
                now = datetime.combine(morning.date(), slot)
                self.weather.down = now < down_until
                skew = jump if slot in SLOTS[3:5] else timedelta()
                self.weather.honest = bool(jump)
                if now < away_until:
                    continue
                self.clock.now = (now + skew).replace(tzinfo=BEIJING)
                while coming is not None and coming.arrives <= now:
                    self.arrive(coming)
                    coming = next(plans, None)
                self.work(now)
                self.tick()

    def plans(self, days: int, count: int) -> Iterator[Plan]:
        """Letters at any hour of the year, the last ones early enough to be answered in it."""
        begin = datetime.combine(START, time(0, 1))
        for minute in sorted(self.chance.randrange((days - 2) * 1440) for _ in range(count)):
            arrives = begin + timedelta(minutes=minute)
            replies = arrives + timedelta(days=self.chance.choice(DAYS_LATE), hours=self.chance.uniform(0, 9))
            accepts = arrives + (replies - arrives) * self.chance.uniform(0.1, 0.9)
            yield Plan(arrives, arrives + (accepts - arrives) * self.chance.uniform(0.1, 1), accepts, replies)

    def arrive(self, plan: Plan) -> None:
        serial = len(self.waiting) + 1
        mobile = f"13{serial:09d}"
        number = self.send(
            mobile, content=f"第{serial}件事情，请派人看看，谢谢。", category=CATEGORIES[serial % 4]
        ).number
        self.waiting[number] = (plan, ["read", "accept", "reply"])

    def work(self, now: datetime) -> None:
        for number, (plan, left) in self.waiting.items():
            if left and (plan.reads, plan.accepts, plan.replies)[3 - len(left)] <= now:
                getattr(self, left.pop(0))(number)

    def letter(self, number: str) -> Letter:
        with self.mailbox.database.read() as connection:
            return letters.get(connection, number)

    def read(self, number: str) -> None:
        clerk.read(self.mailbox, self.staff["registrar"], number)

    def accept(self, number: str) -> None:
        version = self.letter(number).version
        clerk.accept(self.mailbox, self.staff["registrar"], number, version, "ysgl", "handler")

    def reply(self, number: str) -> None:
        version = self.letter(number).version
        clerk.submit_draft(
            self.mailbox, self.staff["handler"], number, version, "已经派人检修，今晚亮灯。谢谢您！"
        )

    def tick(self) -> None:
        while self.dispatcher.tick():
            pass
        now = self.clock.now
        if now.hour >= 9:
            self.ticked.add(now.date())
        if not self.weather.down and 8 <= now.hour < 21:
            self.working.append(self.clock())


def wanted(letter: Letter, year: Year) -> Iterator[tuple[str, datetime, datetime]]:
    """By a plain reading of the rules: rung, moment, and the moment from which it need not be told any more."""
    end = year.working[-1]
    seen, accepted, replied = (at or end for at in (letter.seen_at, letter.accepted_at, letter.replied_at))
    received = letter.received_at.astimezone(BEIJING).date()
    yield "not-accepted", morning(letter.accept_due, 15), min(accepted, replied)
    yield "accept-late", morning(workday_after(letter.accept_due), 9), min(accepted, replied)
    yield "unread-1d", morning(workday_after(workday_after(received)), 9), min(seen, accepted, replied)
    for days in (3, 1):
        day = letter.due
        for _ in range(days):
            day = workday_before(day)
        if day > received:
            yield f"due-{days}-", morning(day, 9), replied
    for hour in (9, 15):
        yield f"due-today-{hour}", morning(letter.due, hour), replied
    day, late = workday_after(letter.due), 1
    while morning(day, 9) < replied:
        if day in year.ticked:
            yield f"overdue-{day}", morning(day, 9), replied
            if late >= 3 and (late - 3) % 5 == 0:
                yield f"leader-{day}", morning(day, 9), replied
        day, late = workday_after(day), late + 1


def morning(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BEIJING).astimezone(UTC)


def workday_after(day: date) -> date:
    day += timedelta(days=1)
    return day if CALENDAR.is_workday(day) else workday_after(day)


def workday_before(day: date) -> date:
    day -= timedelta(days=1)
    return day if CALENDAR.is_workday(day) else workday_before(day)


def was_told(row: Outgoing) -> bool:
    """By itself, within a digest, or by a higher rung of the same letter that went at the same time."""
    return row.state in (State.SENT, State.FOLDED) or row.last_code == "superseded"


def audience(rung: str) -> list[set[str]]:
    """One of each must have been told: whoever owned the letter when the moment came, who stands above."""
    if rung.startswith("leader"):
        return [{"leader"}]
    above = rung.startswith(("unread-1d", "accept-late", "due-today", "overdue"))
    return [{"registrar", "handler"}, *([{"supervisor"}] if above else [])]


@pytest.fixture
def rules(rules: Rules) -> Rules:
    return replace(rules, four_eyes=False)


@pytest.mark.parametrize(
    ("days", "count"),
    [
        pytest.param(31, 40, id="a month"),
        pytest.param(365, 10_000, id="a year", marks=pytest.mark.soak),
    ],
)
def test_no_reminder_is_missed_doubled_or_in_quiet_hours(
    mailbox: Any, clock: Any, dispatcher: Any, staff: Any, send: Any, days: int, count: int
) -> None:
    chance = random.Random(days)
    weather = Weather(chance)
    dispatcher.adapters.gateways = {channel: [weather] for channel in dispatcher.adapters.gateways}
    year = Year(mailbox, clock, dispatcher, weather, chance, staff, send)
    year.live(days, count)

    with mailbox.database.read() as connection:
        stored = {number: letters.get(connection, number) for number in year.waiting}
        rows = defaultdict[str, list[Outgoing]](list)
        for row in outbox.in_states(connection, mailbox.keys, [*State], 10_000_000):
            rows[row.subject_id if row.subject == "letter" else row.subject].append(row)
    urgent = {row.out_id for some in rows.values() for row in some if row.urgent}
    working = sorted(year.working)
    missed = []
    for number, letter in stored.items():
        for rung, moment, stop in wanted(letter, year):
            chances = [at for at in working if moment <= at < min(stop, working[-1])]
            told = [row for row in rows[number] if row.rung.startswith(rung)]
            reached = {row.recipient for row in told if was_told(row)}
            if len(chances) >= 2 and not all(reached & those for those in audience(rung)):
                missed.append((number, rung, moment, [(row.state, row.last_code) for row in told]))
    doubled = [
        one for one, times in Counter(message.out_id for message in weather.taken).items() if times > 1
    ]
    at_night = [
        message
        for message in weather.taken
        if message.out_id not in urgent and not 8 <= message.at.astimezone(BEIJING).hour < 21
    ]
    first = [
        row for some in rows.values() for row in some if row.rung in ("new", "citizen-received", "digest")
    ]

    assert missed == []
    assert doubled == []
    assert at_night == []
    assert len(stored) == count
    assert [row for some in rows.values() for row in some if row.state is State.DEAD] == []
    assert all(was_told(row) for row in first if row.due_at < working[-3])
    assert len({row.subject_id for row in rows["heartbeat"]}) == sum(
        CALENDAR.is_workday(day) for day in year.ticked
    )
    assert len(weather.taken) > count
