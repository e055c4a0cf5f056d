"""What monitoring last saw, in one small file that the staff's dashboard reads: `var/monitor/state.json`.

Each run replaces its own section; the file is written whole or not at all, by one writer at a time.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from checks.history import Known
from checks.monitor import schedule
from checks.monitor.evidence import Evidence
from checks.monitor.measures import MANUAL, measure
from checks.monitor.runs import Performed
from checks.report.inspection import verdict
from checks.report.material import points
from checks.scoring import Part, Table, Unjudged
from checks.server.inspection import Inspection
from portal.monitoring import Monitoring

FILE = Path("var/monitor/state.json")
AGES = ((1, "1 天以内"), (7, "1 至 7 天"), (30, "7 至 30 天"), (10_000, "30 天以上"))  # findings still open
OLDEST = 10


def keep(root: Path, section: str, values: Mapping[str, Any]) -> None:
    """Put one run's section in place of its last."""
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = {"version": 1, **_read(path), section: values}
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(state, ensure_ascii=False, indent=1) + "\n", "utf-8")
        os.replace(draft, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def site(view: Monitoring, done: Performed) -> dict[str, Any]:
    """After a daily or monthly run: vetoes and margins, forecast, open findings by age, runs, availability."""
    known = view.history.known(only_open=True)
    evidence = view.evidence(view.period(None))
    week = evidence.availability
    return {
        "at": view.now.isoformat(),
        "sources": view.outcome.sources,
        "pages": view.outcome.pages,
        "vetoes": [row for table in view.tables for row in vetoes(evidence, table)],
        "by_hand": by_hand(view.tables),
        "forecast": [
            {"channel": alarm.channel, "breaks": f"{alarm.breaks}", "days_left": alarm.days_left(view.today),
             "text": alarm.sentence(view.today)}
            for alarm in done.alarms
        ],
        "findings": findings(known, view.now),
        "runs": {
            cadence.kind: last.isoformat() if (last := view.history.last_run(cadence.kind)) else None
            for cadence in (schedule.DAILY, schedule.MONTHLY)
        },
        "late": [{"name": row.kind, "due": row.when, "made": f"{row.made or ''}"} for row in done.late],
        "unchecked": [f"{rule}：{reason}" for rule, reason in view.outcome.unchecked],
        "availability": None if week is None else {"percent": week.percent, "visits": week.visits, "failures": week.failures},
    }  # fmt: skip


def by_hand(tables: Iterable[Table]) -> list[dict[str, str]]:
    """What people have to judge, for the staff's page."""
    return [
        {"id": row.id, "table": table.short, "name": row.name, "text": item.text}
        for table in tables
        for row in table.rows
        for item in row.items
        if item.measure.startswith(MANUAL)
    ]


def vetoes(evidence: Evidence, table: Table) -> list[dict[str, str]]:
    """Each veto of a table with its value, its threshold and what is left until it stands."""
    rows = [row for row in table.rows if row.part is Part.VETO]
    facts = measure(evidence, dict.fromkeys(item.measure for row in rows for item in row.items))
    found = []
    for row in rows:
        for item in row.items:
            fact = facts[item.measure]
            head = {"table": table.short, "id": row.id, "name": item.text, "limit": points(item.at)}
            if isinstance(fact, Unjudged):
                found.append({**head, "state": "unjudged", "value": "", "margin": "", "reason": fact.reason})
                continue
            state = "stands" if fact.count >= item.at else "clear"
            margin = points(max(item.at - fact.count, item.at - item.at))
            found.append(
                {**head, "state": state, "value": points(fact.count), "margin": margin, "reason": ""}
            )
    return found


def findings(known: list[Known], now: datetime) -> dict[str, Any]:
    counts = {"veto": 0, "error": 0, "warning": 0, "info": 0}
    ages = {name: 0 for _, name in AGES}
    for row in known:
        counts[row.finding.severity.value] += 1
        days = (now - row.first_seen).total_seconds() / 86400
        ages[next(name for most, name in AGES if days <= most)] += 1
    grave = [row for row in known if row.finding.severity.blocks]
    return {
        "counts": counts,
        "ages": ages,
        "oldest": [
            {"since": row.first_seen.isoformat(), "level": row.finding.severity.value,
             "place": f"{row.finding.place}", "message": row.finding.message}
            for row in grave[:OLDEST]
        ],
    }  # fmt: skip


def inspected(inspection: Inspection) -> dict[str, Any]:
    return {
        "at": inspection.at.isoformat(),
        "verdict": verdict(inspection),
        "bad": [f"{row.name}：{row.value}" for row in inspection.bad],
    }
