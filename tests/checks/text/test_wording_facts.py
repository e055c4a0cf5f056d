"""What a proof-reader of official writing would mark is marked, at its place and no more lightly than said."""

import re
from pathlib import Path
from typing import Any

import pytest

from checks.finding import Severity

FACTS = Path(__file__).with_name("wording-facts.txt")
ORDER = [Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.VETO]


def facts() -> list[tuple[str, Severity, str]]:
    rows = [line.split(maxsplit=2) for line in FACTS.read_text("utf-8").splitlines()]
    return [(row[0], Severity(row[1]), row[2]) for row in rows if len(row) == 3 and row[0] != "#"]


@pytest.mark.parametrize("rule", ["punctuation", "grave-wording", "typo"])
def test_every_fact_is_found_where_it_stands(rule: str, check: Any) -> None:
    mine = [fact for fact in facts() if fact[0] == rule]
    files = {f"content/{number}.md": re.sub("[【】]", "", text) for number, (_, _, text) in enumerate(mine)}

    findings = check(files, rule=rule).findings

    missed = [
        f"{least} {text}"
        for number, (_, least, text) in enumerate(mine)
        if not any(
            one.place.path == f"content/{number}.md"
            and one.place.column <= text.index("】")
            and one.place.end_column > text.index("【") + 1
            and ORDER.index(one.severity) >= ORDER.index(least)
            for one in findings
        )
    ]
    assert mine
    assert missed == []
