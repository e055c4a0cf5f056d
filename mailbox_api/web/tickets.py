"""The staff's tickets: the list by what ends next, a ticket's page and its actions, the register of the year."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api.deadlines import BEIJING
from mailbox_api.errors import Invalid, NotFound
from mailbox_api.service import desk, register
from mailbox_api.service.login import SignedIn
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import may
from mailbox_api.service_ticket import Clock, Kind, Status, Term, Ticket
from mailbox_api.store import outbox, people, tickets
from mailbox_api.store.people import Staff
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import Form, changes, shows
from mailbox_api.web.uploads import Upload, read_upload

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def listing(request: Request, who: SignedIn) -> Response:
    chosen = request.query_params.get("state", "open")
    if chosen not in desk.STATES:
        raise NotFound("没有这个分类")
    number = request.query_params.get("page", "1")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    rows, more = await run_in_threadpool(_rows, mailbox_of(request), chosen, at)
    return page(
        request,
        "tickets.html",
        "工单",
        rows=rows,
        states=desk.STATES,
        chosen=chosen,
        at=at,
        more=more,
        can_open=may(who.person, "ticket.open"),
    )


def _rows(mailbox: Mailbox, chosen: str, at: int) -> tuple[list[dict[str, Any]], bool]:
    statuses = tuple(desk.STATES[chosen][1])
    with mailbox.database.read() as connection:
        found = tickets.listing(connection, statuses=statuses, limit=PER_PAGE + 1, offset=(at - 1) * PER_PAGE)
    now = mailbox.clock()
    return [_shown(ticket, now) for ticket in found[:PER_PAGE]], len(found) > PER_PAGE


def _shown(ticket: Ticket, now: datetime) -> dict[str, Any]:
    clock = ticket.next_clock
    return {
        "ticket": ticket,
        "clock": clock,
        "left": left_text(clock, now) if clock else "",
        "urgency": urgency(clock, now) if clock else "",
        "broken": [Term(name).text for name in ticket.broken(now)],
    }


def left_text(clock: Clock, now: datetime) -> str:
    minutes = round((clock.due - now).total_seconds() / 60)
    span = register.span(abs(minutes))
    return f"{clock.term.text}还有{span}" if minutes >= 0 else f"{clock.term.text}已超{span}"


def urgency(clock: Clock, now: datetime) -> str:
    if now > clock.due:
        return "late"
    return "today" if now >= clock.at(75) else "soon" if now >= clock.at(50) else "calm"


async def new_form(request: Request, who: SignedIn) -> Response:
    return _new(request, {}, None)


def _new(request: Request, values: Mapping[str, str], error: Invalid | None) -> Response:
    return page(
        request,
        "ticket_new.html",
        "新工单",
        422 if error else 200,
        values={name: values.get(name, "") for name in ("kind", "title", "text", "started_at", "department")},
        errors=error.fields if error else {},
        kinds=desk.BY_PEOPLE,
        departments=mailbox_of(request).departments,
    )


async def new_ticket(request: Request, form: Form) -> Response:
    try:
        ticket = await run_in_threadpool(
            desk.open_ticket,
            mailbox_of(request),
            form.who.person,
            kind=form["kind"],
            title=form["title"],
            text=form["text"],
            started_at=moment(form, "started_at"),
            department=form["department"],
        )
    except Invalid as error:
        return _new(request, form.fields, error)
    return RedirectResponse(f"/staff/tickets/{ticket.number}", 303)


async def ticket_page(request: Request, who: SignedIn) -> Response:
    number = request.path_params["number"]
    values = await run_in_threadpool(_ticket, mailbox_of(request), who.person, number)
    return page(request, "ticket.html", f"工单{number}", **values)


def _ticket(mailbox: Mailbox, person: Staff, number: str) -> dict[str, Any]:
    opened, now = desk.read(mailbox, person, number), mailbox.clock()
    with mailbox.database.read() as connection:
        notices = outbox.of_subject(connection, mailbox.keys, "ticket", number)
        crew = people.crew(connection, mailbox.keys)
    return {
        **_shown(opened.ticket, now),
        "clocks": [
            (
                clock,
                left_text(clock, now) if clock.is_running else "",
                urgency(clock, now),
                clock.is_breached(now),
            )
            for clock in opened.ticket.clocks()
        ],
        "timeline": opened.timeline,
        "files": opened.files,
        "notices": notices,
        "engineers": crew.with_role("contractor", "admin"),
        "department": mailbox.department(opened.ticket.department) if opened.ticket.department else "",
        "can": {name: may(person, f"ticket.{name}") for name in (*ACTIONS, "attach")},
        "kinds": Kind,
        "states": Status,
        "today": mailbox.today,
    }


def moment(form: Form, name: str) -> datetime | None:
    """A `datetime-local` field, in Beijing time; None when it is empty."""
    if not form[name]:
        return None
    try:
        return datetime.fromisoformat(form[name]).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise Invalid({name: "时间写成 2026-11-25 18:00"}) from error


def _training(mailbox: Mailbox, person: Staff, number: str, version: int, form: Form) -> Ticket:
    try:
        held_on, hours = date.fromisoformat(form["held_on"]), float(form["hours"])
    except ValueError as error:
        raise Invalid({"held_on": "请写培训日期和学时"}) from error
    return desk.record_training(
        mailbox,
        person,
        number,
        version,
        held_on=held_on,
        place=form["place"],
        hours=hours,
        attendees=form["attendees"],
        materials=form["materials"],
    )


# What a button on the ticket's page does: the fields of its form become the arguments.
ACTIONS: Mapping[str, Callable[[Mailbox, Staff, str, int, Form], Ticket]] = {
    "answer": lambda m, s, n, v, f: desk.answer(m, s, n, v, f["text"]),
    "assign": lambda m, s, n, v, f: desk.assign(m, s, n, v, f["owner"]),
    "tell": lambda m, s, n, v, f: desk.tell(m, s, n, v, f["text"], moment(f, "promised")),
    "acknowledge": lambda m, s, n, v, f: desk.acknowledge(m, s, n, v, f["text"]),
    "handle": lambda m, s, n, v, f: desk.handle(m, s, n, v, f["text"]),
    "reopen": lambda m, s, n, v, f: desk.reopen(m, s, n, v, f["reason"]),
    "close": lambda m, s, n, v, f: desk.close(m, s, n, v, f["text"]),
    "withdraw": lambda m, s, n, v, f: desk.withdraw(m, s, n, v, f["reason"]),
    "consent": lambda m, s, n, v, f: desk.consent(m, s, n, v, f["by"], f["how"]),
    "note": lambda m, s, n, v, f: desk.note(m, s, n, v, f["text"]),
    "training": _training,
}


def _action(name: str) -> Route:
    async def act(request: Request, form: Form) -> Response:
        number = request.path_params["number"]
        person, version = form.who.person, form.number("version")
        await run_in_threadpool(ACTIONS[name], mailbox_of(request), person, number, version, form)
        return RedirectResponse(f"/staff/tickets/{number}", 303)

    return changes(f"/staff/tickets/{{number}}/{name}", f"ticket.{name}", act)


async def attach(request: Request, form: Form) -> Response:
    number, upload = request.path_params["number"], request.state.upload
    assert isinstance(upload, Upload)
    await run_in_threadpool(
        desk.attach,
        mailbox_of(request),
        form.who.person,
        number,
        form.number("version"),
        upload.name,
        upload.data,
    )
    return RedirectResponse(f"/staff/tickets/{number}", 303)


async def download(request: Request, who: SignedIn) -> Response:
    mailbox, number = mailbox_of(request), request.path_params["number"]
    name, data = await run_in_threadpool(_file, mailbox, number, request.path_params["file"])
    return Response(data, headers=saved_as(name), media_type="application/octet-stream")


def _file(mailbox: Mailbox, number: str, file_id: int) -> tuple[str, bytes]:
    with mailbox.database.read() as connection:
        return tickets.file(connection, mailbox.keys, number, file_id)


def saved_as(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }


def _register(mailbox: Mailbox) -> register.Register:
    with mailbox.database.read() as connection:
        return register.of_year(mailbox, connection)


async def register_page(request: Request, who: SignedIn) -> Response:
    year = await run_in_threadpool(_register, mailbox_of(request))
    rows = [(ticket, register.as_row(ticket, year.now)) for ticket in year.tickets]
    return page(
        request,
        "register.html",
        "服务台账",
        year=year,
        rows=rows,
        span=register.span,
        term=lambda name: Term(name).text,
        can_read=may(who.person, "ticket.read"),
    )


async def register_file(request: Request, who: SignedIn) -> Response:
    year = await run_in_threadpool(_register, mailbox_of(request))
    from mailbox_api.service.workbook import workbook  # openpyxl: 25 MB that few processes ever need

    data = await run_in_threadpool(workbook, year)
    return Response(data, headers=saved_as(f"服务台账-{year.first}.xlsx"), media_type=XLSX)


routes = [
    shows("/staff/tickets", "ticket.list", listing),
    shows("/staff/tickets/new", "ticket.open", new_form),
    changes("/staff/tickets/new", "ticket.open", new_ticket),
    shows("/staff/tickets/{number}", "ticket.read", ticket_page),
    shows("/staff/tickets/{number}/files/{file:int}", "ticket.read", download),
    changes("/staff/tickets/{number}/attach", "ticket.attach", attach, read_upload),
    *map(_action, ACTIONS),
    shows("/staff/register", "register.read", register_page),
    shows("/staff/register.xlsx", "register.read", register_file),
]
