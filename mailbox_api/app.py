"""The mailbox as one ASGI application, data as Starlette means it. Mounted in the portal or run alone."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from threading import Event

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from mailbox_api.errors import MailboxError
from mailbox_api.jobs.dispatch import Dispatcher
from mailbox_api.service.parts import Mailbox
from mailbox_api.store.database import ServerLock
from mailbox_api.web import (
    api,
    dashboard,
    errors,
    hand_checks,
    health,
    internal,
    letters,
    office,
    openapi,
    pages,
    progress,
    publications,
    shell,
    staff,
    tickets,
)
from mailbox_api.web.middleware import Headers


def create_app(
    mailbox: Mailbox,
    *,
    dispatcher: Dispatcher | None = None,
    shell_text: Callable[[], str] = lambda: "",
    trusted_proxies: Sequence[str] = (),
    demo: bool = False,
    lock: ServerLock | None = None,
    internal_token: str = "",
    hook_secret: str = "",
) -> Starlette:
    """`dispatcher` runs in a thread of this process while the application lives."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stop = Event()
        if lock is not None:
            lock.take()
        thread = dispatcher.start(stop) if dispatcher else None
        yield
        stop.set()
        mailbox.wake.set()
        if thread is not None:
            thread.join(timeout=15)
        mailbox.database.close()
        if lock is not None:
            lock.free()

    app = Starlette(
        routes=routes(),
        middleware=[Middleware(Headers)],
        exception_handlers={
            MailboxError: errors.mailbox_error,
            HTTPException: errors.http_error,
            Exception: errors.our_mistake,
        },
        lifespan=lifespan,
    )
    app.state.mailbox = mailbox
    app.state.shell = shell_text
    app.state.trusted_proxies = frozenset(trusted_proxies)
    app.state.demo = demo
    app.state.internal_token = internal_token
    app.state.hook_secret = hook_secret
    app.state.paused = dispatcher.is_stuck if dispatcher else lambda: False
    return app


def routes() -> list[BaseRoute]:
    return [
        *api.routes,
        *openapi.routes,
        *pages.routes,
        *progress.routes,
        *staff.routes,
        *letters.routes,
        *tickets.routes,
        *dashboard.routes,
        *health.routes,
        *internal.routes,
        *hand_checks.routes,
        *office.routes,
        *publications.routes,
        Mount("/mailbox/static", StaticFiles(directory=shell.STATIC)),
    ]
