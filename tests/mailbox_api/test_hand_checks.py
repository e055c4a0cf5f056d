"""The checklist on the staff's page: what is to judge, who may, and what monitoring gets to read."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mailbox_api.app import create_app
from mailbox_api.errors import Forbidden, Invalid
from mailbox_api.service import hand_checks
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit
from tests.mailbox_api.test_staff import Clerk

STATE = {
    "version": 1,
    "site": {
        "at": "2026-11-25T02:00:00+00:00",
        "by_hand": [{"id": "D14", "table": "2019 检查指标", "name": "内容准确", "text": "抽 5 个指南，信息有误（处）"}],
        "vetoes": [
            {"table": "2019 检查指标", "id": "V1.1", "name": "出现严重表述错误", "limit": "1", "state": "stands", "value": "1"},
            {"table": "2019 检查指标", "id": "V1.2", "name": "泄露国家秘密", "limit": "1", "state": "clear", "value": "0"},
        ],
    },
}  # fmt: skip
ROW = {"subject": "D14", "count": "2", "note": "抽查五个指南，两处电话有误", "day": ""}
BOARD = {"subject": "国务院问题曝光台", "result": "没有本站问题", "evidence": "quality/1.png", "day": ""}


@pytest.fixture
def mailbox(mailbox: Mailbox, tmp_path: Path) -> Mailbox:
    """With what monitoring left for the dashboard."""
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE), "utf-8")
    return replace(mailbox, desk=replace(mailbox.desk, state=state))


@pytest.fixture
def client(mailbox: Mailbox) -> Iterator[TestClient]:
    with TestClient(create_app(mailbox, internal_token="secret"), follow_redirects=False) as client:
        yield client


def last_audit(mailbox: Mailbox) -> audit.Entry:
    with mailbox.database.read() as connection:
        return audit.entries(connection)[0]


def test_the_page_takes_a_line_which_monitoring_reads_in_the_keys_of_its_file(
    mailbox: Mailbox, client: TestClient
) -> None:
    who = Clerk(client, "contractor")
    assert "抽 5 个指南，信息有误（处）" in who.get("/staff/checklist").text
    assert who.post("/staff/checklist/rows", **ROW).status_code == 303
    assert who.post("/staff/checklist/boards", **BOARD).status_code == 303
    signer = Clerk(client, "supervisor")
    assert signer.post("/staff/checklist/confirmations", subject="V1.1", day="").status_code == 303
    told = client.get("/internal/v1/checklist", headers={"Authorization": "Bearer secret"}).json()

    signed = {"by": "运维（看不到", "on": f"{mailbox.today}"}
    assert told == {
        "rows": [{"indicator": "D14", "count": 2, "note": "抽查五个指南，两处电话有误", **signed}],
        "boards": [
            {"board": "国务院问题曝光台", "result": "没有本站问题", "evidence": "quality/1.png", **signed}
        ],
        "confirmations": [{"indicator": "V1.1", "by": "督办", "on": f"{mailbox.today}"}],
    }
    entry = last_audit(mailbox)
    assert (entry.actor, entry.action, entry.subject) == ("supervisor", "checklist.confirm", "V1.1")
    assert "两处电话有误" in who.get("/staff/checklist").text


def test_monitoring_needs_its_token(client: TestClient) -> None:
    assert client.get("/internal/v1/checklist").status_code == 401


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("row", ROW | {"subject": "D99"}, "subject"),
        ("row", ROW | {"count": "-1"}, "count"),
        ("row", ROW | {"note": " "}, "note"),
        ("row", ROW | {"day": "2099-01-01"}, "day"),
        ("row", ROW | {"day": "昨天"}, "day"),
        ("board", BOARD | {"subject": "某网站"}, "subject"),
        ("board", BOARD | {"evidence": ""}, "evidence"),
        ("confirmation", {"subject": "V1.2"}, "subject"),  # not suspected, so there is nothing to confirm
    ],
    ids=["row", "count", "note", "future", "day", "board", "evidence", "veto"],
)
def test_a_bad_line_names_its_field_and_leaves_nothing(
    mailbox: Mailbox, staff: Any, kind: str, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        hand_checks.fill(mailbox, staff["admin"], kind, fields)

    assert list(error.value.fields) == [field]
    assert not any(hand_checks.for_monitoring(mailbox).values())


def test_whoever_fills_in_does_not_confirm(mailbox: Mailbox, staff: Any) -> None:
    with pytest.raises(Forbidden):
        hand_checks.fill(mailbox, staff["contractor"], "confirmation", {"subject": "V1.1"})


def test_before_the_first_run_the_page_says_what_is_missing(mailbox: Mailbox, staff: Any) -> None:
    mailbox.desk.state.unlink()

    assert "portal monitor daily" in hand_checks.sheet(mailbox).problem
