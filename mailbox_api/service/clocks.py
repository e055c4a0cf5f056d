"""The rungs of service tickets: who is reminded of a running clock, at which share of its time.

The other policy beside `ladder.py`, on the same rows: unique keys, created by whoever comes first, cancelled when
the clock stops. The contract's hours know no night, so these reminders keep no quiet hours.
"""

from datetime import datetime

from sqlalchemy import Connection

from mailbox_api.deadlines import BEIJING
from mailbox_api.notices import Channel, Notice, to_each
from mailbox_api.service_ticket import Clock, Ticket
from mailbox_api.store import outbox
from mailbox_api.store.people import Crew, Staff

BOTH = (Channel.SMS, Channel.WECHAT)
SHARES = (50, 75, 90, 100)
ALARMING = 90  # from here on the office's administrators are told too


def schedule(crew: Crew, ticket: Ticket, *, since: datetime | None = None) -> list[Notice]:
    """The reminders of all running clocks; those whose moment lies before `since` are left out."""
    if not ticket.status.is_open:
        return []
    told = [
        notice
        for clock in ticket.clocks()
        if clock.is_running
        for share in SHARES
        for notice in _rung(crew, ticket, clock, share)
    ]
    return [notice for notice in told if since is None or notice.due_at >= since]


def _rung(crew: Crew, ticket: Ticket, clock: Clock, share: int) -> list[Notice]:
    persons = owners_of(crew, ticket)
    if share >= ALARMING:
        persons = [*persons, *crew.with_role("admin")]
    return tell(
        ticket,
        f"{prefix(clock)}{share:03d}",
        "ticket-breach" if share == 100 else "ticket-clock",
        persons,
        clock.at(share),
        term=clock.term.text,
        due=local(clock.due),
        share=str(share),
    )


def prefix(clock: Clock) -> str:
    """Of the rungs of one clock; a term that begins anew has rungs of its own."""
    return f"clock-{clock.term}-{clock.due:%Y%m%d%H%M%S}-"


def stop(connection: Connection, before: Ticket, after: Ticket) -> None:
    """Cancel what is still to come of the clocks that no longer run."""
    running = {prefix(clock) for clock in after.clocks() if clock.is_running}
    for clock in before.clocks():
        if not after.status.is_open or prefix(clock) not in running:
            outbox.cancel(connection, "ticket", before.number, rung_prefix=prefix(clock))


def is_still_wanted(notice: Notice, ticket: Ticket | None) -> bool:
    """Whether a reminder's clock runs on; the ticket may have changed since the notice was thought of."""
    if ticket is None or not ticket.status.is_open:
        return False
    return any(notice.rung.startswith(prefix(clock)) for clock in ticket.clocks() if clock.is_running)


def owners_of(crew: Crew, ticket: Ticket) -> list[Staff]:
    """Who must act: the owner, else everybody of the contractor, else the administrators."""
    owner = crew.find(ticket.owner) if ticket.owner else None
    return [owner] if owner else crew.with_role("contractor") or crew.with_role("admin")


def office_of(crew: Crew, ticket: Ticket) -> list[Staff]:
    """Whom the office wants told: who opened the ticket, the ones of its department, and the registrars."""
    opener = crew.find(ticket.opened_by)
    here = [
        person
        for person in crew.with_role("handler")
        if ticket.department and person.department == ticket.department
    ]
    return [*([opener] if opener else []), *here, *crew.with_role("registrar")]


def tell(
    ticket: Ticket,
    rung: str,
    template: str,
    persons: list[Staff],
    at: datetime,
    **values: str,
) -> list[Notice]:
    unique = {person.login: person.recipient for person in persons}
    return to_each(
        tuple(unique.values()),
        BOTH,
        subject=("ticket", ticket.number),
        rung=rung,
        template=template,
        values={"number": ticket.number, "kind": ticket.kind.text, **values},
        at=at,
        urgent=True,
    )


def local(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"
