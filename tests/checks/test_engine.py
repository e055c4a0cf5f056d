"""What the engine promises: the same findings from memory, in any batch, under stable names; waivers by others."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bureau.errors import ConfigError
from checks import engine, scope, waivers
from checks.engine import Outcome
from checks.finding import Finding, Place, Severity
from checks.formats import FORMATS
from checks.waivers import Waiver

CACHE = Path("var/cache/checks")
HEAD = '---\nid: "1"\ntitle: 甲\ndate: 2026-01-05 09:30\nsource: 本局\ndepartment: bgs\n---\n'


def _told(outcome: Outcome) -> list[str]:
    return [f"{one.place} {one.rule} {one.text}" for one in outcome.findings]


def _office(count: int) -> dict[str, str]:
    return {f"content/xwzx/2026/{number}.md": f"{HEAD}第{number}篇要布署。" for number in range(count)}


def test_a_second_run_finds_the_same_from_memory(check: Any) -> None:
    first = check(_office(3), cache=CACHE)

    second = check({}, cache=CACHE)

    assert len(first.findings) == 3
    assert second == replace(first, site=second.site)


def test_an_edited_file_is_read_again_and_only_that(check: Any) -> None:
    check(_office(3), cache=CACHE)

    second = check({"content/xwzx/2026/1.md": f"{HEAD}改好了，要部署。"}, cache=CACHE)

    assert {one.place.path for one in second.findings} == {"content/xwzx/2026/0.md", "content/xwzx/2026/2.md"}


@pytest.mark.parametrize("damage", [b"", b"x" * 40, b"flip"])
def test_a_damaged_memory_is_noticed_and_made_anew(check: Any, damage: bytes) -> None:
    first = check(_office(2), cache=CACHE)
    file = CACHE / "sources.msgpack"
    content = file.read_bytes()
    file.write_bytes(damage if damage != b"flip" else content[:-1] + bytes([content[-1] ^ 1]))

    second = check({}, cache=CACHE)

    assert _told(second) == _told(first)
    assert "已损坏" in second.notices[0]
    assert check({}, cache=CACHE).notices == ()


def test_memory_is_not_trusted_when_words_of_the_site_change(check: Any) -> None:
    check(_office(1), cache=CACHE)

    header = "wrong\tright\tseverity\tclass\texcept-before\texcept-after\tscope\tfrom\tuntil\tbasis\n"
    second = check({"content/quality/words.tsv": header}, cache=CACHE)

    assert len(second.findings) == 1
    assert second.rules_hash != check({"content/quality/words.tsv": header + "\n"}, cache=CACHE).rules_hash


def test_any_executor_gives_what_one_process_gives(check: Any, config: Any) -> None:
    alone = check(_office(250))
    wanted = scope.Scope(
        around=scope.surroundings(config, date(2026, 1, 10)), sources=scope.content_files(Path("content"))
    )

    with ThreadPoolExecutor(3) as pool:
        spread = engine.run(wanted, executor=pool, workers=3)

    assert spread.findings == alone.findings
    assert len(alone.findings) == 250


def test_a_fingerprint_stays_when_lines_move_and_the_first_of_two_is_mended(check: Any) -> None:
    before = check({"content/a.txt": "要布署。\n再布署。"}).findings
    moved = check({"content/a.txt": "\n\n新的一行\n要布署。\n再布署。"}).findings
    one_left = check({"content/a.txt": "要部署。\n再布署。"}).findings

    assert [one.fingerprint for one in moved] == [one.fingerprint for one in before]
    assert len({one.fingerprint for one in before}) == 2
    assert one_left[0].fingerprint in {one.fingerprint for one in before}


def test_what_cannot_be_read_is_said_and_exits_3(check: Any) -> None:
    outcome = check({"content/files/a.docx": b"not a document"})

    assert outcome.exit_code() == 3
    assert "content/files/a.docx" in outcome.unchecked[0][1]


def test_warnings_fail_only_when_asked(check: Any) -> None:
    channel = {"path": "a", "name": "甲", "url": "/a/", "kind": "news", "articles": 0}
    outcome = check({"index.html": ""}, rule="empty-channel", manifest={"channels": [channel]})

    assert outcome.exit_code() == 0
    assert outcome.exit_code(Severity.WARNING) == 1


def test_a_draft_is_judged_only_when_it_is_named(check: Any, config: Any) -> None:
    draft = {
        "content/channels.toml": "",
        "content/xwzx/2026/1.md": HEAD.replace("source", "status: draft\nsource") + "要布署",
    }
    Path("content").mkdir()
    Path("content/channels.toml").write_text(
        '[[channels]]\npath="xwzx"\nname="新闻"\ndescription="新闻"\nkeywords=["新闻"]\ntype="政务动态"\nkind="news"\nowner="bgs"\n'
    )
    del draft["content/channels.toml"]

    whole = check(draft)
    named = engine.run(scope.some(scope.surroundings(config, date(2026, 1, 10)), [Path("content")]))

    assert whole.findings == ()
    assert [one.text for one in named.findings] == ["布署"]


def _finding(severity: Severity, path: str = "content/a.md") -> Finding:
    return Finding(rule="typo", severity=severity, place=Place(path, 3, 1, 3, 3), text="词", message="错")


def _waiver(**changes: Any) -> Waiver:
    given: dict[str, Any] = {
        "rule": "typo",
        "path": "content/a.md",
        "reason": "引文",
        "who": "甲",
        "approver": "乙",
        "until": date(2026, 12, 31),
        "line": 1,
    }
    return Waiver(**given | changes)


def _apply(waiver: Waiver, finding: Finding, author: str) -> tuple[list[str], int]:
    remaining, waived = waivers.apply(
        [waiver],
        [finding],
        path="waivers.toml",
        today=date(2026, 1, 10),
        judged=lambda one: True,
        authors=lambda path: frozenset([author]),
    )
    return [one.rule for one in remaining], len(waived)


def test_nobody_waives_a_veto_in_a_text_of_their_own() -> None:
    assert _apply(_waiver(), _finding(Severity.VETO), author="乙") == (["typo", "stale-waiver"], 0)
    assert _apply(_waiver(), _finding(Severity.VETO), author="丙") == ([], 1)
    assert _apply(_waiver(), _finding(Severity.ERROR), author="乙") == ([], 1)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[[waivers]]\nrule = "typo"', 1, "path"),
        ('\n[[waivers]]\nrule = "none"\npath = "a"\nreason = "a"\nwho = "a"\napprover = "b"\nuntil = 2026-01-01', 2, "没有规则"),
        ('[[waivers]]\nrule = "typo"\npath = "a"\nreason = "a"\nwho = "a"\napprover = "a"\nuntil = 2026-01-01', 1, "批准人"),
        ('[[waivers]]\nrule = "typo"\npath = "a"\nreason = "a"\nwho = "a"\napprover = "b"\nuntil = "2026"', 1, "until"),
        ('[[waivers]]\nruel = "typo"', 1, "ruel"),
        ('[[waiver]]\nrule = "typo"', 0, "waiver"),
        ("[[waivers]\n", 1, "TOML"),
    ],
)  # fmt: skip
def test_a_waiver_that_is_not_complete_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as told:
        waivers.parse("content/quality/waivers.toml", text)

    assert told.value.line == line


def test_every_format_tells_every_finding(check: Any) -> None:
    outcome = check({"content/甲,乙.txt": "要布署|。"})
    texts = {name: write(outcome) for name, write in FORMATS.items()}

    assert all("布署" in text for text in texts.values())
    data = json.loads(texts["json"])
    assert data["version"] == 1
    assert data["checked"] == {"sources": 1, "pages": 0}
    assert data["findings"][0] == {
        "rule": "typo",
        "severity": "error",
        "path": "content/甲,乙.txt",
        "line": 1,
        "column": 2,
        "end_line": 1,
        "end_column": 4,
        "text": "布署",
        "message": data["findings"][0]["message"],
        "suggestion": "部署",
        "clause": data["findings"][0]["clause"],
        "fingerprint": outcome.findings[0].fingerprint,
        "fixable": True,
    }
    assert texts["github"].startswith("::error file=content/甲%2C乙.txt,line=1,endLine=1,col=2,endColumn=4,")
    for name in ("gitlab", "sarif", "rdjson"):
        json.loads(texts[name])


def test_the_hash_of_the_rules_is_the_same_in_every_process() -> None:
    asked = (
        "from datetime import date; from pathlib import Path; from bureau import config; from checks import rules_hash, scope;"
        "print(rules_hash.of(scope.surroundings(config.load(Path('site.toml')), date(2026, 1, 10))))"
    )

    told = {
        subprocess.run(
            [sys.executable, "-c", asked],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(told) == 1
