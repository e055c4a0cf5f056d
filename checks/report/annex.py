"""The annex of a periodic report: every finding, every indicator, every channel, with evidence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bureau.workdays import ZONE
from checks.history import Known
from checks.kinds import CLASSES, class_of, name_of
from checks.monitor.snapshot import Snapshot
from checks.report.document import Column, Table
from checks.report.material import LEVELS, MODES, Material, is_reported, points
from checks.report.problems import owner
from checks.scoring import Counted, Score


def tables(material: Material, scores: Sequence[Score]) -> Iterator[Table]:
    yield from _findings(material)
    for result in scores:
        yield _all_rows(result)
    yield _evidence(material)
    yield Table(
        "栏目更新",
        (
            Column("栏目", 2),
            Column("路径", 2),
            Column("责任部门", 2),
            Column("最近更新", 2),
            Column("期限（天）", 1, number=True),
            Column("稿件数", 1, number=True),
        ),
        tuple(
            (row.name, row.path, row.owner, (row.latest or "")[:10], str(row.limit_days), str(row.articles))
            for row in material.snapshot.channels
        ),
    )
    yield from _departments(material.snapshot)
    yield _tickets(material.snapshot.desk or {})
    yield Table(
        "没能检查",
        (Column("项目", 2), Column("原因", 6)),
        (
            *material.snapshot.unchecked,
            *((row, reason) for result in scores for row, reason in result.unjudged),
        ),
    )


def _tickets(desk: Mapping[str, Any]) -> Table:
    columns = (
        Column("编号", 2), Column("类型", 2), Column("事项", 4), Column("状态", 1), Column("开单", 2),
        Column("响应（分钟）", 1, number=True), Column("告知（分钟）", 1, number=True),
        Column("处理（分钟）", 1, number=True), Column("超时", 2),
    )  # fmt: skip
    keys = (
        "number",
        "kind",
        "title",
        "status",
        "opened",
        "response_minutes",
        "told_minutes",
        "repair_minutes",
    )
    rows = tuple(
        (
            *("" if row.get(key) is None else str(row[key]) for key in keys),
            "、".join(map(str, row.get("breaches", ()))),
        )
        for row in desk.get("rows", ())
    )
    return Table("服务工单", columns, rows)


def _findings(material: Material) -> Iterator[Table]:
    """One sheet a class; those that a person left out of the report are there too, and say so."""
    columns = (
        Column("编号", 2), Column("类型", 2), Column("级别", 1), Column("原文（【】内为问题）", 5), Column("问题", 5),
        Column("建议", 3), Column("依据", 3), Column("文件与行", 5), Column("网址", 5), Column("责任单位", 2),
        Column("首次发现", 2), Column("最近发现", 2), Column("反馈", 2), Column("改正", 2), Column("改正人", 1),
        Column("状态", 1), Column("结论", 3), Column("纳入报告", 1),
    )  # fmt: skip
    for name in CLASSES:
        rows = tuple(
            _finding_row(row, material) for row in material.known if class_of(row.finding.rule) == name
        )
        if rows:
            yield Table(f"问题 {name}", columns, rows)


def _finding_row(row: Known, material: Material) -> tuple[str, ...]:
    found = row.finding
    judged = "属实" if row.verdict == "confirmed" else "误报"
    state = "误报" if row.verdict == "false-alarm" else "已改" if row.mended_at else "未改"
    return (
        found.fingerprint[:12], name_of(found.rule), LEVELS[found.severity.value], row.shown.quote or found.text,
        found.message, found.suggestion, found.clause, str(found.place), row.shown.url, owner(row, material),
        _moment(row.first_seen), _moment(row.last_seen), _moment(row.fed_back_at), _moment(row.mended_at),
        row.mended_by, state, f"{row.verdict_by}判为{judged}：{row.verdict_reason}" if row.verdict else "",
        "是" if is_reported(row) else "否",
    )  # fmt: skip


def _evidence(material: Material) -> Table:
    """Where each count of the two tables comes from."""
    facts = material.snapshot.scored
    rows = tuple(
        (table.short, row.id, item.text, points(fact.count), piece)
        for table in material.tables
        for row in table.rows
        for item in row.items
        if isinstance(fact := facts.get(item.measure), Counted)
        for piece in fact.evidence
    )
    columns = (
        Column("指标体系", 2), Column("指标", 1), Column("内容", 4), Column("数量", 1, number=True), Column("依据", 8),
    )  # fmt: skip
    return Table("指标依据", columns, rows)


def _departments(snapshot: Snapshot) -> Iterator[Table]:
    """Each against its plan, and each by channel."""
    yield Table(
        "部门发稿",
        (
            Column("部门", 3),
            Column("发稿", 1, number=True),
            Column("计划", 1, number=True),
            Column("还差", 1, number=True),
        ),
        tuple(
            (
                row.name,
                str(row.total),
                "" if row.planned is None else str(row.planned),
                "" if row.planned is None else str(row.short_by),
            )
            for row in snapshot.departments
        ),
    )
    yield Table(
        "部门与栏目",
        (Column("部门", 3), Column("栏目", 3), Column("条数", 1, number=True)),
        tuple(
            (row.name, channel, str(count))
            for row in snapshot.departments
            for channel, count in row.by_channel
        ),
    )


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" if at else ""


def _all_rows(result: Score) -> Table:
    facts = {row.indicator.id: row for row in result.rows}
    columns = (
        Column("指标", 1), Column("类别", 2), Column("名称", 3), Column("判定", 1), Column("问题", 4),
        Column("数量", 1, number=True), Column("计分", 1, number=True), Column("说明", 3),
    )  # fmt: skip
    unjudged = dict(result.unjudged)
    rows = [
        (
            row.id, row.group, row.name, MODES[row.mode], item.text,
            points(facts[row.id].counts.get(item.measure, Decimal(0))) if row.id in facts else "",
            points(facts[row.id].points) if row.id in facts else "", unjudged.get(row.id, ""),
        )
        for row in result.table.rows
        for item in row.items
    ]  # fmt: skip
    return Table(result.table.short, columns, tuple(rows))
