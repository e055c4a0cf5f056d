"""What people judged: the file in content/, the staff's page of the mailbox, CSV from other platforms.

Imported rows are kept in the history as they came; the page's lines stay in the mailbox, where each has its
audit row, and are asked for over HTTP. All three are one checklist to the measures.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from bureau.errors import ConfigError
from bureau.workdays import ZONE
from checks.history import History
from checks.monitor import checklist, imports
from checks.monitor.alerts import bearer
from checks.monitor.checklist import BoardRound, Checklist, Lines
from checks.monitor.evidence import ErrorReport

BOARDS, ERROR_REPORTS = "import:boards", "import:error-reports"
PAGE = "信箱的人工检查页面"
TIMEOUT = 10.0  # seconds


def of_period(root: Path, history: History, page: Lines, first: date, last: date) -> Checklist:
    """All that is dated from `first` to `last`."""
    imported: list[Mapping[str, Any]] = []
    for _, body in history.records(BOARDS):
        rows = body["rows"]
        assert isinstance(rows, list)
        imported += [{**row, "on": date.fromisoformat(row["on"])} for row in rows]
    file = checklist.read(root / checklist.FILE)
    return checklist.of_period((file, page, {"boards": imported}), first, last)


def from_page(url: str, token: str) -> tuple[Lines, str]:
    """The lines that staff filled in on the page, and why there are none where it could not be asked."""
    if not url:
        return {}, "没有配置 [monitor] mailbox_url"
    try:
        answer = httpx.get(
            f"{url.rstrip('/')}/internal/v1/checklist", headers=bearer(token), timeout=TIMEOUT
        ).raise_for_status()
        rows = answer.json()
        lines = {
            table: [{**row, "on": date.fromisoformat(row["on"])} for row in rows.get(table, ())]
            for table in checklist.KEYS
        }
        return checklist.checked(PAGE, lines), ""
    except (httpx.HTTPError, json.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        return {}, f"{PAGE}没有读到"
    except ConfigError as error:
        return {}, str(error)


def keep_boards(path: Path, history: History, now: datetime) -> Sequence[BoardRound]:
    rows = imports.boards(path, now.astimezone(ZONE).date())
    history.keep(BOARDS, now, {"rows": [{**asdict(row), "on": f"{row.on}"} for row in rows]})
    return rows


def keep_error_reports(path: Path, history: History, now: datetime) -> Sequence[ErrorReport]:
    rows = imports.error_reports(path, now.astimezone(ZONE).date())
    kept = [[row.number, f"{row.received}", f"{row.answered or ''}"] for row in rows]
    history.keep(ERROR_REPORTS, now, {"rows": kept})
    return rows


def error_reports(history: History, first: date) -> tuple[ErrorReport, ...] | None:
    """Of the newest import; None when none was made since `first`: older ones say nothing of now."""
    imported = history.records(ERROR_REPORTS, datetime(first.year, first.month, first.day, tzinfo=ZONE))
    if not imported:
        return None
    rows = imported[-1][1]["rows"]
    assert isinstance(rows, list)
    return tuple(
        ErrorReport(
            number=number,
            received=date.fromisoformat(received),
            answered=date.fromisoformat(answered) if answered else None,
        )
        for number, received, answered in rows
    )
