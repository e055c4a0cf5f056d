"""The page where a copy of a letter and its reply is proposed, approved and revoked."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mailbox_api.errors import NotFound
from mailbox_api.service import publishing
from mailbox_api.service.clerk import require_office
from mailbox_api.service.login import SignedIn
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import may
from mailbox_api.service.seen import mark
from mailbox_api.store import letters, people, publications
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import Form, changes, shows


async def publication_page(request: Request, who: SignedIn) -> Response:
    number = request.path_params["number"]
    values = await run_in_threadpool(_publication, mailbox_of(request), who.person, number)
    can = {action: may(who.person, f"publication.{action}") for action in ("propose", "approve", "revoke")}
    return page(request, "publication.html", f"公开来信{number}", can=can, **values)


def _publication(mailbox: Mailbox, person: people.Staff, number: str) -> dict[str, Any]:
    with mailbox.database.read() as connection:
        letter = letters.get(connection, number)
        require_office(person, letter)
        found = publications.find(connection, number)
        words = letters.words(connection, mailbox.keys, number)
        suggested = publishing.suggestion(mailbox, connection, letter)
    if words is None or suggested is None:
        raise NotFound("这封来信的个人信息已按期清除")
    copies: Mapping[str, str] = (
        {"title": found.title, "body": found.body, "reply": found.reply} if found else suggested
    )
    return {
        "letter": letter,
        "publication": found,
        "copies": copies,
        "hits": list(publishing.hits(copies, words)),
        "parts": publishing.PARTS,
        "seen": mark(found),
    }


async def propose(request: Request, form: Form) -> Response:
    number = request.path_params["number"]
    await run_in_threadpool(
        publishing.propose, mailbox_of(request), form.who.person, number, form.fields, form["seen"]
    )
    return RedirectResponse(f"/staff/letters/{number}/publication", 303)


async def approve(request: Request, form: Form) -> Response:
    number = request.path_params["number"]
    await run_in_threadpool(
        publishing.approve, mailbox_of(request), form.who.person, number, form["reason"], form["seen"]
    )
    return RedirectResponse(f"/staff/letters/{number}/publication", 303)


async def revoke(request: Request, form: Form) -> Response:
    number = request.path_params["number"]
    await run_in_threadpool(
        publishing.revoke, mailbox_of(request), form.who.person, number, form["reason"], form["seen"]
    )
    return RedirectResponse(f"/staff/letters/{number}/publication", 303)


routes = [
    shows("/staff/letters/{number}/publication", "publication.read", publication_page),
    changes("/staff/letters/{number}/publication/propose", "publication.propose", propose),
    changes("/staff/letters/{number}/publication/approve", "publication.approve", approve),
    changes("/staff/letters/{number}/publication/revoke", "publication.revoke", revoke),
]
