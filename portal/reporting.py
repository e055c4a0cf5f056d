"""From stored runs to the material of a periodic report."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bureau.errors import ConfigError
from bureau.workdays import ZONE
from checks.history import History, Known
from checks.monitor.snapshot import from_record
from checks.report.material import Material, TrendMonth
from checks.scoring import score
from portal.monitoring import Monitoring

TREND_MONTHS = 12


def material(view: Monitoring, period: str) -> Material:
    """Raises ConfigError when nothing was stored for the period."""
    record = view.history.latest_record(f"snapshot:{period}")
    if record is None:
        raise ConfigError(
            "报告", f"{period} 还没有监测数据，请先执行 portal monitor monthly --period {period}"
        )
    snapshot = from_record(record)
    return Material(
        snapshot=snapshot,
        tables=view.tables,
        known=_as_judged(snapshot.known, view.history),
        trend=trend(view, snapshot.at),
        issuer=view.config.contract.contractor,
        recipient=view.config.identity.organizer,
        public_services=view.config.monitor.public_services,
    )


def _as_judged(known: Iterable[Known], history: History) -> list[Known]:
    """What people decided since the snapshot was made counts in the report."""
    now = {row.finding.fingerprint: row for row in history.known()}
    return [
        replace(
            row,
            verdict=judged.verdict,
            verdict_by=judged.verdict_by,
            verdict_reason=judged.verdict_reason,
            in_report=judged.in_report,
        )
        for row in known
        for judged in (now.get(row.finding.fingerprint, row),)
    ]


def trend(view: Monitoring, at: datetime) -> list[TrendMonth]:
    """The twelve months up to `at`: what stood at each one's last run, and the scores of its report."""
    counts = _standing(view.history, at)
    months = [f"{number // 12}-{number % 12 + 1:02}" for number in _last_months(at)]
    return [
        TrendMonth(
            month=month,
            errors=counts[month][0] if month in counts else None,
            warnings=counts[month][1] if month in counts else None,
            scores=_scores(view, month, at),
        )
        for month in months
    ]


def _last_months(at: datetime) -> range:
    this = at.astimezone(ZONE).year * 12 + at.astimezone(ZONE).month - 1
    return range(this - TREND_MONTHS + 1, this + 1)


def _standing(history: History, at: datetime) -> dict[str, tuple[float, float]]:
    """Month -> (errors and vetoes, warnings and hints) at its last run."""
    last: dict[str, tuple[datetime, list[float]]] = {}
    for moment, severity, count in history.totals(("daily", "monthly"), at - timedelta(days=400), at):
        month = f"{moment.astimezone(ZONE):%Y-%m}"
        if month not in last or last[month][0] < moment:
            last[month] = (moment, [0, 0])
        if severity and last[month][0] == moment:
            last[month][1][severity not in ("error", "veto")] += count
    return {month: (errors, warnings) for month, (_, (errors, warnings)) in last.items()}


def _scores(view: Monitoring, month: str, at: datetime) -> tuple[float, ...]:
    """What the month's report said of both tables; nothing when none was stored by then."""
    stored = [body for made, body in view.history.records(f"snapshot:{month}") if made <= at]
    if not stored:
        return ()
    facts, confirmed = from_record(stored[-1]).scored, from_record(stored[-1]).confirmations
    services = view.config.monitor.public_services
    return tuple(
        float(score(table, facts, confirmations=confirmed, public_services=services).total)
        for table in view.tables
    )
