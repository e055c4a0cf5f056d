"""What the site and its people did in the period: channels, departments, letters, the service desk, the runs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bureau.workdays import ZONE
from checks.monitor.snapshot import ChannelState, DepartmentState, Snapshot
from checks.report.charts import bars, heat
from checks.report.document import Block, Column, Heading, Paragraph, Table

DESK_FIGURES = (
    ("tickets", "工单（件）"), ("open", "其中在办（件）"), ("breached", "超过时限（件）"),
    ("response_minutes_median", "响应中位时间（分钟，限 120）"), ("repair_minutes_median", "处理中位时间（分钟，限 480）"),
    ("feedback_minutes_median", "监测反馈中位时间（分钟，限 240）"), ("inspections", "巡检（次）"),
    ("trainings", "培训（次）"), ("trained", "培训人次"),
)  # fmt: skip
MONTH_FIGURES = (
    ("received", "收到（封）"), ("accepted", "受理（封）"), ("answered", "答复（封）"), ("overdue", "超期（封）"),
    ("on_time_share", "按期办结率"), ("median_days", "办理中位天数"), ("published", "公开（封）"),
)  # fmt: skip
SHARES = ("on_time_share",)  # told by the mailbox as parts of one
BOARDS = ("国务院", "省政府")  # 合同一（三）2: whose exposure boards are looked at


def freshness(snapshot: Snapshot) -> list[Block]:
    judged = [row for row in snapshot.channels if row.limit_days and not row.archived]
    day = snapshot.at.astimezone(ZONE).date()
    ages = sorted(((row, _age(row, day)) for row in judged), key=lambda pair: -pair[1] / pair[0].limit_days)
    blank = [row.name for row in judged if not row.latest]
    stale = [row.name for row, age in ages if row.latest and age > row.limit_days]
    said = f"超期未更新 {len(stale)} 个" + (f"（{'、'.join(stale)}）" if stale else "")
    said += f"，没有内容 {len(blank)} 个" + (f"（{'、'.join(blank)}）" if blank else "") + "。"
    shown = [(row.name, float(age), float(row.limit_days)) for row, age in ages if row.latest][:20]
    blocks: list[Block] = [
        Heading(1, "栏目更新"),
        Paragraph(f"有更新期限的栏目 {len(judged)} 个，{said}"),
    ]
    if shown:
        most = f"，最紧的 {len(shown)} 个" if len(shown) < len(judged) else ""
        blocks.append(heat(f"栏目距上次更新的天数与期限（竖线为期限{most}）", shown))
    return blocks


def _age(row: ChannelState, day: date) -> int:
    return (day - datetime.fromisoformat(row.latest).date()).days if row.latest else 0


def departments(snapshot: Snapshot) -> list[Block]:
    active = [row for row in snapshot.departments if row.total or row.planned]
    columns = (
        Column("部门", 4),
        Column("发稿", 1, number=True),
        Column("计划", 1, number=True),
        Column("还差", 1, number=True),
        Column("主要栏目", 5),
    )
    silent = [row.name for row in snapshot.departments if not row.total]
    blocks: list[Block] = [
        Heading(1, "部门信息发布"),
        Table(
            "部门发稿统计（条）",
            columns,
            tuple(_department(row) for row in active),
            empty="本期没有发稿",
            marks=tuple("warning" if row.short_by else "" for row in active),
        ),
    ]
    if any(row.total for row in active):
        blocks.append(bars("部门发稿（条）", [(row.name, float(row.total)) for row in active[:15]]))
    return [*blocks, Paragraph(f"本期没有发稿的部门：{'、'.join(silent) or '无'}。")]


def _department(row: DepartmentState) -> tuple[str, ...]:
    planned, short = ("—", "—") if row.planned is None else (str(row.planned), str(row.short_by))
    main = "；".join(f"{name} {count}" for name, count in row.by_channel[:4])
    return row.name, str(row.total), planned, short, main


def letters(snapshot: Snapshot) -> list[Block]:
    heading = Heading(1, "领导信箱")
    if snapshot.mailbox is None:
        return [heading, Paragraph("信箱统计没有读到，本节未判定。")]
    months: Mapping[str, Mapping[str, Any]] = snapshot.mailbox.get("months") or {}
    columns = (Column("月份", 2), *(Column(name, 2, number=True) for _, name in MONTH_FIGURES))
    rows = tuple(
        (month, *(_figure(figures.get(key), share=key in SHARES) for key, _ in MONTH_FIGURES))
        for month, figures in sorted(months.items())[-3:]
    )
    oldest = snapshot.mailbox.get("oldest_unanswered_days")
    words = f"最久未答复的来信 {oldest} 天。" if oldest else "没有隔日未答复的来信。"
    return [heading, Table("来信办理统计", columns, rows, empty="没有来信"), Paragraph(words)]


def _figure(value: object, *, share: bool = False) -> str:
    if value is None:
        return "—"
    if isinstance(value, int | float) and share:
        return f"{100 * value:.1f}%"
    return f"{value:g}" if isinstance(value, float) else str(value)


def availability(snapshot: Snapshot) -> list[Block]:
    week = snapshot.availability
    heading = Heading(1, "网站可用性")
    if week is None or week.percent is None:
        return [heading, Paragraph("没有可用性采样，本节未判定。")]
    words = (
        f"最近一周访问首页 {week.visits} 次，打不开 {week.failures} 次，占 {week.percent:g}%；"
        f"否决线 5%，还可以失败 {week.failures_left} 次。"
    )
    if week.ipv6_visits:
        words += f"经 IPv6 访问 {week.ipv6_visits} 次，打不开 {week.ipv6_failures} 次。"
    columns = (Column("从", 3), Column("到", 3), Column("中断（小时）", 2, number=True))
    gaps = tuple(
        (_minute(begin), _minute(end), f"{(end - begin).total_seconds() / 3600:.1f}")
        for begin, end in week.gaps
    )
    return [
        heading,
        Paragraph(words),
        Table("没有采样的时段（不算正常，也不算打不开）", columns, gaps, empty="无"),
    ]


def _minute(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M}"


def services(snapshot: Snapshot) -> list[Block]:
    used, quota = len(snapshot.adjustments), snapshot.adjustments_quota
    columns = (Column("编号", 2), Column("提出", 2), Column("内容", 8))
    rows = tuple((row["number"], row["requested"], row["summary"]) for row in snapshot.adjustments)
    blocks: list[Block] = [
        Heading(1, "运维服务"),
        Paragraph(f"局部调整本合同年已用 {used} 次，合同限 {quota} 次，还剩 {quota - used} 次。"),
        Table("局部调整台账", columns, rows, empty="本合同年没有调整"),
    ]
    if snapshot.desk is None:
        return [*blocks, Paragraph("服务台登记没有读到，本节未判定。")]
    figures = (Column("项目", 4), Column("数值", 2, number=True))
    desk = tuple((label, _figure(snapshot.desk.get(key))) for key, label in DESK_FIGURES)
    return [*blocks, Table("服务台登记（本合同年）", figures, desk)]


def execution(snapshot: Snapshot) -> list[Block]:
    columns = (Column("任务", 3), Column("应做日", 4), Column("实做日", 2))
    rows = tuple((row.kind, row.when, f"{row.made}" if row.made else "未做") for row in snapshot.late_runs)
    return [
        Heading(1, "监测执行情况"),
        Table("补做或未做的监测", columns, rows, empty="全部按时"),
        *_boards(snapshot),
        _deliveries(snapshot),
    ]


def _deliveries(snapshot: Snapshot) -> Table:
    columns = (
        Column("报告期", 2), Column("期限", 3), Column("送达", 3), Column("送给", 3), Column("经办", 2), Column("回执", 3)
    )  # fmt: skip
    rows = tuple(
        (row.period, f"{row.due}", f"{row.on}", row.to, row.by, row.receipt or "—")
        for row in snapshot.deliveries
    )
    marks = tuple("bad" if row.is_late else "good" for row in snapshot.deliveries)
    return Table("近一年报告送达", columns, rows, empty="没有登记", marks=marks)


def _boards(snapshot: Snapshot) -> list[Block]:
    columns = (
        Column("曝光台", 3),
        Column("结果", 4),
        Column("证据", 4),
        Column("核对人", 2),
        Column("日期", 3),
    )
    rows = tuple(
        (row.board, row.result, row.evidence, row.by, f"{row.on}") for row in snapshot.exposure_boards
    )
    missed = [name for name in BOARDS if not any(name in row.board for row in snapshot.exposure_boards)]
    blocks: list[Block] = [Table("曝光台巡查", columns, rows, empty="本期没有填写")]
    if missed:
        blocks.append(Paragraph(f"本期没有巡查的曝光台：{'、'.join(missed)}。"))
    return blocks
