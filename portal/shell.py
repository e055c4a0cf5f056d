"""Pages made on demand, dressed as the portal's own by `shell.html`."""

from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from portal.published import Published, Shopwindow

TITLE, CONTENT = "<!--portal:title-->", "<!--portal:content-->"
_PLAIN = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{TITLE}</title><main>{CONTENT}</main></html>'


def dress(published: Published, title: str, content: str) -> str:
    """`content` is HTML already; the title is text."""
    return filled(published.shell() or _PLAIN, title, content)


def filled(shell: str, title: str, content: str) -> str:
    return shell.replace(TITLE, escape(title)).replace(CONTENT, content)


def mailbox_for(window: Shopwindow, root: Path, host: str, *, demo: bool) -> Starlette:
    """The mailbox in the portal's shell, or what stands in its place until `portal mailbox init`."""
    from mailbox_api import start

    if not start.is_initialised(root):
        return closed_mailbox(window)
    start.refuse_open_demo(root, host, demo=demo)
    return start.mount(root, lambda: window.now().shell())


def closed_mailbox(window: Shopwindow) -> Starlette:
    """What stands in the mailbox's place until it is set up: how to do that."""

    async def tell(request: Request) -> Response:
        if request.url.path.startswith(("/api/", "/internal/", "/hooks/", "/readyz")):
            problem = {"type": "about:blank", "title": "领导信箱尚未开通", "status": 503}
            return JSONResponse(problem, 503, media_type="application/problem+json")
        content = (
            '<div class="plain-page"><h1>领导信箱尚未开通</h1><p>请网站管理员在服务器的项目目录里执行'
            " <code>.venv/bin/portal mailbox init</code>，再重新启动 <code>portal serve</code>。</p></div>"
        )
        return HTMLResponse(dress(window.now(), "领导信箱尚未开通", content), 503)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/{path:path}", tell, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )
