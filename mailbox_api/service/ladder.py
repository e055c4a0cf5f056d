"""The rungs: who is reminded of a letter, when, by which channel. Rows with unique keys, so a sweep may
create them again; they are cancelled in the transaction of the reply.

0 new (at once, both channels, quiet hours or not) · 1 unread after 4 working hours · 2 unread after a working day,
with the supervisor · 3 not accepted · 4 due in three and in one working day · 5 due today 09:00 and 15:00 ·
6 overdue, every working day, from the third with the leader · 7 weekly to the leader until it is closed.
"""

from datetime import date, datetime

from mailbox_api.deadlines import after_office_hours, at_local, local_day
from mailbox_api.letter import Letter, Status
from mailbox_api.notices import Channel, Notice, to_each
from mailbox_api.service.parts import Mailbox
from mailbox_api.store.people import Crew, Staff

BOTH = (Channel.SMS, Channel.WECHAT)


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


def schedule(mailbox: Mailbox, crew: Crew, letter: Letter, *, since: datetime | None = None) -> list[Notice]:
    """The reminders that can be foreseen; those whose moment lies before `since` are left out."""
    if not letter.status.is_open:
        return []
    told: list[Notice] = []
    if letter.status is Status.RECEIVED:
        told += _until_accepted(mailbox, crew, letter)
    told += _until_due(mailbox, crew, letter)
    return [notice for notice in told if since is None or notice.due_at >= since]


def _until_accepted(mailbox: Mailbox, crew: Crew, letter: Letter) -> list[Notice]:
    calendar = mailbox.calendar
    on_duty = crew.on_duty(local_day(letter.received_at))
    above = [*on_duty, *crew.with_role("supervisor")]
    told: list[Notice] = []
    if letter.seen_at is None:
        four_hours = after_office_hours(letter.received_at, 4, calendar)
        a_day = after_office_hours(letter.received_at, 7, calendar)
        told += _rung(mailbox, letter, "unread-4h", "unread", on_duty, BOTH, four_hours)
        told += _rung(mailbox, letter, "unread-1d", "unread", above, BOTH, a_day)
    told += _rung(
        mailbox,
        letter,
        "not-accepted",
        "not-accepted",
        on_duty,
        (Channel.WECHAT,),
        at_local(letter.accept_due, 15),
    )
    late = at_local(calendar.after(letter.accept_due, 1).day, 9)
    return told + _rung(mailbox, letter, "accept-late", "not-accepted", above, BOTH, late)


def _until_due(mailbox: Mailbox, crew: Crew, letter: Letter) -> list[Notice]:
    owners = owners_of(mailbox, crew, letter)
    above = [*owners, *crew.with_role("supervisor")]
    received, told = local_day(letter.received_at), []
    for days in (3, 1):
        day = mailbox.calendar.before(letter.due, days)
        if day > received:
            rung = f"due-{days}-{letter.due}"
            told += _rung(mailbox, letter, rung, "due-soon", owners, BOTH, at_local(day, 9), days=str(days))
    for hour in (9, 15):
        rung = f"due-today-{hour}-{letter.due}"
        told += _rung(mailbox, letter, rung, "due-today", above, BOTH, at_local(letter.due, hour))
    return told


def overdue(mailbox: Mailbox, crew: Crew, letter: Letter, today: date) -> list[Notice]:
    """Today's reminder of a letter past its day: owner and supervisor daily, the leader weekly."""
    calendar = mailbox.calendar
    if not letter.status.is_open or today <= letter.due or not calendar.is_workday(today):
        return []
    days, at = calendar.between(letter.due, today), at_local(today, 9)
    above = [*owners_of(mailbox, crew, letter), *crew.with_role("supervisor")]
    told = _rung(mailbox, letter, f"overdue-{today}", "overdue", above, BOTH, at, days=str(days))
    first = mailbox.rules.leader_after_days
    if days >= first and (days - first) % 5 == 0:
        leaders = crew.with_role("leader")
        told += _rung(mailbox, letter, f"leader-{today}", "leader", leaders, BOTH, at, days=str(days))
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
    return _rung(mailbox, letter, f"{what}-{once}" if once else what, what, persons, BOTH, now)


def supplemented(mailbox: Mailbox, crew: Crew, letter: Letter, now: datetime) -> list[Notice]:
    owners = owners_of(mailbox, crew, letter)
    return tell(mailbox, letter, "supplemented", owners, now, once=str(letter.version))


def _rung(
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
