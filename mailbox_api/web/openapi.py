"""The OpenAPI 3.1 document, from the routes and the structs that describe bodies."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.letter import CATEGORIES, LIMITS, NOTICE_VERSION, Status
from mailbox_api.service.alerts import LEVELS
from mailbox_api.service.citizen import RATINGS
from mailbox_api.service.otp import PURPOSES

REF = "#/components/schemas/{name}"


def one_of(*values: str | int) -> Meta:
    return Meta(extra_json_schema={"enum": list(values)})


Purpose = Annotated[str, one_of(*PURPOSES)]
Category = Annotated[str, one_of(*CATEGORIES)]


class SendCode(Struct):
    mobile: Annotated[str, Meta(description="11 位大陆手机号")]
    purpose: Purpose
    altcha: Annotated[str, Meta(description="人机验证的解，base64")]


class CodeSent(Struct):
    message: str
    expires_in: int


class VerifyCode(Struct):
    mobile: str
    purpose: Purpose
    code: Annotated[str, Meta(description="6 位数字")]


class Permit(Struct):
    permit: str
    expires_in: int


class NewLetter(Struct):
    permit: str
    name: Annotated[str, Meta(description=f"{LIMITS['name'][0]}–{LIMITS['name'][1]} 个字")]
    title: Annotated[str, Meta(description=f"{LIMITS['title'][0]}–{LIMITS['title'][1]} 个字")]
    content: Annotated[str, Meta(description=f"{LIMITS['content'][0]}–{LIMITS['content'][1]} 个字")]
    category: Category
    notice_version: Annotated[str, one_of(NOTICE_VERSION)]
    publish_consent: bool = False
    consultation: Annotated[str, Meta(description="民意征集稿件的 id；不写是普通来信")] = ""


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
    rating: Annotated[int, one_of(*RATINGS), Meta(description="3 满意、2 基本满意、1 不满意")]


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
    level: Annotated[str, one_of(*LEVELS)]
    audience: Annotated[str, Meta(description="administrators 或处室代号")]
    subject: str
    text: str
    found: Annotated[str | None, Meta(description="发现的时间，带时区；不写是现在")] = None


class MonitorNotices(Struct):
    notices: list[MonitorNotice]


class Taken(Struct):
    accepted: int
    known: int


class Statistics(Struct):
    """One month in public. A share of nothing is null; so is a category with too few letters to show."""

    month: str
    frozen: Annotated[bool, Meta(description="月份结束后定稿，不再变")]
    received: int
    valid: int
    accepted: int
    answered: int
    in_progress: int
    overdue: int
    answer_share: float | None
    on_time_share: float | None
    median_days: float | None
    mean_natural_days: float | None
    longest_days: int | None
    extended: int
    satisfied_share: float | None
    by_category: dict[str, int | None]
    published: int


class PublishedLetter(Struct):
    number: str
    title: str
    content: str
    category: Category
    received_on: str
    replied_on: str
    department: str
    reply: str


class PublishedLetters(Struct):
    letters: list[PublishedLetter]


class Operation(Struct, frozen=True):
    summary: str
    answers: type | None
    status: int = 200
    takes: type | None = None
    refuses: tuple[int, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()
    bearer: bool = False  # for the bureau's own programs


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
    "schema": {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2})?$"},
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
    ("GET", "/api/v1/stats"): Operation("某月统计", Statistics, 200, None, (404, 422), (MONTH,)),
    ("GET", "/api/v1/published"): Operation("已公开的来信与答复", PublishedLetters),
    ("POST", "/internal/v1/notices"): Operation(
        "监测的通知", Taken, 202, MonitorNotices, (*BODY, 401), bearer=True
    ),
    ("GET", "/internal/v1/stats"): Operation("监测与报告用的数字", dict, 200, None, (401,), bearer=True),
    ("GET", "/internal/v1/checklist"): Operation("人工检查的记录", dict, 200, None, (401,), bearer=True),
    ("POST", "/hooks/sms/{adapter}/{secret}"): Operation(
        "短信厂商的送达回执（厂商的格式）", dict, 200, list, (400, 404, 413), (ADAPTER, HOOK_SECRET)
    ),
    ("GET", "/healthz"): Operation("进程在运行", Health),
    ("GET", "/readyz"): Operation("能办事：数据库可用，通知没有积压", Health, 200, None, (503,)),
}


def document() -> dict[str, Any]:
    structs: set[type] = {Problem}
    for operation in OPERATIONS.values():
        structs |= {s for s in (operation.takes, operation.answers) if s not in (None, dict, list)}
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
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": operation.summary, "responses": _responses(operation)}
    if operation.parameters:
        described["parameters"] = [dict(row) for row in operation.parameters]
    if operation.bearer:
        described["security"] = [{"bearer": []}]
    if operation.takes is not None:
        content = {"application/json": {"schema": _schema(operation.takes)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    """A database that is away can happen to all (503); those that tell of health tell it in their own words."""
    answers = {str(operation.status): _response("成功", operation.answers, "application/json")}
    if operation.answers is Health:
        return answers | {
            str(status): _response("没有就绪", Health, "application/json") for status in operation.refuses
        }
    return answers | {
        str(status): _response("见 code 与 detail", Problem, "application/problem+json")
        for status in (*operation.refuses, 503)
    }


def _response(text: str, struct: type | None, media: str) -> dict[str, Any]:
    return {"description": text, "content": {media: {"schema": _schema(struct or dict)}}}


def _schema(kind: type) -> dict[str, Any]:
    """A struct by its name; a plain dict or list says no more than that."""
    plain = {dict: "object", list: "array"}
    return {"type": plain[kind]} if kind in plain else {"$ref": REF.format(name=kind.__name__)}


async def openapi(_request: Request) -> Response:
    return Response(msgspec.json.encode(document()), media_type="application/json")


routes = [Route("/api/openapi.json", openapi, methods=["GET"])]
