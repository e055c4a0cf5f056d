"""The clerks' letters: the inbox by time left, a letter's page, and what can be done there."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailbox_api.deadlines import left_text, urgency
from mailbox_api.errors import Forbidden, NotFound
from mailbox_api.letter import DECLINE_REASONS, OPEN, Letter, Status
from mailbox_api.notices import State
from mailbox_api.service import clerk, ladder
from mailbox_api.service.login import SignedIn
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import may
from mailbox_api.store import audit, letters, outbox, people
from mailbox_api.store.people import Crew, Staff
from mailbox_api.web.requests import mailbox_of
from mailbox_api.web.shell import page
from mailbox_api.web.staff import Form, changes, shows

FILTERS: Mapping[str, tuple[str, frozenset[Status]]] = {
    "open": ("在办", OPEN),
    "received": ("待受理", frozenset({Status.RECEIVED})),
    "replied": ("已答复", frozenset({Status.REPLIED})),
    "closed": ("已结束", frozenset({Status.CLOSED, Status.DECLINED, Status.MERGED, Status.WITHDRAWN})),
}
PER_PAGE = 50
FAR_OFF = datetime.max.replace(tzinfo=UTC)


async def home(request: Request, who: SignedIn) -> Response:
    if may(who.person, "letter.list"):
        return RedirectResponse("/staff/letters", 303)
    return RedirectResponse("/staff/today", 303)


async def inbox(request: Request, who: SignedIn) -> Response:
    chosen = request.query_params.get("state", "open")
    if chosen not in FILTERS:
        raise NotFound("没有这个分类")
    number = request.query_params.get("page", "1")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    rows, more = await run_in_threadpool(_rows, mailbox_of(request), who.person, chosen, at)
    return page(request, "inbox.html", "来信", rows=rows, filters=FILTERS, chosen=chosen, at=at, more=more)


def _rows(mailbox: Mailbox, person: Staff, chosen: str, at: int) -> tuple[list[dict[str, Any]], bool]:
    department = "" if clerk.reads_every_office(person) else person.department
    with mailbox.database.read() as connection:
        found = letters.inbox(
            connection,
            statuses=tuple(FILTERS[chosen][1]),
            department=department,
            limit=PER_PAGE + 1,
            offset=(at - 1) * PER_PAGE,
        )
        words = letters.all_words(connection, mailbox.keys, [letter.number for letter in found])
    shown: list[dict[str, Any]] = [
        {
            "letter": letter,
            "title": words[letter.number].title if letter.number in words else "（个人信息已清除）",
            "department": mailbox.department(letter.department) if letter.department else "",
            "urgency": urgency(letter.due, mailbox.today, mailbox.calendar) if letter.status.is_open else "",
            "left": left_text(letter.due, mailbox.today, mailbox.calendar) if letter.status.is_open else "",
        }
        for letter in found[:PER_PAGE]
    ]
    return shown, len(found) > PER_PAGE


async def letter_page(request: Request, who: SignedIn) -> Response:
    return await show_letter(request, who)


async def show_letter(request: Request, who: SignedIn, contact: object = None) -> Response:
    values = await run_in_threadpool(_letter, mailbox_of(request), who.person, request.path_params["number"])
    return page(request, "letter.html", f"来信{request.path_params['number']}", contact=contact, **values)


def _letter(mailbox: Mailbox, person: Staff, number: str) -> dict[str, Any]:
    opened = clerk.read(mailbox, person, number)
    letter = opened.letter
    with mailbox.database.read() as connection:
        history = audit.entries(connection, number)
        notices = outbox.of_subject(connection, mailbox.keys, "letter", number)
        crew = people.crew(connection, mailbox.keys)
    return {
        "letter": letter,
        "words": opened.words,
        "messages": opened.messages,
        "draft": opened.draft,
        "history": history,
        "notices": [*notices, *_coming(mailbox, crew, letter, {row.dedupe_key for row in notices})],
        "handlers": crew.with_role("handler"),
        "departments": mailbox.departments,
        "department": mailbox.department(letter.department) if letter.department else "",
        "reasons": DECLINE_REASONS,
        "left": left_text(letter.due, mailbox.today, mailbox.calendar) if letter.status.is_open else "",
        "urgency": urgency(letter.due, mailbox.today, mailbox.calendar) if letter.status.is_open else "",
        "four_eyes": mailbox.rules.four_eyes,
        "extend_days": mailbox.rules.extend_days,
        "can": {action: may(person, action) for action in (f"letter.{name}" for name in ACTIONS)}
        | {"letter.reveal": may(person, "letter.reveal")},
    }


def _coming(mailbox: Mailbox, crew: Crew, letter: Letter, known: set[str]) -> list[dict[str, Any]]:
    """The reminders that are still far off, as rows of the table of notices."""
    told = ladder.schedule(mailbox, crew, letter, since=mailbox.clock(), until=FAR_OFF)
    return [
        {
            "rung": one.rung,
            "recipient": one.recipient,
            "channel": one.channel,
            "due_at": one.due_at,
            "sent_at": None,
            "state": State.PENDING,
        }
        for one in told
        if one.dedupe_key not in known
    ]


# What a button on the letter's page does: the fields of its form become the arguments.
ACTIONS: Mapping[str, Callable[[Mailbox, Staff, str, int, Form], Letter]] = {
    "accept": lambda m, s, n, v, f: clerk.accept(m, s, n, v, f["department"], f["handler"]),
    "decline": lambda m, s, n, v, f: clerk.decline(m, s, n, v, f["reason"]),
    "merge": lambda m, s, n, v, f: clerk.merge(m, s, n, v, f["into"]),
    "assign": lambda m, s, n, v, f: clerk.assign(m, s, n, v, f["department"], f["handler"]),
    "transfer": lambda m, s, n, v, f: clerk.transfer(m, s, n, v, f["department"], f["reason"]),
    "ask": lambda m, s, n, v, f: clerk.ask(m, s, n, v, f["text"]),
    "draft": lambda m, s, n, v, f: clerk.draft(m, s, n, v, f["text"]),
    "submit-draft": lambda m, s, n, v, f: clerk.submit_draft(m, s, n, v, f["text"]),
    "approve": lambda m, s, n, v, f: clerk.approve(m, s, n, v),
    "send-back": lambda m, s, n, v, f: clerk.send_back(m, s, n, v, f["reason"]),
    "extend": lambda m, s, n, v, f: clerk.extend(m, s, n, v, f.number("days"), f["reason"]),
    "close": lambda m, s, n, v, f: clerk.close(m, s, n, v),
}


def _action(name: str) -> Route:
    async def act(request: Request, form: Form) -> Response:
        number = request.path_params["number"]
        person, version = form.who.person, form.number("version")
        await run_in_threadpool(ACTIONS[name], mailbox_of(request), person, number, version, form)
        return RedirectResponse(f"/staff/letters/{number}", 303)

    return changes(f"/staff/letters/{{number}}/{name}", f"letter.{name}", act)


async def reveal(request: Request, form: Form) -> Response:
    number = request.path_params["number"]
    words = await run_in_threadpool(
        clerk.reveal, mailbox_of(request), form.who.person, number, form["reason"]
    )
    if not may(form.who.person, "letter.read"):
        raise Forbidden("没有阅读来信的权限")
    return await show_letter(request, form.who, contact=words)


routes = [
    shows("/staff/", "home", home),
    shows("/staff/letters", "letter.list", inbox),
    shows("/staff/letters/{number}", "letter.read", letter_page),
    changes("/staff/letters/{number}/reveal", "letter.reveal", reveal),
    *map(_action, ACTIONS),
]
