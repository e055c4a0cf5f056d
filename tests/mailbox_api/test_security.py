"""What must never be seen, and what others may try."""

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

import pytest
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from mailbox_api import query_code
from mailbox_api.app import create_app, routes
from mailbox_api.errors import NotFound, NotSignedIn
from mailbox_api.letter import NOTICE_VERSION, clean
from mailbox_api.notices import Channel
from mailbox_api.service import citizen, login, otp
from mailbox_api.service.roles import ACTIONS
from mailbox_api.store import audit, letters
from mailbox_api.web.requests import address_of

MOBILE = "13987654321"
CANARY = {
    "name": "金丝雀某",
    "title": "金丝雀标题站台照明",
    "content": "金丝雀正文，请派人到站台看一看灯。",
    "mobile": MOBILE,
}
LETTER = {"category": "咨询", "publish_consent": False, "notice_version": NOTICE_VERSION}


def planted(receipt: Any) -> list[str]:
    return [*CANARY.values(), receipt["query_code"], receipt["query_code"].replace("-", "")]


@pytest.fixture
def receipt(client: TestClient, permit: Any) -> dict[str, Any]:
    body = {name: CANARY[name] for name in ("name", "title", "content")} | LETTER | {"permit": permit(MOBILE)}
    made = client.post("/api/v1/letters", json=body, headers={"Idempotency-Key": "canary-key"})
    assert made.status_code == 201
    answer: dict[str, Any] = made.json()
    return answer


