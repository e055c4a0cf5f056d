"""The citizen's pages; all of them work without JavaScript."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api import consultations
from mailbox_api.errors import (
    Conflict,
    Duplicate,
    Invalid,
    KeyReused,
    MailboxError,
    NotFound,
    TooMany,
    Unavailable,
)
from mailbox_api.letter import CATEGORIES, LIMITS, NOTICE_VERSION, Submission, read_submission
from mailbox_api.service import citizen, intake, monthly, otp
from mailbox_api.service.arriving import Receipt
from mailbox_api.service.parts import Mailbox
from mailbox_api.web import tokens
from mailbox_api.web.errors import STATUS, retry_after
from mailbox_api.web.requests import address_of, mailbox_of, read_form, require_same_origin
from mailbox_api.web.shell import page

# shown in the form, which keeps its text
TOLD = (Conflict, Duplicate, Invalid, KeyReused, NotFound, TooMany, Unavailable)
SENT = "验证码已发送到这个手机号，5分钟内有效。若一直收不到，请核对号码后重新获取。"


async def front(_request: Request) -> Response:
    return RedirectResponse("/mailbox/new", 303)


async def new_form(request: Request) -> Response:
    """Bound to a consultation, the form opens only while that is open."""
    asked = request.query_params.get("consultation", "")
    return _form(request, {"consultation": asked, "category": "建议" if asked else ""})


def _consultation(mailbox: Mailbox, article_id: str) -> str:
    """Its title; empty for an ordinary letter."""
    return consultations.require_open(mailbox.desk.content, article_id, mailbox.today) if article_id else ""


def _form(
    request: Request,
    values: Mapping[str, str],
    error: MailboxError | None = None,
    status: int = 200,
    told: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    mailbox = mailbox_of(request)
    title = _consultation(mailbox, values.get("consultation", ""))
    fields = error.fields if isinstance(error, Invalid) else {}
    token = values.get("token") or tokens.form_token(mailbox.keys, mailbox.clock())
    return page(
        request,
        "new.html",
        "我要写信",
        status,
        headers,
        values={
            name: values.get(name, "") for name in (*LIMITS, "mobile", "category", "permit", "consultation")
        }
        | {
            "token": token,
            "consent": values.get("publish_consent", ""),
            "read": values.get("notice_version", ""),
        },
        errors=fields,
        problem="" if fields or error is None else error.message,
        told=told,
        categories=CATEGORIES,
        limits=LIMITS,
        notice_version=NOTICE_VERSION,
        terms=mailbox.rules.terms,
        sign=mailbox.sign,
        consultation=title,
    )


async def new_letter(request: Request) -> Response:
    require_same_origin(request)
    values = dict(await read_form(request))
    mailbox, address = mailbox_of(request), address_of(request)
    try:
        if values.get("action") == "code":
            await run_in_threadpool(_send_plain_code, mailbox, values, "letter", address)
            return _form(request, values, told=SENT)
        receipt = await run_in_threadpool(_submit, mailbox, values, address)
    except TOLD as error:
        return _form(request, values, error, STATUS[type(error)], headers=retry_after(error))
    return page(request, "receipt.html", "来信已收到", receipt=receipt)


def _send_plain_code(mailbox: Mailbox, values: dict[str, str], purpose: str, address: str) -> None:
    """Without JavaScript there is no proof of work: a form that is not filled in too fast, and a hard limit."""
    mobile = otp.require_mobile(values.get("mobile", ""))
    _require_token(mailbox, values, slow=True)
    otp.send(mailbox, mobile, purpose, address, nonce="")
    values["permit"] = ""


def _require_token(mailbox: Mailbox, values: dict[str, str], *, slow: bool = False) -> None:
    age = tokens.token_age(mailbox.keys, values.get("token", ""), mailbox.clock())
    if age is None:
        values["token"] = ""
        raise Conflict(tokens.STALE_FORM)
    if slow and age < tokens.FORM_AGE:
        raise Conflict("操作太快了，请过几秒再点“获取验证码”")


def _submit(mailbox: Mailbox, values: dict[str, str], address: str) -> Receipt:
    problems: dict[str, str] = {}
    submission = _read(values, problems)
    if not values.get("permit"):
        _read_mobile(values, problems)
    if problems or submission is None:
        raise Invalid(problems)
    _require_token(mailbox, values)
    if not values.get("permit"):
        values["permit"] = otp.verify(
            mailbox, values.get("mobile", ""), "letter", values.get("code", ""), address
        )
    try:
        return intake.submit(mailbox, submission, values["permit"], values["token"])
    except Invalid:
        values["permit"] = ""
        raise


def _read(values: Mapping[str, str], problems: dict[str, str]) -> Submission | None:
    raw: dict[str, Any] = {**values, "publish_consent": values.get("publish_consent") == "yes"}
    try:
        return read_submission(raw)
    except Invalid as error:
        problems |= error.fields
        return None


def _read_mobile(values: Mapping[str, str], problems: dict[str, str]) -> None:
    try:
        otp.require_mobile(values.get("mobile", ""))
    except Invalid as error:
        problems |= error.fields
    if not values.get("code", "").strip():
        problems["code"] = "请填写短信验证码；还没有收到的，请先点“获取验证码”"


async def recover_form(request: Request) -> Response:
    return _recover(request, {})


def _recover(
    request: Request, values: Mapping[str, str], error: MailboxError | None = None, told: str = ""
) -> Response:
    mailbox = mailbox_of(request)
    fields = error.fields if isinstance(error, Invalid) else {}
    return page(
        request,
        "recover.html",
        "找回查询码",
        STATUS[type(error)] if error else 200,
        retry_after(error) if error else None,
        mobile=values.get("mobile", ""),
        token=values.get("token") or tokens.form_token(mailbox.keys, mailbox.clock()),
        errors=fields,
        problem="" if fields or error is None else error.message,
        told=told,
    )


async def recover(request: Request) -> Response:
    require_same_origin(request)
    values = dict(await read_form(request))
    mailbox, address = mailbox_of(request), address_of(request)
    try:
        if values.get("action") == "code":
            await run_in_threadpool(_send_plain_code, mailbox, values, "recover", address)
            return _recover(request, values, told=SENT)
        found = await run_in_threadpool(_recover_codes, mailbox, values, address)
    except TOLD as error:
        return _recover(request, values, error)
    return page(request, "recovered.html", "新的查询码", found=found)


def _recover_codes(mailbox: Mailbox, values: Mapping[str, str], address: str) -> list[citizen.Recovered]:
    problems: dict[str, str] = {}
    _read_mobile(values, problems)
    if problems:
        raise Invalid(problems)
    permit = otp.verify(mailbox, values["mobile"], "recover", values["code"], address)
    return citizen.recover(mailbox, permit)


async def problems(request: Request) -> Response:
    return page(request, "problems.html", "接口错误说明")


async def statistics(request: Request) -> Response:
    """A month in public: the one asked for, else the last that has ended, else the running one."""
    mailbox, asked = mailbox_of(request), request.query_params.get("month", "")
    months = await run_in_threadpool(monthly.ended, mailbox)
    if not asked and months:
        shown = months[0]
    else:
        month = monthly.Month.read(asked) if asked else monthly.Month.of(mailbox.today)
        shown = monthly.public(await run_in_threadpool(monthly.of_month, mailbox, month))
    return page(request, "months.html", "来信办理统计", shown=shown, months=months, smallest=monthly.SMALLEST)


routes = [
    Route("/mailbox", front, methods=["GET"]),
    Route("/mailbox/", front, methods=["GET"]),
    Route("/mailbox/new", new_form, methods=["GET"]),
    Route("/mailbox/new", new_letter, methods=["POST"]),
    Route("/mailbox/recover", recover_form, methods=["GET"]),
    Route("/mailbox/recover", recover, methods=["POST"]),
    Route("/mailbox/statistics", statistics, methods=["GET"]),
    Route("/mailbox/problems", problems, methods=["GET"]),
]
