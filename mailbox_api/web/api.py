"""The JSON endpoints for citizens' programs and pages."""

from datetime import datetime
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.deadlines import BEIJING
from mailbox_api.errors import Invalid
from mailbox_api.letter import read_submission
from mailbox_api.service import citizen, intake, otp
from mailbox_api.service.citizen import Progress
from mailbox_api.web import tokens
from mailbox_api.web.requests import address_of, mailbox_of, read_json, text


def answer(body: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )


def local(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


async def challenge(request: Request) -> Response:
    return answer(await run_in_threadpool(tokens.challenge, mailbox_of(request).keys))


async def send_code(request: Request) -> Response:
    mailbox, body = mailbox_of(request), await read_json(request)
    mobile = otp.require_mobile(text(body, "mobile"))
    nonce = await run_in_threadpool(tokens.solved_nonce, mailbox.keys, text(body, "altcha"))
    purpose, address = text(body, "purpose"), address_of(request)
    await run_in_threadpool(otp.send, mailbox, mobile, purpose, address, nonce=nonce)
    return answer({"message": "若号码有效，验证码已发送", "expires_in": int(otp.LIFE.total_seconds())}, 202)


async def verify_code(request: Request) -> Response:
    body = await read_json(request)
    fields = (text(body, "mobile"), text(body, "purpose"), text(body, "code"))
    permit = await run_in_threadpool(otp.verify, mailbox_of(request), *fields, address_of(request))
    return answer({"permit": permit, "expires_in": int(otp.PERMIT_LIFE.total_seconds())})


async def submit(request: Request) -> Response:
    body = await read_json(request)
    submission, permit = _submission(body)
    key = request.headers.get("idempotency-key", "")
    receipt = await intake.submitted(mailbox_of(request), submission, permit, key)
    return answer(
        {
            "number": receipt.number,
            "query_code": receipt.query_code,
            "received_at": local(receipt.received_at),
            "due": str(receipt.due),
            "provisional": receipt.provisional,
        },
        201,
    )


def _submission(body: Any) -> tuple[Any, str]:
    """The fields and the permit, all problems named at once."""
    permit = text(body, "permit")
    problems = (
        {} if permit else {"permit": "请先填写手机号并通过短信验证（permit 由 /api/v1/otp/verify 给出）"}
    )
    try:
        submission = read_submission(body)
    except Invalid as error:
        raise Invalid(problems | error.fields) from error
    if problems:
        raise Invalid(problems)
    return submission, permit


def shown(progress: Progress) -> dict[str, Any]:
    """What the holder of the query code sees."""
    letter = progress.letter
    return {
        "number": letter.number,
        "status": letter.status,
        "status_text": letter.status.text,
        "received_at": local(letter.received_at),
        "due": str(letter.due),
        "provisional": letter.provisional,
        "overdue": progress.overdue,
        "department": progress.department,
        "timeline": [
            {"at": local(step.at), "text": step.what, "note": step.note} for step in progress.timeline
        ],
        "question": progress.question,
        "reply": progress.reply,
        "rating": letter.rating,
    }


async def query(request: Request) -> Response:
    body = await read_json(request)
    return answer(
        shown(
            await run_in_threadpool(
                citizen.look_up, mailbox_of(request), text(body, "code"), address_of(request)
            )
        )
    )


async def supplement(request: Request) -> Response:
    body = await read_json(request)
    code, content = text(body, "code"), text(body, "content")
    return answer(
        shown(
            await run_in_threadpool(
                citizen.supplement, mailbox_of(request), code, content, address_of(request)
            )
        )
    )


async def withdraw(request: Request) -> Response:
    body = await read_json(request)
    return answer(
        shown(
            await run_in_threadpool(
                citizen.withdraw, mailbox_of(request), text(body, "code"), address_of(request)
            )
        )
    )


async def rating(request: Request) -> Response:
    body = await read_json(request)
    code, stars = text(body, "code"), body.get("rating")
    return answer(
        shown(await run_in_threadpool(citizen.rate, mailbox_of(request), code, stars, address_of(request)))
    )


async def recover(request: Request) -> Response:
    body = await read_json(request)
    found = await run_in_threadpool(citizen.recover, mailbox_of(request), text(body, "permit"))
    rows = [
        {
            "number": row.number,
            "query_code": row.query_code,
            "received_at": local(row.received_at),
            "status": row.status,
        }
        for row in found
    ]
    return answer({"letters": rows})


routes = [
    Route("/api/v1/challenge", challenge, methods=["GET"]),
    Route("/api/v1/otp", send_code, methods=["POST"]),
    Route("/api/v1/otp/verify", verify_code, methods=["POST"]),
    Route("/api/v1/letters", submit, methods=["POST"]),
    Route("/api/v1/letters/query", query, methods=["POST"]),
    Route("/api/v1/letters/supplement", supplement, methods=["POST"]),
    Route("/api/v1/letters/withdraw", withdraw, methods=["POST"]),
    Route("/api/v1/letters/rating", rating, methods=["POST"]),
    Route("/api/v1/letters/recover", recover, methods=["POST"]),
]
