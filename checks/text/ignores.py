"""Comments in a file that silence a rule at one place, each with its reason; a suspected veto is never silenced.

<!-- 检查:忽略 typo 引用原文 -->        in a line with text: that line; alone: the paragraph after it
<!-- 检查:忽略开始 typo 附录为原件 -->  …  <!-- 检查:忽略结束 typo -->
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.finding import Finding, Severity

_COMMENT = re.compile(r"<!--\s*检查[:：]\s*忽略(开始|结束)?\s+([a-z-]+)\s*(.*?)\s*-->")


@dataclass(frozen=True, slots=True)
class Ignored:
    rule: str
    first: int  # lines, both included
    last: int


def remaining(text: str, found: Iterable[Finding]) -> list[Finding]:
    """The findings that no comment of the file silences."""
    findings = list(found)
    if "检查" not in text or "忽略" not in text:
        return findings
    silenced = list(_ignored(text))
    return [finding for finding in findings if not any(_covers(one, finding) for one in silenced)]


def _covers(one: Ignored, finding: Finding) -> bool:
    return (
        finding.rule == one.rule
        and finding.severity is not Severity.VETO
        and one.first <= finding.place.line <= one.last
    )


def _ignored(text: str) -> Iterator[Ignored]:
    lines = text.splitlines()
    opened: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        for comment in _COMMENT.finditer(line):
            kind, rule, reason = comment.groups()
            if kind == "结束":
                if rule in opened:
                    yield Ignored(rule, opened.pop(rule), number)
            elif reason:  # without a reason a comment silences nothing
                if kind == "开始":
                    opened.setdefault(rule, number)
                elif _COMMENT.sub("", line).strip():
                    yield Ignored(rule, number, number)
                else:
                    yield Ignored(rule, number, _end_of_paragraph(lines, number))
    for rule, first in opened.items():
        yield Ignored(rule, first, len(lines))


def _end_of_paragraph(lines: list[str], after: int) -> int:
    """The last line of the paragraph that begins below line `after`."""
    at = after
    while at < len(lines) and not lines[at].strip():
        at += 1
    while at < len(lines) and lines[at].strip():
        at += 1
    return at
