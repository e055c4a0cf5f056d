"""The rungs: who is reminded of a letter, when, by which channel. Rows with unique keys, so a sweep may
create them again; they are cancelled in the transaction of the reply.

A rung becomes rows when its moment is near (`AHEAD`), not when the letter comes: most letters are answered first.

0 new (at once, both channels, quiet hours or not) · 1 unread after 4 working hours · 2 unread after a working day,
with the supervisor · 3 not accepted · 4 due in three and in one working day · 5 due today 09:00 and 15:00 ·
6 overdue, every working day, from the third with the leader · 7 weekly to the leader until it is closed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailbox_api.deadlines import after_office_hours, at_local, local_day
from mailbox_api.letter import Letter, Status
from mailbox_api.notices import Channel, Notice, to_each
from mailbox_api.service.parts import Mailbox
from mailbox_api.store.outbox import Outgoing
from mailbox_api.store.people import Crew, Staff

BOTH = (Channel.SMS, Channel.WECHAT)
AHEAD = timedelta(hours=1)  # several sweeps: when the moment comes, the rows have long been there


def new_letter(mailbox: Mailbox, crew: Crew, letter: Letter, now: datetime) -> list[Notice]:
    """Rung 0: to everyone on duty."""
    on_duty = crew.on_duty(mailbox.today)
    return to_each(
        tuple(person.recipient for person in on_duty),
        BOTH,
        subject=("letter", letter.number),
        rung="new",
        template="new-letter",
        values={"number": letter.number, "category": letter.category, "due": str(letter.due)},
        at=now,
        urgent=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A reminder that can be foreseen, before anybody's address is looked up."""

    name: str
    template: str
    persons: Callable[[], list[Staff]]
    channels: tuple[Channel, ...] = BOTH
    at: datetime
    days: int = 0  # working days that are left


def schedule(
    mailbox: Mailbox, crew: Crew, letter: Letter, *, since: datetime, until: datetime
) -> list[Notice]:
    """The reminders whose moment lies in that span; `since` and `until` belong to it."""
    if not letter.status.is_open:
        return []
    return [
        notice
        for rung in _foreseen(mailbox, crew, letter)
        if since <= mailbox.rules.quiet.next_allowed(rung.at) <= until
        for notice in _notices(
            mailbox, letter, rung.name, rung.template, rung.persons(), rung.channels, rung.at,
            **({"days": str(rung.days)} if rung.days else {}),
        )
    ]  # fmt: skip


def soon(mailbox: Mailbox, crew: Crew, letter: Letter, now: datetime) -> list[Notice]:
    """The reminders that the last sweep would have made rows of: for a letter that has just got another day."""
    return schedule(mailbox, crew, letter, since=now, until=now + AHEAD)


def _foreseen(mailbox: Mailbox, crew: Crew, letter: Letter) -> Iterator[Rung]:
    calendar, received = mailbox.calendar, local_day(letter.received_at)

    def on_duty() -> list[Staff]:
        return crew.on_duty(received)

    def owners() -> list[Staff]:
        return owners_of(mailbox, crew, letter)

    def above(persons: Callable[[], list[Staff]]) -> Callable[[], list[Staff]]:
        return lambda: [*persons(), *crew.with_role("supervisor")]

    if letter.status is Status.RECEIVED:
        if letter.seen_at is None:
            four_hours = after_office_hours(letter.received_at, 4, calendar)
            a_day = after_office_hours(letter.received_at, 7, calendar)
            yield Rung(name="unread-4h", template="unread", persons=on_duty, at=four_hours)
            yield Rung(name="unread-1d", template="unread", persons=above(on_duty), at=a_day)
        last, late = at_local(letter.accept_due, 15), at_local(calendar.after(letter.accept_due, 1).day, 9)
        only = (Channel.WECHAT,)
        yield Rung(name="not-accepted", template="not-accepted", persons=on_duty, channels=only, at=last)
        yield Rung(name="accept-late", template="not-accepted", persons=above(on_duty), at=late)
    for days in (3, 1):
        day = calendar.before(letter.due, days)
        if day > received:
            name = f"due-{days}-{letter.due}"
            yield Rung(name=name, template="due-soon", persons=owners, at=at_local(day, 9), days=days)
    for hour in (9, 15):
        name, at = f"due-today-{hour}-{letter.due}", at_local(letter.due, hour)
        yield Rung(name=name, template="due-today", persons=above(owners), at=at)


