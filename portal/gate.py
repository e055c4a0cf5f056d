"""The gate before a publish: which findings block it, and what a named person has let through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from checks.finding import Finding, Severity


class Outcome(Protocol):
    """What a run of the checks tells."""

    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def unchecked(self) -> Sequence[Any]: ...
    @property
    def rules_hash(self) -> str: ...


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

    @property
    def passes(self) -> bool:
        return not self.blocking


def judge(outcome: Outcome, overrides: Sequence[Override] = ()) -> Verdict:
    """A veto is never lifted (DESIGN §4); warnings never block."""
    named = {override.rule for override in overrides}
    lifted = tuple(
        finding
        for finding in outcome.findings
        if finding.severity == Severity.ERROR and finding.rule in named
    )
    blocking = tuple(
        finding for finding in outcome.findings if finding.severity.blocks and finding not in lifted
    )
    return Verdict(blocking, lifted)
