"""The first page after signing in for whoever runs the site: today's state at a glance."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailbox_api.service import overview
from mailbox_api.service.login import SignedIn
from mailbox_api.service.roles import may
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import shows
from mailbox_api.web.tickets import left_text, urgency

SHOWN_TICKETS = 12
LEVELS = {"veto": "疑似单项否决", "error": "错误", "warning": "提醒", "info": "提示"}
RUNS = {"daily": "每日监测", "monthly": "每月监测"}


async def today(request: Request, who: SignedIn) -> Response:
    seen = await run_in_threadpool(overview.look, mailbox_of(request))
    rows = [
        (ticket, left_text(clock, seen.now) if clock else "", urgency(clock, seen.now) if clock else "")
        for ticket in seen.tickets[:SHOWN_TICKETS]
        for clock in (ticket.next_clock,)
    ]
    return page(
        request,
        "dashboard.html",
        "总览",
        seen=seen,
        rows=rows,
        levels=LEVELS,
        runs=RUNS,
        reads_letters=may(who.person, "letter.list"),
        reads_tickets=may(who.person, "ticket.list"),
    )


routes = [shows("/staff/today", "register.read", today)]
