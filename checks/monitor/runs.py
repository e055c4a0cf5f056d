"""A scheduled run, end to end: look at the site, remember what was seen, tell whom it concerns.

The order matters: findings are stored in the history before anybody is told, and counted as fed back
only when the mailbox has stored the notice (contract 一(三)2: fed back within 4 hours).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from bureau.config import SiteConfig
from bureau.workdays import ZONE
from checks.built_site import BuiltSite, ChannelRow
from checks.engine import Outcome
from checks.finding import Finding
from checks.history import Change, History, Known, Run
from checks.monitor import quoting, schedule
from checks.monitor.alerts import Alert, Delivery
from checks.monitor.availability import Availability
from checks.monitor.checklist import BoardRound
from checks.monitor.departments import shares
from checks.monitor.evidence import Evidence
from checks.monitor.forecast import Alarm, forecast
from checks.monitor.measures import measure
from checks.monitor.schedule import Cadence, Period, Slot
from checks.monitor.snapshot import (
    AvailabilityState,
    ChannelState,
    Delivered,
    DepartmentState,
    SlotState,
    Snapshot,
    as_record,
    taken,
)
from checks.scoring import Table

ADMINISTRATORS = "administrators"
FINDING = "finding:"
DELIVERY = "delivery"  # the record of a report that was handed over
YEAR = timedelta(days=366)
TOLD = "told"  # the record with which a run ends
LOOK_BACK = timedelta(days=31)  # how far back a missed run is still shown on the screen


@dataclass(frozen=True, kw_only=True)
class Performed:
    """What a run brought, for the screen and the exit code."""

    change: Change
    alarms: tuple[Alarm, ...]
    alerts: tuple[Alert, ...]
    late: tuple[SlotState, ...]


def perform(
    cadence: Cadence,
    outcome: Outcome,
    site: BuiltSite,
    config: SiteConfig,
    history: History,
    now: datetime,
    today: date,
) -> Performed:
    """Store the outcome and say what is to be told; `told` ends the run when that is on its way.

    A run that was interrupted before is made up for: what was stored and not told is told now.
    """
    run = Run(
        kind=cadence.kind,
        at=now,
        rules_hash=outcome.rules_hash,
        rules=outcome.rules,
        sources=outcome.sources,
        pages=outcome.pages,
        unchecked=outcome.unchecked,
    )
    words = quoting.shown(outcome.findings, site, config.identity.domain)
    change = history.add(run, outcome.findings, words)
    alarms = tuple(forecast(site.channels, config, today))
    last = history.latest_record(TOLD) or {}
    alerts = (
        *_of_findings(history.known(only_open=True), site),
        *_of_alarms(alarms, site, today, now),
        *_mended(_mended_since(history, str(last.get("at", ""))), _averted(last, alarms), today),
    )
    return Performed(
        change=change,
        alarms=alarms,
        alerts=alerts,
        late=late_runs(history, today - LOOK_BACK, today),
    )


def _of_findings(known: Iterable[Known], site: BuiltSite) -> Iterable[Alert]:
    """What has not been fed back yet; the key is the same from day to day, so that it comes once."""
    for row in known:
        finding = row.finding
        if finding.severity.blocks and row.fed_back_at is None:
            day = row.first_seen.astimezone(
                ZONE
            ).date()  # another one when it comes back: then it is told again
            yield Alert(
                key=f"{FINDING}{finding.fingerprint}:{day}",
                level=finding.severity.value,
                audience=owner_of(finding.place.path, site.channels) or ADMINISTRATORS,
                subject="疑似单项否决" if finding.severity == "veto" else "发现问题",
                text=f"{finding.place}：{finding.message}。{finding.suggestion}",
                found=row.first_seen.isoformat(),
            )


def _of_alarms(alarms: Iterable[Alarm], site: BuiltSite, today: date, now: datetime) -> Iterable[Alert]:
    owners = {channel.path: channel.owner for channel in site.channels}
    for alarm in alarms:
        over = alarm.breaks <= today
        yield Alert(
            key=f"forecast:{alarm.channel}:{alarm.breaks}:{'over' if over else 'ahead'}",
            level="error" if over else "warning",
            audience=owners.get(alarm.channel) or ADMINISTRATORS,
            subject="栏目超期" if over else "栏目将超期",
            text=alarm.sentence(today),
            found=now.isoformat(),
        )


def _averted(last: Mapping[str, object], alarms: Iterable[Alarm]) -> list[str]:
    """Alarms of the run before that stand no more: something was published."""
    standing, known = _standing(alarms), last.get("standing", [])
    return [key for key in known if key not in standing] if isinstance(known, list) else []


def _standing(alarms: Iterable[Alarm]) -> list[str]:
    return [f"{alarm.channel}:{alarm.breaks}" for alarm in alarms]


def _mended_since(history: History, at: str) -> list[Finding]:
    """What was mended since the last run that told everything."""
    if not at:
        return []
    last = datetime.fromisoformat(at)
    return [
        row.finding for row in history.known(since=last) if row.mended_at is not None and row.mended_at > last
    ]


def _mended(mended: Iterable[Finding], averted: Iterable[str], today: date) -> Iterable[Alert]:
    """Word for the service desk, which ends the feedback tickets of what is gone; nobody is sent a message."""
    gone = [f"{FINDING}{finding.fingerprint}" for finding in mended if finding.severity.blocks]
    for occasion in (*gone, *(f"forecast:{key}" for key in averted)):
        yield ended(occasion, today)


def ended(occasion: str, today: date) -> Alert:
    return Alert(
        key=f"mended:{occasion}:{today}",
        level="info",
        audience=ADMINISTRATORS,
        subject="已改",
        text=f"{today} 复查已正常",
    )


def owner_of(path: str, channels: Iterable[ChannelRow]) -> str:
    """The department whose channel a source lies in; empty for templates and the like."""
    longest = max(
        (row for row in channels if f"/{row.path}/" in f"/{path}"),
        key=lambda row: len(row.path),
        default=None,
    )
    return longest.owner if longest else ""


def told(history: History, done: Performed, delivery: Delivery, at: datetime) -> None:
    """All alerts of the run are delivered or wait in the spool. The finding of a delivered one has been fed back."""
    history.keep(TOLD, at, {"at": at.isoformat(timespec="seconds"), "standing": _standing(done.alarms)})
    keys = [alert.key.split(":")[1] for alert in delivery.delivered if alert.key.startswith(FINDING)]
    history.mark_fed_back(keys, at)


def late_runs(history: History, first: date, last: date) -> tuple[SlotState, ...]:
    """Runs due in these days that were late or are missing; none before the very first run of its kind.

    A run that is due on the last day itself may still come and is not missing yet.
    """
    found: list[SlotState] = []
    for cadence in (schedule.DAILY, schedule.WEEKLY, schedule.MONTHLY):
        days = sorted({moment.astimezone(ZONE).date() for moment in history.run_times(cadence.kind)})
        if days:
            slots = schedule.kept(cadence, days, max(days[0], first), last)
            late = (slot for slot in slots if slot.is_late and (slot.made or slot.due < last))
            found += _in_a_row(cadence, late)
    return tuple(found)


def _in_a_row(cadence: Cadence, late: Iterable[Slot]) -> Iterable[SlotState]:
    for made, slots in groupby(late, key=lambda slot: slot.made):
        row = list(slots)
        yield SlotState(kind=cadence.name, due=row[0].due, until=row[-1].due, made=made, count=len(row))


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the site itself does not tell: the other parts' registers and what people confirmed."""

    desk: Mapping[str, Any] | None = None
    adjustments: tuple[Mapping[str, str], ...] = ()
    exposure_boards: tuple[BoardRound, ...] = ()
    confirmations: Mapping[str, str] = field(default_factory=dict)


