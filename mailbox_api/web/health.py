"""Is the process alive, and is it doing its work."""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.service.parts import Mailbox
from mailbox_api.store import outbox
from mailbox_api.web.api import answer
from mailbox_api.web.requests import mailbox_of

LATEST = timedelta(seconds=120)  # a due notice older than this means that nobody sends


async def healthz(_request: Request) -> Response:
    return answer({"status": "ok"})


async def readyz(request: Request) -> Response:
    state = await run_in_threadpool(readiness, mailbox_of(request))
    return answer(state, 200 if state["status"] == "ok" else 503)


def readiness(mailbox: Mailbox) -> dict[str, object]:
    now = mailbox.clock()
    try:
        with mailbox.database.read() as connection:
            oldest = outbox.oldest_due(connection, now)
    except Exception:  # whatever the database says: not ready
        return {"status": "database"}
    late = oldest is not None and now - oldest > LATEST and mailbox.rules.quiet.allow(now)
    return {"status": "notices-late" if late else "ok"}


routes = [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]
