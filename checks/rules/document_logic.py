"""文件的年份、日期、文号互相说得通。

反例  昆交规〔2026〕3号，发布于 2025-12-30       文号的年份晚于发布年份
反例  成文日期 2026-03-05，发布时间 2026-03-01     成文在发布之后
反例  2026年2月30日                                没有这一天
反例  2026年第一季度……（发布于 2026-02-01）        季度还没有过完就公布结果
正例  昆交规〔2025〕3号，2025-03-05 成文，2025-03-08 发布
"""

import re
from collections.abc import Iterator
from datetime import date

from checks.finding import Finding, Place, Severity
from checks.site_view import Site
from checks.source import Source
from checks.text.blocks import Block

ID = "document-logic"
CLAUSE = "2019 检查指标：文件发布逻辑错误；GB/T 9704—2012"
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}〔((?:19|20)\d{2})〕\d{1,4}号")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})年(\d{1,2})月(?:(\d{1,3})日)?")
_QUARTER = re.compile(
    r"((?:20)\d{2})年(?:第?([一二三四1-4])季度|(上半年)|(全年))[^。；，\n]{0,16}(?:完成|增长|下降|实现|达到|同比)"
)
_ENDED = re.compile(r"[^。；\n]{0,20}(?:废止|失效|停止执行)")
_HEAD_NUMBER = re.compile(r"^document_number:[ \t]*(\S.*?)[ \t]*$", re.M)


def check_source(source: Source) -> Iterator[Finding]:
    published = _published(source)
    latest = published or source.around.today
    for block in source.blocks:
        for found in _DATE.finditer(block.text):
            if problem := _date_problem(block.text, found, latest):
                yield _finding(block.place(*found.span()), found[0], problem)
        if published is None:
            continue
        for found in _NUMBER.finditer(block.text):
            if int(found[1]) > published.year and not _tells_its_end(block.text, found.end()):
                problem = f"文号年份 {found[1]} 晚于发布年份 {published.year}"
                yield _finding(block.place(*found.span()), found[0], problem)
        yield from _early_results(block, published)
    yield from _head(source, published)


def check_site(site: Site) -> Iterator[Finding]:
    """The same document number on two policy documents: one of them is wrong."""
    policies = tuple(channel.path for channel in site.around.channels if channel.kind == "policy")
    first: dict[str, Place] = {}
    for path in sorted(site.sources):
        if not any(f"/{policy}/" in path for policy in policies):
            continue
        found = _HEAD_NUMBER.search(site.text_of(path))
        if found is None:
            continue
        line = found.string.count("\n", 0, found.start()) + 1
        place = Place(path, line, found.start(1) - found.start() + 1, line, found.end(1) - found.start() + 1)
        number = found[1].strip("\"' ")
        if number in first:
            yield _finding(place, number, f"与 {first[number]} 的文号相同")
        first.setdefault(number, place)


def _date_problem(text: str, found: re.Match[str], latest: date) -> str:
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    try:
        told = date(year, month, day)
    except ValueError:
        return "没有这一天"
    before = text[: found.start()]
    if found[3] and told > latest and before.endswith("截至"):
        return f"截至的日期晚于发布日期 {latest:%Y-%m-%d}"
    if found[3] and told > latest and before.endswith("已于") and not _tells_its_end(text, found.end()):
        return f"已经发生的事，日期却晚于发布日期 {latest:%Y-%m-%d}"
    return ""


def _tells_its_end(text: str, start: int) -> bool:
    """A note added later, that the document is no longer in force (发展指引：在原文件上明确标注), may name a later date."""
    return _ENDED.match(text, start) is not None


def _early_results(block: Block, published: date) -> Iterator[Finding]:
    for found in _QUARTER.finditer(block.text):
        quarter = "一二三四".find(found[2]) + 1 if found[2] and found[2] in "一二三四" else int(found[2] or 0)
        month = quarter * 3 or (6 if found[3] else 12)
        if (published.year, published.month) < (int(found[1]), month):
            yield _finding(
                block.place(*found.span()), found[0], f"{published:%Y-%m-%d} 发布时这一期还没有结束"
            )


def _head(source: Source, published: date | None) -> Iterator[Finding]:
    if source.head is None or published is None:
        return
    issued = _day(source.head.values.get("issued"))
    line = source.head.lines.get("issued", 1)
    if issued and issued > published:
        place = Place(source.path, line, 1, line, 1 + len("issued"))
        yield _finding(place, "issued", f"成文日期 {issued} 晚于发布日期 {published}")
    if published > source.around.today and source.head.values.get("status") != "draft":
        line = source.head.lines.get("date", 1)
        place = Place(source.path, line, 1, line, 1 + len("date"))
        yield _finding(place, "date", f"发布日期 {published} 在今天之后", Severity.WARNING)


def _published(source: Source) -> date | None:
    return _day(source.head.values.get("date")) if source.head else None


def _day(value: object) -> date | None:
    found = re.match(r"\d{4}-\d{2}-\d{2}", str(value or ""))
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _finding(place: Place, text: str, problem: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        rule=ID,
        severity=severity,
        place=place,
        text=text,
        message=problem,
        suggestion="对照原文核实日期与文号",
        clause=CLAUSE,
    )
