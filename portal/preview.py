"""`portal preview`: the built pages in a frame, what the checks say of each beside it, both fresh after a save.

Nothing is put into the pages themselves: the frame is another page, sent when a browser opens an address
(`Sec-Fetch-Dest: document`), and the page inside is the very file that would be published.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import turbohtml
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from watchfiles import awatch

from bureau import markdown
from bureau.errors import ConfigError
from checks.finding import Finding
from portal.published import Shopwindow
from portal.shell import closed_mailbox
from portal.web import MAILBOX, FirstPart, SecurityHeaders, SiteFiles

FRAME = Path(__file__).parent / "preview_page"
WATCHED = ("content", "theme", "plugins", "site.toml", "pelicanconf.py")


class _Page(msgspec.Struct, gc=False):
    """A row of the manifest, as far as the preview asks: of a large site reading all of it takes long."""

    url: str
    source: str


class _Manifest(msgspec.Struct):
    pages: list[_Page]


class Workshop:
    """Builds, then checks, and tells whoever looks on after each of the two."""

    def __init__(
        self, root: Path, build: Callable[[], object], check: Callable[[], Sequence[Finding]]
    ) -> None:
        self.root = root
        self.findings: Sequence[Finding] = ()
        self._build, self._check = build, check
        self._builds, self._text, self._problem, self._is_checked = 0, "正在构建…", "", False
        self._serial, self._news = 0, asyncio.Condition()

    async def follow(self) -> None:
        """Work now, and again after every save."""
        await self.work()
        watched = [self.root / name for name in WATCHED if (self.root / name).exists()]
        async for _ in awatch(*watched, debounce=200, step=20):
            await self.work()

    async def work(self) -> None:
        try:
            await run_in_threadpool(self._build)
        except ConfigError as error:
            self._problem = str(error)
            await self._announce()
            return
        self._builds, self._text, self._problem = self._builds + 1, "已刷新，正在检查…", ""
        self._is_checked = False
        await self._announce()
        self.findings = await run_in_threadpool(self._check)
        self._text, self._is_checked = "已检查", True
        await self._announce()

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events: the state now, then every change of it."""
        while True:
            seen = self._serial
            told = {
                "build": self._builds, "text": self._text, "problem": self._problem, "checked": self._is_checked,
            }  # fmt: skip
            yield f"data: {msgspec.json.encode(told).decode()}\n\n"
            async with self._news:
                while self._serial == seen:
                    await self._news.wait()

    async def _announce(self) -> None:
        async with self._news:
            self._serial += 1
            self._news.notify_all()


def create_preview(root: Path, workshop: Workshop) -> Starlette:
    window = Shopwindow(root, only_build=True)
    pages = FirstPart(dict.fromkeys(MAILBOX, closed_mailbox(window)), SiteFiles(window.now))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(workshop.follow())
        yield
        following.cancel()

    async def events(_request: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(workshop.events(), media_type="text/event-stream", headers=headers)

    async def findings(request: Request) -> Response:
        return JSONResponse(rows_of_page(root, request.query_params.get("path", "/"), workshop.findings))

    return Starlette(
        routes=[
            Route("/__preview/events", events),
            Route("/__preview/findings", findings),
            Mount("/__preview", StaticFiles(directory=FRAME)),
            Mount("/", Framed(pages)),
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )


class Framed:
    """What a browser opens comes in the frame; what the frame and its page ask for comes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["path"].endswith(("/", ".html"))
        if is_page and Headers(scope=scope).get("sec-fetch-dest") == "document":
            await FileResponse(FRAME / "frame.html")(scope, receive, send)
            return
        await self._app(scope, receive, send)


def rows_of_page(root: Path, path: str, findings: Sequence[Finding]) -> list[Mapping[str, Any]]:
    """What the checks say of one page, each with the paragraph it is about."""
    file = f"{path}index.html" if path.endswith("/") else path
    names = {f"build/site{file}", _source(root, path)}
    return [_row(root, finding) for finding in findings if finding.place.path in names]


def _source(root: Path, url: str) -> str:
    """The Markdown file that a page was made from; empty for lists."""
    manifest = msgspec.json.decode((root / "build/manifest.json").read_bytes(), type=_Manifest)
    return next((page.source for page in manifest.pages if page.url == url), "")


def _row(root: Path, finding: Finding) -> Mapping[str, Any]:
    place = finding.place
    file = (root / place.path).resolve()
    return {
        "severity": finding.severity,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "text": finding.text,
        "line": place.line,
        "paragraph": paragraph(file, place.line),
        "editor": f"vscode://file{file.as_posix()}:{max(place.line, 1)}:{max(place.column, 1)}",
    }


def paragraph(file: Path, line: int) -> str:
    """The text, as a reader sees it, of the Markdown paragraph around a line; empty in the head."""
    if file.suffix != ".md" or line < 1:
        return ""
    lines = file.read_text("utf-8").splitlines()
    head_ends = lines.index("---", 1) + 1 if lines[:1] == ["---"] and "---" in lines[1:] else 0
    if line <= head_ends:
        return ""
    first = last = min(line, len(lines)) - 1
    while first > head_ends and lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    html = markdown.render("\n".join(lines[first : last + 1]))
    return turbohtml.parse(html).text.strip()
