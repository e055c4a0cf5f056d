"""What the holder of a query code sees and does; all of it works without JavaScript."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.errors import Conflict, Invalid, MailboxError, NotFound, TooMany
from mailbox_api.service import citizen
from mailbox_api.service.parts import Mailbox
from mailbox_api.web.errors import STATUS, retry_after
from mailbox_api.web.requests import address_of, mailbox_of, read_form, require_same_origin
from mailbox_api.web.shell import page


async def query_form(request: Request) -> Response:
    return page(request, "query.html", "查询来信", code="", errors={}, problem="")


async def query(request: Request) -> Response:
    require_same_origin(request)
    values = await read_form(request)
    mailbox, address, code = mailbox_of(request), address_of(request), values.get("code", "")
    try:
        progress = await run_in_threadpool(_act, mailbox, values, address)
    except (Invalid, NotFound, TooMany) as error:
        if (
            values.get("action") in ("supplement", "rate")
            and isinstance(error, Invalid)
            and "code" not in error.fields
        ):
            progress = await run_in_threadpool(citizen.look_up, mailbox, code, address)
            return _progress(request, progress, code, error, values)
        fields = error.fields if isinstance(error, Invalid) else {}
        problem = "" if fields else error.message
        status = STATUS[type(error)]
        return page(
            request,
            "query.html",
            "查询来信",
            status,
            retry_after(error),
            code=code,
            errors=fields,
            problem=problem,
        )
    except Conflict as error:
        progress = await run_in_threadpool(citizen.look_up, mailbox, code, address)
        return _progress(request, progress, code, error, values)
    return _progress(request, progress, code, None, {})


def _act(mailbox: Mailbox, values: Mapping[str, str], address: str) -> citizen.Progress:
    code = values.get("code", "")
    match values.get("action"):
        case "supplement":
            return citizen.supplement(mailbox, code, values.get("content", ""), address)
        case "withdraw":
            return citizen.withdraw(mailbox, code, address)
        case "rate":
            stars = values.get("rating", "")
            return citizen.rate(mailbox, code, int(stars) if stars.isdecimal() else None, address)
        case _:
            return citizen.look_up(mailbox, code, address)


def _progress(
    request: Request,
    progress: citizen.Progress,
    code: str,
    error: MailboxError | None,
    values: Mapping[str, str],
) -> Response:
    fields = error.fields if isinstance(error, Invalid) else {}
    return page(
        request,
        "progress.html",
        "来信办理情况",
        STATUS[type(error)] if error else 200,
        progress=progress,
        code=code,
        errors=fields,
        problem="" if fields or error is None else error.message,
        content=values.get("content", ""),
        ratings=citizen.RATINGS,
    )


routes = [
    Route("/mailbox/query", query_form, methods=["GET"]),
    Route("/mailbox/query", query, methods=["POST"]),
]
