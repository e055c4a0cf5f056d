"""Monitoring's side of the mailbox, health, and the contract document."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from mailbox_api import errors
from mailbox_api.app import create_app, routes
from mailbox_api.jobs import sweep
from mailbox_api.web.errors import STATUS
from mailbox_api.web.openapi import OPERATIONS, document

TOKEN = {"Authorization": "Bearer t0ken"}
ALERT = {
    "key": "daily:2026-11-25:down",
    "level": "veto",
    "audience": "administrators",
    "subject": "首页打不开",
    "text": "三次探测都没有答复",
}


@pytest.fixture
def http(mailbox: Any) -> Iterator[TestClient]:
    with TestClient(create_app(mailbox, internal_token="t0ken")) as http:
        yield http


def test_a_notice_is_taken_once_and_goes_out(http: TestClient, dispatcher: Any, gateway: Any) -> None:
    first = http.post("/internal/v1/notices", json={"notices": [ALERT]}, headers=TOKEN)
    second = http.post(
        "/internal/v1/notices",
        json={"notices": [ALERT, ALERT | {"key": "k2", "level": "info"}]},
        headers=TOKEN,
    )
    dispatcher.tick()

    assert (first.status_code, first.json()) == (202, {"accepted": 1, "known": 0})
    assert second.json() == {"accepted": 1, "known": 1}
    told = [(one.to, one.channel) for one in gateway.sent if "首页打不开" in one.text]
    assert sorted(told) == sorted(
        [
            ("admin", "wechat"),
            ("13800000006", "sms"),
            ("contractor", "wechat"),
            ("13800000008", "sms"),
            ("admin", "wechat"),
            ("contractor", "wechat"),
        ]
    )


def test_known_keys_stay_known_for_ever(http: TestClient, mailbox: Any, clock: Any) -> None:
    http.post("/internal/v1/notices", json={"notices": [ALERT]}, headers=TOKEN)
    clock.forward(days=30)
    sweep.run(mailbox, clock())

    again = http.post("/internal/v1/notices", json={"notices": [ALERT]}, headers=TOKEN)
    assert again.json() == {"accepted": 0, "known": 1}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"level": "loud"}, "/notices/0/level"),
        ({"audience": "nobody"}, "/notices/0/audience"),
        ({"key": ""}, "/notices/0/key"),
        ({"text": 5}, "/notices/0"),
    ],
)
def test_a_bad_notice_is_named(http: TestClient, change: dict[str, Any], pointer: str) -> None:
    answer = http.post("/internal/v1/notices", json={"notices": [ALERT | change]}, headers=TOKEN)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_without_the_token_nothing_is_told(http: TestClient, mailbox: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic t0ken"}):
        assert http.post("/internal/v1/notices", json={"notices": []}, headers=headers).status_code == 401
        assert http.get("/internal/v1/stats", headers=headers).status_code == 401
    with TestClient(create_app(mailbox)) as unset:
        assert unset.get("/internal/v1/stats", headers={"Authorization": "Bearer "}).status_code == 401


def test_the_figures_that_the_indicators_need(http: TestClient, send: Any, clock: Any) -> None:
    send()
    fresh = http.get("/internal/v1/stats", headers=TOKEN).json()
    clock.forward(days=100)
    old = http.get("/internal/v1/stats", headers=TOKEN).json()

    assert fresh["accepting"] is True
    assert fresh["months"]["2026-11"]["received"] == 1
    assert (fresh["unanswered_over_3_months"], old["unanswered_over_3_months"]) == (0, 1)
    assert old["consultations_unanswered_over_3_months"] == 1
    assert old["oldest_unanswered_days"] == 100


def test_readiness_is_red_when_nobody_sends(http: TestClient, send: Any, clock: Any, dispatcher: Any) -> None:
    assert http.get("/readyz").json() == {"status": "ok"}
    send()
    clock.now += timedelta(minutes=3)
    late = http.get("/readyz")
    dispatcher.tick()

    assert (late.status_code, late.json()) == (503, {"status": "notices-late"})
    assert http.get("/readyz").status_code == 200
    assert http.get("/healthz").status_code == 200


def test_every_kind_of_error_has_its_status() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.MailboxError)
    }

    assert kinds - {errors.MailboxError} <= STATUS.keys()


def test_every_code_of_a_problem_is_explained(http: TestClient) -> None:
    explained = set(re.findall(r'id="([\w-]+)"><dt>', http.get("/mailbox/problems").text))

    assert explained == {kind.code for kind in STATUS} | {"http", "internal"}


def test_every_json_route_is_documented(http: TestClient) -> None:
    served = {
        (method, route.path)
        for route in routes()
        if isinstance(route, Route)
        for method in (route.methods or ()) - {"HEAD"}
        if route.path.startswith(("/api/v1", "/internal", "/hooks", "/healthz", "/readyz"))
    }

    assert served == set(OPERATIONS)
    assert http.get("/api/openapi.json").json() == document()


@pytest.mark.parametrize(
    "path", [path for method, path in OPERATIONS if method == "POST" and "/api/" in path]
)
def test_bad_bodies_get_a_problem_and_never_a_500(http: TestClient, path: str) -> None:
    json_type = {"Content-Type": "application/json"}
    bodies = {
        b"": 400,
        b"[]": 400,
        b"{": 400,
        b"\xff": 400,
        b"null": 400,
        b"{}": 422,
        b"x" * 70_000: 413,
        b"[" * 9000: 400,
    }
    for body, status in bodies.items():
        answer = http.post(path, content=body, headers=json_type)
        assert answer.status_code == status, (path, body[:20])
        assert answer.headers["content-type"] == "application/problem+json"
    for value in (1, None, [], {}, True, "\x00", "‮", "a" * 6000):
        fields = dict.fromkeys(
            ("mobile", "purpose", "altcha", "code", "permit", "name", "title", "content", "category"), value
        )
        answer = http.post(path, json=fields)
        assert answer.status_code in (400, 404, 422), (path, value)
    assert http.get(path).status_code == 405
    assert http.post(path, content=b"a=1", headers={"Content-Type": "text/plain"}).status_code == 415


def test_each_missing_field_is_named(http: TestClient) -> None:
    answer = http.post("/api/v1/letters", json={})

    named = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/permit", "/name", "/title", "/content", "/category", "/notice_version"} == named
    assert answer.json()["code"] == "invalid"
