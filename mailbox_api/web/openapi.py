"""The OpenAPI 3.1 document, from the routes and the structs that describe bodies."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.letter import CATEGORIES, LIMITS, NOTICE_VERSION, Status
from mailbox_api.service.otp import PURPOSES

Text = Annotated[str, Meta(max_length=64 * 1024)]
REF = "#/components/schemas/{name}"


class SendCode(Struct):
    mobile: Annotated[str, Meta(description="11 位大陆手机号")]
    purpose: Annotated[str, Meta(description="、".join(PURPOSES))]
    altcha: Annotated[str, Meta(description="人机验证的解，base64")]


class CodeSent(Struct):
    message: str
    expires_in: int


class VerifyCode(Struct):
    mobile: str
    purpose: str
    code: Annotated[str, Meta(description="6 位数字")]


class Permit(Struct):
    permit: str
    expires_in: int


class NewLetter(Struct):
    permit: str
    name: Annotated[str, Meta(description=f"{LIMITS['name'][0]}–{LIMITS['name'][1]} 个字")]
    title: Annotated[str, Meta(description=f"{LIMITS['title'][0]}–{LIMITS['title'][1]} 个字")]
    content: Annotated[str, Meta(description=f"{LIMITS['content'][0]}–{LIMITS['content'][1]} 个字")]
    category: Annotated[str, Meta(description="、".join(CATEGORIES))]
    publish_consent: bool
    notice_version: Annotated[str, Meta(description=f"现为 {NOTICE_VERSION}")]
    consultation: str = ""


class LetterReceipt(Struct):
    number: str
    query_code: str
    received_at: str
    due: str
    provisional: bool


class Code(Struct):
    code: Annotated[str, Meta(description="查询码")]


class Supplement(Code):
    content: str


class Rating(Code):
    rating: Annotated[int, Meta(description="3 满意、2 基本满意、1 不满意")]


class Step(Struct):
    at: str
    text: str
    note: str


class Progress(Struct):
    number: str
    status: Status
    status_text: str
    received_at: str
    due: str
    provisional: bool
    overdue: bool
    department: str
    timeline: list[Step]
    question: str | None
    reply: str | None
    rating: int | None


class RecoverLetters(Struct):
    permit: str


class RecoveredLetter(Struct):
    number: str
    query_code: str
    received_at: str
    status: Status


class RecoveredLetters(Struct):
    letters: list[RecoveredLetter]


class FieldError(Struct):
    pointer: str
    detail: str


class Problem(Struct):
    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: list[FieldError] | None = None


class Health(Struct):
    status: str


class MonitorNotice(Struct):
    key: Annotated[str, Meta(description="同一个 key 只发一次")]
    level: Annotated[str, Meta(description="veto、error、warning、info")]
    audience: Annotated[str, Meta(description="administrators 或处室代号")]
    subject: str
    text: str


class MonitorNotices(Struct):
    notices: list[MonitorNotice]


class Taken(Struct):
    accepted: int
    known: int


class Operation(Struct, frozen=True):
    summary: str
    answers: type | None
    status: int = 200
    takes: type | None = None
    refuses: tuple[int, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()


BODY = (400, 413, 415, 422)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "同一键同一内容得到同一答复，24 小时",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200},
}

MONTH = {
    "name": "month",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "2026-11，不写为本月",
}
ADAPTER = {"name": "adapter", "in": "path", "required": True, "schema": {"type": "string"}}
HOOK_SECRET = {"name": "secret", "in": "path", "required": True, "schema": {"type": "string"}}

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("GET", "/api/v1/challenge"): Operation("人机验证的题目（ALTCHA 2）", dict),
    ("POST", "/api/v1/otp"): Operation("发送短信验证码", CodeSent, 202, SendCode, (*BODY, 429)),
    ("POST", "/api/v1/otp/verify"): Operation(
        "核对验证码，得到一次性凭据", Permit, 200, VerifyCode, (*BODY, 429)
    ),
    ("POST", "/api/v1/letters"): Operation(
        "提交来信", LetterReceipt, 201, NewLetter, (*BODY, 409, 429), (KEY,)
    ),
    ("POST", "/api/v1/letters/query"): Operation("凭查询码查看", Progress, 200, Code, (*BODY, 404, 429)),
    ("POST", "/api/v1/letters/supplement"): Operation(
        "补充情况", Progress, 200, Supplement, (*BODY, 404, 409, 429)
    ),
    ("POST", "/api/v1/letters/withdraw"): Operation(
        "受理前撤回", Progress, 200, Code, (*BODY, 404, 409, 429)
    ),
    ("POST", "/api/v1/letters/rating"): Operation("评价答复", Progress, 200, Rating, (*BODY, 404, 409, 429)),
    ("POST", "/api/v1/letters/recover"): Operation(
        "凭手机验证重新生成查询码", RecoveredLetters, 200, RecoverLetters, BODY
    ),
    ("GET", "/api/v1/stats"): Operation("某月统计", dict, 200, None, (404, 422), (MONTH,)),
    ("GET", "/api/v1/published"): Operation("已公开的来信与答复", dict),
    ("POST", "/internal/v1/notices"): Operation(
        "监测的通知（Bearer 令牌）", Taken, 202, MonitorNotices, (*BODY, 401)
    ),
    ("GET", "/internal/v1/stats"): Operation("监测与报告用的数字（Bearer 令牌）", dict, 200, None, (401,)),
    ("POST", "/hooks/sms/{adapter}/{secret}"): Operation(
        "短信厂商的送达回执", dict, 200, None, (400, 404, 413), (ADAPTER, HOOK_SECRET)
    ),
    ("GET", "/healthz"): Operation("进程在运行", Health),
    ("GET", "/readyz"): Operation("能办事：数据库可用，通知没有积压", Health, 200, None, (503,)),
}


def document() -> dict[str, Any]:
    structs: set[type] = {Problem}
    for operation in OPERATIONS.values():
        structs |= {s for s in (operation.takes, operation.answers) if s is not None and s is not dict}
    _, components = msgspec.json.schema_components(
        sorted(structs, key=lambda s: s.__name__), ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "领导信箱", "version": "1", "description": "时间为北京时间，ISO 8601。"},
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "responses": {
            str(operation.status): _response("成功", operation.answers, "application/json"),
            **{
                str(status): _response("见 code 与 detail", Problem, "application/problem+json")
                if status != 503
                else _response("没有就绪", Health, "application/json")
                for status in operation.refuses
            },
        },
    }
    if operation.parameters:
        described["parameters"] = [dict(row) for row in operation.parameters]
    if operation.takes is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(name=operation.takes.__name__)}}},
        }
    return described


def _response(text: str, struct: type | None, media: str) -> dict[str, Any]:
    schema = (
        {"type": "object"} if struct is None or struct is dict else {"$ref": REF.format(name=struct.__name__)}
    )
    return {"description": text, "content": {media: {"schema": schema}}}


async def openapi(_request: Request) -> Response:
    return Response(msgspec.json.encode(document()), media_type="application/json")


routes = [Route("/api/openapi.json", openapi, methods=["GET"])]
