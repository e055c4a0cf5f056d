"""The one web process: the static site, and beside it what must answer live (search, mailbox)."""

import os
import re
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.published import Published, Shopwindow
from portal.search import pages as search

# Everything comes from this host; deploy/nginx says the same and adds HSTS.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "LinkChecker": "yes",  # the monthly crawl need not hold back here as on other people's sites
}
MAILBOX = ("api", "mailbox", "staff", "hooks", "internal", "healthz", "readyz")  # first parts of its paths
HASHED = re.compile(r"\.[0-9a-f]{8,}\.\w+$")  # such a name changes with its content


def create_app(root: Path, mailbox: Starlette) -> Starlette:
    """The whole portal below `root`; `mailbox` answers for the paths in MAILBOX."""
    window = Shopwindow(root)
    return Starlette(
        routes=[
            *search.routes(search.SearchDesk(root, window)),
            Mount("/", FirstPart(dict.fromkeys(MAILBOX, mailbox), SiteFiles(window.now))),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(Compressed)],
        lifespan=_lifespan_of(mailbox),
    )


def _lifespan_of(mailbox: Starlette) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with mailbox.router.lifespan_context(mailbox):
            yield

    return lifespan


class Compressed:
    """Gzip for what is the same for everybody. The mailbox's pages hold secrets beside words that others chose
    (query codes, form tokens), and the length of a compressed page would tell them (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._packed = app, GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret = scope["type"] != "http" or _first_part(scope) in MAILBOX
        await (self._plain if secret else self._packed)(scope, receive, send)


def _first_part(scope: Scope) -> str:
    path: str = scope["path"]
    return path.split("/", 2)[1]


class FirstPart:
    """Choose by the first part of the path and leave the path as it is."""

    def __init__(self, apps: Mapping[str, ASGIApp], otherwise: ASGIApp) -> None:
        self._apps, self._otherwise = apps, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps.get(_first_part(scope), self._otherwise)(scope, receive, send)


class SiteFiles:
    """The static site as nginx would serve it: types, ETag, ranges, 404 and 410 pages, old addresses."""

    def __init__(self, published: Callable[[], Published]) -> None:
        self._published = published

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._respond(scope)(scope, receive, send)

    def _respond(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("只能读取。", 405, {"Allow": "GET, HEAD"})
        published, path = self._published(), scope["path"]
        if target := published.redirects.get(path):
            return RedirectResponse(target, 301)
        file = _file(published.site, path)
        if file is None and _file(published.site, f"{path}/"):
            return RedirectResponse(quote(f"{path}/"), 301)
        if file is None:
            return _not_found(published)
        return _whole(file, scope, 410 if path in published.withdrawn else 200)


def _file(site: Path, path: str) -> tuple[str, os.stat_result] | None:
    """The regular file that a path means, never one outside the site."""
    parts = path.split("/")[1:]
    if parts[-1] == "":
        parts[-1] = "index.html"
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        return None
    name = os.path.join(site, *parts)
    try:
        status = os.stat(name)
    except OSError:
        return None
    return (name, status) if stat.S_ISREG(status.st_mode) else None


def _whole(file: tuple[str, os.stat_result], scope: Scope, status: int = 200) -> Response:
    name, stat_result = file
    keep = "public, max-age=31536000, immutable" if HASHED.search(name) else "no-cache"
    response = FileResponse(name, status, {"Cache-Control": keep}, stat_result=stat_result)
    if status == 200 and _same(response.headers, Headers(scope=scope)):
        return NotModifiedResponse(response.headers)
    return response


def _same(response: MutableHeaders, request: Headers) -> bool:
    """Whether the browser has this very file already."""
    return StaticFiles(check_dir=False).is_not_modified(response, request)


def _not_found(published: Published) -> Response:
    file = _file(published.site, "/404.html")
    if file is None:
        return PlainTextResponse("没有这个页面。", 404)
    return FileResponse(file[0], 404, {"Cache-Control": "no-cache"}, stat_result=file[1])


class SecurityHeaders:
    """Add what is missing; an application that sets a stricter header keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
