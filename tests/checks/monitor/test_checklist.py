"""What people judged by hand: lines of the period, each with a name and a day."""

from datetime import date
from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.monitor.checklist import BoardRound, Checklist, of_period, read

FIRST, LAST = date(2026, 10, 25), date(2026, 11, 25)
ROWS = """
[[rows]]
indicator = "D03"
count = 2
by = "检查员"
on = 2026-10-30
[[rows]]
indicator = "D03"
count = 0
by = "检查员"
on = 2026-11-20
note = "已补"
[[rows]]
indicator = "D14"
count = 1
by = "检查员"
on = 2026-10-01
[[boards]]
board = "国务院问题曝光台"
result = "没有本站问题"
evidence = "quality/20261120.png"
by = "检查员"
on = 2026-11-20
[[confirmations]]
indicator = "V1.1"
by = "审核员"
on = 2026-11-21
"""


def load(path: Path) -> Checklist:
    return of_period([read(path)], FIRST, LAST)


def test_the_last_line_of_the_period_counts(tmp_path: Path) -> None:
    path = tmp_path / "checklist.toml"
    path.write_text(ROWS, "utf-8")
    found = load(path)

    assert {name: (row.count, row.note) for name, row in found.rows.items()} == {"D03": (0, "已补")}
    assert found.boards == (
        BoardRound(
            board="国务院问题曝光台", result="没有本站问题", evidence="quality/20261120.png", by="检查员",
            on=date(2026, 11, 20),
        ),
    )  # fmt: skip
    assert found.confirmations == {"V1.1": "审核员"}


def test_no_file_is_an_empty_checklist(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml").rows == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("count = 2", "counts = 2", r"\[\[rows\]\] 第 1 行 有不认识的键 counts", id="键"),
        pytest.param('by = "检查员"\n', "", r"第 1 行 缺少 by", id="没有人名"),
        pytest.param("count = 2", "count = -2", "不小于 0", id="负数"),
        pytest.param("on = 2026-10-30", 'on = "十月"', "on 要写日期", id="日期"),
        pytest.param('evidence = "quality/20261120.png"\n', "", "缺少 evidence", id="没有证据"),
        pytest.param("quality/20261120.png", " ", "evidence 不能空着", id="空证据"),
        pytest.param("[[boards]]", "[[board]]", "不认识的表 board", id="表名"),
    ],
)
def test_a_bad_line_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "checklist.toml"
    path.write_text(ROWS.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigError, match=message):
        load(path)


def test_of_file_page_and_import_the_newest_line_counts(tmp_path: Path) -> None:
    path = tmp_path / "checklist.toml"
    path.write_text(ROWS, "utf-8")
    page = {"rows": [{"indicator": "D03", "count": 1, "by": "审核员", "on": date(2026, 11, 22)}]}
    found = of_period([read(path), page], FIRST, LAST)

    assert (found.rows["D03"].count, found.rows["D03"].by) == (1, "审核员")
