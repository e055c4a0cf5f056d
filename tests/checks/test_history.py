"""What the history remembers of findings over runs."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.finding import Finding, Place, Severity
from checks.history import History, Run, Shown

DAY = datetime(2026, 11, 1, 8, tzinfo=UTC)


def typo(name: str, path: str = "content/a.md") -> Finding:
    return Finding(
        rule="typo", severity=Severity.ERROR, place=Place(path, 3, 5), text=name, message=f"写错了：{name}",
        fingerprint=name,
    )  # fmt: skip


def run(day: int, **changes: object) -> Run:
    values: dict[str, object] = {
        "kind": "daily", "at": DAY + timedelta(days=day), "rules_hash": "r1", "rules": frozenset({"typo"}),
    }  # fmt: skip
    return Run(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "var" / "checks.db")


def test_a_finding_keeps_its_first_day_until_it_is_mended(history: History) -> None:
    assert history.add(run(0), [typo("甲"), typo("乙")]).new == (typo("甲"), typo("乙"))
    assert history.add(run(1), [typo("甲")]).mended == (typo("乙"),)

    alive = history.known(only_open=True)
    assert [(known.finding.text, known.first_seen, known.last_seen) for known in alive] == [
        ("甲", DAY, DAY + timedelta(days=1))
    ]
    mended = next(known for known in history.known() if known.finding.text == "乙")
    assert mended.mended_at == DAY + timedelta(days=1)


def test_what_comes_back_is_new_again(history: History) -> None:
    for day, found in enumerate(([typo("甲")], [], [typo("甲")])):
        change = history.add(run(day), found)

    assert change.new == (typo("甲"),)
    assert history.known()[0].first_seen == DAY + timedelta(days=2)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(run(1, rules=frozenset({"dead-link"})), id="别的规则"),
        pytest.param(run(1, paths=frozenset({"content/b.md"})), id="别的文件"),
        pytest.param(run(1, unchecked=(("typo", "词表读不了"),)), id="没有查成"),
    ],
)
def test_a_run_that_did_not_look_mends_nothing(history: History, later: Run) -> None:
    history.add(run(0), [typo("甲")])

    assert history.add(later, []).mended == ()
    assert history.known(only_open=True)


def test_feedback_and_verdict_are_facts_with_time_and_name(history: History) -> None:
    history.add(run(0), [typo("甲"), typo("乙")])
    history.mark_fed_back(["甲"], DAY + timedelta(hours=2))
    history.mark_fed_back(["甲"], DAY + timedelta(hours=9))
    history.judge("乙", "false-alarm", by="审核员", reason="人名", in_report=False)

    known = {row.finding.text: row for row in history.known()}
    assert known["甲"].fed_back_at == DAY + timedelta(hours=2)
    assert (known["乙"].verdict_by, known["乙"].in_report, known["乙"].is_open) == ("审核员", False, False)
    assert [row.finding.text for row in history.known(only_open=True)] == ["甲"]


@pytest.mark.parametrize(
    ("fingerprint", "verdict", "by", "message"),
    [
        ("没有", "confirmed", "某", "没有编号"),
        ("甲", "maybe", "某", "只能是"),
        ("甲", "confirmed", " ", "人名和理由"),
    ],
)
def test_a_verdict_needs_a_known_finding_and_a_name(
    history: History, fingerprint: str, verdict: str, by: str, message: str
) -> None:
    history.add(run(0), [typo("甲")])

    with pytest.raises(ConfigError, match=message):
        history.judge(fingerprint, verdict, by=by, reason="看过")


def test_trends_and_records(history: History) -> None:
    history.add(run(0), [typo("甲"), typo("乙")])
    history.add(run(1), [typo("甲")])
    history.add(run(2), [])
    history.add(run(2, kind="live"), [typo("甲")])
    history.keep("inspection", DAY, {"disk": 40})

    assert [row[1:] for row in history.totals(["daily", "monthly"], DAY, DAY + timedelta(days=2))] == [
        ("error", 2),
        ("error", 1),
        ("", 0),
    ]
    assert history.last_run("daily") == DAY + timedelta(days=2)
    assert history.records("inspection") == [(DAY, {"disk": 40})]


def test_a_run_that_breaks_leaves_nothing_behind(history: History) -> None:
    broken = [typo("甲"), Finding(rule="typo", severity=Severity.ERROR, place=Place("a", 1, 1), text=None, message="x", fingerprint="乙")]  # type: ignore[arg-type]  # fmt: skip

    with pytest.raises(ConfigError):
        history.add(run(0), broken)
    assert (history.known(), history.last_run("daily")) == ([], None)


def test_a_clock_set_back_is_refused(history: History) -> None:
    history.add(run(3), [typo("甲")])

    with pytest.raises(ConfigError, match="请先校时"):
        history.add(run(2), [])
    assert history.known(only_open=True)


def test_a_damaged_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "checks.db"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(ConfigError, match="历史库读写失败"):
        History(path)


def test_a_finding_is_shown_as_it_was_last_seen(history: History) -> None:
    history.add(run(0), [typo("甲")], {"甲": Shown(quote="见【甲】", url="https://example.gov.cn/a.html")})
    history.add(run(1), [typo("甲")], {"甲": Shown(quote="又见【甲】", url="https://example.gov.cn/b.html")})

    assert [known.shown.quote for known in history.known()] == ["又见【甲】"]
    assert history.known()[0].shown.url.endswith("b.html")


def test_a_file_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "checks.db"
    History(path).add(run(0), [typo("甲")])
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE finding DROP COLUMN quote")
        connection.execute("ALTER TABLE finding DROP COLUMN url")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    again = History(path)
    again.add(run(1), [typo("甲")], {"甲": Shown(quote="见【甲】")})

    assert [(known.first_seen, known.shown.quote) for known in again.known()] == [(DAY, "见【甲】")]
