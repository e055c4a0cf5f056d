"""`portal desk` from a fresh mailbox to the register, with the files it writes."""

import shutil
from pathlib import Path

import docx
import openpyxl
import pytest

from bureau import adjustments, channels
from portal import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project folder with an initialised mailbox, and us inside it."""
    shutil.copy(ROOT / "site.toml", tmp_path)
    (tmp_path / "content").mkdir()
    shutil.copy(ROOT / "content/channels.toml", tmp_path / "content")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["mailbox", "init"]) == 0
    capsys.readouterr()
    return tmp_path


def desk(*args: str) -> int:
    return cli.run(["desk", *args])


def opened(kind: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert desk("open", kind, "需要处理的事项", "--text", "情况说明。", "--by", "值班员") == 0
    return capsys.readouterr().out.splitlines()[0]


def test_a_fault_from_the_command_line(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = opened("fault", capsys)
    assert desk("answer", number, "--text", "正在查看。", "--by", "工程师") == 0
    assert (
        desk("tell", number, "--text", "要等配件。", "--promised", "2099-01-01 08:00", "--by", "工程师") == 0
    )
    assert desk("handle", number, "--text", "换了配件。", "--by", "工程师") == 0
    assert desk("close", number, "--by", "办公室") == 0
    capsys.readouterr()
    desk("show", number)
    shown = capsys.readouterr().out

    assert "已办结" in shown
    assert [word for word in ("提出", "响应", "告知甲方", "处理完毕", "办结") if word not in shown] == []
    assert desk("list", "--state", "ended") == 0
    assert number in capsys.readouterr().out


def test_an_adjustment_takes_the_next_number_and_a_file_that_the_build_accepts(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = opened("adjustment", capsys)
    words = [
        "--requested-by",
        "办公室",
        "--approved-by",
        "王主任",
        "--by",
        "工程师",
        "--summary",
        '公祭日"灰色"',
    ]
    when = ["--from", "2026-12-13", "--until", "2026-12-13"]
    code = desk(
        "adjust",
        number,
        "--slug",
        "memorial",
        "--kind",
        "animation",
        "--set",
        "animation=grey",
        *when,
        *words,
    )
    rows = adjustments.load(Path("content"), channels.load(Path("content")))

    assert code == 0
    assert [(row.number, row.summary, row.changes[0].animation) for row in rows] == [
        (1, '公祭日"灰色"', "grey")
    ]
    assert desk("adjust", number, "--slug", "again", "--kind", "animation", *when, *words) == 2
    assert "还没有调整单" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        pytest.param(["--set", "animation=spin"], "animation 不认识 spin", id="不认识的动画"),
        pytest.param(["--set", "animation"], "写成 键=值", id="没有等号"),
        pytest.param(["--set", "animation=grey", "--until", "soon"], "写成 2026-11-25", id="日期看不懂"),
    ],
)
def test_a_bad_adjustment_leaves_no_file_and_takes_no_number(
    office: Path, capsys: pytest.CaptureFixture[str], keys: list[str], problem: str
) -> None:
    number = opened("adjustment", capsys)
    words = ["--requested-by", "办公室", "--approved-by", "王主任", "--by", "工程师", "--summary", "灰色"]
    code = desk(
        "adjust", number, "--slug", "x", "--kind", "animation", "--from", "2026-12-13", "--until", "2026-12-13", *words, *keys
    )  # fmt: skip

    assert code == 2
    assert problem in capsys.readouterr().err
    assert list(Path("content").glob("adjustments/*.toml")) == []


def test_the_eleventh_adjustment_of_the_year_is_refused(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Path("site.toml")
    site.write_text(
        site.read_text("utf-8").replace("adjustments_per_year = 10", "adjustments_per_year = 1"), "utf-8"
    )
    common = [
        "--kind",
        "animation",
        "--set",
        "animation=grey",
        "--requested-by",
        "办公室",
        "--approved-by",
        "王主任",
    ]
    codes = [
        desk("adjust", opened("adjustment", capsys), "--slug", f"day-{day}", "--from", f"2026-12-{day}",
             "--until", f"2026-12-{day}", "--summary", "灰色", "--by", "工程师", *common)
        for day in (13, 14)
    ]  # fmt: skip

    assert codes == [0, 2]
    assert "已用完" in capsys.readouterr().err


def test_a_training_has_its_sheet_and_stands_in_the_register(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = opened("training", capsys)
    empty = cli.run(["desk", "sheet", number])
    held = [
        "--held-on",
        "2026-07-02",
        "--hours",
        "3.5",
        "--attendees",
        "张三、李四",
        "--materials",
        "编辑手册",
    ]
    assert desk("training", number, *held, "--by", "讲师") == 0
    assert desk("sheet", number) == 0
    assert desk("register", "--output", "register.xlsx") == 0
    text = "\n".join(
        cell.text
        for table in docx.Document(f"var/reports/training-{number}.docx").tables
        for row in table.rows
        for cell in row.cells
    )

    assert empty == 0
    assert all(word in text for word in ("张三", "李四", "编辑手册"))
    assert openpyxl.load_workbook("register.xlsx")["培训"]["E2"].value == 2


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        pytest.param(["show", "GD2026-0404"], "没有编号为", id="没有这张工单"),
        pytest.param(["open", "magic", "需要处理的事项", "--text", "情况。", "--by", "甲"], "工单类型应为", id="类型不对"),
        pytest.param(["list", "--state", "all"], "--state", id="状态不对"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_chinese_with_exit_code_two(
    office: Path, capsys: pytest.CaptureFixture[str], args: list[str], problem: str
) -> None:
    assert desk(*args) == 2
    assert problem in capsys.readouterr().err
