"""portal fix and portal links, on a built office: certain mends, the ledger, and back again."""

import shutil
from pathlib import Path

import openpyxl
import pytest

from checks.finding import Severity
from checks.history import History
from checks.links.register import FILE
from checks.text import words
from portal import cli

ROOT = Path(__file__).parents[2]
ARTICLE = "content/xwzx/jtyw/2026/20260101-001-a.md"
TEXT = """---
id: 20260101-001
title: 农村公路养护
date: 2026-01-01 09:00
source: 本局
department: bgs
---

各单位要认真布署，见[旧闻](/zwgk/none.html)和[附件](/files/none.pdf)。

| 表 |
|---|
| [甲**乙**](/zwgk/none.html "题") |
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("theme", "pelicanconf.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "site.toml", tmp_path)
    file = tmp_path / ARTICLE
    file.parent.mkdir(parents=True)
    shutil.copy(ROOT / "content/channels.toml", tmp_path / "content")
    file.write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["build"]) == 0
    return tmp_path


def test_dead_links_become_text_and_come_back(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["fix", "--rules", "dead-link,typo"]) == 1
    assert Path(ARTICLE).read_text() == TEXT
    assert cli.run(["fix", "--rules", "dead-link,typo", "--apply", "--by", "张三"]) == 0

    fixed = Path(ARTICLE).read_text()
    assert "各单位要认真部署，见旧闻和[附件](/files/none.pdf)。" in fixed
    assert "| 甲**乙** |" in fixed
    assert "附件请先补传：/files/none.pdf" in capsys.readouterr().err

    assert cli.run(["build"]) == 0
    assert cli.run(["fix", "--rules", "dead-link,typo", "--apply", "--by", "张三"]) == 0
    assert Path(ARTICLE).read_text() == fixed

    assert cli.run(["links", "restore", "--url", "/zwgk/none.html", "--by", "李四"]) == 0
    assert Path(ARTICLE).read_text() == TEXT.replace("布署", "部署")


def test_the_ledger_says_who_when_and_why_and_exports(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["fix", "--rules", "dead-link", "--apply", "--attachments", "--by", "张三"])
    capsys.readouterr()

    cli.run(["links", "ledger"])
    cli.run(["links", "ledger", "--output", "台账.xlsx"])

    told = capsys.readouterr().out.splitlines()
    sheet = openpyxl.load_workbook("台账.xlsx").active
    assert len(told) == 3
    assert "/files/none.pdf" in told[1]
    assert "张三" in told[0]
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:5] == [ARTICLE, 9, "旧闻", "/zwgk/none.html"]


def test_a_link_is_not_put_back_where_the_text_has_changed(office: Path) -> None:
    cli.run(["fix", "--rules", "dead-link", "--apply", "--by", "张三"])
    Path(ARTICLE).write_text(Path(ARTICLE).read_text().replace("旧闻", "新闻"))

    assert cli.run(["links", "restore", "1", "--by", "李四"]) == 1
    assert cli.run(["links", "restore", "9"]) == 2


def test_urgent_mends_need_a_name(office: Path) -> None:
    assert cli.run(["fix", "--urgent", "--apply"]) == 2


WORDS = """---\r
id: 20260101-001\r
title: 布署农村公路养护\r
date: 2026-01-01 09:00\r
source: 本局\r
department: bgs\r
---\r
\r
要认真**布**署，不要`布署`，见[布署](/布署/布署.html)。\r
\r
    布署\r
\r
<a href="/布署">布署</a>，中共人民共和国。\r
"""


def test_words_are_mended_where_readers_see_them_and_nowhere_else(office: Path) -> None:
    Path(ARTICLE).write_text(WORDS, newline="")

    cli.run(["fix", "--rules", "typo", "--apply", "--by", "张三"])

    fixed = Path(ARTICLE).read_bytes().decode()
    wanted = (
        WORDS.replace("title: 布署", "title: 部署").replace("[布署]", "[部署]").replace(">布署<", ">部署<")
    )
    assert fixed == wanted
    assert cli.run(["fix", "--rules", "typo", "--apply", "--by", "张三"]) == 0
    assert Path(ARTICLE).read_bytes().decode() == wanted


def test_the_ledger_of_words_says_what_where_when_who_and_why(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["fix", "--rules", "typo", "--apply", "--by", "张三"])
    capsys.readouterr()

    assert cli.run(["fix", "--ledger"]) == 0

    (row,) = capsys.readouterr().out.splitlines()
    assert f"张三  {ARTICLE}:9:7  “布署”改为“部署”" in row
    assert "应为“部署”（typo；" in row
    assert row[:4].isdigit()


def test_a_suspected_veto_is_only_proposed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TEXT.replace("各单位", "中共人民共和国各单位")
    Path(ARTICLE).write_text(text)

    assert cli.run(["fix", "--rules", "grave-wording", "--apply", "--by", "张三"]) == 1

    told = capsys.readouterr()
    assert "+中华人民共和国各单位" in told.out
    assert "请核实" in told.err
    assert Path(ARTICLE).read_text() == text


def test_an_urgent_mend_is_applied_and_stands_in_the_report(office: Path) -> None:
    Path(ARTICLE).write_text(TEXT.replace("各单位", "中共人民共和国各单位"))

    assert cli.run(["fix", "--rules", "grave-wording", "--urgent", "--apply", "--by", "张三"]) == 0

    (known,) = History(FILE).known()
    assert "中华人民共和国各单位" in Path(ARTICLE).read_text()
    assert (known.finding.severity, known.finding.text, known.mended_by) == (
        Severity.VETO,
        "中共人民共和国",
        "张三",
    )
    assert known.mended_at is not None
    assert known.in_report


def test_mending_words_of_the_lists_once_leaves_nothing_to_mend(office: Path) -> None:
    certain = [
        entry
        for entry in words.shipped()
        if entry.kind == "typo" and entry.severity is Severity.ERROR and entry.right
    ][::60]
    Path(ARTICLE).write_text(TEXT + "\n\n".join(f"原文写的是：{entry.wrong}。" for entry in certain))
    cli.run(["fix", ARTICLE, "--rules", "typo", "--apply", "--by", "张三"])
    once = Path(ARTICLE).read_text()

    cli.run(["fix", ARTICLE, "--rules", "typo", "--apply", "--by", "张三"])

    assert Path(ARTICLE).read_text() == once
    assert sum(f"原文写的是：{entry.right}。" in once for entry in certain) > 0.95 * len(certain)
