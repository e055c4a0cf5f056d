"""网页里不能有来路不明的脚本。

脚本、框架、样式只能来自本站，或 site.toml 的 [links] script_hosts 里登记的域名；稿件正文里也不该有脚本，
本站的模板一律不写页内脚本（安全策略也不许运行）。被挂马的网页，往往就多了这么一行。
检查别的网站（--site）时，页内脚本只报挂马的写法：解开编码再执行、只对搜索引擎来的人跳走、悄悄装载外站脚本。

反例  <script src="https://cdn.example.com/x.js"></script>
反例  稿件正文里的 <script>document.write(…)</script>
正例  <script src="/static/site.js"></script>
"""

import re
from collections.abc import Iterator

from checks.finding import Finding, Place, Severity
from checks.links.addresses import Kind, parse
from checks.links.outward import host_of, is_below, pages_with
from checks.references import CODE, FRAME, SCRIPT, STYLE
from checks.site_view import Site
from checks.source import Source

ID = "unknown-script"
CLAUSE = "2019 检查指标 V1.4（安全攻击）"
_DATA = ("application/json", "application/ld+json", "importmap", "speculationrules", "text/template")
_HARMLESS = re.compile(
    r"javascript:\s*(?:void\s*\(?\s*0?\s*\)?|(?:window\.)?(?:history\.(?:back\(\)|go\(-1\))|print\(\)|close\(\)))?\s*;?\s*",
    re.I,
)
_MALICIOUS = re.compile(
    r"eval\s*\(\s*(?:function\s*\(p,\s*a,\s*c,\s*k|unescape|atob|string\.fromcharcode|window\[)"
    r"|document\s*(?:\.\s*write(?:ln)?|\[[^\]]*\])\s*\(\s*(?:unescape|atob|string\.fromcharcode|[\"']<div[^>]*(?:display\s*:\s*none|-\d{3,}px))"
    r"|(?:referrer|useragent)[^;]{0,300}(?:baidu|sogou|haosou|so\.com|google|bing|spider)"
    r"|(?:baidu|sogou|haosou|so\.com|google|bing|spider)[^;]{0,300}(?:referrer|useragent)"
    r"|(?:\\x[0-9a-f]{2}\s*){4,}|(?:%[0-9a-f]{2}){12,}|(?:\\u00[0-9a-f]{2}){4,}",
    re.I,
)
_LOADS = re.compile(
    r"(?:\.src\s*=|location(?:\.href)?\s*=|location\.(?:replace|assign)\s*\(|<script[^>]+src\s*=)\s*\\?[\"']?\s*((?:https?:)?//[^\"'\\\s>]+)",
    re.I,
)


def check_site(site: Site) -> Iterator[Finding]:
    for link in site.outward(SCRIPT + FRAME + STYLE):
        if any(is_below(link.host, host) for host in site.around.config.links.script_hosts):
            continue
        page = site.built.page_by_file.get(link.file)
        source = site.source(page.source) if page and page.source else None
        written = [one for one in source.links if one.href == link.reference[1:]] if source else []
        place = written[0].place if written else site.place_in_page(link.file, link.reference)
        pages = f"（共 {link.pages} 个页面）" if link.pages > 1 else ""
        yield _finding(place, link.reference[1:], f"页面装载了没有登记的外部脚本或框架：{link.host}{pages}")

    yield from _written_in(site)


def _written_in(site: Site) -> Iterator[Finding]:
    """Scripts in the pages themselves, each told once."""
    suspects = {
        number: complaint
        for number, reference in enumerate(site.table.addresses)
        if (complaint := _complaint(reference, site))
    }
    for number, files in sorted(pages_with(site.table, suspects.keys()).items()):
        if files := [file for file in files if not _has_scripts(site, file)]:
            reference = site.table.addresses[number]
            pages = f"（共 {len(files)} 个页面）" if len(files) > 1 else ""
            text = " ".join(reference[1:].removeprefix(CODE).split())[:80] or reference[1:]
            yield _finding(site.place_in_page(files[0], reference), text, suspects[number] + pages)


def _complaint(reference: str, site: Site) -> str:
    """What is wrong with an address that is a script, if it is one."""
    start = reference[1:].lstrip()[:20].lower()
    if start.startswith("data:") and reference[0] == SCRIPT:
        return "脚本写在 data: 地址里"
    if not start.startswith(CODE) or _HARMLESS.fullmatch(reference[1:].strip()):
        return ""
    if _MALICIOUS.search(reference):
        return "页内脚本是挂马常用的写法"
    if any(not _is_known(url, site) for url in _LOADS.findall(reference)):
        return "页内脚本装载或跳到没有登记的域名"
    return "网页里写有脚本" if site.built.has_manifest else ""


def _is_known(url: str, site: Site) -> bool:
    address = parse(url, "/", site.built.hosts)
    hosts = site.around.config.links.script_hosts
    return address.kind is Kind.INSIDE or any(is_below(host_of(address.url), host) for host in hosts)


def _has_scripts(site: Site, file: str) -> bool:
    """Those of an article's text are told at their lines."""
    page = site.built.page_by_file.get(file)
    source = site.source(page.source) if page and page.source else None
    return source is not None and any(True for _ in check_source(source))


def check_source(source: Source) -> Iterator[Finding]:
    """Scripts written into an article's text."""
    for tag in source.tags if source.channel else ():
        handler = next((name for name in tag.attributes if name.startswith("on") and name[2:].isalpha()), "")
        href = tag.attributes.get("href", "").strip().lower()
        if tag.name == "script" and tag.attributes.get("type", "") not in _DATA:
            yield _finding(tag.place, "<script>", "稿件正文里有脚本")
        elif handler:
            yield _finding(tag.place, handler, f"稿件正文里有脚本（{handler}）")
        elif href.startswith(CODE) and not _HARMLESS.fullmatch(href):
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
