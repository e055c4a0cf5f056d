"""Scheduled runs over a real small site, and the reports made from what they stored."""

import http.server
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

from bureau.errors import ConfigError
from checks.history import History, Run
from checks.monitor import runs, schedule
from checks.monitor.alerts import SPOOL
from checks.report import periodic
from checks.report.as_word import word
from checks.report.document import Document, Table
from portal import cli, monitoring, reporting
from portal.build import build
from portal.monitoring import Monitoring

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
STATS: dict[str, Any] = {
    "accepting": True, "unanswered_over_3_months": 0, "consultations_unanswered_over_3_months": 0,
    "consultations_late_5_workdays": 0, "probe_answered_in_1_workday": 1, "no_letters_in_a_year": 0,
    "statistics_month": "2026-10", "oldest_unanswered_days": 2,
    "desk": {
        "tickets": 3, "open": 1, "breached": 0, "response_minutes_median": 35, "inspections": 4,
        "rows": [{"number": "GD-1", "kind": "故障", "title": "首页打不开", "status": "已办结", "response_minutes": 35, "breaches": []}],
    },
    "months": {"2026-10": {"received": 12, "answered": 11, "on_time_share": 0.917, "median_days": 3.5}},
}  # fmt: skip


@pytest.fixture
def site(small_site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small site, built, with us inside it; one article says 按装 and one links nowhere."""
    article = next(small_site.glob("content/xwzx/jtyw/2026/*.md"))
    article.write_text(
        article.read_text("utf-8") + "\n设备按装完毕，见[旧文](/xwzx/jtyw/2026/gone.html)。\n", "utf-8"
    )
    monkeypatch.chdir(small_site)
    build(Path(), today=NOW.date())
    return small_site


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, site: Path) -> Iterator[list[dict[str, str]]]:
    """A mailbox that gives its statistics and stores notices."""
    stored: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, json.dumps(STATS).encode())

        def do_POST(self) -> None:
            stored.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["notices"])
            self.answer(202, b"{}")

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{httpd.server_port}"
        text = Path("site.toml").read_text("utf-8").replace('live_url = "http://127.0.0.1:8000/"', "")
        Path("site.toml").write_text(text.replace("http://127.0.0.1:8000", url), "utf-8")
        yield stored
        httpd.shutdown()


def daily(at: datetime) -> runs.Performed:
    view = Monitoring(Path(), at)
    done = runs.perform(
        schedule.DAILY, view.outcome, view.site, view.config, view.history, view.now, view.today
    )
    runs.told(view.history, done, view.tell(done.alerts), at)
    return done


def test_a_new_error_is_told_once_and_counts_as_fed_back(site: Path, mailbox: list[dict[str, str]]) -> None:
    first = daily(NOW)
    again = daily(NOW + timedelta(days=1))

    assert {finding.rule for finding in first.change.new if finding.severity.blocks} == {"typo", "dead-link"}
    assert again.change.new == ()
    about = [notice for notice in mailbox if notice["key"].startswith("finding:")]
    assert len(about) == 2
    assert {notice["audience"] for notice in about} == {"bgs"}
    view = Monitoring(Path(), NOW)
    assert all(row.fed_back_at == NOW for row in view.history.known() if row.finding.severity.blocks)


def test_while_the_mailbox_is_down_notices_wait_and_nothing_counts_as_fed_back(site: Path) -> None:
    text = Path("site.toml").read_text("utf-8")
    Path("site.toml").write_text(text.replace("http://127.0.0.1:8000", "http://127.0.0.1:9"), "utf-8")
    done = daily(NOW)

    assert len(list(SPOOL.glob("*.json"))) == len(done.alerts) > 0
    assert all(row.fed_back_at is None for row in Monitoring(Path(), NOW).history.known())


def test_a_run_killed_before_it_told_is_made_up_for(site: Path, mailbox: list[dict[str, str]]) -> None:
    def killed(at: datetime) -> None:
        view = Monitoring(Path(), at)
        runs.perform(schedule.DAILY, view.outcome, view.site, view.config, view.history, view.now, view.today)

    def mend(wrong: str, right: str) -> None:
        path = next(row for row in site.glob("content/**/*.md") if wrong in row.read_text("utf-8"))
        path.write_text(path.read_text("utf-8").replace(wrong, right), "utf-8")
        build(Path(), today=NOW.date())

    killed(NOW)
    daily(NOW + timedelta(hours=1))
    mend("按装", "安装")
    killed(NOW + timedelta(days=1))
    daily(NOW + timedelta(days=2))
    keys = [notice["key"] for notice in mailbox]

    found = [key.split(":")[1] for key in keys if key.startswith("finding:")]
    ended = [key.split(":")[2] for key in keys if key.startswith("mended:finding:")]
    assert len(found) == len(set(found)) == 2
    assert len(ended) == 1
    assert ended[0] in found


def test_a_mended_finding_is_a_fact_of_the_next_run(site: Path, mailbox: list[dict[str, str]]) -> None:
    daily(NOW)
    article = next(row for row in site.glob("content/**/*.md") if "按装" in row.read_text("utf-8"))
    article.write_text(article.read_text("utf-8").replace("按装", "安装"), "utf-8")
    build(Path(), today=NOW.date())
    mended = daily(NOW + timedelta(hours=3)).change.mended

    assert "按装" in {finding.text for finding in mended}


def test_a_missed_day_is_shown_as_late(site: Path, mailbox: list[dict[str, str]]) -> None:
    daily(NOW - timedelta(days=3))
    done = daily(NOW)

    assert [(slot.when, slot.made) for slot in done.late if slot.kind == "每日监测"] == [
        ("2026-11-23 至 2026-11-24（2 次）", NOW.date())
    ]


def test_a_run_before_eight_in_the_morning_belongs_to_its_own_day_in_beijing(tmp_path: Path) -> None:
    history = History(tmp_path / "checks.db")
    for day in (23, 24, 25):
        six_in_beijing = datetime(2026, 11, day - 1, 22, tzinfo=UTC)
        history.add(Run(kind="daily", at=six_in_beijing, rules_hash="", rules=frozenset()), ())

    assert runs.late_runs(history, date(2026, 11, 1), date(2026, 11, 25)) == ()
    missing = runs.late_runs(history, date(2026, 11, 1), date(2026, 11, 28))
    assert [(slot.when, slot.made) for slot in missing] == [("2026-11-26 至 2026-11-27（2 次）", None)]


def test_a_missed_inspection_is_shown_as_late(tmp_path: Path) -> None:
    history = History(tmp_path / "checks.db")
    for day in (9, 24):  # two Mondays later, on a Tuesday
        at = datetime(2026, 11, day, 2, tzinfo=UTC)
        history.add(Run(kind="weekly", at=at, rules_hash="", rules=frozenset()), ())

    late = runs.late_runs(history, date(2026, 11, 1), NOW.date())
    assert [(slot.kind, slot.when, slot.made) for slot in late] == [
        ("每周巡检", "2026-11-16 至 2026-11-23（2 次）", date(2026, 11, 24))
    ]


def stored_month(at: datetime) -> Document:
    view = Monitoring(Path(), at)
    runs.perform(schedule.MONTHLY, view.outcome, view.site, view.config, view.history, view.now, view.today)
    period = view.period("2026-11")
    runs.snapshot(
        view.evidence(period),
        view.tables,
        period,
        view.now,
        view.outcome,
        view.history,
        runs.Beside(desk=monitoring.desk_figures(view.mailbox), adjustments=view.adjustments),
    )
    return periodic.compose(reporting.material(Monitoring(Path(), at), "2026-11"))


def test_the_monthly_report_says_what_was_found_and_prints_the_same_again(
    site: Path, mailbox: list[dict[str, str]]
) -> None:
    document = stored_month(NOW)
    later = NOW + timedelta(days=2)
    Path("content/quality").mkdir(exist_ok=True)
    article = next(row for row in site.glob("content/**/*.md") if "按装" in row.read_text("utf-8"))
    article.write_text(article.read_text("utf-8").replace("按装", "安装"), "utf-8")
    build(Path(), today=later.date())
    daily(later)
    again = periodic.compose(reporting.material(Monitoring(Path(), later), "2026-11"))

    sheets = {table.title: table for table in document.annex}
    (typo,) = (row for row in sheets["问题 文字"].rows if "按装" in row[3])
    (link,) = (row for row in sheets["问题 链接与附件"].rows if "gone.html" in row[3])
    assert typo[3] == "设备【按装】完毕，见[旧文](/xwzx/jtyw/2026…"
    assert typo[8] == "https://jtysj.km.gov.cn/xwzx/jtyw/2026/20261121-001.html"
    assert typo[9] == link[9] == "办公室"
    assert any("gone.html" in row[4] for row in sheets["指标依据"].rows)
    assert word(document) == word(again)
    text = "".join(paragraph.text for paragraph in docx.Document(io.BytesIO(word(document))).paragraphs)
    assert "监测期 2026-10-25 至 2026-11-24" in text
    assert "最久未答复的来信 2 天" in text
    desk = next(
        block for block in document.blocks if isinstance(block, Table) and block.title.startswith("服务台")
    )
    assert dict(desk.rows)["响应中位时间（分钟，限 120）"] == "35"
    assert dict(desk.rows)["培训（次）"] == "—"
    assert next(table for table in document.annex if table.title == "服务工单").rows[0][5] == "35"


def test_each_veto_is_told_with_value_threshold_and_margin(site: Path, mailbox: list[dict[str, str]]) -> None:
    document = stored_month(NOW)
    vetoes = next(
        row for row in document.blocks if isinstance(row, Table) and row.title.startswith("单项否决")
    )
    rows = {row[0]: row for row in vetoes.rows}

    assert rows["V2"][2:] == ("未判定", "5", "—", "本周没有可用性采样")
    assert rows["V4.3"][5] == "疑似，待确认"  # the small site has one channel that is not empty
    assert rows["V5.2"][2:5] == ("0", "1", "1")


def test_a_false_alarm_leaves_the_report_with_name_and_reason(
    site: Path, mailbox: list[dict[str, str]]
) -> None:
    stored_month(NOW)
    history = Monitoring(Path(), NOW).history
    found = next(row.finding for row in history.known() if row.finding.text == "按装")
    history.judge(
        history.whole_fingerprint(found.fingerprint[:12]), "false-alarm", by="审核员", reason="引文"
    )
    material = reporting.material(Monitoring(Path(), NOW), "2026-11")

    assert found.fingerprint not in {row.finding.fingerprint for row in material.reported}
    assert any("审核员判为误报：引文" in row for row in periodic.compose(material).annex[0].rows)


def test_a_figure_explains_itself(site: Path, mailbox: list[dict[str, str]]) -> None:
    stored_month(NOW)
    told = periodic.explain(reporting.material(Monitoring(Path(), NOW), "2026-11"), "D22")

    assert told[0].startswith("D22 可用性")
    assert any("gone.html" in line for line in told)


def test_only_a_report_that_there_is_can_be_handed_over_and_the_next_one_says_so(
    site: Path, mailbox: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "now", lambda: NOW)
    handing_over = [
        "report",
        "deliver",
        "2026-11",
        "--to",
        "信息公开办",
        "--by",
        "运维人员",
        "--receipt",
        "签收单12",
    ]
    assert cli.run(handing_over) == 2
    stored_month(NOW)
    assert cli.run(handing_over) == 0
    document = stored_month(NOW + timedelta(days=2))

    table = next(
        block for block in document.blocks if isinstance(block, Table) and block.title == "近一年报告送达"
    )
    assert table.rows == (("2026-11", "2026-11-25", "2026-11-25", "信息公开办", "运维人员", "签收单12"),)


def test_a_report_without_data_says_which_command_makes_it(site: Path) -> None:
    with pytest.raises(ConfigError, match="portal monitor monthly --period 2026-10"):
        reporting.material(Monitoring(Path(), NOW), "2026-10")
