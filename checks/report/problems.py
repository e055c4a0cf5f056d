"""What was found in the period: by responsible unit and kind, the gravest with their evidence, and how it was mended."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from bureau.workdays import ZONE
from checks.finding import Severity
from checks.history import Known
from checks.kinds import name_of
from checks.report.charts import bars, lines
from checks.report.document import Block, Column, Heading, Paragraph, Table
from checks.report.material import LEVELS, Material

SHOWN = 15  # of the gravest; the annex has all
HOUR = timedelta(hours=1)
FEEDBACK = 4 * HOUR  # 合同一（三）2
OPERATIONS = "网站运维"  # whose what no department owns is
ORDER = list(Severity)


def problems(material: Material) -> list[Block]:
    by_owner: dict[str, Counter[str]] = {}
    for row in material.reported:
        counter = by_owner.setdefault(owner(row, material), Counter())
        counter[row.finding.severity.value] += 1
        counter["open"] += row.is_open
    rows = tuple(
        (name, *(str(counts[level.value]) for level in Severity), str(counts["open"]))
        for name, counts in sorted(by_owner.items(), key=lambda row: (-row[1].total(), row[0]))
    )
    columns = (
        Column("责任单位", 5),
        *(Column(LEVELS[level.value], 2, number=True) for level in Severity),
        Column("未改", 2, number=True),
    )
    kinds = Counter(name_of(row.finding.rule) for row in material.reported)
    blocks: list[Block] = [
        Heading(1, "发现的问题"),
        Table("问题按责任单位统计", columns, rows, empty="没有问题"),
    ]
    if kinds:
        ranked = sorted(kinds.items(), key=lambda row: (-row[1], row[0]))
        blocks.append(bars("问题按类型统计（处）", [(name, float(count)) for name, count in ranked]))
    return [*blocks, _gravest(material)]


def owner(row: Known, material: Material) -> str:
    return material.snapshot.owners.get(row.finding.fingerprint, "") or OPERATIONS


def _gravest(material: Material) -> Table:
    """Vetoes before errors, what is still open before what is mended, the newest first."""
    grave = sorted(
        (row for row in material.reported if row.finding.severity.blocks),
        key=lambda row: (
            ORDER.index(row.finding.severity),
            not row.is_open,
            -row.first_seen.timestamp(),
            row.finding.fingerprint,
        ),
    )
    rows = tuple(
        (
            row.shown.quote or row.finding.text,
            f"{row.finding.message}（{LEVELS[row.finding.severity.value]}）",
            f"{row.finding.place} {row.shown.url}".rstrip(),
            "；".join(life(row)),
        )
        for row in grave[:SHOWN]
    )
    marks = tuple("bad" if row.is_open else "good" for row in grave[:SHOWN])
    more = f"（前 {SHOWN} 处，共 {len(grave)} 处，全部见附表）" if len(grave) > SHOWN else ""
    columns = (Column("原文", 4), Column("问题", 4), Column("位置与网址", 5), Column("经过", 4))
    return Table(f"主要问题{more}", columns, rows, empty="没有错误或疑似否决", marks=marks)


def life(row: Known) -> list[str]:
    """The chain of states, each with its time and, where somebody stands for it, the name."""
    told = [f"{_minute(row.first_seen)} 发现"]
    if row.fed_back_at:
        told.append(f"{_minute(row.fed_back_at)} 反馈")
    if row.verdict:
        told.append(f"{row.verdict_by}判为{'属实' if row.verdict == 'confirmed' else '误报'}")
    if row.mended_at:
        told.append(f"{_minute(row.mended_at)} 改正" + (f"（{row.mended_by}）" if row.mended_by else ""))
    else:
        told.append(f"{_minute(row.last_seen)} 仍在")
    return told


def _minute(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M}"


def corrections(material: Material) -> list[Block]:
    """By level: how many, how many mended, how long that took, how many fed back in time."""
    columns = (
        Column("级别", 3), Column("发现", 2, number=True), Column("已改", 2, number=True),
        Column("改正中位用时", 3), Column("最长用时", 3), Column("4 小时内反馈", 3, number=True),
    )  # fmt: skip
    rows = tuple(
        _corrected(level, found)
        for level in Severity
        if (found := [row for row in material.reported if row.finding.severity is level])
    )
    grave = [row for row in material.reported if row.finding.severity.blocks]
    late = [row for row in grave if not _in_time(row)]
    words = (
        f"错误和疑似否决 {len(grave)} 处，{len(grave) - len(late)} 处在发现后 4 小时内反馈"
        f"{f'，{len(late)} 处没有按时反馈' if late else ''}。"
        if grave
        else "期内没有须在 4 小时内反馈的问题。"
    )
    return [
        Heading(1, "整改与反馈"),
        Table("改正与反馈用时", columns, rows, empty="没有问题"),
        Paragraph(words),
    ]


def _corrected(level: Severity, found: Sequence[Known]) -> tuple[str, ...]:
    took = [(row.mended_at - row.first_seen) / HOUR for row in found if row.mended_at]
    in_time = str(sum(map(_in_time, found))) if level.blocks else "—"
    middle, longest = (_span(median(took)), _span(max(took))) if took else ("—", "—")
    return LEVELS[level.value], str(len(found)), str(len(took)), middle, longest, in_time


def _in_time(row: Known) -> bool:
    return row.fed_back_at is not None and row.fed_back_at - row.first_seen <= FEEDBACK


def _span(hours: float) -> str:
    return f"{hours:.1f} 小时" if hours < 48 else f"{hours / 24:.1f} 天"


def trend(material: Material) -> list[Block]:
    """Twelve months of what stood at each month's end, and of both scores."""
    labels = [row.month[2:] for row in material.trend]
    blocks: list[Block] = [Heading(1, "趋势")]
    if not any(row.has_data for row in material.trend):
        return [*blocks, Paragraph("还没有可比的月份。")]
    counts = (
        ("错误和疑似否决", [row.errors for row in material.trend]),
        ("提醒", [row.warnings for row in material.trend]),
    )
    scores = [
        (table.short, [row.scores[number] if row.scores else None for row in material.trend])
        for number, table in enumerate(material.tables)
    ]
    blocks.append(lines("近十二个月问题数（月末在查数，处）", labels, counts))
    if any(row.scores for row in material.trend):
        blocks.append(lines("近十二个月得分（分）", labels, scores))
    return blocks
