"""portal lexicon: adding, trying, vetting words, and learning from the archive."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from portal import cli

ARTICLE = "---\nid: 1\ntitle: 标题\n---\n滇池航线的浮筒趸船由轮机值守班组逐项点检。\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Path]:
    article = tmp_path / "content/xwzx/2026/1-a.md"
    article.parent.mkdir(parents=True)
    article.write_text(ARTICLE, "utf-8")
    with chdir(tmp_path):
        yield tmp_path


def test_a_word_is_added_once_and_then_found(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added = ["lexicon", "add", "浮筒趸", "浮筒墩", "--basis", "本局用语", "--class", "own"]

    assert cli.run(added) == 0
    assert "本站稿件里有 1 处" in capsys.readouterr().out
    assert (office / "content/quality/words.tsv").read_text("utf-8").count("浮筒趸") == 1
    assert cli.run(["lexicon", "test", "检查浮筒趸船"]) == 1
    assert "浮筒趸 → 浮筒墩" in capsys.readouterr().out
    assert cli.run(added) == 2
    assert "重复" in capsys.readouterr().err


def test_a_bad_word_changes_nothing(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["lexicon", "add", "布署", "布署", "--basis", "试"]) == 2
    assert cli.run(["lexicon", "add", "布署", "部署"]) == 2
    assert not (office / "content/quality/words.tsv").exists()
    assert "缺少 basis" in capsys.readouterr().err


def test_vetting_tells_what_would_block_trusted_text(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (office / "trusted.jsonl").write_text('{"text": "认真布署工作"}\n', "utf-8")

    assert cli.run(["lexicon", "vet"]) == 0
    assert cli.run(["lexicon", "vet", "trusted.jsonl"]) == 1
    assert "认真【布署】工作" in capsys.readouterr().out
    (office / "trusted.jsonl").write_text('{"text": "好"}\n[]\n', "utf-8")
    assert cli.run(["lexicon", "vet", "trusted.jsonl"]) == 2
    assert "trusted.jsonl:2:" in capsys.readouterr().err


def test_training_keeps_a_model_of_the_sites_own(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["lexicon", "train"]) == 0
    assert (office / "var/words/context.npz").stat().st_size < 40_000_000
    assert "已学 1 篇" in capsys.readouterr().err