def test_planted_values_appear_in_no_log_no_message_and_no_error(
    mailbox: Any, client: TestClient, receipt: Any, dispatcher: Any, gateway: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post("/api/v1/letters/query", json={"code": receipt["query_code"]})
    client.post("/mailbox/query", data={"code": receipt["query_code"]})
    client.post("/staff/login", data={"login": MOBILE, "password": "金丝雀口令"})
    dispatcher.tick()
    broken = create_app(mailbox)
    object.__setattr__(mailbox, "keys", None)  # every handler now fails somewhere
    with TestClient(broken, raise_server_exceptions=False) as failing:
        crash = failing.post("/api/v1/letters/query", json={"code": receipt["query_code"]})

    assert crash.status_code == 500
    logged = "\n".join(record.getMessage() + str(record.exc_text or "") for record in caplog.records)
    wechat = "\n".join(one.text + str(one.vars) for one in gateway.sent if one.channel == Channel.WECHAT)
    sms = "\n".join(one.text + str(one.vars) for one in gateway.sent)
    for secret in planted(receipt):
        assert secret not in logged
        assert secret not in crash.text
        assert secret not in wechat
        assert secret not in sms
    assert "金丝雀口令" not in logged


def test_planted_values_appear_in_no_crash_dump(mailbox: Any, receipt: Any, permit: Any) -> None:
    """What uvicorn writes of an exception: its traceback, the messages of all that caused it."""
    object.__setattr__(mailbox, "keys", None)
    body, key = CANARY | LETTER | {"permit": "金丝雀凭据"}, {"Idempotency-Key": "金丝雀键".encode()}
    with TestClient(create_app(mailbox)) as client, pytest.raises(Exception) as crash:  # noqa: PT011
        client.post("/api/v1/letters", json=body, headers=key)

    dump = "".join(traceback.format_exception(crash.value))
    for secret in (*planted(receipt), "金丝雀"):
        assert secret not in dump


def test_planted_values_appear_in_no_address(
    mailbox: Any, client: TestClient, receipt: Any, staff: Any
) -> None:
    """Addresses stand in the logs of proxies and in histories: no page, form or redirect carries a value in one."""
    client.cookies.clear()
    signed = client.post("/staff/login", data={"login": "registrar", "password": "correct horse battery"})
    cookie = {"Cookie": f"staff={signed.cookies['staff']}"}
    client.cookies.clear()
    letter = f"/staff/letters/{receipt['number']}"
    pages = [
        client.post("/mailbox/query", data={"code": receipt["query_code"]}),
        client.get("/staff/letters", headers=cookie),
        client.get(letter, headers=cookie),
    ]
    csrf = re.search(r'name="csrf" value="([^"]+)"', pages[-1].text)[1]  # type: ignore[index]
    fields = {"csrf": csrf, "version": "2", "department": "bgs", "reason": "核实地点"}
    pages += [client.post(f"{letter}/{act}", data=fields, headers=cookie) for act in ("reveal", "accept")]
    addresses = [page.headers.get("location", "") for page in pages]
    for page in pages:
        addresses += map(unquote, re.findall(r'(?:href|action|formaction|src)="([^"]*)"', page.text))

    assert [page.status_code for page in pages] == [200, 200, 200, 200, 303]
    assert CANARY["mobile"] in pages[3].text  # revealed, for a reason
    for secret in planted(receipt):
        assert not [address for address in addresses if secret in address]


@contextmanager
def statements(mailbox: Any) -> Iterator[list[str]]:
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        told.append(statement)

    event.listen(mailbox.database.engine, "before_cursor_execute", tell)
    yield told
    event.remove(mailbox.database.engine, "before_cursor_execute", tell)


def test_an_unknown_login_costs_the_same_work_as_a_wrong_password(mailbox: Any) -> None:
    """The same statements and one argon2 each, so that neither answer nor time tells who works here."""
    done = []
    for name in ("admin", "nobody"):
        with statements(mailbox) as told, pytest.raises(NotSignedIn, match="登录名、口令或动态口令不对"):
            login.sign_in(mailbox, name, "a wrong password", "", "192.0.2.9", "")
        done.append(told)

    assert done[0] == done[1]


def test_a_code_is_sent_to_a_known_and_an_unknown_mobile_alike(mailbox: Any, receipt: Any) -> None:
    done = []
    for number in (MOBILE, "13800009999"):
        with statements(mailbox) as told:
            otp.send(mailbox, number, "recover", "192.0.2.9", nonce=f"nonce-{number}")
        done.append(told)

    assert done[0] == done[1]


def test_two_codes_that_open_nothing_cost_the_same_work(mailbox: Any, receipt: Any) -> None:
    old = receipt["query_code"]  # opened something once
    with mailbox.database.write() as connection:
        letters.set_code(connection, receipt["number"], mailbox.keys.digest("query", query_code.draw()))
    done = []
    for code in (old, query_code.shown(query_code.draw())):
        with statements(mailbox) as told, pytest.raises(NotFound, match="没有找到这封来信"):
            citizen.look_up(mailbox, code, "192.0.2.9")
        done.append(told)

    assert done[0] == done[1]


ODD = (
    "'; DROP TABLE letter; --",
    '"><script>alert(1)</script>',
    "{{7*7}}",
    "a\r\nSet-Cookie: x=1",
    "\x00",
    "9" * 400,
    "../../etc",
)


@pytest.mark.parametrize("role", ["registrar", "admin", "auditor"])
def test_odd_values_break_no_page_of_the_back_office(
    mailbox: Any, client: TestClient, receipt: Any, role: str
) -> None:
    """SQL, markup, templates, headers, control characters, long numbers: in every address and every field."""
    signed = client.post("/staff/login", data={"login": role, "password": "correct horse battery"})
    cookie = {"Cookie": f"staff={signed.cookies['staff']}"}
    client.cookies.clear()
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/staff/own", headers=cookie).text)[1]  # type: ignore[index]
    names = ("state", "page", "month", "year", "before", "number", "version", "reason", "department", "handler", "text",
             "days", "into", "login", "name", "roles", "mobile", "first", "last", "id", "off", "on", "format", "code")  # fmt: skip
    for route in routes():
        if not isinstance(route, Route) or route.name not in ACTIONS or route.path == "/staff/own/password":
            continue
        for value in ODD:
            fields = dict.fromkeys(names, value)
            path = re.sub(r"\{\w+:int\}", "1", route.path)
            path = re.sub(r"\{\w+\}", quote(value, safe=""), path)
            if "GET" in (route.methods or ()):
                answer = client.get(path, params=fields, headers=cookie)
            else:
                answer = client.post(path, data=fields | {"csrf": csrf}, headers=cookie)
            assert answer.status_code < 500, (path, value)
            assert "<script>alert" not in answer.text, (path, value)
            assert "set-cookie" not in answer.headers, (path, value)
    assert client.post("/api/v1/letters/query", json={"code": receipt["query_code"]}).status_code == 200


def test_the_audit_log_names_no_citizen(mailbox: Any, receipt: Any) -> None:
    with mailbox.database.read() as connection:
        told = "\n".join(map(str, audit.entries(connection)))
    for secret in planted(receipt):
        assert secret not in told


def test_a_failed_login_does_not_keep_the_password(mailbox: Any, client: TestClient) -> None:
    client.post("/staff/login", data={"login": "admin", "password": "my-real-password"})
    with mailbox.database.read() as connection:
        assert "my-real-password" not in str(audit.entries(connection))


EVIL = (
    "<script>alert(1)</script>请看",
    '"><img src=x onerror=alert(1)>请看',
    "{{7*7}}${7*7}请看站台",
    "'; DROP TABLE letter; --请看",
)


@pytest.mark.parametrize("evil", EVIL)
def test_what_citizens_write_is_shown_as_text(client: TestClient, permit: Any, evil: str) -> None:
    body = {"name": evil[:30], "title": evil, "content": evil * 2} | LETTER | {"permit": permit(MOBILE)}
    made = client.post("/api/v1/letters", json=body, headers={"Idempotency-Key": "evil-key-1"})
    assert made.status_code == 201, made.text
    page = client.post("/mailbox/query", data={"code": made.json()["query_code"]}).text
    again = client.post(
        "/mailbox/new", data={"title": evil, "name": evil, "content": evil, "token": evil}
    ).text

    assert "<script>alert" not in page + again
    assert "<img src=x" not in page + again
    shown = re.search(r'letter-body">(.*?)</div>', page, re.S)
    assert shown
    assert "49" not in shown[1]
    assert client.post("/api/v1/letters/query", json={"code": made.json()["query_code"]}).json()["number"]


def test_every_page_has_the_strict_headers_and_no_inline_script(client: TestClient, receipt: Any) -> None:
    pages = [
        client.get(path)
        for path in (
            "/mailbox/new",
            "/mailbox/query",
            "/mailbox/recover",
            "/staff/login",
            "/mailbox/problems",
        )
    ]
    pages.append(client.post("/mailbox/query", data={"code": receipt["query_code"]}))

    for page in pages:
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)| on\w+=| style=", page.text)


