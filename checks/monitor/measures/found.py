"""What the rules found, as the tables count it: vetoes, dead links by page, broken attachments."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from checks.finding import Finding, Severity
from checks.monitor.counting import Measure, count
from checks.monitor.evidence import Evidence
from checks.scoring import Unjudged

LINK_RULES = ("dead-link", "dead-anchor", "missing-asset", "outward-link", "live-link")


def of_rules(
    evidence: Evidence, rules: Iterable[str], keep: Callable[[Finding], bool] = lambda _: True
) -> Measure:
    """Findings of these rules; unjudged when one of them could not run."""
    rules = tuple(rules)
    if evidence.findings is None:
        return Unjudged("这次没有检查")
    for rule in rules:
        if reason := evidence.unchecked.get(rule):
            return Unjudged(f"{rule} 没有查成：{reason}")
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
    """D22, C2: what does not open, each address once for a page; anchors count as errors too."""
    rules = [rule for rule in LINK_RULES if rule not in evidence.unchecked]
    if evidence.findings is None or not rules:
        return Unjudged("这次没有检查链接")
    files = _home_files(evidence)
    seen = {
        (finding.place.path, finding.text): f"{finding.place}：{finding.text}"
        for finding in evidence.findings
        if finding.rule in rules and finding.severity.blocks and _on_home(finding, files) == home
    }
    return count(seen.values())


def _home_files(evidence: Evidence) -> set[str]:
    home = [page for page in evidence.pages if page.url == "/"]
    return {page.source for page in home if page.source} | {page.file for page in home}


def _on_home(finding: Finding, files: set[str]) -> bool:
    return any(finding.place.path.endswith(file) for file in files)


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
