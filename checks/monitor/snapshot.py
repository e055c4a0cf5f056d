"""What a run saw, kept whole, so that its report can be printed again later and comes out the same.

The findings alive in the period are in it as they stood; only what people decide about them later (real or
false alarm, in the report or not) is asked of the history when the report is printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from bureau.errors import ConfigError
from checks.history import Known
from checks.monitor.checklist import BoardRound
from checks.monitor.counting import Measure
from checks.scoring import Counted, Unjudged


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One measure as stored; `count` is a decimal in text, None when it was not judged."""

    count: str | None
    evidence: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    path: str
    name: str
    owner: str
    limit_days: int
    latest: str | None
    articles: int
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentState:
    name: str
    total: int
    planned: int | None
    by_channel: tuple[tuple[str, int], ...]

    @property
    def short_by(self) -> int:
        return max((self.planned or 0) - self.total, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityState:
    visits: int
    failures: int
    gaps: tuple[tuple[datetime, datetime], ...]  # where nothing was sampled
    percent: float | None
    failures_left: int  # before the veto stands, at this number of visits
    ipv6_visits: int = 0  # beside the visits that count for the veto
    ipv6_failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """Scheduled runs in a row that were caught up on one later day, or are still missing."""

    kind: str
    due: date  # of the first of them
    made: date | None
    until: date  # the day of the last of them
    count: int

    @property
    def when(self) -> str:
        return f"{self.due}" if self.count == 1 else f"{self.due} 至 {self.until}（{self.count} 次）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A report that was handed over: whose period, to whom, by whom, with what receipt, when."""

    period: str
    to: str
    by: str
    receipt: str
    due: date
    on: date

    @property
    def is_late(self) -> bool:
        return self.on > self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    at: datetime
    period: str
    first: date
    last: date
    due: date
    measures: Mapping[str, Taken]
    channels: tuple[ChannelState, ...]
    departments: tuple[DepartmentState, ...]
    pages: int
    sources: int
    known: tuple[Known, ...] = ()  # findings alive in the period
    owners: Mapping[str, str] = field(
        default_factory=dict
    )  # fingerprint -> the responsible department's name
    unchecked: tuple[tuple[str, str], ...] = ()
    availability: AvailabilityState | None = None
    mailbox: Mapping[str, Any] | None = None  # its statistics of the period
    desk: Mapping[str, Any] | None = None  # the service register of the period
    adjustments: tuple[Mapping[str, str], ...] = ()
    adjustments_quota: int = 0
    late_runs: tuple[SlotState, ...] = ()
    deliveries: tuple[Delivered, ...] = ()  # of the twelve months before
    exposure_boards: tuple[BoardRound, ...] = ()
    confirmations: Mapping[str, str] = field(default_factory=dict)  # indicator -> who confirmed its veto

    @property
    def scored(self) -> dict[str, Measure]:
        return {
            name: Unjudged(taken.reason)
            if taken.count is None
            else Counted(Decimal(taken.count), taken.evidence)
            for name, taken in self.measures.items()
        }


def taken(measures: Mapping[str, Measure]) -> dict[str, Taken]:
    return {
        name: Taken(count=None, reason=fact.reason)
        if isinstance(fact, Unjudged)
        else Taken(count=str(fact.count), evidence=fact.evidence)
        for name, fact in measures.items()
    }


def as_record(snapshot: Snapshot) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(snapshot)
    return record


def from_record(record: Mapping[str, Any]) -> Snapshot:
    """Raises ConfigError when an older program stored it in another form."""
    try:
        return msgspec.convert(record, Snapshot)
    except msgspec.ValidationError as error:
        period = record.get("period", "本期")
        raise ConfigError(
            "报告", f"{period} 的监测数据是旧程序存的，请重新执行 portal monitor monthly --period {period}"
        ) from error
