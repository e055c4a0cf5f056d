"""Tickets, the register and the dashboard as the staff see them in a browser without JavaScript."""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from mailbox_api.app import create_app
from mailbox_api.service import desk, register
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Ticket
from mailbox_api.store.people import Staff

ROOT = Path(__file__).parents[2]
SignIn = Callable[[str], TestClient]


@pytest.fixture
def mailbox(mailbox: Mailbox, tmp_path: Path) -> Mailbox:
    return replace(
        mailbox,
        desk=replace(
            mailbox.desk,
            content=ROOT / "content",
            state=tmp_path / "state.json",
            inspections=tmp_path / "inspections",
        ),
    )


@pytest.fixture
def sign_in(mailbox: Mailbox) -> SignIn:
    """A browser of its own for each person."""

    def signed_in(login: str) -> TestClient:
        client = TestClient(create_app(mailbox), follow_redirects=True)
        client.post("/staff/login", data={"login": login, "password": "correct horse battery"})
        return client

    return signed_in


def post(client: TestClient, path: str, **fields: str) -> str:
    """Submit a form of the page at `path`'s ticket, with its hidden fields."""
    html = client.get(path.rpartition("/")[0]).text if not path.endswith("/new") else client.get(path).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html))
    return client.post(path, data=hidden | fields).text


def test_a_fault_goes_through_the_pages_from_report_to_confirmation(
    sign_in: SignIn, mailbox: Mailbox, clock: Any
) -> None:
    page = post(
        sign_in("registrar"),
        "/staff/tickets/new",
        kind="fault",
        title="首页打不开了",
        text="上午起时断时续。",
    )
    number = re.search(r"GD2026-\d{4}", page)
    assert number is not None
    path = f"/staff/tickets/{number[0]}"
    clock.forward(hours=1, minutes=30)
    office, engineer = sign_in("registrar"), sign_in("contractor")
    listed = engineer.get("/staff/tickets").text
    post(engineer, f"{path}/answer", text="正在查看。")
    told = post(engineer, f"{path}/tell", text="要等配件。", promised="2026-11-26T12:00")
    post(engineer, f"{path}/handle", text="换了配件。")
    closed = post(office, f"{path}/close", text="好了。")

    assert "响应还有30分" in listed
    assert "预计11-26 12:00前处理好，要等配件。" in told
    assert "已办结" in closed
    assert closed.count(">在时限内<") == 3
    assert "工单GD2026-0001（故障）的“响应”时限已用75%" in closed


def test_a_bad_report_keeps_what_was_written_and_says_what_to_mend(sign_in: SignIn) -> None:
    page = post(sign_in("registrar"), "/staff/tickets/new", kind="", title="首页打不开了", text="上午起。")

    assert "工单类型应为" in page
    assert 'value="首页打不开了"' in page


def test_a_file_is_added_and_comes_back(
    sign_in: SignIn, mailbox: Mailbox, staff: Mapping[str, Staff]
) -> None:
    ticket = new(mailbox, staff)
    client, path = sign_in("registrar"), f"/staff/tickets/{ticket.number}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', client.get(path).text))
    data = b"\x89PNG\r\n\r\n--x\r\n\x00\xff"
    page = client.post(f"{path}/attach", data=hidden, files={"file": ("首页 截图.png", data)}).text
    back = client.get(f"{path}/files/1")

    assert "首页 截图.png" in page
    assert back.content == data
    assert back.headers["content-disposition"].startswith("attachment;")


def new(mailbox: Mailbox, staff: Mapping[str, Staff], **more: Any) -> Ticket:
    words: dict[str, Any] = {"kind": "fault", "title": "首页打不开", "text": "时断时续。"} | more
    return desk.open_ticket(mailbox, staff["registrar"], **words)


