"""Every rule by its cases, which stand as data in cases/<rule>.toml for editors to add to."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checks.rules import RULES

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).parents[2]


def _cases() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.toml")):
        for kind, rows in tomllib.loads(file.read_text("utf-8")).items():
            found += [pytest.param(file.stem, row, id=f"{file.stem}-{kind}-{row['name']}") for row in rows]
    return found


@pytest.mark.parametrize(("rule", "case"), _cases())
def test_the_rule_finds_what_the_case_expects_and_nothing_else(
    rule: str, case: dict[str, Any], check: Any
) -> None:
    given = {key: case[key] for key in ("manifest", "released", "answers") if key in case}
    today = case.get("today", date(2026, 1, 10))

    outcome = check(case["files"], rule=case.get("asked", rule), today=today, **given)

    told = [f"{one.place}".removeprefix("site/") for one in outcome.findings if one.rule == rule]
    assert sorted(told) == sorted(case.get("expect", []))
    if "says" in case:
        assert case["says"] in "\n".join(f"{one.message} {one.suggestion}" for one in outcome.findings)
    if "severity" in case:
        assert {one.severity.value for one in outcome.findings} == {case["severity"]}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.ID))
def test_every_rule_is_documented_and_has_a_bad_and_a_good_case(rule: Any) -> None:
    manual = rule.__doc__ or ""
    cases = tomllib.loads((CASES / f"{rule.ID}.toml").read_text("utf-8"))

    assert "反例" in manual
    assert "正例" in manual
    assert manual.strip().splitlines()[0].endswith(("。", "字"))
    assert Path(rule.__file__).stem == rule.ID.replace("-", "_")
    assert all(case["expect"] for case in cases["bad"])
    assert cases["bad"]
    assert cases["good"]
    assert not any(case.get("expect") for case in cases["good"])
