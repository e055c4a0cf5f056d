"""Name, marks and labels on the built pages (D20, D21, D23, D27)."""

import re

from checks.monitor.counting import Measure, count, whether
from checks.monitor.evidence import Evidence
from checks.scoring import Unjudged

# D20: a department's site is a name below its government's `….gov.cn`.
DOMAIN = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+(\.[a-z]{2})?\.gov\.cn")


def irregular_domain(evidence: Evidence) -> Measure:
    domain = evidence.config.identity.domain
    return whether(not DOMAIN.fullmatch(domain), f"域名 {domain}")


def irregular_site_name(evidence: Evidence) -> Measure:
    identity = evidence.config.identity
    return whether(
        identity.name not in identity.organizer, f"网站名称 {identity.name}，主办单位 {identity.organizer}"
    )


def header_without_site_name(evidence: Evidence) -> Measure:
    name = evidence.config.identity.name
    bare = [url for (header, _), urls in evidence.frames.items() if name not in header for url in urls]
    return whether(bool(bare), *sorted(bare)[:5])


def missing_footer_marks(evidence: Evidence) -> Measure:
    """D21: six marks on every page; one page without a mark makes that mark missing."""
    identity = evidence.config.identity
    wanted = {
        "党政机关网站标识": identity.party_mark_url,
        "网站标识码": identity.id_code,
        "ICP备案编号": identity.icp,
        "公安机关备案标识": identity.police_record,
        "主办单位": identity.organizer,
        "联系方式": identity.contact,
    }
    missing = {
        mark: urls[0]
        for (_, footer), urls in evidence.frames.items()
        for mark, text in wanted.items()
        if text not in footer
    }
    return count(f"{mark}：{url} 的底部没有" for mark, url in missing.items())


def no_error_report_home(evidence: Evidence) -> Measure:
    return whether(any(url == "/" for url in _without_error_report(evidence)), "首页底部没有找错入口")


def no_error_report_other(evidence: Evidence) -> Measure:
    return count(url for url in _without_error_report(evidence) if url != "/")


def _without_error_report(evidence: Evidence) -> list[str]:
    entry = evidence.config.identity.error_report_url
    return sorted(url for (_, footer), urls in evidence.frames.items() if entry not in footer for url in urls)


def articles_missing_labels(evidence: Evidence) -> Measure:
    return _missing_labels(evidence, articles=True)


def channels_missing_labels(evidence: Evidence) -> Measure:
    return _missing_labels(evidence, articles=False)


def _missing_labels(evidence: Evidence, *, articles: bool) -> Measure:
    """By pages, from the findings of the rule `missing-label`."""
    if evidence.findings is None:
        return Unjudged("这次没有检查页面")
    if reason := evidence.unchecked.get("missing-label"):
        return Unjudged(reason)
    of_articles = {page.source for page in evidence.pages if page.kind == "article" and page.source}
    paths = {finding.place.path for finding in evidence.findings if finding.rule == "missing-label"}
    return count(sorted(path for path in paths if (path in of_articles) == articles))


# D02: what the page of functions has to say, and the words by which one sees that it does.
FUNCTIONS = {
    "职责": ("职责", "职能"),
    "内设机构": ("内设机构", "处室"),
    "办公地址": ("办公地址", "地址"),
    "办公时间": ("办公时间",),
    "联系电话": ("联系电话", "联系方式", "电话"),
}


def functions_missing_fields(evidence: Evidence) -> Measure:
    channels = {row.path for row in evidence.channels if "机构职能" in row.type}
    text = "\n".join(row.title + row.body for row in evidence.articles if row.channel in channels)
    return count(
        f"机构职能没有写明{name}"
        for name, words in FUNCTIONS.items()
        if not any(word in text for word in words)
    )