def overdue(mailbox: Mailbox, crew: Crew, letter: Letter, today: date) -> list[Notice]:
    """Today's reminder of a letter past its day: owner and supervisor daily, the leader weekly."""
    calendar = mailbox.calendar
    if not letter.status.is_open or today <= letter.due or not calendar.is_workday(today):
        return []
    days, at = calendar.between(letter.due, today), at_local(today, 9)
    above = [*owners_of(mailbox, crew, letter), *crew.with_role("supervisor")]
    told = _notices(mailbox, letter, f"overdue-{today}", "overdue", above, BOTH, at, days=str(days))
    first = mailbox.rules.leader_after_days
    if days >= first and (days - first) % 5 == 0:
        leaders = crew.with_role("leader")
        told += _notices(mailbox, letter, f"leader-{today}", "leader", leaders, BOTH, at, days=str(days))
    return told


def again(mailbox: Mailbox, crew: Crew, letter: Letter, waiting: Iterable[Outgoing]) -> list[Notice]:
    """Reminders that had not gone out when the letter changed hands, to those whom they concern now."""
    owners, told = owners_of(mailbox, crew, letter), []
    above = [*owners, *crew.with_role("supervisor")]
    persons = {
        "due-soon": owners,
        "due-today": above,
        "overdue": above,
        "leader": crew.with_role("leader"),
    }
    for row in {row.rung: row for row in waiting if row.template in persons}.values():
        values = {"days": row.vars["days"]} if "days" in row.vars else {}
        told += _notices(
            mailbox, letter, row.rung, row.template, persons[row.template], BOTH, row.due_at, **values
        )
    return told


def owners_of(mailbox: Mailbox, crew: Crew, letter: Letter) -> list[Staff]:
    """Who must answer: the handler, else the handlers of the office, else those on duty."""
    if letter.handler:
        person = crew.find(letter.handler)
        if person is not None:
            return [person]
    if letter.department:
        here = [p for p in crew.with_role("handler") if p.department == letter.department]
        if here:
            return here
    return crew.on_duty(mailbox.today)


def tell(
    mailbox: Mailbox, letter: Letter, what: str, persons: list[Staff], now: datetime, *, once: str = ""
) -> list[Notice]:
    """A note to staff about something that just happened; `once` tells two of a kind apart."""
    return _notices(mailbox, letter, f"{what}-{once}" if once else what, what, persons, BOTH, now)


def supplemented(mailbox: Mailbox, crew: Crew, letter: Letter, now: datetime) -> list[Notice]:
    owners = owners_of(mailbox, crew, letter)
    return tell(mailbox, letter, "supplemented", owners, now, once=str(letter.version))


def _notices(
    mailbox: Mailbox,
    letter: Letter,
    rung: str,
    template: str,
    persons: list[Staff],
    channels: tuple[Channel, ...],
    at: datetime,
    **values: str,
) -> list[Notice]:
    facts = {
        "number": letter.number,
        "category": letter.category,
        "due": str(letter.due),
        "accept_due": str(letter.accept_due),
    }
    unique = {person.login: person.recipient for person in persons}
    return to_each(
        tuple(unique.values()),
        channels,
        subject=("letter", letter.number),
        rung=rung,
        template=template,
        values=facts | values,
        at=mailbox.rules.quiet.next_allowed(at),
    )
