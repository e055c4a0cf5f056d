"""File, page and import are one checklist; what was imported long ago says nothing of now."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.history import History
from checks.monitor.evidence import ErrorReport
from portal import hand_judged

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 25), date(2026, 11, 25)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "var/checks.db")


def test_a_round_that_was_imported_stands_beside_those_of_file_and_page(
    tmp_path: Path, history: History
) -> None:
    csv = tmp_path / "boards.csv"
    csv.write_text(
        "曝光台,日期,结果,证据,核对人\n国务院问题曝光台,2026-11-20,没有,a.png,检查员\n"
        "国务院问题曝光台,2026-09-20,没有,b.png,检查员\n",
        "utf-8",
    )
    assert len(hand_judged.keep_boards(csv, history, NOW)) == 2
    (tmp_path / "content/quality").mkdir(parents=True)
    (tmp_path / "content/quality/checklist.toml").write_text(
        '[[rows]]\nindicator = "D03"\ncount = 1\nby = "检查员"\non = 2026-11-01\n', "utf-8"
    )
    page = {
        "boards": [
            {"board": "省政府问题曝光台", "result": "没有", "evidence": "c.png", "by": "督办", "on": date(2026, 11, 21)}
        ]
    }  # fmt: skip
    found = hand_judged.of_period(tmp_path, history, page, FIRST, LAST)

    assert [(row.board, row.evidence) for row in found.boards] == [
        ("国务院问题曝光台", "a.png"),
        ("省政府问题曝光台", "c.png"),
    ]
    assert found.rows["D03"].count == 1


def test_a_bad_file_leaves_the_import_before_it_as_it_was(tmp_path: Path, history: History) -> None:
    csv = tmp_path / "reports.csv"
    csv.write_text("编号,留言时间,答复时间\nA-1,2026-11-02,\n", "utf-8")
    hand_judged.keep_error_reports(csv, history, NOW)
    csv.write_text("编号,留言时间,答复时间\nA-1,2026-11-02,2026-11-03\nA-2,某日,\n", "utf-8")

    with pytest.raises(ConfigError, match="第 3 行"):
        hand_judged.keep_error_reports(csv, history, NOW + timedelta(hours=1))
    assert hand_judged.error_reports(history, FIRST) == (
        ErrorReport(number="A-1", received=date(2026, 11, 2), answered=None),
    )
    assert hand_judged.error_reports(history, date(2026, 11, 26)) is None


def test_a_mailbox_that_does_not_answer_is_told() -> None:
    assert hand_judged.from_page("http://127.0.0.1:9", "") == ({}, "信箱的人工检查页面没有读到")
    assert hand_judged.from_page("", "") == ({}, "没有配置 [monitor] mailbox_url")