def test_who_may_not_do_a_thing_sees_no_button_and_is_refused(
    sign_in: SignIn, mailbox: Mailbox, staff: Mapping[str, Staff]
) -> None:
    ticket = new(mailbox, staff, kind="diagnosis")
    client, path = sign_in("contractor"), f"/staff/tickets/{ticket.number}"
    page = client.get(path).text
    refused = post(client, f"{path}/consent", by="某某", how="电话")

    assert "登记甲方同意" not in page
    assert "没有权限" in refused
    assert client.get("/staff/letters").status_code == 403
    assert sign_in("auditor").get("/staff/tickets").status_code == 403


def test_the_register_tells_times_breaches_adjustments_trainings_and_inspections(
    sign_in: SignIn, mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any
) -> None:
    ticket = new(mailbox, staff)
    clock.forward(hours=3)
    ticket = desk.answer(mailbox, staff["contractor"], ticket.number, ticket.version, "正在查看。")
    desk.handle(mailbox, staff["contractor"], ticket.number, ticket.version, "重启了服务。")
    new(mailbox, staff, title="=cmd|' /C calc'!A0", kind="upload")
    mailbox.desk.inspections.mkdir()
    readings = [{"state": "good"}, {"state": "bad"}, {"state": "unread"}]
    kept = {"at": "2026-11-23T01:00:00+00:00", "readings": readings}
    (mailbox.desk.inspections / "20261123T010000Z.json").write_text(json.dumps(kept))
    (mailbox.desk.inspections / "20261116T010000Z.json").write_text("{")
    with mailbox.database.read() as connection:
        figures = register.figures(replace(mailbox, desk=replace(mailbox.desk)), connection)
    client = sign_in("leader")
    page = client.get("/staff/register").text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/staff/register.xlsx").content))

    assert figures["tickets"] == 2
    assert (figures["breached"], figures["response_minutes_median"]) == (1, 180)
    assert (figures["adjustments_used"], figures["inspections"]) == (1, 1)
    assert "响应超时" in page
    assert [sheet.title for sheet in book] == ["工单", "局部调整", "培训", "巡检"]
    assert book["工单"]["F2"].value == "3小时0分"
    assert book["工单"]["C3"].value.startswith("'=cmd")


def test_the_dashboard_shows_what_monitoring_left_and_says_when_it_is_old(
    sign_in: SignIn, mailbox: Mailbox, staff: Mapping[str, Staff], clock: Any, send: Callable[..., object]
) -> None:
    client = sign_in("leader")
    without = client.get("/staff/today").text
    site = {
        "at": clock().isoformat(), "sources": 200, "pages": 300, "unchecked": [], "availability": None,
        "vetoes": [{"table": "2019", "id": "V2", "name": "首页打不开", "limit": "0.05", "state": "clear", "value": "0.01",
                    "margin": "0.04", "reason": ""}],
        "forecast": [{"channel": "xwzx/jtyw", "breaks": "2026-11-28", "days_left": 3, "text": "“交通要闻”将在 2026-11-28 超期"}],
        "findings": {"counts": {"veto": 0, "error": 2, "warning": 1, "info": 0}, "ages": {"1 天以内": 2, "7 天以上": 1},
                     "oldest": [{"since": clock().isoformat(), "level": "error", "place": "content/a.md:3:1",
                                 "message": "<script>alert(1)</script>"}]},
        "runs": {"daily": clock().isoformat(), "monthly": None}, "late": [],
    }  # fmt: skip
    mailbox.desk.state.write_text(json.dumps({"version": 1, "site": site}), "utf-8")
    new(mailbox, staff)
    send()
    full = client.get("/staff/today").text
    clock.forward(days=2)
    old = sign_in("leader").get("/staff/today").text
    mailbox.desk.state.write_text("{", "utf-8")
    damaged = sign_in("leader").get("/staff/today").text

    assert "监测还没有运行过" in without
    assert all(
        text in full
        for text in ("0.04", "还有3天", "交通要闻", "content/a.md:3:1", "响应还有2小时0分", "在办来信")
    )
    assert "<script>alert" not in full
    assert "每日监测已中断" in old
    assert "读不了" in damaged
