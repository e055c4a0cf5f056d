"""Comments that silence a rule: where they reach, and what they never silence."""

import pytest

from checks.finding import Finding, Place, Severity
from checks.text import ignores


def finding(line: int, rule: str = "typo", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        rule=rule, severity=severity, place=Place("a.md", line, 1, line, 3), text="布署", message="错"
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("布署 <!-- 检查:忽略 typo 引用原文 -->\n布署\n", [2], id="同一行"),
        pytest.param("<!-- 检查：忽略 typo 引用原文 -->\n布署\n布署\n\n布署", [5], id="单独一行管下一段"),
        pytest.param("<!-- 检查:忽略 typo -->\n布署\n", [2], id="没有理由不算"),
        pytest.param("<!-- 检查:忽略 punctuation 引用 -->\n布署\n", [2], id="只管写明的规则"),
        pytest.param(
            "布署\n<!-- 检查:忽略开始 typo 原件 -->\n布署\n\n布署\n<!-- 检查:忽略结束 typo -->\n布署",
            [1, 7],
            id="起止",
        ),
    ],
)
def test_a_comment_reaches_as_far_as_it_says(text: str, left: list[int]) -> None:
    found = [finding(number) for number, line in enumerate(text.splitlines(), 1) if line.startswith("布署")]

    assert [one.place.line for one in ignores.remaining(text, found)] == left


def test_a_suspected_veto_is_never_silenced() -> None:
    veto = finding(1, severity=Severity.VETO)

    assert ignores.remaining("布署 <!-- 检查:忽略 typo 领导说可以 -->", [veto]) == [veto]
