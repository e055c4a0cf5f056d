"""Whatever happens to files, words, waivers and days: what is remembered equals what is found afresh."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bureau import config
from checks import engine, scope
from checks.engine import CHANGED_RULES, Outcome

ROOT = Path(__file__).parents[2]
CACHE = Path("var/cache/checks")
COLUMNS = "wrong\tright\tseverity\tclass\texcept-before\texcept-after\tscope\tfrom\tuntil\tbasis\n"
PARTS = ("认真布署防汛工作。", "部署到位。", "赌*博*网*站", "中共人民共和国", "截止2026年1月5日，共办结12件。", "手机13800000000。",
         "见[通知](/a.html)。", "新提法。", "路面平整，", "\n\n", "\n")  # fmt: skip
FIRST = date(2026, 1, 10)


class Office:
    """A folder of articles in which things happen; each change has a time of its own, long past."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.today = FIRST
        self.clock: Iterator[int] = itertools.count(1_700_000_000)
        for number in range(6):
            self.write(f"content/xwzx/2026/{number}.md", self.article(number))

    def article(self, number: int) -> str:
        body = "".join(self.chance.choices(PARTS, k=12))
        return f'---\nid: "{number}"\ntitle: 甲\ndate: 2026-01-05 09:30\nsource: 本局\ndepartment: bgs\n---\n{body}\n'

    def write(self, path: str, text: str) -> None:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        os.utime(file, (now := next(self.clock), now))

    def happens(self) -> None:
        changes: tuple[Callable[[], None], ...] = (
            self.edited, self.edited, self.edited, self.moved, self.removed, self.touched, self.words, self.waiver, self.day,
            lambda: None,
        )  # fmt: skip
        self.chance.choice(changes)()

    def one(self) -> Path:
        return self.chance.choice(sorted(Path("content/xwzx/2026").iterdir()))

    def edited(self) -> None:
        number = self.chance.randrange(8)
        self.write(f"content/xwzx/2026/{number}.md", self.article(number))

    def moved(self) -> None:
        """A paragraph goes before all others: the same findings, other lines."""
        file = self.one()
        head, body = file.read_text("utf-8").split("\n---\n", 1)
        self.write(str(file), f"{head}\n---\n新的一段。\n\n{body}")

    def removed(self) -> None:
        if len(list(Path("content/xwzx/2026").iterdir())) > 2:
            self.one().unlink()

    def touched(self) -> None:
        os.utime(self.one(), (now := next(self.clock), now))

    def words(self) -> None:
        dates = f"{self.today + timedelta(days=self.chance.randrange(-2, 3))}\t"
        row = self.chance.choice(
            ("", f"新提法\t提法\terror\town\t\t\t\t{dates}\t本局\n", "路面\t\tinfo\town\t\t\t\t\t\t本局\n")
        )
        self.write("content/quality/words.tsv", COLUMNS + row)

    def waiver(self) -> None:
        rule = self.chance.choice(("typo", "sensitive-word"))
        self.write(
            "content/quality/waivers.toml",
            f'[[waivers]]\nrule = "{rule}"\npath = "content/*"\nreason = "引文"\nwho = "甲"\napprover = "乙"\n'
            f"until = {self.today + timedelta(days=self.chance.randrange(-1, 3))}\n",
        )

    def day(self) -> None:
        self.today += timedelta(days=1)

    def judged(self, cache: Path | None) -> Outcome:
        around = scope.surroundings(config.load(ROOT / "site.toml"), self.today)
        wanted = scope.Scope(around=around, sources=scope.content_files(Path("content")))
        return engine.run(wanted, cache=cache, workers=1)


@pytest.mark.parametrize("seed", range(4))
def test_remembered_results_are_those_found_afresh(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(random.Random(seed))
    for _ in range(12):
        office.happens()
        remembered, fresh = office.judged(CACHE), office.judged(None)

        assert (remembered.findings, remembered.waived, remembered.unchecked, remembered.rules_hash) == (
            fresh.findings,
            fresh.waived,
            fresh.unchecked,
            fresh.rules_hash,
        )


def test_changed_words_are_said_to_ask_everything_again_and_waivers_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(random.Random(1))
    assert office.judged(CACHE).notices == ()

    office.waiver()
    assert office.judged(CACHE).notices == ()

    office.write("content/quality/words.tsv", COLUMNS)
    assert office.judged(CACHE).notices == (CHANGED_RULES,)
    assert office.judged(CACHE).notices == ()


def test_rows_come_into_force_on_their_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    office = Office(random.Random(1))
    office.write("content/xwzx/2026/0.md", office.article(0).split("\n---\n")[0] + "\n---\n新提法。\n")
    office.write(
        "content/quality/words.tsv", f"{COLUMNS}新提法\t\terror\town\t\t\t\t2026-01-12\t2026-01-12\t本局\n"
    )

    told = []
    for _ in range(4):
        told.append(
            sum(
                one.text == "新提法" and one.place.path.endswith("/0.md")
                for one in office.judged(CACHE).findings
            )
        )
        office.day()

    assert told == [0, 0, 1, 0]
