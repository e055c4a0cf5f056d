"""From a finding to its ticket and back, over HTTP, and the file that the dashboard reads."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn

from bureau import internal_token
from checks.monitor import inspected, runs, schedule
from checks.monitor.alerts import SPOOL, Delivery
from checks.server import inspection as server
from checks.server.reading import Reading, State
from mailbox_api import start
from mailbox_api.app import create_app
from mailbox_api.service.overview import read_state
from mailbox_api.service.parts import Mailbox
from mailbox_api.service_ticket import Kind, Ticket
from mailbox_api.setup import dispatcher_of, open_mailbox
from mailbox_api.store import tickets
from portal import cli, monitor_state
from portal.build import build
from portal.monitoring import Monitoring

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
SECRET = "a-token-for-this-test"


@pytest.fixture
def site(small_site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small site, built, with a typo in one article, and the mailbox opened beside it."""
    article = next(small_site.glob("content/xwzx/jtyw/2026/*.md"))
    article.write_text(article.read_text("utf-8") + "\n设备按装完毕。\n", "utf-8")
    monkeypatch.chdir(small_site)
    monkeypatch.setenv(internal_token.NAME, SECRET)
    list(start.first_start(small_site, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
    build(Path(), today=NOW.date())
    return small_site


@pytest.fixture
def mailbox(site: Path) -> Iterator[Mailbox]:
    """The real mailbox on a port of its own; there it is an hour after the first run, for good."""
    box = open_mailbox(site, clock=lambda: NOW + timedelta(hours=1))
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(box, internal_token=SECRET)
    running = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=running.run, args=([listening],))
    thread.start()
    text = Path("site.toml").read_text("utf-8")
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    Path("site.toml").write_text(
        text.replace('mailbox_url = "http://127.0.0.1:8000"', f'mailbox_url = "{url}"'), "utf-8"
    )
    while not running.started:
        time.sleep(0.01)
    yield box
    running.should_exit = True
    thread.join()


def daily(at: datetime) -> Delivery:
    view = Monitoring(Path(), at)
    done = runs.perform(
        schedule.DAILY, view.outcome, view.site, view.config, view.history, view.now, view.today
    )
    delivery = view.tell(done.alerts)
    runs.told(view.history, done, delivery, view.now)
    return delivery


def found(mailbox: Mailbox, beginning: str) -> list[Ticket]:
    with mailbox.database.read() as connection:
        rows = tickets.opened_between(
            connection, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        )
    return [row for row in rows if row.source.startswith(beginning)]


def mend(word: str, right: str) -> None:
    article = next(row for row in Path("content").rglob("*.md") if word in row.read_text("utf-8"))
    article.write_text(article.read_text("utf-8").replace(word, right), "utf-8")
    build(Path(), today=NOW.date())


def test_a_finding_opens_one_ticket_is_fed_back_when_told_and_ends_when_mended(mailbox: Mailbox) -> None:
    daily(NOW)
    daily(NOW + timedelta(days=1))
    first = found(mailbox, "finding:")
    dispatcher_of(mailbox, Path()).tick()
    dispatcher_of(mailbox, Path()).tick()
    told = found(mailbox, "finding:")
    mend("按装", "安装")
    daily(NOW + timedelta(days=2))
    ended = found(mailbox, "finding:")
    mend("安装", "按装")
    daily(NOW + timedelta(days=3))

    assert [(row.kind, row.department, row.told_at) for row in first] == [(Kind.MONITORING, "bgs", None)]
    assert told[0].told_at is not None
    assert told[0].breaches == ()
    assert not ended[0].status.is_open
    assert [row.status.is_open for row in found(mailbox, "finding:")] == [False, True]


def test_a_forecast_opens_a_ticket_that_ends_with_the_next_article(mailbox: Mailbox) -> None:
    daily(NOW + timedelta(days=9))
    alarms = [row for row in found(mailbox, "forecast:xwzx/jtyw:") if row.status.is_open]
    later = NOW + timedelta(days=10)
    article = Path("content/xwzx/jtyw/2026/20261121-001.md").read_text("utf-8")
    article = article.replace("2026112", "2026120").replace("2026-11-2", "2026-12-0")
    Path("content/xwzx/jtyw/2026/20261201-001.md").write_text(article, "utf-8")
    build(Path(), today=later.date())
    daily(later)

    assert len(alarms) == 1
    assert [row.status.is_open for row in found(mailbox, alarms[0].source)] == [False]


def test_a_bad_item_of_the_inspection_has_a_ticket_until_it_is_clean(mailbox: Mailbox) -> None:
    view = Monitoring(Path(), NOW)

    def inspect(state: State, day: int) -> list[bool]:
        reading = Reading(item="service:portal", name="服务 portal", state=state, value="拒绝连接")
        seen = server.Inspection(at=NOW + timedelta(days=day), host="demo", readings=(reading,))
        view.tell(tuple(inspected.alerts(seen, seen.at.date())))
        return [row.status.is_open for row in found(mailbox, "inspection:service-portal")]

    assert [inspect(State.BAD, 0), inspect(State.BAD, 7), inspect(State.UNREAD, 14)] == [[True]] * 3
    assert inspect(State.GOOD, 21) == [False]
    assert inspect(State.BAD, 28) == [False, True]


def test_while_the_mailbox_is_down_the_inspection_waits_in_the_spool(site: Path) -> None:
    text = Path("site.toml").read_text("utf-8")
    Path("site.toml").write_text(text.replace("http://127.0.0.1:8000", "http://127.0.0.1:9"), "utf-8")
    code = cli.run(["report", "inspection"])

    assert code in (1, 3)
    assert len(list(SPOOL.glob("*.json"))) > 5
    state, problem = read_state(Path("var/monitor/state.json"), NOW)
    assert "异常" in state["inspection"]["verdict"] or "未读到" in state["inspection"]["verdict"]
    assert "每日监测还没有运行过" in problem


def test_a_daily_run_leaves_vetoes_margins_forecast_and_open_findings_for_the_dashboard(
    mailbox: Mailbox,
) -> None:
    assert cli.run(["monitor", "daily"]) in (1, 3)
    state, problem = read_state(Path("var/monitor/state.json"), datetime.now(UTC))
    site = state["site"]

    assert problem == ""
    assert {row["state"] for row in site["vetoes"]} >= {"clear"}
    assert all(row["margin"] for row in site["vetoes"] if row["state"] == "clear")
    assert site["findings"]["counts"]["error"] >= 1
    assert sum(site["findings"]["ages"].values()) == sum(site["findings"]["counts"].values())
    assert any("按装" in row["message"] for row in site["findings"]["oldest"])
    assert site["runs"]["daily"] is not None


def test_sections_of_the_state_are_replaced_one_by_one_and_a_damaged_file_is_made_anew(
    tmp_path: Path,
) -> None:
    file = tmp_path / monitor_state.FILE
    writers = [
        threading.Thread(target=monitor_state.keep, args=(tmp_path, f"part{number}", {"value": number}))
        for number in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    together = json.loads(file.read_text("utf-8"))
    file.write_text('{"half', "utf-8")
    monitor_state.keep(tmp_path, "probe", {"ok": True})

    assert {key for key in together if key.startswith("part")} == {f"part{number}" for number in range(8)}
    assert json.loads(file.read_text("utf-8")) == {"version": 1, "probe": {"ok": True}}


def test_a_message_that_could_not_wait_till_morning_goes_at_night(site: Path) -> None:
    from mailbox_api.service import alerts

    def due(hour: int) -> datetime:
        now = (
            datetime(2026, 11, 25, hour - 8, tzinfo=UTC)
            if hour >= 8
            else datetime(2026, 11, 24, 16 + hour, tzinfo=UTC)
        )
        box = open_mailbox(site, clock=lambda: now)
        alert = alerts.Alert(
            key=f"finding:f{hour}:x",
            level="error",
            audience="administrators",
            subject="发现问题",
            text="错字",
        )
        alerts.take(box, [alert])
        with box.database.read() as connection:
            return (
                min(
                    row.due_at for row in alerts.outbox.of_subject(connection, box.keys, "monitor", alert.key)
                )
                - now
            )  # type: ignore[return-value]

    assert [due(hour) for hour in (12, 23, 3)] == [timedelta()] * 3
    assert due(6) == timedelta(hours=2)


def test_four_hours_begin_with_the_finding_not_with_the_mailbox_coming_back(mailbox: Mailbox) -> None:
    daily(NOW - timedelta(hours=4))
    ticket = found(mailbox, "finding:")[0]

    assert ticket.started_at == NOW - timedelta(hours=4)
    assert ticket.broken(NOW + timedelta(hours=1)) == ("tell",)
