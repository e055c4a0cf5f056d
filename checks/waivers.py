"""`content/quality/waivers.toml`: findings that a named person has judged to be no mistake, until a day."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from bureau.errors import ConfigError
from checks.finding import Finding, Place, Severity
from checks.rules import BY_ID, stale_waiver

NAME = "waivers.toml"
FILE = f"quality/{NAME}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    rule: str
    path: str  # of the file, `*` stands for any characters
    reason: str
    who: str
    approver: str
    until: date
    text: str = ""  # the words; empty: whatever the rule finds in that file
    line: int = 0  # in waivers.toml

    def covers(self, finding: Finding) -> bool:
        return (
            finding.rule == self.rule
            and self.text in ("", finding.text)
            and fnmatchcase(finding.place.path, self.path)
        )


def parse(path: str, text: str) -> tuple[Waiver, ...]:
    """Raises ConfigError with the line of the waiver that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, f"TOML 语法错误：{error}", int(where[1]) if where else 0) from error
    if unknown := sorted(raw.keys() - {"waivers"}):
        raise ConfigError(path, f"不认识的表 {unknown[0]}，每条豁免写成 [[waivers]]")
    rows = raw.get("waivers", [])
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[waivers]]"]
    return tuple(_waiver(path, line, row) for row, line in zip(rows, starts, strict=True))


def _waiver(path: str, line: int, row: dict[str, object]) -> Waiver:
    known = [field.name for field in fields(Waiver) if field.name != "line"]
    if unknown := sorted(row.keys() - set(known)):
        raise ConfigError(path, f"不认识的键 {unknown[0]}，可用：{'、'.join(known)}", line)
    for key in known:
        if key == "until":
            if type(row.get(key)) is not date:
                raise ConfigError(path, "until 写最后一天，例 until = 2026-12-31", line)
        elif not isinstance(row.get(key, ""), str) or (key != "text" and not row.get(key)):
            raise ConfigError(path, f"豁免要写明 {key}", line)
    waiver = Waiver(**row, line=line)  # type: ignore[arg-type]  # judged above
    if waiver.rule not in BY_ID:
        raise ConfigError(path, f"没有规则 {waiver.rule}，portal rules 列出全部规则", line)
    if waiver.approver == waiver.who:
        raise ConfigError(path, f"批准人不能是申请人自己（{waiver.who}）", line)
    return waiver


def apply(
    waivers: Sequence[Waiver],
    findings: Sequence[Finding],
    *,
    path: str,
    today: date,
    judged: Callable[[Waiver], bool],
    authors: Callable[[str], frozenset[str]],
) -> tuple[list[Finding], list[Finding]]:
    """Findings that remain (those about waivers included) and those that are waived.

    `judged` tells whether this run could have found what a waiver is for; `authors` names who wrote a file:
    one's own text is not waived of a veto by oneself.
    """
    remaining, waived = [], []
    used: set[int] = set()
    told: list[Finding] = []
    in_force = [waiver for waiver in waivers if today <= waiver.until]
    for finding in findings:
        waiver = next((one for one in in_force if one.covers(finding)), None)
        if waiver is None:
            remaining.append(finding)
            continue
        used.add(waiver.line)
        if finding.severity is Severity.VETO and waiver.approver in authors(finding.place.path):
            remaining.append(finding)
            told.append(
                _finding(path, waiver, f"批准人 {waiver.approver} 是稿件作者，不能豁免自己的单项否决问题")
            )
        else:
            waived.append(finding)
    told += _useless(waivers, path, today, used, judged)
    return remaining + list(dict.fromkeys(told)), waived


def _useless(
    waivers: Sequence[Waiver], path: str, today: date, used: set[int], judged: Callable[[Waiver], bool]
) -> Iterator[Finding]:
    for waiver in waivers:
        if waiver.until < today:
            yield _finding(path, waiver, f"豁免已于 {waiver.until} 到期")
        elif waiver.line not in used and judged(waiver):
            yield _finding(path, waiver, "要放过的问题已经没有了")


def _finding(path: str, waiver: Waiver, message: str) -> Finding:
    name = PurePosixPath(waiver.path).name
    return Finding(
        rule=stale_waiver.ID,
        severity=Severity.WARNING,
        place=Place(path, waiver.line, 1, waiver.line, 1 + len("[[waivers]]")),
        text=f"{waiver.rule} {name}",
        message=message,
        suggestion="删去这条豁免，或重新报批",
        clause=stale_waiver.CLAUSE,
    )
