"""What the rules found, as the tables count it: vetoes, dead links by page, broken attachments."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from checks.finding import Finding, Severity
from checks.kinds import name_of
from checks.links.addresses import Kind, parse
from checks.links.outward import host_of
from checks.monitor.counting import Measure, count
from checks.monitor.evidence import Evidence
from checks.scoring import Unjudged

ASKED = ("dead-link", "dead-anchor", "missing-asset", "outward-link")
LINK_RULES = (*ASKED, "live-link")  # the crawl only adds to them: it need not reach every page


def of_rules(
    evidence: Evidence, rules: Iterable[str], keep: Callable[[Finding], bool] = lambda _: True
) -> Measure:
    """Findings of these rules; unjudged when one of them could not run."""
    rules = tuple(rules)
    if evidence.findings is None:
        return Unjudged("这次没有检查")
    for rule in rules:
        if reason := evidence.unchecked.get(rule):
            return Unjudged(f"{name_of(rule)}没有查成：{reason}")
    return count(
        f"{finding.place}：{finding.message}"
        for finding in evidence.findings
        if finding.rule in rules and keep(finding)
    )


def grave_wording(evidence: Evidence) -> Measure:
    return of_rules(evidence, ("grave-wording",), _is_veto)


def secrecy_mark(evidence: Evidence) -> Measure:
    return of_rules(evidence, ("secret-or-personal-data",), _is_veto)


def harmful_content(evidence: Evidence) -> Measure:
    return of_rules(evidence, ("sensitive-word", "outward-link"), _is_veto)


def tampering(evidence: Evidence) -> Measure:
    return of_rules(evidence, ("hidden-link", "unknown-script", "tampered-page"), _is_veto)


def _is_veto(finding: Finding) -> bool:
    return finding.severity is Severity.VETO


def dead_links_home(evidence: Evidence) -> Measure:
    return _dead_links(evidence, home=True)


def dead_links_other(evidence: Evidence) -> Measure:
    return _dead_links(evidence, home=False)


def _dead_links(evidence: Evidence, *, home: bool) -> Measure:
    """D22, C2: what does not open or is wrong, each address once for each page that has it.

    The home page is the site's first page: it shows articles, so it is no mere list of channels (for which
    the tables would take the pages of the second level). What stands in the template counts on every page.
    """
    if evidence.findings is None:
        return Unjudged("这次没有检查链接")
    first = {page.file for page in evidence.pages if page.url == "/"}
    hosts = frozenset([evidence.config.identity.domain, host_of(evidence.config.monitor.live_url)])
    dead = {
        (page, _target(finding.text, page, hosts)): f"{page}：{finding.text}"
        for finding in evidence.findings
        if finding.rule in LINK_RULES and finding.severity.blocks
        for page in finding.pages
        if (page in first) == home
    }
    missed = [
        f"{name_of(rule)}没有查成：{evidence.unchecked[rule]}" for rule in ASKED if rule in evidence.unchecked
    ]
    return count(dead.values()) if dead or not missed else Unjudged("；".join(missed))


def _target(href: str, page: str, hosts: frozenset[str]) -> str:
    """One name for all ways to write an address."""
    address = parse(href, page, hosts)
    if address.kind is not Kind.INSIDE:
        return address.url or href
    return f"{address.path or page}#{address.anchors[-1]}"


def broken_attachments(evidence: Evidence) -> Measure:
    return of_rules(evidence, ("missing-asset",), lambda finding: "/files/" in finding.text)


def forged_date(evidence: Evidence) -> Measure:
    """V1.5: dated in the future, or long before its first commit, neither marked as 补录 nor migrated."""
    return count(_forged(evidence))


FORGERY_DAYS = 30


def _forged(evidence: Evidence) -> Iterator[str]:
    committed = evidence.first_committed or {}
    migrated = evidence.config.monitor.migrated_on or date.min
    for row in evidence.articles:
        if row.head.get("backfilled"):
            continue
        day = row.published.date()
        if day > evidence.today:
            yield f"{row.source} 的发布时间 {day} 在今天之后"
        elif (first := committed.get(row.source, migrated)) > migrated and (first - day).days > FORGERY_DAYS:
            yield f"{row.source} 的发布时间 {day} 比入库 {first} 早 {(first - day).days} 天"
