"""The first pages of a periodic report: the verdict, the vetoes with their margins, both tables' scores."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from checks.monitor.measures import MANUAL
from checks.monitor.snapshot import Snapshot
from checks.report.document import Block, Column, Heading, Paragraph, Table
from checks.report.material import Material, points
from checks.scoring import Counted, Part, RowScore, Score, Unjudged
from checks.scoring import Table as Indicators

FOOTNOTE = "※"  # behind an indicator whose points nobody has confirmed yet


def conclusion(material: Material, scores: Sequence[Score]) -> list[Block]:
    snapshot = material.snapshot
    opened = sum(row.is_open for row in material.reported)
    found = len(material.reported)
    verdicts = dict.fromkeys(verdict(row) for row in scores)
    return [
        Heading(1, "总体结论"),
        Paragraph(f"本期网站{'；'.join(verdicts)}。", "verdict"),
        _side_by_side(scores),
        Paragraph(
            f"监测期 {snapshot.first} 至 {snapshot.last}，检查稿件 {snapshot.sources} 件、页面 {snapshot.pages} 个；"
            f"期内发现问题 {found} 处，已改 {found - opened} 处，未改 {opened} 处。"
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


def _side_by_side(scores: Sequence[Score]) -> Table:
    columns = (
        Column("指标体系", 4), Column("单项否决", 2), Column("扣分后", 2, number=True), Column("加分", 2, number=True),
        Column("合计", 2, number=True), Column("合格线", 2, number=True), Column("未判定", 2, number=True), Column("结论", 4),
    )  # fmt: skip
    rows = tuple(
        (
            row.table.short, _standing(row), points(row.deduction_score),
            "—" if row.table.bonus_line is None else points(row.bonus), points(row.total),
            points(row.table.pass_line), str(len(dict(row.unjudged))), verdict(row),
        )
        for row in scores
    )  # fmt: skip
    marks = tuple("good" if row.passed and not row.vetoes else "bad" for row in scores)
    return Table("两套指标的结论", columns, rows, marks=marks)


def _standing(result: Score) -> str:
    confirmed = len(result.confirmed_vetoes)
    suspected = len(result.vetoes) - confirmed
    told = [f"成立 {confirmed} 项"] * bool(confirmed) + [f"疑似 {suspected} 项"] * bool(suspected)
    return "，".join(told) or "未触发"


def vetoes(scores: Sequence[Score], snapshot: Snapshot) -> list[Block]:
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
        Column("余量", 2, number=True), Column("结论", 5),
    )  # fmt: skip
    return [Heading(1, "单项否决"), Table("单项否决指标一览", columns, tuple(rows), marks=tuple(marks))]


def details(scores: Sequence[Score]) -> list[Block]:
    blocks: list[Block] = [Heading(1, "指标得分")]
    for result in scores:
        bonus = f"，加分 {points(result.bonus)} 分" if result.table.bonus_line is not None else ""
        blocks += [
            Heading(2, f"{result.table.short}（{result.table.basis}）"),
            Paragraph(f"扣分后 {points(result.deduction_score)} 分{bonus}，合计 {points(result.total)} 分。"),
            _moved(result, Part.DEDUCT, "扣分"),
        ]
        if result.table.bonus_line is not None:
            blocks.append(_moved(result, Part.BONUS, "加分"))
        blocks += [Paragraph(line) for line in _unjudged(result)]
    return blocks


def _moved(result: Score, part: Part, word: str) -> Table:
    rows = [row for row in result.rows if row.indicator.part is part and row.points]
    return Table(
        f"{result.table.short}{word}项",
        (
            Column("指标", 2), Column("名称", 4), Column("数量", 2, number=True),
            Column(f"应{word[0]}", 2, number=True), Column("上限", 2, number=True), Column(f"计{word[0]}", 2, number=True),
        ),
        tuple(_row(row) for row in rows),
        empty=f"没有{word}",
    )  # fmt: skip


def _row(row: RowScore) -> tuple[str, ...]:
    indicator = row.indicator
    return (
        indicator.id + ("" if indicator.confirmed else FOOTNOTE), indicator.name,
        points(sum(row.counts.values(), Decimal(0))), points(row.raw), points(indicator.cap), points(row.points),
    )  # fmt: skip


def _unjudged(result: Score) -> Iterator[str]:
    """Rows of which nothing is judged, and rows of which only the part left to people is open."""
    names = list(dict.fromkeys(name for name, _ in result.unjudged))
    waiting = {name for name in names if _waits_for_people(result, name)}
    if whole := [name for name in names if name not in waiting]:
        yield f"未判定的指标：{'、'.join(whole)}。原因见附表，未判定不等于合格。"
    if waiting:
        part = "、".join(name for name in names if name in waiting)
        yield f"自动部分已判定、人工部分未填的指标：{part}。"


def _waits_for_people(result: Score, name: str) -> bool:
    row = next(row for row in result.table.rows if row.id == name)
    scored = next((row for row in result.rows if row.indicator.id == name), None)
    by_machine = [item for item in row.items if not item.measure.startswith(MANUAL)]
    return bool(scored and by_machine and all(item.measure in scored.counts for item in by_machine))


def footnotes(scores: Sequence[Score]) -> list[Block]:
    notes = ["机器发现的单项否决一律为“疑似”，由指定人员确认后成立。"]
    if any(not row.confirmed for result in scores for row in result.table.rows):
        notes.append(f"标“{FOOTNOTE}”的指标分值凭记忆整理，待甲方确认。")
    return [Paragraph(f"注：{''.join(notes)}", "note")]


def explain(tables: Sequence[Indicators], snapshot: Snapshot, indicator: str) -> list[str]:
    """How a figure came about: the items of one indicator with counts, points and evidence."""
    facts = snapshot.scored
    told = []
    for table in tables:
        for row in (row for row in table.rows if row.id == indicator):
            limit = "" if row.part is Part.VETO else f"，上限 {points(row.cap)} 分"
            unsure = "" if row.confirmed else "，分值待甲方确认"
            told.append(f"{row.id} {row.name}（{table.short}，{table.basis}）{limit}{unsure}")
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
