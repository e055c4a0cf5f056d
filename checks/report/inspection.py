"""《服务器巡检报告》: the week's readings, what changed since the last one, what is to be done."""

from datetime import datetime

from bureau.workdays import ZONE
from checks.report.document import Block, Column, Document, Heading, Paragraph, Table
from checks.server.inspection import Inspection, Trend, trends
from checks.server.reading import Reading, State

STATES = {State.GOOD: "正常", State.WARNING: "接近限值", State.BAD: "异常", State.UNREAD: "未读到"}
MARKS = {State.GOOD: "good", State.WARNING: "warning", State.BAD: "bad", State.UNREAD: ""}


def compose(inspection: Inspection, before: Inspection | None, *, issuer: str, recipient: str) -> Document:
    at = inspection.at.astimezone(ZONE)
    rows = trends(inspection, before)
    return Document(
        title="服务器巡检报告",
        issuer=issuer,
        recipient=recipient,
        dated=at.date(),
        blocks=tuple(_blocks(inspection, rows, at, before)),
        annex=(_details(inspection.readings),),
    )


def _blocks(
    inspection: Inspection, rows: list[Trend], at: datetime, before: Inspection | None
) -> list[Block]:
    since = (
        f"上次巡检 {before.at.astimezone(ZONE):%Y-%m-%d %H:%M}" if before else "首次巡检，没有上次数据可比"
    )
    return [
        Heading(1, "结论"),
        Paragraph(verdict(inspection), "verdict"),
        Paragraph(f"巡检时间 {at:%Y-%m-%d %H:%M}，主机 {inspection.host}；{since}。"),
        Heading(1, "需要处理的事项"),
        _to_do(inspection),
        Heading(1, "巡检结果"),
        _results(rows),
        *_recovered(rows),
        Paragraph(
            "注：依据维护合同一（一）1“每周巡检”；限值见 site.toml 的 [inspection]。“未读到”不算正常。",
            "note",
        ),
    ]


def verdict(inspection: Inspection) -> str:
    good = sum(reading.state in (State.GOOD, State.WARNING) for reading in inspection.readings)
    parts = [f"共 {len(inspection.readings)} 项，正常 {good} 项"]
    if inspection.bad:
        parts.append(f"异常 {len(inspection.bad)} 项（{'、'.join(row.name for row in inspection.bad)}）")
    if inspection.unread:
        parts.append(f"未读到 {len(inspection.unread)} 项")
    return "，".join(parts) + "。"


def _to_do(inspection: Inspection) -> Table:
    rows = [row for row in inspection.readings if row.state is not State.GOOD and row.advice]
    return Table(
        "需要处理的事项",
        (Column("项目", 2), Column("现状", 4), Column("办法", 4)),
        tuple((row.name, row.value, row.advice) for row in rows),
        marks=tuple(MARKS[row.state] for row in rows),
    )


def _results(rows: list[Trend]) -> Table:
    return Table(
        "巡检项目一览",
        (Column("项目", 3), Column("结果", 2), Column("数值", 4), Column("限值", 3), Column("比上次", 2)),
        tuple(
            (row.now.name, STATES[row.now.state], row.now.value, row.now.limit, _change(row)) for row in rows
        ),
        marks=tuple(MARKS[row.now.state] for row in rows),
    )


def _change(row: Trend) -> str:
    if row.change is None:
        return "—"
    return "持平" if row.change == 0 else f"{row.change:+g}"


def _recovered(rows: list[Trend]) -> list[Block]:
    names = [row.now.name for row in rows if row.recovered]
    return [Paragraph(f"上次异常、这次已恢复：{'、'.join(names)}。")] if names else []


def _details(readings: tuple[Reading, ...]) -> Table:
    return Table(
        "巡检明细",
        (Column("项目", 2), Column("结果", 1), Column("数值", 3), Column("限值", 2), Column("细节", 6)),
        tuple(
            (row.name, STATES[row.state], row.value, row.limit, "；".join(row.details)) for row in readings
        ),
    )
