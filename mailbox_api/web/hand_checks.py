"""人工检查: the page on which staff judge what no machine can, and where monitoring fetches their words."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api.service import hand_checks
from mailbox_api.service.login import SignedIn
from mailbox_api.service.roles import may
from mailbox_api.web.api import answer
from mailbox_api.web.internal import require_token
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import Form, changes, shows


async def show(request: Request, who: SignedIn) -> Response:
    mailbox = mailbox_of(request)
    sheet = await run_in_threadpool(hand_checks.sheet, mailbox)
    return page(
        request,
        "hand_checks.html",
        "人工检查",
        sheet=sheet,
        boards=hand_checks.BOARDS,
        today=mailbox.today,
        can_fill=may(who.person, "checklist.fill"),
        can_confirm=may(who.person, "checklist.confirm"),
    )


async def fill(request: Request, form: Form) -> Response:
    kind = "board" if request.url.path.endswith("/boards") else "row"
    return await _keep(request, form, kind)


async def confirm(request: Request, form: Form) -> Response:
    return await _keep(request, form, "confirmation")


async def _keep(request: Request, form: Form, kind: str) -> Response:
    await run_in_threadpool(hand_checks.fill, mailbox_of(request), form.who.person, kind, form.fields)
    return RedirectResponse("/staff/checklist", 303)


async def for_monitoring(request: Request) -> Response:
    require_token(request)
    return answer(await run_in_threadpool(hand_checks.for_monitoring, mailbox_of(request)))


routes = [
    shows("/staff/checklist", "checklist.read", show),
    changes("/staff/checklist/rows", "checklist.fill", fill),
    changes("/staff/checklist/boards", "checklist.fill", fill),
    changes("/staff/checklist/confirmations", "checklist.confirm", confirm),
    Route("/internal/v1/checklist", for_monitoring, methods=["GET"]),
]
