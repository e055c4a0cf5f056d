"""The clerks' side: who is signed in, and one guard in front of every page and every change."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api.errors import Forbidden, NotFound, NotSignedIn
from mailbox_api.service import login
from mailbox_api.service.login import SignedIn
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.store import audit
from mailbox_api.web.requests import address_of, is_secure, mailbox_of, read_form, require_same_origin
from mailbox_api.web.shell import page

LOOPBACK = ("127.0.0.1", "::1", "testclient")


@dataclass(frozen=True, slots=True)
class Form:
    """A checked POST: who, and the fields."""

    who: SignedIn
    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        value = self[name]
        return int(value) if value.isdecimal() and len(value) < 10 else 0


Page = Callable[[Request, SignedIn], Awaitable[Response]]
Action = Callable[[Request, Form], Awaitable[Response]]
Read = Callable[[Request], Awaitable[Mapping[str, str]]]


def cookie_name(request: Request) -> str:
    return "__Host-staff" if is_secure(request) else "staff"


async def signed_in(request: Request) -> SignedIn:
    token = request.cookies.get(cookie_name(request), "")
    who = await run_in_threadpool(login.session, mailbox_of(request), token)
    request.state.signed_in = who
    return who


def shows(path: str, action: str, show: Page) -> Route:
    """A page for those who may do `action`."""

    async def endpoint(request: Request) -> Response:
        _require_plain(request)
        who = await signed_in(request)
        if who.needs_totp and action != "own.change":
            return RedirectResponse("/staff/own", 303)
        await _permit(request, who, action)
        return await show(request, who)

    return Route(path, endpoint, methods=["GET"], name=action)


def changes(path: str, action: str, change: Action, read: Read = read_form) -> Route:
    """A form post for those who may do `action`, from our own page of this very session."""

    async def endpoint(request: Request) -> Response:
        _require_plain(request)
        require_same_origin(request)
        who = await signed_in(request)
        fields = await read(request)
        if not hmac.compare_digest(fields.get("csrf", "").encode(), who.csrf.encode()):
            raise Forbidden("页面已失效，请刷新后重新提交")
        if who.needs_totp and action != "own.change":
            return RedirectResponse("/staff/own", 303)
        await _permit(request, who, action)
        return await change(request, Form(who, fields))

    return Route(path, endpoint, methods=["POST"], name=action)


def _require_plain(request: Request) -> None:
    """An address with NUL in it leads nowhere; PostgreSQL would not even look it up."""
    if "\0" in request.scope["path"]:
        raise NotFound("没有这个页面")


async def _permit(request: Request, who: SignedIn, action: str) -> None:
    try:
        require(who.person, action)
    except Forbidden:
        await run_in_threadpool(_record_refusal, mailbox_of(request), who, action)
        raise


def _record_refusal(mailbox: Mailbox, who: SignedIn, action: str) -> None:
    with mailbox.database.write() as connection:
        audit.record(connection, mailbox.clock(), who.person.login, "refused", "", {"action": action})


async def login_form(request: Request) -> Response:
    return page(request, "login.html", "登录", told="")


async def log_in(request: Request) -> Response:
    require_same_origin(request)
    fields, mailbox = await read_form(request), mailbox_of(request)
    host = request.client.host if request.client else ""
    if not is_secure(request) and host not in LOOPBACK and not request.app.state.demo:
        raise Forbidden("登录须经 HTTPS，请用 https:// 打开本站")
    token = await run_in_threadpool(
        login.sign_in,
        mailbox,
        fields.get("login", "").strip(),
        fields.get("password", ""),
        fields.get("code", ""),
        address_of(request),
        request.headers.get("user-agent", ""),
    )
    response = RedirectResponse("/staff/", 303)
    response.set_cookie(
        cookie_name(request), token, secure=is_secure(request), httponly=True, samesite="strict", path="/"
    )
    return response


async def log_out(request: Request) -> Response:
    require_same_origin(request)
    try:
        who = await signed_in(request)
    except NotSignedIn:
        return RedirectResponse("/staff/login", 303)
    fields = await read_form(request)
    if not hmac.compare_digest(fields.get("csrf", "").encode(), who.csrf.encode()):
        raise Forbidden("页面已失效，请刷新后重新提交")
    await run_in_threadpool(login.sign_out, mailbox_of(request), who.token)
    response = RedirectResponse("/staff/login", 303)
    response.delete_cookie(cookie_name(request), path="/")
    return response


async def own_page(request: Request, who: SignedIn) -> Response:
    return page(request, "own.html", "我的账号", address="", codes=(), errors={})


async def begin_totp(request: Request, form: Form) -> Response:
    address = await run_in_threadpool(login.begin_totp, mailbox_of(request), form.who.person)
    return page(request, "own.html", "我的账号", address=address, codes=(), errors={})


async def confirm_totp(request: Request, form: Form) -> Response:
    codes = await run_in_threadpool(login.confirm_totp, mailbox_of(request), form.who.person, form["code"])
    return page(request, "own.html", "我的账号", address="", codes=codes, errors={})


async def change_password(request: Request, form: Form) -> Response:
    await run_in_threadpool(
        login.change_password, mailbox_of(request), form.who.person, form["old"], form["new"]
    )
    return RedirectResponse("/staff/login", 303)


routes = [
    Route("/staff/login", login_form, methods=["GET"]),
    Route("/staff/login", log_in, methods=["POST"]),
    Route("/staff/logout", log_out, methods=["POST"]),
    shows("/staff/own", "own.change", own_page),
    changes("/staff/own/totp", "own.change", begin_totp),
    changes("/staff/own/totp/confirm", "own.change", confirm_totp),
    changes("/staff/own/password", "own.change", change_password),
]
