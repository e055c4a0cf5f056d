"""The vendors' own SDKs as oracles: for the same message they put the same request on the wire as we do, and sign alike."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailbox_api.gateways import Accepted, Message, aliyun, tencent
from mailbox_api.gateways.aliyun import Aliyun
from mailbox_api.gateways.tencent import Tencent

NOW = datetime.now(UTC)
MESSAGE = Message(
    out_id="kmjt7",
    channel="sms",
    to="13900001234",
    template="new-letter",
    vars={"number": "2026-000001", "category": "咨询 +*~/=&%", "due": "2026-12-02"},
    text="",
    at=NOW,
    first_try_at=NOW,
)


@dataclass
class Wire:
    """What came over HTTP, one after the other."""

    seen: list[tuple[dict[str, str], dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        self.seen.append((dict(request.headers), query, await request.body()))
        if "x-acs-action" in request.headers:
            return JSONResponse({"Code": "OK", "BizId": "900^0"})
        return JSONResponse(
            {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "1"}], "RequestId": "r"}}
        )


@pytest.fixture(scope="module")
def wire(serve_app: Callable[..., AbstractContextManager[str]]) -> Iterator[tuple[Wire, str]]:
    wire = Wire()
    with serve_app(Starlette(routes=[Route("/", wire.take, methods=["POST"])])) as url:
        yield wire, url


def signed_by(authorization: str) -> tuple[list[str], str]:
    """The names of the signed headers, and the signature."""
    parts = dict(part.strip().split("=", 1) for part in authorization.partition(" ")[2].split(","))
    return parts["SignedHeaders"].split(";"), parts["Signature"]


ALIBABA = """
import json, sys
from alibabacloud_tea_openapi import models
from alibabacloud_tea_openapi.client import Client
from darabonba.runtime import RuntimeOptions
endpoint, version, query = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
config = models.Config(access_key_id="id", access_key_secret="secret", endpoint=endpoint, protocol="http")
action = models.Params(
    action="SendSms", version=version, protocol="HTTP", pathname="/", method="POST", auth_type="AK", style="RPC",
    req_body_type="formData", body_type="json",
)
Client(config).call_api(action, models.OpenApiRequest(query=query), RuntimeOptions())
"""
TENCENT = """
import json, sys
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
endpoint, version, body = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
profile = ClientProfile(httpProfile=HttpProfile(endpoint=endpoint, protocol="http"))
CommonClient("sms", version, Credential("id", "secret"), "ap-guangzhou", profile=profile).call_json("SendSms", body)
"""


def sdk(program: str, url: str, version: str, fields: object) -> None:
    """In a process of its own: what the SDKs import and leave open is theirs."""
    arguments = [url.removeprefix("http://"), version, json.dumps(fields)]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True)


def test_alibabas_sdk_sends_and_signs_what_we_do(wire: tuple[Wire, str]) -> None:
    seen, url = wire[0].seen, wire[1]
    ours = Aliyun(
        key_id="id", secret="secret", sign="昆明市交通运输局", templates={"new-letter": "SMS_1"}, endpoint=url
    )
    with ours.http:
        assert isinstance(ours.send(MESSAGE), Accepted)
    headers, query, body = seen.pop()
    sdk(ALIBABA, url, aliyun.VERSION, query)
    their_headers, their_query, their_body = seen.pop()

    assert (query, body) == (their_query, their_body)
    acs = {"host", *(name for name in headers if name.startswith("x-acs-"))}
    steady = acs - {"x-acs-date", "x-acs-signature-nonce"}
    assert acs <= their_headers.keys()
    assert {name: headers[name] for name in steady} == {name: their_headers[name] for name in steady}
    names, theirs = signed_by(their_headers["authorization"])
    signed = {name: their_headers[name] for name in names}
    digest = their_headers["x-acs-content-sha256"]
    assert aliyun.signature("secret", "POST", their_query, signed, digest) == theirs


def test_tencents_sdk_sends_and_signs_what_we_do(wire: tuple[Wire, str]) -> None:
    seen, url = wire[0].seen, wire[1]
    ours = Tencent(
        key_id="id",
        secret="secret",
        app_id="1400",
        sign="昆明市交通运输局",
        templates={"new-letter": "99"},
        endpoint=url,
    )
    with ours.http:
        assert isinstance(ours.send(MESSAGE), Accepted)
    headers, _, body = seen.pop()
    sdk(TENCENT, url, tencent.VERSION, json.loads(body))
    their_headers, _, their_body = seen.pop()

    assert json.loads(body) == json.loads(their_body)
    for name in ("host", "x-tc-action", "x-tc-version", "x-tc-region"):
        assert headers[name] == their_headers[name]
    at = datetime.fromtimestamp(int(their_headers["x-tc-timestamp"]), UTC)
    names, theirs = signed_by(their_headers["authorization"])
    signed = {name: their_headers[name] for name in names}
    assert tencent.signature("secret", tencent.SERVICE, at, signed, their_body) == theirs
