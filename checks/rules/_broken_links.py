"""Broken links as findings, at the place where somebody wrote them. Shared by three rules.

What a Markdown file says is told there, once for each time it stands in the file. What a local adjustment
says, a float or an alert, is told in its file. What no file says comes from a template: that is one finding
with the number of its pages, not one a page.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from checks.finding import Finding, Place, Severity
from checks.links.resolver import Broken, Reason
from checks.site_view import Site
from checks.source import SourceLink

_MESSAGES = {
    Reason.MISSING: "链接打不开：{href}",
    Reason.CASE: "链接打不开，字母大小写不对：{href}",
    Reason.SLASH: "链接打不开，文件名后面多了斜杠：{href}",
    Reason.FOLDER: "链接打不开，这个目录没有首页：{href}",
    Reason.ENCODING: "链接打不开，中文文件名用了 GBK 编码：{href}",
    Reason.LOOP: "链接打不开，跳转来跳转去没有尽头：{href}",
    Reason.GONE: "链接指向已撤下的页面：{href}",
    Reason.ANCHOR: "页内位置不存在：{href}",
    Reason.ANCHOR_CASE: "页内位置不存在，字母大小写不对：{href}",
    Reason.MALFORMED: "网址写错了（{problem}）：{href}",
    Reason.EMPTY: "地址是空的",
    Reason.OUTWARD: "站外链接打不开（{problem}）：{href}",
    Reason.HIJACKED: "疑似链接到被劫持的内容（{problem}）：{href}",
}
CLAUSE = "2019 检查指标 D22；2015 普查 C2"
_ALIKE = 10  # pages of a foreign site with the same dead link; beyond that it is the template's
_What = tuple[Reason, str]  # what is wrong with a link, and where it leads


@dataclass(slots=True)
class _Written:
    """A place where somebody wrote a broken link, and the pages that it got onto."""

    finding: Finding
    pages: set[str] = field(default_factory=set)


def findings(site: Site, rule: str, advice: str, concerns: Callable[[Broken], bool]) -> Iterator[Finding]:
    yield from of(site, rule, advice, filter(concerns, site.broken))


def of(
    site: Site, rule: str, advice: str, broken: Iterable[Broken], severity: Severity = Severity.ERROR
) -> Iterator[Finding]:
    """These broken links, each at the places where it is written."""
    for written in _located(site, rule, advice, broken):
        yield replace(written.finding, severity=severity, pages=tuple(sorted(written.pages)))


def _located(site: Site, rule: str, advice: str, broken: Iterable[Broken]) -> Iterator[_Written]:
    told: dict[Place, _Written] = {}
    explained: dict[_What, _Written] = {}
    unexplained: list[Broken] = []

    def tell(links: Iterable[SourceLink], alike: list[Broken]) -> None:
        for link in links:
            if link.place not in told:
                finding = _finding(rule, link.place, alike[0], link.href, advice, fixable=True)
                told[link.place] = _Written(finding)
            told[link.place].pages.update(one.file for one in alike)
            explained.setdefault((alike[0].verdict.reason, alike[0].verdict.target), told[link.place])

    for one in broken:
        if links := _written_in(site, _source_of(site, one.file), one):
            tell(links, [one])
        else:
            unexplained.append(one)
    for group in sorted(_groups(site, unexplained), key=lambda group: group[0].file):
        first, pages = group[0], {one.file for one in group}
        if known := explained.get(_what(first)):  # lists and the home page show what an article says
            known.pages |= pages
        elif elsewhere := _in_a_head(site, first):
            tell(elsewhere, group)
        else:
            place, origin = _in_an_adjustment(site, first), "局部调整"
            if place is None:
                place, origin = site.place_in_page(first.file, first.reference), "模板"
            finding = _finding(rule, place, first, first.href, advice, origin=origin, pages=len(pages))
            yield _Written(finding, pages)
    yield from told.values()


def _source_of(site: Site, file: str) -> str:
    page = site.built.page_by_file.get(file)
    return page.source if page else ""


def _written_in(site: Site, path: str, one: Broken) -> list[SourceLink]:
    source = site.source(path) if path else None
    return [link for link in source.links if _is_same(site, link, one)] if source else []


def _is_same(site: Site, link: SourceLink, one: Broken) -> bool:
    if link.href == one.href:
        return True
    verdict = site.resolver.judge(one.kind + link.href, one.file, None)
    return verdict is not None and verdict.target == one.verdict.target


def _in_a_head(site: Site, one: Broken) -> list[SourceLink]:
    """Lists show what an article's head says (its picture, say) where the article itself does not."""
    if not one.href.startswith("/"):
        return []
    name = unquote(one.href).rpartition("/")[2] or one.href
    return [
        link
        for path in site.sources
        if path.endswith(".md") and name in site.text_of(path)
        for link in _written_in(site, path, one)
        if link.kind == "front-matter"
    ]


def _in_an_adjustment(site: Site, one: Broken) -> Place | None:
    """The [[changes]] that put the link onto pages today."""
    for adjustment in site.around.adjustments:
        if adjustment.is_in_force(site.today):
            for change in adjustment.changes:
                if one.href in (change.url, change.image):
                    return Place(adjustment.path, change.line, 1, change.line, 1)
    return None


def _groups(site: Site, broken: list[Broken]) -> Iterator[list[Broken]]:
    """What no source of its page says, by what it leads to.

    A foreign site has no sources: what stands on a few pages there is told of each of them.
    """
    groups: dict[_What, list[Broken]] = {}
    for one in broken:
        groups.setdefault(_what(one), []).append(one)
    for group in groups.values():
        if not site.built.has_manifest and len(group) <= _ALIKE:
            yield from ([one] for one in group)
        else:
            yield group


def _what(one: Broken) -> _What:
    return one.verdict.reason, one.href if one.href.startswith("#") else one.verdict.target


def _finding(
    rule: str,
    place: Place,
    one: Broken,
    href: str,
    advice: str,
    *,
    origin: str = "",
    pages: int = 1,
    fixable: bool = False,
) -> Finding:
    verdict = one.verdict
    message = _MESSAGES[verdict.reason].format(href=href, problem=verdict.problem)
    if pages > 1:
        message += f"（{origin}里的链接，共 {pages} 个页面）"
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        place=place,
        text=href,
        message=message,
        suggestion=f"是否应为 {verdict.hint}？" if verdict.hint else advice,
        clause=CLAUSE,
        fixable=fixable,
    )
