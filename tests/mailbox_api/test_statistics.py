"""The figures that the public sees: frozen when the month has ended, too coarse to point at anybody."""

from typing import Any

from starlette.testclient import TestClient

from mailbox_api.jobs import sweep
from mailbox_api.service.monthly import public


def test_a_month_that_has_ended_is_shown_first_and_never_changes(
    mailbox: Any, send: Any, client: TestClient, clock: Any
) -> None:
    running = client.get("/mailbox/statistics").text
    for number in range(4):
        send(mobile=f"1390000000{number}", category="咨询" if number else "投诉")
    clock.to(2026, 12, 1, 9)
    sweep.run(mailbox, clock())
    send(mobile="13900000009")
    page = client.get("/mailbox/statistics").text
    december = client.get("/mailbox/statistics?month=2026-12").text

    assert "2026-11 来信办理统计" in running
    assert "还没有定稿" in running
    assert "2026-11 来信办理统计" in page
    assert "数字定稿" in page
    assert '<span class="stat-number">4</span><span class="stat-name">收到</span>' in page
    assert "2026-12 来信办理统计" in december
    assert '<span class="stat-number">1</span><span class="stat-name">收到</span>' in december
    assert client.get("/api/v1/stats?month=2026-11").json()["received"] == 4
    assert client.get("/mailbox/statistics?month=2031-01").status_code == 404
    assert client.get("/mailbox/statistics?month=0001-01").status_code == 422


def test_a_small_cell_cannot_be_counted_back_from_the_total() -> None:
    cells = {"咨询": 9, "求助": 4, "建议": 0, "投诉": 2}

    shown = public({"by_category": cells, "received": 15, "declined": {}, "notices": {}})
    assert shown == {"received": 15, "by_category": {"咨询": 9, "求助": None, "建议": 0, "投诉": None}}
    assert public({"by_category": {"咨询": 9, "求助": 4}})["by_category"] == {"咨询": 9, "求助": 4}
