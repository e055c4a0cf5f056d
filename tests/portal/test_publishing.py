"""Publish and roll back, on small sites, with a gate that looks for planted words."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.engine import Outcome
from checks.finding import Finding, Place, Severity
from portal import pieces
from portal.gate import Override, judge
from portal.publishing import Attempt, Publisher
from portal.releases import Hold, Release

PLANTED = {"疑似否决": Severity.VETO, "死链": Severity.ERROR, "久未更新": Severity.WARNING}


def gate(site: Path) -> Outcome:
    """Each planted word on a page is a finding of its severity."""
    findings = [
        Finding(rule=word, severity=severity, place=Place(str(path), 1, 1), text=word, message=word)
        for path in sorted(site.rglob("*.html"))
        for word, severity in PLANTED.items()
        if word in path.read_text("utf-8")
    ]
    return Outcome(findings=tuple(findings), rules_hash="0a1b")


class Site:
    """A site under test: say what its pages are, then publish."""

    def __init__(self, root: Path, write: Callable[..., Path]) -> None:
        self.root, self._write = root, write
        self.pages: dict[str, str] = {"index.html": "首页", "xwzx/1.html": "一号线开工"}
        self.kinds: dict[str, str] = {}
        self.unlisted: list[str] = []
        self.index = root / "search.db"
        self.index.write_bytes(bytes(3 * pieces.SIZE))
        seconds = count()
        self.publisher = Publisher(
            root=root,
            kept=3,
            build=lambda: self._write(self.pages, kinds=self.kinds),
            check=lambda: gate(root / "build/site"),
            check_vetoes=lambda release: gate(release.site),
            index=lambda: nullcontext(self.index),
            unlist=lambda _, urls: self.unlisted.extend(urls),
            clock=lambda: datetime(2026, 11, 25, 9, 0, tzinfo=UTC) + timedelta(seconds=next(seconds)),
        )

    def publish(self, *overrides: Override) -> Release | None:
        return self.publisher.publish("张三（示例）", overrides).release

    def served(self, name: str = "index.html") -> str:
        return (self.root / "releases/current/site" / name).read_text("utf-8")

    def kept(self) -> list[str]:
        return [release.id for release in self.publisher.shelf.all()]


@pytest.fixture
def site(make_build: Callable[..., Path], tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, make_build)
    yield site
    assert not [path.name for path in (tmp_path / "releases").glob(".*") if path.name != ".lock"]


def test_a_release_is_whole_and_says_where_it_comes_from(site: Site) -> None:
    release = site.publish()

    assert release == site.publisher.shelf.current()
    assert sorted(path.name for path in release.path.iterdir()) == [
        "gate.json", "gone.map", "manifest.json", "redirects.map", "release.json", "search", "shell.html", "site",
    ]  # fmt: skip
    assert release.record.keys() == {"commit", "built_at", "who"}
    assert release.record["who"] == "张三（示例）"
    assert release.gate["rules_hash"] == "0a1b"
    assert release.gate["counts"] == {"veto": 0, "error": 0, "warning": 0, "info": 0}


@pytest.mark.parametrize("word", ["死链", "疑似否决"])
def test_a_blocked_publish_leaves_the_old_release_served(site: Site, word: str) -> None:
    site.publish()
    site.pages["index.html"] = word

    attempt = site.publisher.publish("某")

    assert attempt.release is None
    assert [finding.rule for finding in attempt.verdict.blocking] == [word]
    assert site.served() == "首页"
    assert len(site.kept()) == 1


def test_a_broken_build_leaves_the_old_release_served(site: Site) -> None:
    site.publish()

    def broken() -> None:
        raise ConfigError("content/xwzx/1.md", "日期不对", 3)

    publisher = Publisher(**{**vars(site.publisher), "build": broken})
    with pytest.raises(ConfigError, match="日期不对"):
        publisher.publish("某")

    assert site.served() == "首页"


def test_warnings_never_block(site: Site) -> None:
    site.pages["index.html"] = "久未更新"

    assert site.publish().gate["counts"]["warning"] == 1


def test_an_override_lets_an_error_through_and_is_recorded(site: Site) -> None:
    site.pages["index.html"] = "死链"
    release = site.publish(Override(rule="死链", reason="对方网站今晚恢复", by="李四（示例）"))

    assert release.gate["overrides"] == [
        {"rule": "死链", "reason": "对方网站今晚恢复", "by": "李四（示例）", "lifted": 1}
    ]
    assert release.gate["counts"]["error"] == 1


def test_an_override_never_lifts_a_veto(site: Site) -> None:
    site.pages["index.html"] = "疑似否决"

    assert site.publish(Override(rule="疑似否决", reason="急", by="某")) is None


def test_a_release_does_not_change_when_the_build_does(site: Site) -> None:
    first = site.publish()
    site.pages["index.html"] = "新首页"
    second = site.publish()

    assert (first.site / "index.html").read_text("utf-8") == "首页"
    assert (second.site / "index.html").read_text("utf-8") == "新首页"
    same = [(release.site / "xwzx/1.html").stat() for release in (first, second)]
    assert same[0].st_mtime_ns != same[1].st_mtime_ns or same[0].st_ino == same[1].st_ino


def test_unchanged_files_are_shared_between_releases(site: Site, tmp_path: Path) -> None:
    release = site.publish()

    assert (release.site / "xwzx/1.html").samefile(tmp_path / "build/site/xwzx/1.html")


def test_of_a_large_index_only_what_changed_is_new(site: Site) -> None:
    first = site.publish()
    with site.index.open("r+b") as file:
        file.seek(pieces.SIZE)
        file.write(b"one article")
    second = site.publish()

    old, new = ([*sorted((release.path / "search").iterdir())] for release in (first, second))
    assert [one.samefile(other) for one, other in zip(old, new, strict=True)] == [True, False, True]
    assert b"".join(piece.read_bytes() for piece in new) == site.index.read_bytes()
    assert old[1].read_bytes() == bytes(pieces.SIZE)


def test_nothing_changed_makes_no_release(site: Site) -> None:
    release = site.publish()

    attempt = site.publisher.publish("某")

    assert (attempt.release, attempt.is_new) == (release, False)
    assert site.kept() == [release.id]


@pytest.mark.parametrize("what", ["page", "shell", "index"])
def test_a_change_of_any_part_makes_a_release(site: Site, what: str) -> None:
    old = site.publish()
    build = site.publisher.build

    def change() -> None:
        build()
        if what == "shell":
            (site.root / "build/shell.html").write_text("改过的外壳", "utf-8")

    if what == "page":
        site.pages["index.html"] = "新首页"
    if what == "index":
        site.index.write_bytes(b"shorter")

    attempt = replace(site.publisher, build=change).publish("某")

    assert attempt.is_new
    assert attempt.release != old


def test_many_releases_show_what_was_built_and_leave_the_others_alone(site: Site) -> None:
    """A new release is made of the oldest one; whatever differs is another file."""
    released = {}
    for number in range(8):
        turn = "x" if number % 2 else "x/index.html"  # a folder where a file was, and back
        site.pages = {"index.html": f"{number}", f"n/{number % 3}/{number}.html": "有", turn: "一号线"}
        shutil.rmtree(site.root / "build/site", ignore_errors=True)
        release = site.publish()
        released[release.id] = dict(site.pages)

        for kept in site.publisher.shelf.all():
            shown = {
                path.relative_to(kept.site).as_posix(): path.read_text("utf-8")
                for path in kept.site.rglob("*")
                if path.is_file()
            }
            assert shown == released[kept.id]


def test_only_the_newest_are_kept_but_always_the_one_served(site: Site) -> None:
    def publish(text: str) -> str:
        site.pages["index.html"] = text
        return site.publish().id

    ids = [publish(f"第{number}版") for number in range(5)]
    assert site.kept() == ids[:1:-1]

    site.publisher.rollback("某", ids[2])
    newer = [publish(f"第{number}版") for number in range(5, 8)]
    assert site.kept() == newer[::-1]


def test_rollback_goes_to_the_one_before_and_can_go_on(site: Site) -> None:
    ids = []
    for text in ("一", "二", "三"):
        site.pages["index.html"] = text
        ids.append(site.publish().id)

    assert site.publisher.rollback("某").release.id == ids[1]
    assert site.served() == "二"
    assert site.publisher.rollback("某").release.id == ids[0]
    with pytest.raises(ConfigError, match="没有更早的版本"):
        site.publisher.rollback("某")
    with pytest.raises(ConfigError, match=f"没有版本 x，现有：{ids[2]}"):
        site.publisher.rollback("某", "x")
    assert site.publisher.rollback("某", ids[2]).release.id == ids[2]


def test_rollback_asks_todays_veto_rules(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    site.pages["index.html"] = "新首页"
    site.publish()
    monkeypatch.setitem(PLANTED, "首页", Severity.VETO)  # a word that was added to the lexicon since

    attempt = site.publisher.rollback("某")

    assert attempt.release is None
    assert site.served() == "新首页"


def test_what_was_withdrawn_stays_withdrawn_after_a_rollback(site: Site) -> None:
    old = site.publish()
    site.pages["xwzx/1.html"] = "本页已撤下"
    site.kinds["xwzx/1.html"] = "gone"
    site.publish()

    attempt = site.publisher.rollback("某", old.id)

    assert attempt.revoked == ("xwzx/1.html",)
    assert site.unlisted == ["/xwzx/1.html"]
    assert site.served("xwzx/1.html") == "本页已撤下"
    assert attempt.release.record["restores"] == old.id
    kinds = {page["file"]: page["kind"] for page in attempt.release.manifest["pages"]}
    assert kinds == {"index.html": "article", "xwzx/1.html": "gone"}
    assert (old.site / "xwzx/1.html").read_text("utf-8") == "一号线开工"


def test_the_clock_does_not_undo_a_rollback(site: Site) -> None:
    old = site.publish()
    site.pages["index.html"] = "出错的首页"
    site.publish()
    site.publisher.rollback("李四（示例）")
    site.pages["xwzx/2.html"] = "别的稿件"

    hold = site.publisher.publish_by_clock("定时发布")

    assert isinstance(hold, Hold)
    assert (hold.release, hold.who) == (old.id, "李四（示例）")
    assert site.served() == "首页"
    assert site.publisher.shelf.held() == hold


def test_who_publishes_after_a_rollback_sets_the_clock_going_again(site: Site) -> None:
    site.publish()
    site.pages["index.html"] = "出错的首页"
    site.publish()
    site.publisher.rollback("某")
    site.pages["index.html"] = "死链"
    site.publish()
    assert site.publisher.shelf.held(), "a publish that was blocked mends nothing"
    site.pages["index.html"] = "改好的首页"
    site.publish()
    site.pages["index.html"] = "明天的首页"

    attempt = site.publisher.publish_by_clock("定时发布")

    assert isinstance(attempt, Attempt)
    assert site.served() == "明天的首页"


def test_who_publishes_just_what_was_gone_back_to_sets_the_clock_going_too(site: Site) -> None:
    site.publish()
    site.pages["index.html"] = "出错的首页"
    site.publish()
    site.publisher.rollback("某")
    site.pages["index.html"] = "首页"

    assert not site.publisher.publish("某").is_new
    assert site.publisher.shelf.held() is None


def test_going_forward_again_to_the_newest_release_holds_nothing(site: Site) -> None:
    site.publish()
    site.pages["index.html"] = "新首页"
    newest = site.publish()
    site.publisher.rollback("某")

    site.publisher.rollback("某", newest.id)

    assert site.publisher.shelf.held() is None


def test_a_rollback_that_keeps_pages_withdrawn_is_held_too(site: Site) -> None:
    old = site.publish()
    site.pages["xwzx/1.html"] = "本页已撤下"
    site.kinds["xwzx/1.html"] = "gone"
    site.publish()

    attempt = site.publisher.rollback("某", old.id)

    assert attempt.revoked
    assert isinstance(site.publisher.publish_by_clock("定时发布"), Hold)
    assert site.publisher.shelf.held().release == attempt.release.id


def test_a_note_of_a_rollback_that_was_killed_before_its_switch_holds_nothing(site: Site) -> None:
    old = site.publish()
    site.pages["index.html"] = "新首页"
    site.publish()
    site.publisher.shelf.hold(Hold(old.id, "某", site.publisher.clock()))

    assert isinstance(site.publisher.publish_by_clock("定时发布"), Attempt)


def test_a_damaged_note_of_a_rollback_is_told_and_not_taken_for_none(site: Site) -> None:
    site.publish()
    (site.root / "releases/hold.json").write_text("{", "utf-8")

    with pytest.raises(ConfigError, match="退回的记录读不出"):
        site.publisher.publish_by_clock("定时发布")


def test_leftovers_of_a_killed_publish_are_swept(site: Site, tmp_path: Path) -> None:
    site.publish()
    releases = tmp_path / "releases"
    (releases / ".staged/site").mkdir(parents=True)
    (releases / ".old-20200101-000000/site").mkdir(parents=True)
    (releases / ".next").symlink_to(".staged")

    assert site.publish() == site.publisher.shelf.current()


def test_no_other_build_runs_between_the_check_and_the_release(site: Site) -> None:
    told: list[str] = []

    @contextmanager
    def held() -> Iterator[None]:
        told.append("held")
        yield
        told.append(f"let go with {(site.root / 'releases/.staged/manifest.json').exists()}")

    def check() -> Outcome:
        told.append("checked")
        return gate(site.root / "build/site")

    Publisher(**{**vars(site.publisher), "check": check, "hold_build": held}).publish("某")

    assert told == ["held", "checked", "let go with True"]


def test_judgement_keeps_the_order_of_findings() -> None:
    findings = [
        Finding(rule=rule, severity=Severity.ERROR, place=Place("a.md", line), text="", message="")
        for line, rule in enumerate(("x", "y", "x"), 1)
    ]
    verdict = judge(Outcome(findings=tuple(findings)), [Override(rule="x", reason="r", by="b")])

    assert verdict.blocking == (findings[1],)
    assert verdict.lifted == (findings[0], findings[2])


def test_a_rule_that_could_not_be_asked_has_not_passed() -> None:
    outcome = Outcome(findings=(), unchecked=(("typo", "词表读不到"),))
    answered_for = judge(outcome, [Override(rule="typo", reason="r", by="b")])

    assert judge(outcome).unasked == (("typo", "词表读不到"),)
    assert not judge(outcome).passes
    assert answered_for.passes
