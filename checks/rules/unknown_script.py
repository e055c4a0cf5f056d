"""网页里不能有来路不明的脚本。

脚本、框架、样式只能来自本站，或 site.toml 的 [links] script_hosts 里登记的域名；稿件正文里也不该有脚本。
被挂马的网页，往往就多了这么一行。

反例  <script src="https://cdn.example.com/x.js"></script>
反例  稿件正文里的 <script>document.write(…)</script>
正例  <script src="/static/site.js"></script>
"""

from collections.abc import Iterator

from checks.finding import Finding, Place, Severity
from checks.links.outward import is_below, outward
from checks.references import FRAME, SCRIPT, STYLE
from checks.site_view import Site
from checks.source import Source

ID = "unknown-script"
CLAUSE = "2019 检查指标 V1.4（安全攻击）"
_DATA = ("application/json", "application/ld+json", "importmap", "speculationrules", "text/template")
_HARMLESS = ("javascript:", "javascript:void(0)", "javascript:history.back()", "javascript:window.print()")


def check_site(site: Site) -> Iterator[Finding]:
    for link in outward(site.built, site.table, SCRIPT + FRAME + STYLE):
        if any(is_below(link.host, host) for host in site.around.config.links.script_hosts):
            continue
        page = site.built.page_by_file.get(link.file)
        source = site.source(page.source) if page and page.source else None
        written = [one for one in source.links if one.href == link.reference[1:]] if source else []
        place = written[0].place if written else site.place_in_page(link.file, link.reference)
        pages = f"（共 {link.pages} 个页面）" if link.pages > 1 else ""
        yield _finding(place, link.reference[1:], f"页面装载了没有登记的外部脚本或框架：{link.host}{pages}")


def check_source(source: Source) -> Iterator[Finding]:
    """Scripts written into an article's text."""
    for tag in source.tags if source.channel else ():
        handler = next((name for name in tag.attributes if name.startswith("on") and name[2:].isalpha()), "")
        href = tag.attributes.get("href", "").strip().lower()
        if tag.name == "script" and tag.attributes.get("type", "") not in _DATA:
            yield _finding(tag.place, "<script>", "稿件正文里有脚本")
        elif handler:
            yield _finding(tag.place, handler, f"稿件正文里有脚本（{handler}）")
        elif href.startswith("javascript:") and href.removesuffix(";") not in _HARMLESS:
            yield _finding(tag.place, href, "稿件正文里有脚本（javascript:）")


def _finding(place: Place, text: str, message: str) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.VETO,
        place=place,
        text=text,
        message=f"疑似挂马：{message}",
        suggestion="核实来源；不是本单位放的立即删去并查服务器",
        clause=CLAUSE,
    )
