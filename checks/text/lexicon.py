"""The word lists: tab-separated files, one row a word.

Columns: wrong, right, severity, class, except-before, except-after, scope, from, until, basis.
`except-*` are texts, separated by `|`, beside which the word is no error. `scope` names the kinds of text
(title body meta alt attachment; empty: all) and how to look: `exact` (as written, no folding), `noise` (also
with marks between its characters), `word` (only where a segmenter sees its borders), `near:甲|乙` (only with one of
these in the same sentence), `unless:甲|乙` (only without them: 引渡 is wrong between 两岸, right between states).
A row of severity `allow` is a right word; it wins over any shorter wrong word that it overlaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec

from bureau.errors import ConfigError
from checks.finding import Severity
from checks.text.blocks import Scope
from checks.text.reach import AROUND

FOLDER = Path(__file__).parents[1] / "data" / "words"
COLUMNS = (
    "wrong", "right", "severity", "class", "except-before", "except-after", "scope", "from", "until", "basis",
)  # fmt: skip
ALLOW = "allow"
SCOPES = frozenset(get_args(Scope))
MANNERS = frozenset({"exact", "noise", "word"})
NEAR, UNLESS = "near:", "unless:"
_EMPTY = [""] * len(COLUMNS)
_SEVERITIES: Mapping[str, Severity] = {str(severity): severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class WordClass:
    rule: str
    name: str


CLASSES: Mapping[str, WordClass] = {
    "typo": WordClass("typo", "错别字"),
    "form": WordClass("typo", "推荐词形"),
    "usage": WordClass("typo", "易混词"),
    "gambling": WordClass("sensitive-word", "涉赌"),
    "porn": WordClass("sensitive-word", "涉黄"),
    "drugs": WordClass("sensitive-word", "涉毒"),
    "fraud": WordClass("sensitive-word", "诈骗"),
    "contraband": WordClass("sensitive-word", "违禁品"),
    "vulgar": WordClass("sensitive-word", "粗俗"),
    "superstition": WordClass("sensitive-word", "迷信"),
    "forbidden": WordClass("sensitive-word", "禁用语"),
    "advertising": WordClass("sensitive-word", "广告绝对化用语"),
    "own": WordClass("sensitive-word", "本单位词表"),
    "state": WordClass("grave-wording", "国名与机构"),
    "phrase": WordClass("grave-wording", "固定提法"),
    "territory": WordClass("grave-wording", "涉港澳台与疆域"),
    "ethnic": WordClass("grave-wording", "民族宗教"),
    "history": WordClass("grave-wording", "历史事件"),
    "legal": WordClass("grave-wording", "法律用语"),
    "group": WordClass("grave-wording", "社会群体"),
    "symbol": WordClass("grave-wording", "国家象征"),
}


class Entry(msgspec.Struct, frozen=True, gc=False):
    wrong: str
    right: str
    severity: Severity | None  # None: a right word (allow)
    kind: str  # a key of CLASSES
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    scopes: frozenset[str] = SCOPES
    manners: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()  # wrong only in a sentence with one of these
    unless: tuple[str, ...] = ()  # right in a sentence with one of these
    since: date | None = None
    until: date | None = None
    basis: str = ""

    @property
    def replacement(self) -> str:
        """The text to write instead. Empty where `right` explains （…） or leaves a choice (甲；乙)."""
        return "" if "；" in self.right or self.right.endswith("）") else self.right

    @property
    def advice(self) -> str:
        """`right` as the second half of a message: 应为“甲”, 应为“甲”或“乙”, or the explanation as it is."""
        if not self.right or self.right.startswith("（"):
            return self.right
        return f"，应为{'或'.join(map(_quoted, self.right.split('；')))}"

    def in_force(self, today: date) -> bool:
        return (self.since is None or self.since <= today) and (self.until is None or today <= self.until)


def _quoted(right: str) -> str:
    """“甲”, and what is in brackets behind it outside of the marks."""
    text, bracket, note = right.partition("（") if right.endswith("）") else (right, "", "")
    quoted = text if text.startswith("“") and text.endswith("”") else f"“{text}”"
    return f"{quoted}{bracket}{note}"


def read(path: Path) -> list[Entry]:
    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"读不到词表，或它不是 UTF-8 编码：{error}") from error


def parse(text: str, path: str) -> list[Entry]:
    """The rows of a word list. Raises ConfigError with the line and the mend for a bad one."""
    entries: list[Entry] = []
    lines_of: dict[tuple[str, bool, frozenset[str]], int] = {}
    header = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not header:
            if tuple(cells) != COLUMNS:
                raise ConfigError(path, f"第一行应是列名（以制表符分隔）：{' '.join(COLUMNS)}", number)
            header = True
            continue
        entry = _entry(cells, path, number)
        key = (entry.wrong, entry.severity is None, entry.scopes)
        if key in lines_of:
            raise ConfigError(path, f"“{entry.wrong}”与第 {lines_of[key]} 行重复，请删去一行", number)
        lines_of[key] = number
        entries.append(entry)
    return entries


def _entry(cells: Sequence[str], path: str, number: int) -> Entry:
    if len(cells) > len(COLUMNS):
        raise ConfigError(path, f"多于 {len(COLUMNS)} 列，请检查制表符", number)
    row = dict(zip(COLUMNS, [*map(str.strip, cells), *_EMPTY], strict=False))
    if problem := _problem(row):
        raise ConfigError(path, problem, number)
    return Entry(
        wrong=row["wrong"],
        right=row["right"],
        severity=None if row["severity"] == ALLOW else _SEVERITIES[row["severity"]],
        kind=row["class"],
        basis=row["basis"],
        # a row costs every command time, and most rows have no conditions
        **(_conditions(row) if _has_conditions(row) else {}),
    )


def _has_conditions(row: Mapping[str, str]) -> bool:
    return bool(row["except-before"] or row["except-after"] or row["scope"] or row["from"] or row["until"])


def _conditions(row: Mapping[str, str]) -> dict[str, Any]:
    words = row["scope"].split()
    return {
        "before": _guards(row["except-before"]),
        "after": _guards(row["except-after"]),
        "scopes": frozenset(words) & SCOPES or SCOPES,
        "manners": frozenset(words) & MANNERS,
        "near": _told(words, NEAR),
        "unless": _told(words, UNLESS),
        "since": date.fromisoformat(row["from"]) if row["from"] else None,
        "until": date.fromisoformat(row["until"]) if row["until"] else None,
    }


def _told(words: Iterable[str], prefix: str) -> tuple[str, ...]:
    return _guards("|".join(word.removeprefix(prefix) for word in words if word.startswith(prefix)))


def _guards(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _problem(row: Mapping[str, str]) -> str:
    """What is wrong with a row, in the editor's words; empty when nothing is."""
    wrong = row["wrong"]
    if not wrong:
        return "wrong 一列是空的，请写上要找的词"
    if len(wrong) < 2 or len(wrong) > AROUND:
        return f"“{wrong}”应有 2 至 {AROUND} 个字"
    if row["severity"] != ALLOW and row["severity"] not in _SEVERITIES:
        return f"severity 不认识“{row['severity']}”，可用：{'、'.join([*Severity, ALLOW])}"
    if row["class"] not in CLASSES:
        return f"class 不认识“{row['class']}”，可用：{'、'.join(CLASSES)}"
    if row["right"] == wrong:
        return f"right 与 wrong 相同（{wrong}），请改正"
    if not row["basis"]:
        return f"“{wrong}”缺少 basis，请写明依据"
    if not _has_conditions(row):
        return ""
    return _scope_problem(row["scope"].split()) or _date_problem(row) or _guard_problem(row)


