"""portal fix and portal links, on a built office: certain mends, the ledger, and back again."""

import shutil
from pathlib import Path

import openpyxl
import pytest

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