def snapshot(
    evidence: Evidence,
    tables: Iterable[Table],
    period: Period,
    now: datetime,
    outcome: Outcome,
    history: History,
    beside: Beside,
) -> Snapshot:
    """Count every measure of the tables and keep all that the period's report will say."""
    names = dict.fromkeys(name for table in tables for name in table.measures)
    known = history.known(since=datetime.combine(period.first, time(), ZONE))
    made = Snapshot(
        at=now,
        period=period.name,
        first=period.first,
        last=period.last,
        due=period.due,
        measures=taken(measure(evidence, names)),
        channels=tuple(_channel_states(evidence)),
        departments=tuple(_department_states(evidence, period)),
        pages=outcome.pages,
        sources=outcome.sources,
        known=tuple(known),
        owners={
            row.finding.fingerprint: name for row in known if (name := _owner_name(row.finding, evidence))
        },
        unchecked=outcome.unchecked,
        availability=_availability_state(evidence.availability, evidence.availability_ipv6),
        deliveries=tuple(_deliveries(history, now)),
        late_runs=late_runs(history, period.first, min(period.last, evidence.today)),
        mailbox=evidence.mailbox,
        desk=beside.desk,
        adjustments=beside.adjustments,
        adjustments_quota=evidence.config.contract.adjustments_per_year,
        exposure_boards=beside.exposure_boards,
        confirmations=beside.confirmations,
    )
    history.keep(f"snapshot:{period.name}", now, as_record(made))
    return made


def _deliveries(history: History, now: datetime) -> Iterable[Delivered]:
    for at, body in history.records(DELIVERY, now - YEAR, now):
        facts = {key: str(body[key]) for key in ("period", "to", "by", "receipt")}
        yield Delivered(**facts, due=date.fromisoformat(str(body["due"])), on=at.astimezone(ZONE).date())


def _owner_name(finding: Finding, evidence: Evidence) -> str:
    path = finding.place.path
    owner = owner_of(path, evidence.channels) if path.startswith("content/") else ""
    department = evidence.config.department(owner)
    return department.name if department else ""


def _channel_states(evidence: Evidence) -> Iterable[ChannelState]:
    for row in evidence.channels:
        department, latest = evidence.config.department(row.owner), evidence.latest(row)
        yield ChannelState(
            path=row.path,
            name=row.name,
            owner=department.name if department else row.owner,
            limit_days=row.limit_days,
            latest=latest.isoformat() if latest else None,
            articles=row.articles,
            archived=row.archived,
        )


def _department_states(evidence: Evidence, period: Period) -> Iterable[DepartmentState]:
    rows = shares(evidence.pages, evidence.channels, evidence.config, period.first, period.last)
    for row in rows:
        yield DepartmentState(name=row.name, total=row.total, planned=row.planned, by_channel=row.by_channel)


def _availability_state(week: Availability | None, ipv6: Availability | None) -> AvailabilityState | None:
    if week is None:
        return None
    return AvailabilityState(
        visits=week.visits,
        failures=week.failures,
        gaps=week.gaps,
        percent=week.percent,
        failures_left=week.failures_left,
        ipv6_visits=ipv6.visits if ipv6 else 0,
        ipv6_failures=ipv6.failures if ipv6 else 0,
    )
