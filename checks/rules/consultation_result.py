"""民意征集结束后一个月内要公开结果反馈。

征集稿件的 closes 是截止日，result 是结果反馈稿的 id。截止之后没有写 result，或写的 id 没有这篇稿件，就提醒公布结果；
一个月内是提示，过了一个月是警告。反馈稿自己也写着 opens、closes，被 result 指到的就不再要求反馈。

反例  closes: 2026-10-09，今天 2026-11-20，没有 result      已过一个月
反例  result: 20261026-999                               没有这篇稿件
正例  result: 20261026-577                               结果反馈稿已经发布
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from checks.finding import Finding, Place, Severity
from checks.site_view import Site

ID = "consultation-result"
CLAUSE = "2019 检查指标 B07：征集活动结束后 1 个月内公开结果反馈"
NEEDS_MANIFEST = True
TERM = timedelta(days=31)  # the longest month, as the indicator's measure counts


@dataclass(frozen=True, slots=True)
class _Consultation:
    path: str
    line: int
    id: str
    title: str
    closes: date
    result: str


def check_site(site: Site) -> Iterator[Finding]:
    rows = list(_consultations(site))
    known, results = {row.id for row in rows}, {row.result for row in rows}
    for row in rows:
        if row.id in results or row.result in known or row.closes >= site.today:
            continue
        due = row.closes + TERM
        late = site.today > due
        told = f"，但没有编号为 {row.result} 的结果反馈稿" if row.result else ""
        yield Finding(
            rule=ID,
            severity=Severity.WARNING if late else Severity.INFO,
            place=Place(row.path, row.line, 1, row.line, 1 + len("closes")),
            text=row.title,
            message=f"征集已于 {row.closes} 结束{told}，结果应在 {due} 前公开{'，已经逾期' if late else ''}",
            suggestion="发布结果反馈稿，并在这里的 result 写上它的 id",
            clause=CLAUSE,
        )


def _consultations(site: Site) -> Iterator[_Consultation]:
    """Every article of the channels of this kind that has a closing day; drafts and withdrawn ones ask nothing."""
    channels = tuple(
        f"/{channel.path}/" for channel in site.around.channels if channel.kind == "consultation"
    )
    for path in sorted(site.sources):
        if not any(channel in path for channel in channels):
            continue
        source = site.source(path)
        head: Any = source.head if source else None
        closes = _day(head.values.get("closes")) if head else None
        if closes is None or head.values.get("status") in ("draft", "withdrawn"):
            continue
        text = {key: str(head.values.get(key) or "") for key in ("id", "title", "result")}
        yield _Consultation(
            path, head.lines.get("closes", 1), text["id"], text["title"], closes, text["result"]
        )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None