def _scope_problem(words: Sequence[str]) -> str:
    for word in words:
        if word.startswith((NEAR, UNLESS)):
            if "" in word.partition(":")[2].split("|"):
                return f"scope 的“{word}”里有空的一项，请检查竖线"
        elif word not in SCOPES | MANNERS:
            return f"scope 不认识“{word}”，可用：{'、'.join([*sorted(SCOPES | MANNERS), f'{NEAR}甲|乙', f'{UNLESS}甲|乙'])}"
    return ""


def _date_problem(row: Mapping[str, str]) -> str:
    for column in ("from", "until"):
        try:
            date.fromisoformat(row[column] or "2000-01-01")
        except ValueError:
            return f"{column} 应写成 2026-01-31 的样子，现为“{row[column]}”"
    if row["from"] and row["until"] and row["from"] > row["until"]:
        return "from 晚于 until，这一行永远不会生效"
    return ""


def _guard_problem(row: Mapping[str, str]) -> str:
    for column, covers in (("except-before", str.endswith), ("except-after", str.startswith)):
        guards = _guards(row[column])
        for at, guard in enumerate(guards):
            if not guard or guard != guard.strip():
                return f"{column} 里有空的一项，请检查竖线"
            others = guards[:at] + guards[at + 1 :]
            if other := next((other for other in others if covers(guard, other)), ""):
                return f"{column} 的“{guard}”永远用不到：“{other}”已经包括它"
    return ""
