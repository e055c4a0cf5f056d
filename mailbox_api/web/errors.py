"""The one place where a kind of error becomes an HTTP status; problem+json (RFC 9457) for programs."""

import logging
import secrets

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mailbox_api import errors
from mailbox_api.web import requests
from mailbox_api.web.shell import page

log = logging.getLogger("mailbox.web")

STATUS: dict[type[errors.MailboxError], int] = {
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.NotSignedIn: 401,
    errors.Conflict: 409,
    errors.Duplicate: 409,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    requests.BadBody: 400,
    requests.BodyTooLarge: 413,
    requests.WrongType: 415,
}
TITLES = {
    400: "请求读不懂",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种请求方法",
    409: "现在不能这样做",
    413: "内容太长",
    415: "内容类型不对",
    422: "有内容需要改正",
    429: "请稍后再试",
    500: "服务出错",
    503: "服务暂不可用",
}


def problem(
    status: int,
    code: str,
    detail: str,
    fields: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, object] = {
        "type": f"/mailbox/problems#{code}",
        "title": TITLES.get(status, "出错"),
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": secrets.token_hex(8),
    }
    if fields:
        body["errors"] = [{"pointer": f"/{name}", "detail": text} for name, text in fields.items()]
    return Response(msgspec.json.encode(body), status, headers, media_type="application/problem+json")


def wants_json(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/internal/", "/hooks/"))


def retry_after(error: errors.MailboxError) -> dict[str, str]:
    return {"Retry-After": str(error.wait)} if isinstance(error, errors.TooMany | errors.Unavailable) else {}


async def mailbox_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.MailboxError)
    status = STATUS[type(error)]
    headers = retry_after(error)
    if wants_json(request):
        fields = error.fields if isinstance(error, errors.Invalid) else None
        return problem(status, error.code, error.message, fields, headers)
    if status == 401:
        return page(request, "login.html", "登录", 401, told=error.message)
    return page(request, "error.html", TITLES[status], status, headers, told=error.message)


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = TITLES.get(error.status_code, "出错")
    headers = dict(error.headers or {})
    if wants_json(request):
        return problem(error.status_code, "http", title, headers=headers)
    return page(request, "error.html", title, error.status_code, headers, told="")


async def our_mistake(request: Request, error: Exception) -> Response:
    """A fault of ours; the log gets its kind and place, never the values at hand."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("%s %s: %s at %s", request.method, request.url.path, type(error).__name__, place)
    if wants_json(request):
        return problem(500, "internal", "服务出错，请稍后再试")
    return page(request, "error.html", TITLES[500], 500, told="请稍后再试。您填写的内容没有提交。")
