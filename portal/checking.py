"""The checks as the portal runs them: on what is about to be published, and on a release to go back to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from bureau.config import SiteConfig
from checks import engine, rules_hash, scope, waivers
from checks.engine import Outcome
from checks.finding import Finding, Place, Severity
from checks.source import Surroundings
from portal.releases import Release

CACHE = Path("var/cache/checks")


def check_build(config: SiteConfig, today: date) -> Outcome:
    """All rules on content/ and build/, remembered results included."""
    return engine.run(scope.whole(scope.surroundings(config, today)), cache=CACHE)


def check_vetoes(config: SiteConfig, today: date, release: Release) -> Outcome:
    """Today's words on the pages of a release; nothing else is asked, for its errors were judged in their day.

    A release that passed the gate under the very same rules and words is not read again.
    """
    around = scope.surroundings(config, today)
    if release.gate["rules_hash"] == rules_hash.of(around):
        return Outcome(findings=(), rules_hash=release.gate["rules_hash"])
    pages = [release.site / page["file"] for page in release.manifest["pages"]]
    outcome = engine.run(scope.some(around, pages))
    return replace(outcome, findings=tuple(_vetoes(outcome, around, release)))


def _vetoes(outcome: Outcome, around: Surroundings, release: Release) -> Iterator[Finding]:
    """A waiver speaks of the article, so it holds for the page made from it."""
    text = around.quality.get("waivers.toml", "")
    in_force = [row for row in waivers.parse(waivers.FILE, text) if around.today <= row.until] if text else []
    sources = {f"{release.site}/{page['file']}": page["source"] for page in release.manifest["pages"]}
    for finding in outcome.findings:
        if finding.severity is Severity.VETO:
            written = replace(finding, place=Place(sources.get(finding.place.path, "")))
            if not any(waiver.covers(written) for waiver in in_force):
                yield finding
