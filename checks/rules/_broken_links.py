"""Broken links as findings, at the place where somebody wrote them. Shared by three rules.

What a Markdown file says is told there, once for each time it stands in the file. What no file says comes
from a template: that is one finding with the number of its pages, not one a page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from checks.finding import Finding, Place, Severity
from checks.links.resolver import Broken, Reason, Verdict
from checks.site_view import Site
from checks.source import SourceLink

_MESSAGES = {
    Reason.MISSING: "链接打不开：{href}",
    Reason.CASE: "链接打不开，字母大小写不对：{href}",
    Reason.SLASH: "链接打不开，文件名后面多了斜杠：{href}",
    Reason.FOLDER: "链接打不开，这个目录没有首页：{href}",
    Reason.ENCODING: "链接打不开，中文文件名用了 GBK 编码：{href}",
    Reason.LOOP: "链接打不开，跳转来跳转去没有尽头：{href}",
    Reason.ANCHOR: "页内位置不存在：{href}",
    Reason.ANCHOR_CASE: "页内位置不存在，字母大小写不对：{href}",
    Reason.MALFORMED: "网址写错了（{problem}）：{href}",
    Reason.EMPTY: "地址是空的",
}
CLAUSE = "2019 检查指标 D22；2015 普查 C2"


@dataclass(slots=True)
class _FromTemplate:
    first: Broken
    pages: set[str] = field(default_factory=set)


def findings(site: Site, rule: str, advice: str, concerns: Callable[[Broken], bool]) -> Iterator[Finding]:
    broken = [one for one in site.broken if concerns(one)]
    written: set[tuple[Reason, str]] = set()
    told: set[Place] = set()
    unexplained: list[Broken] = []
    for one in broken:
        places = _written_in(site, _source_of(site, one.file), one)
        if places:
            written.add((one.verdict.reason, one.verdict.target))
        else:
            unexplained.append(one)
        for link in places:
            if link.place not in told:
                told.add(link.place)
                yield _finding(rule, link.place, link.href, one.verdict, advice, fixable=True)
    for group in _by_target(site, unexplained, written):
        elsewhere = _written_elsewhere(site, group.first)
        if elsewhere:
            for link in elsewhere:
                yield _finding(rule, link.place, link.href, group.first.verdict, advice, fixable=True)
            continue
        place = site.place_in_page(group.first.file, group.first.reference)
        count = len(group.pages)
        yield _finding(rule, place, group.first.href, group.first.verdict, advice, count=count)


def _source_of(site: Site, file: str) -> str:
    page = site.built.page_by_file.get(file)
    return page.source if page else ""


def _written_in(site: Site, path: str, one: Broken) -> list[SourceLink]:
    source = site.source(path) if path else None
    if source is None:
        return []
    return [link for link in source.links if _is_same(site, link, one)]


def _written_elsewhere(site: Site, one: Broken) -> list[SourceLink]:
    """Lists show what an article's head says (its picture, say) where the article itself does not."""
    if not one.href.startswith("/"):
        return []
    name = unquote(one.href).rpartition("/")[2] or one.href
    return [
        link
        for path in site.sources
        if name in site.text_of(path)
        for link in _written_in(site, path, one)
        if link.kind == "front-matter"
    ]


def _is_same(site: Site, link: SourceLink, one: Broken) -> bool:
    if link.href == one.href:
        return True
    verdict = site.resolver.judge(one.kind + link.href, one.file, None)
    return verdict is not None and verdict.target == one.verdict.target


def _by_target(
    site: Site, unexplained: list[Broken], written: set[tuple[Reason, str]]
) -> Iterator[_FromTemplate]:
    """What no source of its page says, grouped; left out where another page's source has been told of it."""
    groups: dict[tuple[Reason, str], _FromTemplate] = {}
    for one in unexplained:
        key = one.verdict.reason, _site_wide(one.verdict.target, one)
        if key not in written:
            groups.setdefault(key, _FromTemplate(one)).pages.add(one.file)
    yield from groups.values()


def _site_wide(target: str, one: Broken) -> str:
    """An anchor of the page itself is the same mistake on every page."""
    return one.href if one.href.startswith("#") else target


def _finding(
    rule: str,
    place: Place,
    href: str,
    verdict: Verdict,
    advice: str,
    *,
    count: int = 1,
    fixable: bool = False,
) -> Finding:
    message = _MESSAGES[verdict.reason].format(href=href, problem=verdict.problem)
    if count > 1:
        message += f"（模板里的链接，共 {count} 个页面）"
    suggestion = f"是否应为 {verdict.hint}？" if verdict.hint else advice
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        place=place,
        text=href,
        message=message,
        suggestion=suggestion,
        clause=CLAUSE,
        fixable=fixable,
    )
