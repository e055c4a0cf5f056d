"""《网站监测月报》 and 《网站监测季报》: composed from a snapshot and the findings' lives, nothing else.

Verdict first; then vetoes with value, threshold and margin; both scores side by side; problems by
responsible unit; evidence in the annex. The same snapshot and history give the same document.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from bureau.workdays import ZONE
from checks.finding import Severity
from checks.history import Known
from checks.monitor.snapshot import ChannelState, Snapshot
from checks.report import annex
from checks.report.charts import bars, heat, lines
from checks.report.document import Block, Column, Document, Heading, Paragraph, Table
from checks.report.material import LEVELS, Material, points
from checks.scoring import Counted, Part, Score, Unjudged

DESK_FIGURES = (
    ("tickets", "工单（件）"), ("open", "其中在办（件）"), ("breached", "超过时限（件）"),
    ("response_minutes_median", "响应中位时间（分钟，限 120）"), ("repair_minutes_median", "处理中位时间（分钟，限 480）"),
    ("feedback_minutes_median", "监测反馈中位时间（分钟，限 240）"), ("inspections", "巡检（次）"),
    ("trainings", "培训（次）"), ("trained", "培训人次"),
)  # fmt: skip
MONTH_FIGURES = (
    ("received", "收到（封）"), ("accepted", "受理（封）"), ("answered", "答复（封）"), ("overdue", "超期（封）"),
    ("on_time_share", "按期办结率（%）"), ("median_days", "办理天数中位数"), ("published", "公开（封）"),
)  # fmt: skip


def compose(material: Material, title: str) -> Document:
    snapshot, scores = material.snapshot, material.scores
    return Document(
        title=title,
        issuer=material.issuer,
        recipient=material.recipient,
        dated=min(snapshot.due, max(snapshot.at.astimezone(ZONE).date(), snapshot.last)),
        blocks=(
            *_conclusion(material, scores),
            *_vetoes(scores, snapshot),
            *_scores(scores),
            *_problems(material),
            *_freshness(snapshot),
            *_departments(snapshot),
            *_letters(snapshot),
            *_availability(snapshot),
            *_corrections(material),
            *_services(snapshot),
            *_execution(snapshot),
            *_trend(material),
            *_footnotes(scores),
        ),
        annex=tuple(annex.tables(material, scores)),
    )


def _conclusion(material: Material, scores: Sequence[Score]) -> list[Block]:
    snapshot = material.snapshot
    lines_of_scores = "；".join(f"按《{row.table.title}》得 {points(row.total)} 分" for row in scores)
    verdicts = [verdict(row) for row in scores]
    opened = [row for row in material.reported if row.is_open]
    return [
        Heading(1, "总体结论"),
        Paragraph(f"本期网站{'、'.join(dict.fromkeys(verdicts))}。{lines_of_scores}。", "verdict"),
        Paragraph(
            f"监测期 {snapshot.first} 至 {snapshot.last}，检查稿件 {snapshot.sources} 件、页面 {snapshot.pages} 个；"
            f"期内发现问题 {len(material.reported)} 处，已改 {len(material.reported) - len(opened)} 处，"
            f"未改 {len(opened)} 处。"
        ),
    ]


def verdict(result: Score) -> str:
    if result.confirmed_vetoes:
        return "不合格（单项否决已确认）"
    if not result.passed:
        return f"不合格（不足 {points(result.table.pass_line)} 分）"
    if result.vetoes:
        return "有疑似单项否决，须由人确认"
    return "未发现单项否决，合格" if not result.unjudged else "已判定的指标合格，另有未判定项"


def _vetoes(scores: Sequence[Score], snapshot: Snapshot) -> list[Block]:
    """Each veto indicator with its value, its threshold, and what is left."""
    rows, marks = [], []
    facts = snapshot.scored
    for result in scores:
        confirmed = {veto.indicator.id: veto.confirmed_by for veto in result.vetoes}
        for row in result.table.rows:
            if row.part is not Part.VETO:
                continue
            for item in row.items:
                fact = facts.get(item.measure, Unjudged("没有提供数据"))
                if isinstance(fact, Unjudged):
                    value, margin, state, mark = "未判定", "—", fact.reason, ""
                else:
                    stands = fact.count >= item.at
                    value, margin = points(fact.count), points(max(item.at - fact.count, Decimal(0)))
                    by = confirmed.get(row.id, "")
                    state = f"成立，{by}确认" if stands and by else "疑似，待确认" if stands else "未触发"
                    mark = "bad" if stands else "good"
                rows.append((row.id, item.text, value, points(item.at), margin, state))
                marks.append(mark)
    columns = (
        Column("指标", 2), Column("内容", 6), Column("现值", 2, number=True), Column("否决线", 2, number=True),
        Column("余量", 2, number=True), Column("结论", 3),
    )  # fmt: skip
    return [Heading(1, "单项否决"), Table("单项否决指标一览", columns, tuple(rows), marks=tuple(marks))]


def _scores(scores: Sequence[Score]) -> list[Block]:
    blocks: list[Block] = [Heading(1, "指标得分")]
    for result in scores:
        blocks.append(Heading(2, f"{result.table.short}（{result.table.basis}）"))
        bonus = f"，加分 {points(result.bonus)} 分" if result.table.bonus_line is not None else ""
        blocks.append(
            Paragraph(f"扣分后 {points(result.deduction_score)} 分{bonus}，合计 {points(result.total)} 分。")
        )
        lost = [row for row in result.rows if row.indicator.part is Part.DEDUCT and row.points]
        blocks.append(
            Table(
                f"{result.table.short}扣分项",
                (
                    Column("指标", 2), Column("名称", 4), Column("问题数", 2, number=True),
                    Column("应扣", 2, number=True), Column("上限", 2, number=True), Column("计扣", 2, number=True),
                ),
                tuple(
                    (
                        row.indicator.id + ("" if row.indicator.confirmed else "※"), row.indicator.name,
                        points(sum(row.counts.values(), Decimal(0))), points(row.raw),
                        points(row.indicator.cap), points(row.points),
                    )
                    for row in lost
                ),
                empty="没有扣分",
            )
        )  # fmt: skip
        if result.unjudged:
            ids = "、".join(dict.fromkeys(row for row, _ in result.unjudged))
            blocks.append(Paragraph(f"未判定的指标：{ids}，原因见附表；未判定不等于合格。"))
    return blocks


def _problems(material: Material) -> list[Block]:
    by_owner: dict[str, Counter[str]] = {}
    for row in material.reported:
        owner = material.owners.get(row.finding.fingerprint, "")
        counter = by_owner.setdefault(owner or "网站运维", Counter())
        counter[row.finding.severity.value] += 1
        counter["open"] += row.is_open
    rows = tuple(
        (owner, *(str(counts[level.value]) for level in Severity), str(counts["open"]))
        for owner, counts in sorted(by_owner.items(), key=lambda row: (-row[1].total(), row[0]))
    )
    columns = (
        Column("责任单位", 4),
        *(Column(LEVELS[level.value], 2, number=True) for level in Severity),
        Column("未改", 2, number=True),
    )
    kinds = Counter(material.rule_names.get(row.finding.rule, row.finding.rule) for row in material.reported)
    blocks: list[Block] = [
        Heading(1, "发现的问题"),
        Table("问题按责任单位统计", columns, rows, empty="没有问题"),
    ]
    if kinds:
        blocks.append(
            bars("问题按类型统计（处）", [(name, float(count)) for name, count in kinds.most_common(10)])
        )
    return [*blocks, _worst(material)]


def _worst(material: Material) -> Table:
    grave = [row for row in material.reported if row.finding.severity.blocks]
    rows = tuple(
        (row.finding.text[:30], row.finding.message, str(row.finding.place), _state(row))
        for row in grave[:15]
    )
    title = "主要问题" if len(grave) <= 15 else f"主要问题（前 15 处，共 {len(grave)} 处，全部见附表）"
    columns = (Column("原文", 2), Column("问题", 4), Column("位置", 4), Column("状态", 2))
    return Table(title, columns, rows, empty="没有错误或疑似否决")


def _state(row: Known) -> str:
    if row.verdict == "false-alarm":
        return "误报"
    return f"已改（{row.mended_at.astimezone(ZONE):%m-%d}）" if row.mended_at else "未改"


def _freshness(snapshot: Snapshot) -> list[Block]:
    judged = [row for row in snapshot.channels if row.limit_days and not row.archived]
    day = snapshot.at.astimezone(ZONE).date()
    ages = sorted(((row, _age(row, day)) for row in judged), key=lambda pair: -pair[1] / pair[0].limit_days)
    blank = [row.name for row in snapshot.channels if not row.latest and row.limit_days and not row.archived]
    stale = [row.name for row, age in ages if row.latest and age > row.limit_days]
    said = f"超期未更新 {len(stale)} 个" + (f"（{'、'.join(stale)}）" if stale else "")
    said += f"，没有内容 {len(blank)} 个" + (f"（{'、'.join(blank)}）" if blank else "") + "。"
    shown = [(row.name, float(age), float(row.limit_days)) for row, age in ages if row.latest][:20]
    return [
        Heading(1, "栏目更新"),
        Paragraph(f"有更新期限的栏目 {len(judged)} 个，{said}"),
        heat("各栏目距上次更新的天数（竖线为期限）", shown),
    ]


def _age(row: ChannelState, day: date) -> int:
    return (day - datetime.fromisoformat(row.latest).date()).days if row.latest else 0


def _departments(snapshot: Snapshot) -> list[Block]:
    active = [row for row in snapshot.departments if row.total or row.planned]
    rows = tuple(
        (
            row.name, str(row.total), "—" if row.planned is None else str(row.planned),
            "；".join(f"{name} {count}" for name, count in row.by_channel[:4]),
        )
        for row in active
    )  # fmt: skip
    columns = (
        Column("部门", 3),
        Column("发稿", 1, number=True),
        Column("计划", 1, number=True),
        Column("主要栏目", 5),
    )
    silent = [row.name for row in snapshot.departments if not row.total]
    blocks: list[Block] = [
        Heading(1, "部门信息发布"),
        Table("部门发稿统计", columns, rows, empty="本期没有发稿"),
    ]
    if active:
        blocks.append(bars("部门发稿（条）", [(row.name, float(row.total)) for row in active[:15]]))
    return [*blocks, Paragraph(f"本期没有发稿的部门：{'、'.join(silent) or '无'}。")]


def _letters(snapshot: Snapshot) -> list[Block]:
    heading = Heading(1, "领导信箱")
    if snapshot.mailbox is None:
        return [heading, Paragraph("信箱统计没有读到，本节未判定。")]
    months = snapshot.mailbox.get("months") or {}
    columns = (Column("月份", 2), *(Column(name, 2, number=True) for _, name in MONTH_FIGURES))
    rows = tuple(
        (month, *(_figure(figures.get(key)) for key, _ in MONTH_FIGURES))
        for month, figures in sorted(months.items())[-3:]
    )
    oldest = snapshot.mailbox.get("oldest_unanswered_days")
    words = f"最久未答复的来信 {oldest} 天。" if oldest else "没有未答复的来信。"
    return [heading, Table("来信办理统计", columns, rows, empty="没有来信"), Paragraph(words)]


def _figure(value: object) -> str:
    return "—" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _availability(snapshot: Snapshot) -> list[Block]:
    week = snapshot.availability
    heading = Heading(1, "网站可用性")
    if week is None or week.percent is None:
        return [heading, Paragraph("没有可用性采样，本节未判定。")]
    gaps = f"，采样中断 {week.gaps} 段" if week.gaps else ""
    words = f"最近一周访问首页 {week.visits} 次，打不开 {week.failures} 次，占 {week.percent:g}%，否决线 5%，余 {week.failures_left} 次{gaps}。"
    return [heading, Paragraph(words)]


def _corrections(material: Material) -> list[Block]:
    mended = [row for row in material.reported if row.mended_at]
    hours = [(row.mended_at - row.first_seen) / timedelta(hours=1) for row in mended if row.mended_at]
    fed = [row for row in material.reported if row.finding.severity.blocks]
    in_time = [
        row for row in fed if row.fed_back_at and row.fed_back_at - row.first_seen <= timedelta(hours=4)
    ]
    words = f"期内改正 {len(mended)} 处" + (
        f"，从发现到改正的中位时间 {median(hours):.1f} 小时" if hours else ""
    )
    words += f"；错误和疑似否决 {len(fed)} 处，4 小时内反馈 {len(in_time)} 处。"
    return [Heading(1, "整改与反馈"), Paragraph(words)]


def _services(snapshot: Snapshot) -> list[Block]:
    used = "；".join(f"{row['number']} {row['summary']}" for row in snapshot.adjustments)
    blocks: list[Block] = [
        Heading(1, "运维服务"),
        Paragraph(
            f"局部调整本合同年已用 {len(snapshot.adjustments)} 次，合同限 {snapshot.adjustments_quota} 次"
            f"{f'（{used}）' if used else ''}。"
        ),
    ]
    if snapshot.desk is None:
        return [*blocks, Paragraph("服务台登记没有读到，本节未判定。")]
    columns = (Column("项目", 4), Column("数值", 2, number=True))
    rows = tuple((label, _figure(snapshot.desk.get(key))) for key, label in DESK_FIGURES)
    return [*blocks, Table("服务台登记（本合同年）", columns, rows)]


def _execution(snapshot: Snapshot) -> list[Block]:
    columns = (Column("任务", 3), Column("应做日", 2), Column("实做日", 2))
    rows = tuple((row.kind, row.when, f"{row.made}" if row.made else "未做") for row in snapshot.late_runs)
    boards = tuple(
        (row.get("board", ""), row.get("result", ""), row.get("by", ""), row.get("on", ""))
        for row in snapshot.exposure_boards
    )
    board_columns = (Column("曝光台", 4), Column("结果", 4), Column("核对人", 2), Column("日期", 2))
    return [
        Heading(1, "监测执行情况"),
        Table("补做或未做的监测", columns, rows, empty="全部按时"),
        Table("曝光台巡查", board_columns, boards, empty="本期没有填写"),
    ]


def _trend(material: Material) -> list[Block]:
    if not material.trend:
        return []
    labels = [month[2:] for month, _, _ in material.trend]
    series = (
        ("错误和疑似否决", [float(errors) for _, errors, _ in material.trend]),
        ("提醒", [float(warnings) for _, _, warnings in material.trend]),
    )
    return [Heading(1, "趋势"), lines("近十二个月问题数（月末在查数）", labels, series)]


def _footnotes(scores: Sequence[Score]) -> list[Block]:
    unconfirmed = any(not row.confirmed for result in scores for row in result.table.rows)
    notes = ["机器发现的单项否决一律为“疑似”，由指定人员确认后成立。"]
    if unconfirmed:
        notes.append("标“※”的指标分值凭记忆整理，待甲方确认。")
    return [Paragraph(f"注：{''.join(notes)}", "note")]


def explain(material: Material, indicator: str) -> list[str]:
    """How a figure came about: the items of one indicator with counts, points and evidence."""
    facts = material.snapshot.scored
    told = []
    for table in material.tables:
        for row in table.rows:
            if row.id != indicator:
                continue
            told.append(f"{row.id} {row.name}（{table.short}，{table.basis}），上限 {points(row.cap)}")
            for item in row.items:
                fact = facts.get(item.measure, Unjudged("没有提供数据"))
                if isinstance(fact, Counted):
                    cost = (
                        f"否决线 {points(item.at)}"
                        if row.part is Part.VETO
                        else f"每处 {points(item.points)} 分"
                    )
                    told.append(f"  {item.text}：{points(fact.count)}，{cost}（事实 {item.measure}）")
                    told += [f"    - {piece}" for piece in fact.evidence]
                else:
                    told.append(f"  {item.text}：未判定，{fact.reason}（事实 {item.measure}）")
    return told
