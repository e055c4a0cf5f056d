"""What a periodic report is made from, and the words that its pages and its annex share."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.history import Known
from checks.monitor.snapshot import Snapshot
from checks.scoring import Score, score
from checks.scoring import Table as Indicators

LEVELS = {"veto": "疑似单项否决", "error": "错误", "warning": "提醒", "info": "提示"}
MODES = {"auto": "自动", "auto-live": "自动（线上）", "mailbox": "信箱", "manual": "人工"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendMonth:
    """What stood at the end of a month; None where no run was made, no scores where no report was stored."""

    month: str  # 2026-11
    errors: float | None = None  # suspected vetoes too
    warnings: float | None = None
    scores: tuple[float, ...] = ()  # one a table

    @property
    def has_data(self) -> bool:
        return self.errors is not None or bool(self.scores)


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that one report is made from."""

    snapshot: Snapshot
    tables: Sequence[Indicators]
    known: Sequence[Known]  # alive in the period, as of the snapshot
    trend: Sequence[TrendMonth]  # the last twelve, oldest first
    issuer: str
    recipient: str
    public_services: bool = True

    @property
    def scores(self) -> list[Score]:
        return [
            score(
                table,
                self.snapshot.scored,
                confirmations=self.snapshot.confirmations,
                public_services=self.public_services,
            )
            for table in self.tables
        ]

    @property
    def reported(self) -> list[Known]:
        return [row for row in self.known if is_reported(row)]


def is_reported(row: Known) -> bool:
    """Whether a finding counts in the report: not left out by a named person, no false alarm."""
    return row.in_report and row.verdict != "false-alarm"


def points(value: Decimal) -> str:
    """Without trailing zeros, never in scientific form."""
    return f"{value.normalize():f}"
