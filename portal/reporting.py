"""From stored runs to the material of a periodic report."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import PurePosixPath

from bureau.errors import ConfigError
from bureau.workdays import ZONE
from checks.history import History, Known
from checks.monitor import runs
from checks.monitor.snapshot import Snapshot, from_record
from checks.report.material import Material
from checks.rules import BY_ID
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
    known = as_of(view.history.known(since=_begin(snapshot)), snapshot.at)
    return Material(
        snapshot=snapshot,
        tables=view.tables,
        known=known,
        trend=trend(view.history, snapshot.at),
        owners={row.finding.fingerprint: _owner(view, row) for row in known},
        rule_names={name: _title(rule.__doc__ or name) for name, rule in BY_ID.items()},
        issuer=view.config.contract.contractor,
        recipient=view.config.identity.organizer,
        public_services=view.config.monitor.public_services,
    )


def _begin(snapshot: Snapshot) -> datetime:
    return datetime.combine(snapshot.first, time(), ZONE)


def as_of(known: list[Known], at: datetime) -> list[Known]:
    """Findings as they stood at a moment: what came later is left out, what was mended later is still open."""
    return [
        replace(row, mended_at=None, mended_by="") if row.mended_at and row.mended_at > at else row
        for row in known
        if row.first_seen <= at
    ]


def trend(history: History, at: datetime) -> list[tuple[str, int, int]]:
    """(month, errors and vetoes, warnings) standing at each month's last run, twelve months back."""
    months: dict[str, dict[datetime, list[int]]] = {}
    since = at - timedelta(days=31 * TREND_MONTHS)
    for kind in ("daily", "monthly"):
        for moment, _rule, severity, count in history.tallies(kind, since, at + timedelta(seconds=1)):
            counts = months.setdefault(f"{moment.astimezone(ZONE):%Y-%m}", {}).setdefault(moment, [0, 0])
            counts[severity not in ("error", "veto")] += count
    last = [(month, runs_of[max(runs_of)]) for month, runs_of in sorted(months.items())]
    return [(month, errors, warnings) for month, (errors, warnings) in last][-TREND_MONTHS:]


def _owner(view: Monitoring, row: Known) -> str:
    path = row.finding.place.path
    parts = PurePosixPath(path).parts
    department = view.config.department(runs.owner_of(path, view.site))
    return department.name if department and parts and parts[0] == "content" else ""


def _title(docstring: str) -> str:
    return docstring.strip().partition("\n")[0].rstrip("。")
