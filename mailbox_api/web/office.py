"""The office's own pages: notices, roster, calendar, people, statistics, audit."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api.deadlines import local_day
from mailbox_api.errors import Invalid
from mailbox_api.letter import Letter
from mailbox_api.notices import State
from mailbox_api.service import monthly, office
from mailbox_api.service.login import SignedIn
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import ROLES, may
from mailbox_api.service.seen import mark
from mailbox_api.store import audit, outbox, people
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import Form, changes, shows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    "编号",
    "类型",
    "状态",
    "收到",
    "期限",
    "受理",
    "答复",
    "办结",
    "承办",
    "延期（工作日）",
    "评价",
    "民意征集",
)


async def notices(request: Request, who: SignedIn) -> Response:
    rows, counts = await run_in_threadpool(_notices, mailbox_of(request))
    can = may(who.person, "notices.resend")
    return page(request, "notices.html", "通知", rows=rows, counts=counts, can_resend=can, states=State)


def _notices(mailbox: Mailbox) -> tuple[list[outbox.Outgoing], dict[State, int]]:
    with mailbox.database.read() as connection:
        waiting = (State.DEAD, State.UNKNOWN, State.SENDING, State.PENDING)
        return outbox.in_states(connection, mailbox.keys, waiting), outbox.counts(connection)


async def resend(request: Request, form: Form) -> Response:
    await run_in_threadpool(office.resend, mailbox_of(request), form.who.person, form.number("id"))
    return RedirectResponse("/staff/notices", 303)


async def roster(request: Request, who: SignedIn) -> Response:
    values = await run_in_threadpool(_roster, mailbox_of(request))
    return page(request, "roster.html", "值班", can_change=may(who.person, "roster.change"), **values)


def _roster(mailbox: Mailbox) -> dict[str, Any]:
    with mailbox.database.read() as connection:
        crew = people.crew(connection, mailbox.keys)
        duties = people.roster(connection, mailbox.today)
    return {
        "duties": duties,
        "names": {one.login: one.name for one in crew.everyone},
        "people": crew.with_role("registrar", "admin"),
        "today": crew.on_duty(mailbox.today),
    }


async def add_duty(request: Request, form: Form) -> Response:
    first, last = _day(form, "first"), _day(form, "last")
    await run_in_threadpool(office.add_duty, mailbox_of(request), form.who.person, form["login"], first, last)
    return RedirectResponse("/staff/roster", 303)


async def remove_duty(request: Request, form: Form) -> Response:
    await run_in_threadpool(office.remove_duty, mailbox_of(request), form.who.person, form.number("id"))
    return RedirectResponse("/staff/roster", 303)


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form[name])
    except ValueError as error:
        raise Invalid({name: "日期应写成 2026-12-01"}) from error


async def years(request: Request, who: SignedIn) -> Response:
    mailbox, number = mailbox_of(request), request.query_params.get("year", "")
    asked = int(number) if number.isdecimal() and len(number) == 4 else 0
    year = asked if 2000 <= asked <= 2100 else mailbox.today.year
    calendar = mailbox.calendar
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    odd = [d for d in days if d.year == year and calendar.is_workday(d) == (d.weekday() >= 5)]
    return page(
        request,
        "years.html",
        "工作日历",
        year=year,
        known=calendar.is_known(year),
        next_known=calendar.is_known(mailbox.today.year + 1),
        off=[d for d in odd if d.weekday() < 5],
        on=[d for d in odd if d.weekday() >= 5],
        can_change=may(who.person, "years.change"),
    )


async def enter_year(request: Request, form: Form) -> Response:
    year = form.number("year")
    await run_in_threadpool(
        office.enter_year, mailbox_of(request), form.who.person, year, form["off"], form["on"], form["source"]
    )
    return RedirectResponse(f"/staff/years?year={year}", 303)


async def staff_list(request: Request, who: SignedIn) -> Response:
    return await _people(request, "")


async def _people(request: Request, password: str, login: str = "") -> Response:
    mailbox = mailbox_of(request)
    rows = await run_in_threadpool(_everyone, mailbox)
    return page(
        request, "people.html", "人员", rows=rows, roles=ROLES, departments=mailbox.departments, password=password,
        login=login, mark=mark,
    )  # fmt: skip


def _everyone(mailbox: Mailbox) -> list[people.Staff]:
    with mailbox.database.read() as connection:
        return people.everyone(connection, mailbox.keys)


async def add_person(request: Request, form: Form) -> Response:
    password = await run_in_threadpool(
        office.add_staff, mailbox_of(request), form.who.person.login, **_person(form), login=form["login"]
    )
    return await _people(request, password, form["login"])


async def change_person(request: Request, form: Form) -> Response:
    login, active = request.path_params["login"], form["active"] == "yes"
    mailbox, by = mailbox_of(request), form.who.person.login
    fields = _person(form) | {"login": login, "active": active, "seen": form["seen"]}
    await run_in_threadpool(office.change_staff, mailbox, by, **fields)
    return RedirectResponse("/staff/people", 303)


def _person(form: Form) -> dict[str, Any]:
    fields = {name: form[name] for name in ("name", "department", "mobile", "wechat")}
    return fields | {"roles": form["roles"].split()}


async def reset_person(request: Request, form: Form) -> Response:
    login = request.path_params["login"]
    password = await run_in_threadpool(office.reset, mailbox_of(request), form.who.person.login, login)
    return await _people(request, password, login)


async def statistics(request: Request, who: SignedIn) -> Response:
    mailbox = mailbox_of(request)
    month = monthly.Month.read(request.query_params.get("month") or str(monthly.Month.of(mailbox.today)))
    figures = await run_in_threadpool(monthly.of_month, mailbox, month)
    can = may(who.person, "statistics.export")
    return page(request, "statistics.html", "统计", month=str(month), figures=figures, can_export=can)


async def export(request: Request, form: Form) -> Response:
    month = monthly.Month.read(form["month"])
    rows = await run_in_threadpool(office.export, mailbox_of(request), form.who.person, month)
    mailbox = mailbox_of(request)
    table = [COLUMNS, *(_row(mailbox, row) for row in rows)]
    name = f"letters-{month}"
    if form["format"] == "xlsx":
        return _download(_xlsx(table), XLSX, f"{name}.xlsx")
    return _download(_csv(table), "text/csv; charset=utf-8", f"{name}.csv")


def _row(mailbox: Mailbox, letter: Letter) -> tuple[object, ...]:
    """No name, no mobile, no words: an export is about the work."""
    days = [local_day(at) if at else "" for at in (letter.accepted_at, letter.replied_at, letter.closed_at)]
    return (
        letter.number,
        letter.category,
        letter.status.text,
        local_day(letter.received_at),
        letter.due,
        *days,
        mailbox.department(letter.department),
        letter.extended_days,
        letter.rating or "",
        letter.consultation,
    )


def harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = str(value)
    return (
        f"'{text}"
        if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
        else value
    )


def _csv(table: list[tuple[object, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([harmless(value) for value in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: list[tuple[object, ...]]) -> bytes:
    from openpyxl import Workbook  # 25 MB that few processes ever need

    book = Workbook(write_only=True)
    sheet = book.create_sheet("来信")
    for row in table:
        sheet.append([harmless(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _download(body: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media, headers=headers)


async def audit_log(request: Request, who: SignedIn) -> Response:
    text = request.query_params.get("before", "")
    before = int(text) if text.isdecimal() and len(text) < 18 else 0
    rows = await run_in_threadpool(_entries, mailbox_of(request), before)
    return page(request, "audit.html", "审计", rows=rows)


def _entries(mailbox: Mailbox, before: int) -> list[audit.Entry]:
    with mailbox.database.read() as connection:
        return audit.entries(connection, before=before)


routes: list[Route] = [
    shows("/staff/notices", "notices.read", notices),
    changes("/staff/notices/resend", "notices.resend", resend),
    shows("/staff/roster", "roster.read", roster),
    changes("/staff/roster/add", "roster.change", add_duty),
    changes("/staff/roster/remove", "roster.change", remove_duty),
    shows("/staff/years", "years.read", years),
    changes("/staff/years", "years.change", enter_year),
    shows("/staff/people", "staff.read", staff_list),
    changes("/staff/people", "staff.change", add_person),
    changes("/staff/people/{login}", "staff.change", change_person),
    changes("/staff/people/{login}/reset", "staff.change", reset_person),
    shows("/staff/statistics", "statistics.read", statistics),
    changes("/staff/statistics/export", "statistics.export", export),
    shows("/staff/audit", "audit.read", audit_log),
]
