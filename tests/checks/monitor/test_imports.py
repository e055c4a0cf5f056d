"""CSV of other platforms: taken whole in either encoding, or refused with the line."""

from datetime import date
from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.monitor import imports
from checks.monitor.checklist import BoardRound
from checks.monitor.evidence import ErrorReport

TODAY = date(2026, 11, 25)
BOARDS = """\
核对人,日期,曝光台,结果,证据,备注
检查员,2026-11-20,国务院问题曝光台,没有本站问题,quality/guo.png,
检查员,2026/11/2,省政府问题曝光台,"有一条，已转办",https://example.gov.cn/a,急
"""
REPORTS = """\
编号,网民姓名,留言时间,答复时间
A-1,某人,2026-11-02 08:30:00,2026-11-04
A-2,某人,2026-11-20,
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "rows.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rounds_over_boards_in_any_order_of_columns(tmp_path: Path, encoding: str) -> None:
    rows = imports.boards(written(tmp_path, BOARDS, encoding), TODAY)

    assert rows[0] == BoardRound(
        board="国务院问题曝光台", result="没有本站问题", evidence="quality/guo.png", by="检查员", on=date(2026, 11, 20)
    )  # fmt: skip
    assert (rows[1].result, rows[1].on) == ("有一条，已转办", date(2026, 11, 2))


def test_of_messages_only_number_and_days_are_kept(tmp_path: Path) -> None:
    assert imports.error_reports(written(tmp_path, REPORTS), TODAY) == (
        ErrorReport(number="A-1", received=date(2026, 11, 2), answered=date(2026, 11, 4)),
        ErrorReport(number="A-2", received=date(2026, 11, 20), answered=None),
    )


def test_a_file_with_its_head_alone_says_that_there_were_none(tmp_path: Path) -> None:
    assert imports.error_reports(written(tmp_path, "编号,留言时间,答复时间\n"), TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("证据,", "凭据,", r"rows\.csv:1: 第一行要写明各列，缺 证据"),
        ("quality/guo.png", " ", r"rows\.csv:2: 第 2 行：证据是空的"),
        ("2026/11/2,", "十一月,", r"第 3 行：日期“十一月”不是日期"),
        ("2026/11/2,", "2026-12-01,", r"第 3 行：日期 2026-12-01 在今天之后"),
    ],
    ids=["column", "evidence", "day", "future"],
)
def test_a_bad_line_of_a_round_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        imports.boards(written(tmp_path, BOARDS.replace(old, new, 1)), TODAY)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("A-2", "A-1", "第 3 行：编号 A-1 出现两次"),
        ("A-1", "", "第 2 行：编号是空的"),
        ("2026-11-04", "2026-11-01", "早于留言时间"),
        ("2026-11-20,", "", "第 3 行：留言时间“”不是日期"),
    ],
    ids=["twice", "no-number", "order", "short-line"],
)
def test_a_bad_line_of_messages_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        imports.error_reports(written(tmp_path, REPORTS.replace(old, new, 1)), TODAY)


def test_all_bad_lines_are_told_at_once(tmp_path: Path) -> None:
    text = "编号,留言时间,答复时间\n" + "".join(f",某日{n},\n" for n in range(7))

    with pytest.raises(ConfigError, match=r"第 2 行.*第 6 行.*另有 2 行。一行也没有导入"):
        imports.error_reports(written(tmp_path, text), TODAY)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="不是 UTF-8 也不是 GBK"):
        imports.boards(path, TODAY)
