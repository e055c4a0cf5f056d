"""The gate before a publish: what blocks it, and what a named person has let through."""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.engine import Outcome
from checks.finding import Finding, Severity
from checks.rules import BY_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An error let through once, by a name, for a reason. It stands in the release and in the reports."""

    rule: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Verdict:
    blocking: tuple[Finding, ...]
    lifted: tuple[Finding, ...]  # would have blocked, had nobody answered for them
    unasked: tuple[tuple[str, str], ...] = ()  # rules that block and could not be asked, each with the reason

    @property
    def passes(self) -> bool:
        return not self.blocking and not self.unasked


def judge(outcome: Outcome, overrides: Sequence[Override] = ()) -> Verdict:
    """A veto is never lifted (DESIGN §4); warnings never block; a rule that could not be asked has not passed."""
    named = {override.rule for override in overrides}
    lifted = tuple(
        finding
        for finding in outcome.findings
        if finding.severity is Severity.ERROR and finding.rule in named
    )
    blocking = tuple(
        finding for finding in outcome.findings if finding.severity.blocks and finding not in lifted
    )
    unasked = tuple(
        (rule, reason) for rule, reason in outcome.unchecked if rule not in named and _can_block(rule)
    )
    return Verdict(blocking, lifted, unasked)


def _can_block(rule: str) -> bool:
    severity: Severity = getattr(BY_ID.get(rule), "SEVERITY", Severity.ERROR)
    return severity.blocks