def test_session_cookies_are_locked(client: TestClient, mailbox: Any) -> None:
    login = {"login": "admin", "password": "correct horse battery"}
    plain = client.post("/staff/login", data=login).headers["set-cookie"]
    with TestClient(create_app(mailbox), base_url="https://testserver", follow_redirects=False) as safe:
        secure = safe.post("/staff/login", data=login).headers["set-cookie"]

    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(plain.split("; "))
    assert secure.startswith("__Host-staff=")
    assert "Secure" in secure.split("; ")


def test_a_login_over_plain_http_from_elsewhere_is_refused(mailbox: Any) -> None:
    with TestClient(create_app(mailbox), client=("198.51.100.7", 1), follow_redirects=False) as far:
        answer = far.post("/staff/login", data={"login": "admin", "password": "correct horse battery"})

    assert answer.status_code == 403
    assert "HTTPS" in answer.text


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param("198.51.100.7", "203.0.113.9", "198.51.100.7", id="不可信的对端，转发头不算"),
        pytest.param("127.0.0.1", "203.0.113.9", "203.0.113.9", id="可信代理"),
        pytest.param("127.0.0.1", "10.0.0.1, 203.0.113.9", "203.0.113.9", id="只信最后一跳"),
        pytest.param("127.0.0.1", "", "127.0.0.1", id="没有转发头"),
        pytest.param("127.0.0.1", "2001:db8:1:2:3::9", "2001:db8:1:2::/64", id="IPv6 按 /64"),
        pytest.param("::ffff:198.51.100.7", "", "198.51.100.7", id="IPv4 映射地址"),
    ],
)
def test_only_trusted_proxies_say_where_a_request_comes_from(peer: str, forwarded: str, address: str) -> None:
    app = Starlette()
    app.state.trusted_proxies = frozenset({"127.0.0.1"})
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert (
        address_of(Request({"type": "http", "app": app, "client": (peer, 1), "headers": headers})) == address
    )


def test_headers_cannot_be_injected(client: TestClient) -> None:
    answer = client.get("/mailbox/new?consultation=1%0d%0aSet-Cookie:x=1")

    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("张\u202e三", "张三"),
        ("a\u200bb", "ab"),
        ("一\r\n二\t三", "一 二 三"),
        ("\x00\x1b[31m红", "[31m红"),
        ("é", "é"),
    ],
)
def test_control_and_bidi_characters_are_dropped(raw: str, kept: str) -> None:
    assert clean(raw) == kept


def test_wrong_and_unknown_codes_answer_alike(client: TestClient, receipt: Any) -> None:
    wrong = client.post("/api/v1/letters/query", json={"code": "0000-0000-00000"})
    typo = client.post("/api/v1/letters/query", json={"code": receipt["query_code"][:-1] + "Z"})
    number = client.post("/api/v1/letters/query", json={"code": receipt["number"]})

    bodies = [{k: v for k, v in answer.json().items() if k != "trace_id"} for answer in (wrong, typo, number)]
    assert [answer.status_code for answer in (wrong, typo, number)] == [404] * 3
    assert bodies[0] == bodies[1] == bodies[2]
