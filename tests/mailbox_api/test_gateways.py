"""The vendors' own examples, and a double over real HTTP that checks signatures, refuses, hangs and lies."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from bureau.errors import ConfigError
from mailbox_api.app import create_app
from mailbox_api.gateways import Accepted, Fate, Message, Refused, Unknown, Why, aliyun, tencent
from mailbox_api.gateways.aliyun import Aliyun
from mailbox_api.gateways.calls import LONGEST_VALUE
from mailbox_api.gateways.file import FileGateway
from mailbox_api.gateways.tencent import Tencent
from mailbox_api.gateways.wecom import Application, Robot
from mailbox_api.notices import TEMPLATES, Channel
from mailbox_api.setup import gateways_of
from mailbox_api.store import outbox

PROJECT = Path(__file__).parents[2]
SECRET = "double-secret"
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
MESSAGE = Message(
    out_id="kmjt7",
    channel="sms",
    to="13900001234",
    template="new-letter",
    vars={"number": "2026-000001", "category": "咨询", "due": "2026-12-02"},
    text="【昆明市交通运输局】收到新的领导信箱来信2026-000001（咨询），请于2026-12-02前答复。",
    at=NOW,
    first_try_at=NOW,
)


def test_alibabas_documented_example() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}

    made = aliyun.signature("YourAccessKeySecret", "POST", query, headers, headers["x-acs-content-sha256"])
    assert made == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def test_tencents_documented_example() -> None:
    payload = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    at = datetime.fromtimestamp(1551113065, UTC)

    made = tencent.signature("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", at, headers, payload)
    assert made == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


@dataclass
class Double:
    """Both clouds and 企业微信 in one; checks every signature from the request alone."""

    answer: str = "OK"  # a code, or `hang`, `cut`, `html`, `429`
    loses_answers: bool = False  # takes the message, then hangs up
    taken: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0

    async def cloud(self, request: Request) -> Response:
        if problem := await self._trouble():
            return problem
        body = await request.body()
        if "x-acs-action" in request.headers:
            return self._aliyun(request)
        return self._tencent(request, body)

    async def _trouble(self) -> Response | None:
        if self.answer == "hang":
            await anyio.sleep(1.5)
        if self.answer == "html":
            return PlainTextResponse("<html>bad gateway</html>", 502)
        if self.answer == "429":
            return PlainTextResponse("slow down", 429)
        return None

    def _aliyun(self, request: Request) -> Response:
        query = dict(parse_qsl(request.url.query, keep_blank_values=True, strict_parsing=True))
        if not aliyun_signed(request):
            return JSONResponse({"Code": "SignatureDoesNotMatch"}, 400)
        if request.headers["x-acs-action"] == "QuerySendDetails":
            rows = [
                {"OutId": row["OutId"], "SendStatus": 3}
                for row in self.taken
                if row["PhoneNumbers"] == query["PhoneNumber"]
            ]
            return JSONResponse({"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}})
        if self.answer == "OK":
            self.taken.append(query)
        if self.loses_answers:
            return PlainTextResponse("", 500)
        return JSONResponse({"Code": self.answer, "BizId": "900^0"}, 200 if self.answer == "OK" else 400)

    def _tencent(self, request: Request, body: bytes) -> Response:
        if not tencent_signed(request, body):
            return JSONResponse({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}})
        sent = json.loads(body)
        if request.headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
            rows = [
                {"SessionContext": row["SessionContext"], "ReportStatus": "SUCCESS"} for row in self.taken
            ]
            return JSONResponse({"Response": {"PullSmsSendStatusSet": rows}})
        code = "Ok" if self.answer == "OK" else self.answer
        if code == "Ok":
            self.taken.append(sent)
        if self.loses_answers:
            return PlainTextResponse("", 500)
        return JSONResponse({"Response": {"SendStatusSet": [{"Code": code, "SerialNo": "2026:1"}]}})

    async def wecom(self, request: Request) -> Response:
        if problem := await self._trouble():
            return problem
        if request.url.path.endswith("gettoken"):
            if request.query_params["corpsecret"] != SECRET:
                return JSONResponse({"errcode": 40001})
            self.tokens += 1
            return JSONResponse({"errcode": 0, "access_token": f"token-{self.tokens}", "expires_in": 7200})
        if self.answer == "stale" and request.query_params.get("access_token") == "token-1":
            return JSONResponse({"errcode": 42001})
        if self.answer not in ("OK", "stale"):
            return JSONResponse({"errcode": int(self.answer)})
        self.taken.append(json.loads(await request.body()))
        return JSONResponse({"errcode": 0, "msgid": "m1"})


def aliyun_signed(request: Request) -> bool:
    head = request.headers["authorization"]
    parts = dict(part.split("=", 1) for part in head.removeprefix("ACS3-HMAC-SHA256 ").split(","))
    names = parts["SignedHeaders"].split(";")
    pairs = sorted(parse_qsl(request.url.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    canonical = "POST\n/\n" + query + "\n" + "".join(f"{name}:{request.headers[name]}\n" for name in names)
    canonical += "\n" + parts["SignedHeaders"] + "\n" + request.headers["x-acs-content-sha256"]
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    wanted = {
        "host",
        "x-acs-action",
        "x-acs-content-sha256",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-version",
    }
    made = hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()
    return parts["Signature"] == made and wanted <= set(names) and parts["Credential"] == "id"


def tencent_signed(request: Request, body: bytes) -> bool:
    head = request.headers["authorization"].removeprefix("TC3-HMAC-SHA256 ")
    parts = dict(part.strip().split("=", 1) for part in head.split(","))
    stamp = int(request.headers["x-tc-timestamp"])
    day = f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d}"
    lines = "".join(
        f"{name}:{request.headers[name] if name != 'x-tc-action' else request.headers[name].lower()}\n"
        for name in parts["SignedHeaders"].split(";")
    )
    canonical = f"POST\n/\n\n{lines}\n{parts['SignedHeaders']}\n{hashlib.sha256(body).hexdigest()}"
    text = (
        f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    )
    key = ("TC3" + SECRET).encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return parts["Signature"] == made and parts["Credential"] == f"id/{day}/sms/tc3_request"


@pytest.fixture(scope="module")
def running_double(serve_app: Callable[..., AbstractContextManager[str]]) -> Iterator[tuple[Double, str]]:
    double = Double()
    app = Starlette(
        routes=[
            Route("/", double.cloud, methods=["POST"]),
            Route("/cgi-bin/{rest:path}", double.wecom, methods=["GET", "POST"]),
        ]
    )
    with serve_app(app) as url:
        yield double, url


@pytest.fixture
def double(running_double: tuple[Double, str]) -> Double:
    double = running_double[0]
    double.answer, double.loses_answers, double.tokens = "OK", False, 0
    double.taken.clear()
    return double


@pytest.fixture
def url(running_double: tuple[Double, str]) -> str:
    return running_double[1]


TEMPLATE_IDS = {name: f"SMS_{number}" for number, name in enumerate(TEMPLATES)}
QUICK = httpx.Timeout(0.5)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=QUICK, trust_env=False) as client:
        yield client


@pytest.fixture
def adapter_for(http: httpx.Client) -> Callable[..., Any]:
    def make(name: str, url: str, secret: str = SECRET) -> Any:
        common: dict[str, Any] = {
            "key_id": "id",
            "secret": secret,
            "sign": "昆明市交通运输局",
            "templates": TEMPLATE_IDS,
            "endpoint": url,
            "http": http,
        }
        return Aliyun(**common) if name == "aliyun" else Tencent(app_id="1400", **common)

    return make


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_signed_message_arrives_with_its_variables(
    adapter_for: Any, double: Double, url: str, name: str
) -> None:
    answer = adapter_for(name, url).send(MESSAGE)

    (sent,) = double.taken
    assert isinstance(answer, Accepted)
    assert answer.provider_id
    assert sent["SignName"] == "昆明市交通运输局"
    if name == "aliyun":
        assert json.loads(sent["TemplateParam"]) == MESSAGE.vars
    else:
        assert sent["TemplateParamSet"] == ["2026-000001", "咨询", "2026-12-02"]
        assert sent["PhoneNumberSet"] == ["+8613900001234"]


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_wrong_secret_is_a_configuration_error(
    adapter_for: Any, double: Double, url: str, name: str
) -> None:
    answer = adapter_for(name, url, secret="wrong").send(MESSAGE)

    assert isinstance(answer, Refused)
    assert answer.why is Why.CONFIGURATION
    assert double.taken == []


@pytest.mark.parametrize(
    ("name", "code", "why"),
    [("aliyun", code, why) for code, why in aliyun.ERRORS.items()]
    + [("tencent", code, why) for code, why in tencent.ERRORS.items()],
)
def test_every_error_class_is_understood(
    adapter_for: Any, double: Double, url: str, name: str, code: str, why: Why
) -> None:
    double.answer = code

    assert adapter_for(name, url).send(MESSAGE) == Refused(why, code)


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
@pytest.mark.parametrize("trouble", ["hang", "html", "never.seen.Code"])
def test_what_cannot_be_trusted_is_unknown(
    adapter_for: Any, double: Double, url: str, name: str, trouble: str
) -> None:
    double.answer = trouble

    assert isinstance(adapter_for(name, url).send(MESSAGE), Unknown)


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_lost_answer_is_found_by_asking(adapter_for: Any, double: Double, url: str, name: str) -> None:
    double.loses_answers = True
    adapter = adapter_for(name, url)

    assert isinstance(adapter.send(MESSAGE), Unknown)
    assert adapter.query(MESSAGE) is Fate.DELIVERED
    assert adapter.query(replace(MESSAGE, out_id="kmjt8")) is Fate.ABSENT
    double.answer = "html"
    assert adapter.query(MESSAGE) is Fate.UNSURE


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_where_nothing_listens_nothing_was_sent(adapter_for: Any, name: str) -> None:
    answer = adapter_for(name, "http://127.0.0.1:9").send(MESSAGE)

    assert isinstance(answer, Refused)
    assert answer.why is Why.TRANSIENT


def test_long_variables_are_cut_for_the_vendor(adapter_for: Any, double: Double, url: str) -> None:
    adapter_for("aliyun", url).send(replace(MESSAGE, vars={"number": "字" * 50}))

    assert len(json.loads(double.taken[0]["TemplateParam"])["number"]) == LONGEST_VALUE


def test_a_template_that_is_not_registered_is_said(adapter_for: Any, url: str) -> None:
    bare = replace(adapter_for("aliyun", url), templates={})

    assert bare.send(MESSAGE) == Refused(Why.CONFIGURATION, "no template for new-letter")


def test_the_robot_mentions_the_person_and_waits_when_too_fast(
    http: httpx.Client, double: Double, url: str
) -> None:
    robot = Robot(key="k", endpoint=url, http=http)
    assert isinstance(robot.send(replace(MESSAGE, to="zhangsan")), Accepted)
    assert double.taken[0]["text"]["mentioned_list"] == ["zhangsan"]
    assert len(double.taken[0]["text"]["content"].encode()) <= 2048

    double.answer = "45009"
    assert robot.send(MESSAGE) == Refused(Why.THROTTLED, "45009", 60)
    double.answer = "93000"
    assert robot.send(MESSAGE) == Refused(Why.CONFIGURATION, "93000", 0)


def test_the_application_renews_its_token_once(http: httpx.Client, double: Double, url: str) -> None:
    application = Application(corp_id="c", secret=SECRET, agent_id="1", endpoint=url, http=http)
    assert isinstance(application.send(MESSAGE), Accepted)
    assert isinstance(application.send(MESSAGE), Accepted)
    assert double.tokens == 1
    double.answer = "stale"
    assert isinstance(application.send(MESSAGE), Accepted)

    assert double.tokens == 2
    assert double.taken[-1]["enable_duplicate_check"] == 1
    wrong = Application(corp_id="c", secret="wrong", agent_id="1", endpoint=url, http=http)
    assert wrong.send(MESSAGE) == Refused(Why.CONFIGURATION, "40001", 0)


def test_the_file_gateway_writes_the_line_and_finds_it_again(tmp_path: Path) -> None:
    file = FileGateway(tmp_path / "out/messages.jsonl")
    assert file.query(MESSAGE) is Fate.ABSENT
    assert isinstance(file.send(MESSAGE), Accepted)

    assert json.loads((tmp_path / "out/messages.jsonl").read_text("utf-8")) == {
        "at": NOW.isoformat(),
        "channel": "sms",
        "to": "13900001234",
        "template": "new-letter",
        "vars": dict(MESSAGE.vars),
        "text": MESSAGE.text,
    }
    assert file.query(MESSAGE) is Fate.DELIVERED


def test_the_environment_chooses_the_adapters(tmp_path: Path) -> None:
    tables = [
        f"[mailbox.{vendor}_templates]\n" + "".join(f'{name} = "1"\n' for name in TEMPLATES)
        for vendor in ("aliyun", "tencent")
    ]
    site = (PROJECT / "site.toml").read_text("utf-8")
    (tmp_path / "site.toml").write_text("\n".join([site, *tables]), "utf-8")
    environment = {
        "MAILBOX_SMS": "tencent,aliyun",
        "MAILBOX_WECHAT": "wecom-robot",
        "ALIYUN_ACCESS_KEY_ID": "a",
        "ALIYUN_ACCESS_KEY_SECRET": "b",
        "TENCENT_SECRET_ID": "c",
        "TENCENT_SECRET_KEY": "d",
        "TENCENT_SMS_APP_ID": "e",
        "WECOM_ROBOT_KEY": "f",
    }
    chosen = gateways_of(tmp_path, environment)

    assert [one.name for one in chosen[Channel.SMS]] == ["tencent", "aliyun"]
    assert [one.name for one in chosen[Channel.WECHAT]] == ["wecom-robot"]
    with pytest.raises(ConfigError, match="ALIYUN_ACCESS_KEY_SECRET"):
        gateways_of(tmp_path, environment | {"ALIYUN_ACCESS_KEY_SECRET": ""})
    with pytest.raises(ConfigError, match="不认识通道 pigeon"):
        gateways_of(tmp_path, {"MAILBOX_SMS": "pigeon"})
    assert "secret" not in repr(chosen[Channel.SMS][1])
    (tmp_path / "site.toml").write_text("\n".join([site, *tables]).replace("overdue =", "late ="), "utf-8")
    with pytest.raises(ConfigError, match=r"aliyun_templates.*缺少短信模板号：overdue"):
        gateways_of(tmp_path, environment | {"MAILBOX_SMS": "aliyun"})


def test_receipts_come_by_the_secret_address_only(mailbox: Any, send: Any, dispatcher: Any) -> None:
    send()
    dispatcher.tick()
    with TestClient(create_app(mailbox, hook_secret="s3cret")) as http:
        row = [
            {
                "phone_number": "13800000000",
                "success": True,
                "err_code": "DELIVERED",
                "biz_id": "",
                "out_id": "kmjt1",
            }
        ]
        assert http.post("/hooks/sms/aliyun/wrong", json=row).status_code == 404
        assert http.post("/hooks/sms/pigeon/s3cret", json=row).status_code == 404
        assert http.post("/hooks/sms/aliyun/s3cret", content=b"{").status_code == 400
        assert http.post("/hooks/sms/aliyun/s3cret", json=row).json() == {"code": 0, "msg": "成功"}
        sid = [{"mobile": "1", "report_status": "FAIL", "errmsg": "UNKNOWN", "sid": "kmjt2"}]
        assert http.post("/hooks/sms/tencent/s3cret", json=sid).json() == {"result": 0, "errmsg": "OK"}

    with mailbox.database.read() as connection:
        states = {
            row.id: row.state for row in outbox.of_subject(connection, mailbox.keys, "letter", "2026-000001")
        }
    assert (states[1], states[2]) == ("delivered", "dead")
