"""For the bureau's own programs (bearer token) and for the SMS vendors' delivery receipts."""

import hmac
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.errors import NotFound, NotSignedIn
from mailbox_api.gateways import aliyun, tencent
from mailbox_api.service import alerts, monthly, register
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import publications, receipts
from mailbox_api.web.api import answer
from mailbox_api.web.requests import BadBody, mailbox_of, read_body, read_json


def require_token(request: Request) -> None:
    expected = request.app.state.internal_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if (
        not expected
        or scheme.lower() != "bearer"
        or not hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise NotSignedIn("需要 Authorization: Bearer 令牌（环境变量 PORTAL_INTERNAL_TOKEN）")


async def take_notices(request: Request) -> Response:
    require_token(request)
    body, mailbox = await read_json(request), mailbox_of(request)
    rows = alerts.read(mailbox, body.get("notices"))
    new, known = await run_in_threadpool(alerts.take, mailbox, rows)
    return answer({"accepted": new, "known": known}, 202)


async def stats(request: Request) -> Response:
    require_token(request)
    return answer(await run_in_threadpool(_stats, mailbox_of(request), not request.app.state.paused()))


def _stats(mailbox: Mailbox, accepting: bool) -> dict[str, Any]:
    with mailbox.database.read() as connection:
        desk = register.figures(mailbox, connection)
    return monthly.for_monitoring(mailbox, accepting) | {"desk": desk}


READERS = {
    "aliyun": (aliyun.read_receipts, {"code": 0, "msg": "成功"}),
    "tencent": (tencent.read_receipts, {"result": 0, "errmsg": "OK"}),
}


async def delivered(request: Request) -> Response:
    """Delivery receipts; the secret in the address is all that the vendors can offer."""
    expected, given = request.app.state.hook_secret, request.path_params["secret"]
    adapter = request.path_params["adapter"]
    if not expected or adapter not in READERS or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotFound("没有这个地址")
    read, thanks = READERS[adapter]
    try:
        pushed = msgspec.json.decode(await read_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody("请求体不是合法的 JSON") from error
    if not isinstance(pushed, list):
        raise BadBody("请求体应为 JSON 数组")
    await run_in_threadpool(_record, mailbox_of(request), adapter, read(pushed))
    return answer(thanks)


def _record(mailbox: Mailbox, adapter: str, rows: list[dict[str, Any]]) -> None:
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        for row in rows:
            receipts.record(connection, adapter=adapter, at=now, **row)


async def public_stats(request: Request) -> Response:
    mailbox = mailbox_of(request)
    text = request.query_params.get("month", "") or str(monthly.Month.of(mailbox.today))
    month = monthly.Month.read(text)
    return answer(monthly.public(await run_in_threadpool(monthly.of_month, mailbox, month)))


async def published(request: Request) -> Response:
    rows = await run_in_threadpool(_published, mailbox_of(request))
    return Response(msgspec.json.encode({"letters": rows}), media_type="application/json")


def _published(mailbox: Mailbox) -> list[dict[str, Any]]:
    with mailbox.database.read() as connection:
        rows = publications.in_state(connection, publications.PUBLISHED)
    return [
        {
            "number": row.number,
            "title": row.title,
            "content": row.body,
            "category": row.category,
            "received_on": str(row.received_on),
            "replied_on": str(row.replied_on),
            "department": mailbox.department(row.department),
            "reply": row.reply,
        }
        for row in rows
    ]


routes = [
    Route("/internal/v1/notices", take_notices, methods=["POST"]),
    Route("/internal/v1/stats", stats, methods=["GET"]),
    Route("/hooks/sms/{adapter}/{secret}", delivered, methods=["POST"]),
    Route("/api/v1/stats", public_stats, methods=["GET"]),
    Route("/api/v1/published", published, methods=["GET"]),
]
