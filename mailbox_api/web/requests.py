# ruff: noqa: N818 - as in mailbox_api/errors.py
"""What every endpoint needs of a request: a bounded body, fields, the caller's address, same-origin."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.requests import Request

from mailbox_api.errors import Forbidden, Invalid, MailboxError
from mailbox_api.service.parts import Mailbox

MAX_BODY = 64 * 1024
MAX_FIELDS = 100


class BadBody(MailboxError):
    """Not JSON, not a form, or not UTF-8."""

    code = "bad-body"


class BodyTooLarge(MailboxError):
    code = "body-too-large"


class WrongType(MailboxError):
    code = "wrong-content-type"


async def read_body(request: Request, most: int = MAX_BODY) -> bytes:
    """At most `most` bytes, whatever Content-Length claims."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise BodyTooLarge(f"内容太长，最多 {most // 1024} KiB")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_json(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongType("请求头 Content-Type 应为 application/json")
    try:
        body = msgspec.json.decode(await read_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody("请求体不是合法的 JSON") from error
    if not isinstance(body, dict):
        raise BadBody("请求体应为 JSON 对象")
    return body


async def read_form(request: Request) -> Mapping[str, str]:
    """The last value of each field; several of one name are joined by a space."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise WrongType("请用页面上的表单提交")
    try:
        text = (await read_body(request)).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise BadBody("表单内容读不了") from error
    if any("\0" in name + value for name, value in pairs):  # no browser sends one, PostgreSQL stores none
        raise BadBody("表单内容读不了")
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]} {value}" if name in fields else value
    return fields


def text(raw: Mapping[str, Any], name: str) -> str:
    """A text field, empty when it is missing; another type is a named problem."""
    value = raw.get(name, "")
    if not isinstance(value, str):
        raise Invalid({name: f"{name} 应为文字"})
    return value


def mailbox_of(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


def address_of(request: Request) -> str:
    """The caller's network: an IPv4 address or an IPv6 /64; forwarded headers count only from trusted proxies."""
    host = request.client.host if request.client else ""
    trusted = request.app.state.trusted_proxies
    for forwarded in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        if host not in trusted or not forwarded.strip():
            break
        host = forwarded.strip()
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return host[:45] or "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def is_secure(request: Request) -> bool:
    if request.url.scheme == "https":
        return True
    host = request.client.host if request.client else ""
    return (
        host in request.app.state.trusted_proxies and request.headers.get("x-forwarded-proto", "") == "https"
    )


def require_same_origin(request: Request) -> None:
    """Forms of other sites are refused before anything is read (CSRF)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Forbidden("请从本站的页面提交")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Forbidden("请从本站的页面提交")
