"""The OpenAPI 3.1 document, from the routes and the structs that describe bodies."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailbox_api.web import bodies

REF = "#/components/schemas/{name}"


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
    ("POST", "/api/v1/otp"): Operation("发送短信验证码", bodies.CodeSent, 202, bodies.SendCode, (*BODY, 429)),
    ("POST", "/api/v1/otp/verify"): Operation(
        "核对验证码，得到一次性凭据", bodies.Permit, 200, bodies.VerifyCode, (*BODY, 429)
    ),
    ("POST", "/api/v1/letters"): Operation(
        "提交来信", bodies.LetterReceipt, 201, bodies.NewLetter, (*BODY, 409, 429), (KEY,)
    ),
    ("POST", "/api/v1/letters/query"): Operation(
        "凭查询码查看", bodies.Progress, 200, bodies.Code, (*BODY, 404, 429)
    ),
    ("POST", "/api/v1/letters/supplement"): Operation(
        "补充情况", bodies.Progress, 200, bodies.Supplement, (*BODY, 404, 409, 429)
    ),
    ("POST", "/api/v1/letters/withdraw"): Operation(
        "受理前撤回", bodies.Progress, 200, bodies.Code, (*BODY, 404, 409, 429)
    ),
    ("POST", "/api/v1/letters/rating"): Operation(
        "评价答复", bodies.Progress, 200, bodies.Rating, (*BODY, 404, 409, 429)
    ),
    ("POST", "/api/v1/letters/recover"): Operation(
        "凭手机验证重新生成查询码", bodies.RecoveredLetters, 200, bodies.RecoverLetters, BODY
    ),
    ("GET", "/api/v1/stats"): Operation("某月统计", bodies.Statistics, 200, None, (404, 422), (MONTH,)),
    ("GET", "/api/v1/published"): Operation("已公开的来信与答复", bodies.PublishedLetters),
    ("POST", "/internal/v1/notices"): Operation(
        "监测的通知", bodies.Taken, 202, bodies.MonitorNotices, (*BODY, 401), bearer=True
    ),
    ("GET", "/internal/v1/stats"): Operation("监测与报告用的数字", dict, 200, None, (401,), bearer=True),
    ("GET", "/internal/v1/checklist"): Operation("人工检查的记录", dict, 200, None, (401,), bearer=True),
    ("POST", "/hooks/sms/{adapter}/{secret}"): Operation(
        "短信厂商的送达回执（厂商的格式）", dict, 200, list, (400, 404, 413), (ADAPTER, HOOK_SECRET)
    ),
    ("GET", "/healthz"): Operation("进程在运行", bodies.Health),
    ("GET", "/readyz"): Operation("能办事：数据库可用，通知没有积压", bodies.Health, 200, None, (503,)),
}


def document() -> dict[str, Any]:
    structs: set[type] = {bodies.Problem}
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
    if operation.answers is bodies.Health:
        return answers | {
            str(status): _response("没有就绪", bodies.Health, "application/json")
            for status in operation.refuses
        }
    return answers | {
        str(status): _response("见 code 与 detail", bodies.Problem, "application/problem+json")
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
