"""Letters, consultations, interviews (V5, D16–D19, B06, B07, C5–C7).

Numbers of letters come from the mailbox's internal statistics; without them these measures are unjudged.
"""

from datetime import date, datetime, timedelta

from checks.monitor.counting import Measure, count, number, whether
from checks.monitor.evidence import Article, Evidence
from checks.scoring import Unjudged

LETTER_FIELDS = {"received_at": "留言时间", "replied_at": "答复时间", "replied_by": "答复单位"}
LETTER_SAMPLE = 5
YEAR, HALF_YEAR, TWO_MONTHS = 365, 183, 61
ANSWER_WORKDAYS = 3  # 2019 D24
FEW = 3  # census C6, C7 for a department's site
MANY = 6  # 2019 B07


def from_mailbox(evidence: Evidence, key: str) -> Measure:
    if evidence.mailbox is None:
        return Unjudged("信箱统计读不到")
    if key not in evidence.mailbox:
        return Unjudged(f"信箱统计里没有 {key}")
    return number(float(evidence.mailbox[key]))


def no_consult_entry(evidence: Evidence) -> Measure:
    """V5.1, D16, C5: the form is reachable and the way up to the SMS code works."""
    if evidence.mailbox is None:
        return Unjudged("信箱探测没有进行")
    return whether(not evidence.mailbox.get("accepting", False), "来信表单或验证码不可用")


def published_letters(evidence: Evidence) -> list[Article]:
    return [row for row in evidence.articles_by_kind.get("mailbox", ()) if row.head.get("letter_number")]


def no_published_letters(evidence: Evidence) -> Measure:
    return whether(not published_letters(evidence), "没有公开的来信")


def published_letters_missing_fields(evidence: Evidence) -> Measure:
    rows = published_letters(evidence)[:LETTER_SAMPLE]
    gone = [
        f"{row.source} 缺{name}"
        for row in rows
        for key, name in LETTER_FIELDS.items()
        if not row.head.get(key)
    ]
    return count([*gone, *(f"{row.source} 缺答复内容" for row in rows if not row.body.strip())])


def published_letters_stale(evidence: Evidence) -> Measure:
    rows = published_letters(evidence)
    return whether(
        bool(rows) and not evidence.within(rows, TWO_MONTHS),
        f"最近公开 {rows[0].published if rows else '无'}",
    )


def no_letter_statistics(evidence: Evidence) -> Measure:
    """D18: the statistics page exists and speaks of last month or this one."""
    if evidence.mailbox is None:
        return Unjudged("信箱统计读不到")
    month = str(evidence.mailbox.get("statistics_month", ""))
    this = evidence.today.replace(day=1)
    wanted = {f"{this:%Y-%m}", f"{this - timedelta(days=1):%Y-%m}"}
    return whether(month not in wanted, f"最近公布的统计是 {month or '无'}")


def error_reports_late(evidence: Evidence) -> Measure:
    """D24: messages of the last six months on “我为政府网站找错” that waited more than three workdays."""
    if evidence.error_reports is None:
        return Unjudged("没有导入“我为政府网站找错”的留言（portal monitor import error-reports）")
    since = evidence.today - timedelta(days=HALF_YEAR)
    waited = {
        row: evidence.workdays.between(row.received, row.answered or evidence.today)
        for row in evidence.error_reports
        if row.received >= since
    }
    return count(
        f"{row.number}：{row.received} 留言，{f'{row.answered} 答复' if row.answered else '未答复'}，{days} 个工作日"
        for row, days in waited.items()
        if days > ANSWER_WORKDAYS
    )


def consultations(evidence: Evidence) -> list[Article]:
    """Pages of 民意征集 that ask: they have a closing day and are nobody's result."""
    rows = evidence.articles_by_kind.get("consultation", [])
    results = {row.head.get("result") for row in rows}
    return [row for row in rows if row.day("closes") and row.id not in results]


def no_consultation_channel(evidence: Evidence) -> Measure:
    return whether(not evidence.of_kind("consultation"), "没有民意征集栏目")


def no_consultations_in_a_year(evidence: Evidence) -> Measure:
    return whether(not evidence.within(consultations(evidence), YEAR), "近一年没有开展征集")


def few_consultations_in_a_year(evidence: Evidence) -> Measure:
    held = len(evidence.within(consultations(evidence), YEAR))
    return whether(0 < held < FEW, f"近一年 {held} 次")


def six_consultations_a_year(evidence: Evidence) -> Measure:
    held = len(evidence.within(consultations(evidence), YEAR))
    return whether(held >= MANY, f"近一年 {held} 次")


def all_consultations_fed_back(evidence: Evidence) -> Measure:
    """B07: each that has closed within the year has its result published within a month."""
    closed = [
        row for row in evidence.within(consultations(evidence), YEAR) if _is_closed(row, evidence.today)
    ]
    late = [row for row in closed if not _fed_back_in_time(evidence, row)]
    return whether(bool(closed) and not late, f"{len(closed)} 次均已反馈")


def _is_closed(row: Article, today: date) -> bool:
    closes = row.day("closes")
    return closes is not None and closes + timedelta(days=31) < today


def _fed_back_in_time(evidence: Evidence, row: Article) -> bool:
    result, closes = evidence.article_by_id.get(str(row.head.get("result", ""))), row.day("closes")
    if result is None or closes is None:
        return False
    return result.published <= datetime.combine(closes, datetime.min.time()) + timedelta(days=32)


def no_interviews_in_a_year(evidence: Evidence) -> Measure:
    rows = evidence.articles_by_kind.get("interview", [])
    return whether(bool(evidence.of_kind("interview")) and not evidence.within(rows, YEAR), "近一年没有访谈")


def few_interviews_in_a_year(evidence: Evidence) -> Measure:
    held = len(evidence.within(evidence.articles_by_kind.get("interview", []), YEAR))
    return whether(0 < held < FEW, f"近一年 {held} 次")
