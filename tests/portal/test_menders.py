"""The commit that mended a finding names its author; nobody else is named."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.finding import Finding, Place, Severity
from checks.history import History, Run
from portal import menders

SEEN = datetime(2026, 11, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
TYPO = Finding(
    rule="typo", severity=Severity.ERROR, place=Place("content/a.md", 1, 1), text="按装", message="错",
    fingerprint="f",
)  # fmt: skip


def commit(root: Path, text: str, author: str, at: str) -> None:
    (root / "content").mkdir(exist_ok=True)
    (root / "content/a.md").write_text(text, "utf-8")
    who = ["-c", f"user.name={author}", "-c", "user.email=a@example.gov.cn"]
    subprocess.run(["git", "-C", root, "add", "content"], check=True)
    subprocess.run(
        ["git", "-C", root, *who, "commit", "-q", "-m", "x", "--date", at],
        check=True,
        env={"GIT_COMMITTER_DATE": at, "PATH": "/usr/bin:/bin", "HOME": str(root)},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    commit(tmp_path, "按装", "作者", "2026-11-19T00:00:00Z")
    return tmp_path


def mended_by(root: Path, before: str = "") -> str:
    """What the history says after a run that saw it and one that did not."""
    history = History(root / "var/checks.db")
    rules = frozenset({"typo"})
    history.add(Run(kind="daily", at=SEEN, rules_hash="", rules=rules), [TYPO])
    if before:
        history.mark_mended_by("f", before)
    change = history.add(Run(kind="daily", at=NOW, rules_hash="", rules=rules), [])
    menders.name(change.mended, history, root, NOW)
    return history.known()[0].mended_by


def test_the_author_of_the_commit_in_between_is_named(root: Path) -> None:
    commit(root, "安装", "编辑甲", "2026-11-20T08:00:00Z")

    assert mended_by(root) == "编辑甲"


def test_a_name_that_was_written_stays(root: Path) -> None:
    commit(root, "安装", "编辑甲", "2026-11-20T08:00:00Z")

    assert mended_by(root, before="运维乙") == "运维乙"


def test_without_a_commit_since_nobody_is_named(root: Path) -> None:
    assert mended_by(root) == ""


def test_a_change_that_nobody_committed_names_nobody(root: Path) -> None:
    commit(root, "安装", "编辑甲", "2026-11-20T08:00:00Z")
    (root / "content/a.md").write_text("安装好", "utf-8")

    assert mended_by(root) == ""
