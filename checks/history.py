"""Every run and every finding over time, in `var/checks.db`.

A finding keeps its identity (its fingerprint) over runs, so that first seen, fed back, confirmed and
mended are facts with a time and a name. A run is written in one transaction: an interrupted one is
simply not there. Only changes are stored, so years of daily runs stay small.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bureau.errors import ConfigError
from checks import history_schema
from checks.database import transaction
from checks.finding import Finding, Place, Severity

FILE = "checks.db"
VERDICTS = ("confirmed", "false-alarm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what kind, when (UTC), and what it looked at. `rules` it ran; empty `paths` means the whole site."""

    kind: str  # daily, weekly, monthly, publish …
    at: datetime
    rules_hash: str
    rules: frozenset[str]
    paths: frozenset[str] = frozenset()
    sources: int = 0
    pages: int = 0
    unchecked: tuple[tuple[str, str], ...] = ()  # (rule, reason)

    def covers(self, finding: Finding) -> bool:
        """Whether this run would have seen the finding, were it still there."""
        could_not = {rule for rule, _ in self.unchecked}
        looked = not self.paths or finding.place.path in self.paths
        return looked and finding.rule in self.rules and finding.rule not in could_not


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a report shows of a finding: its line with the words marked, the address of the page."""

    quote: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A finding with its life so far."""

    finding: Finding
    shown: Shown
    first_seen: datetime
    last_seen: datetime
    mended_at: datetime | None
    mended_by: str
    fed_back_at: datetime | None
    verdict: str
    verdict_by: str
    verdict_reason: str
    in_report: bool

    @property
    def is_open(self) -> bool:
        return self.mended_at is None and self.verdict != "false-alarm"


@dataclass(frozen=True, slots=True)
class Change:
    """What a run brought: findings never seen before (or back again), and those that are gone."""

    new: tuple[Finding, ...]
    mended: tuple[Finding, ...]


class History:
    """The database of runs. Times go in and come out as aware datetimes and are stored in UTC."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            history_schema.bring_up_to_date(connection, path)

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self._path, "历史库")

    def add(self, run: Run, findings: Iterable[Finding], shown: Mapping[str, Shown] | None = None) -> Change:
        """Store a finished run. What it covers and did not find again counts as mended at its time.

        `shown` goes by fingerprint.

        Raises ConfigError when the clock has been set back: times would no longer tell the order of things.
        """
        now = _stored(run.at)
        last = self.last_run(run.kind)
        if last and _stored(last) > now:
            raise ConfigError(
                self._path, f"系统时钟比上次运行（{last:%Y-%m-%d %H:%M} UTC）还早，请先校时，本次没有记录"
            )
        seen = {finding.fingerprint: finding for finding in findings}
        with self._connection() as connection:
            open_before = {
                row["fingerprint"]: _finding(row)
                for row in connection.execute("SELECT * FROM finding WHERE mended_at IS NULL")
            }
            gone = [
                finding for key, finding in open_before.items() if key not in seen and run.covers(finding)
            ]
            connection.executemany(
                "UPDATE finding SET mended_at = ? WHERE fingerprint = ?",
                [(now, finding.fingerprint) for finding in gone],
            )
            words = shown or {}
            connection.executemany(
                _UPSERT, [_row(finding, now, words.get(key, Shown())) for key, finding in seen.items()]
            )
            self._store_run(connection, run, seen.values())
        new = tuple(finding for key, finding in seen.items() if key not in open_before)
        return Change(new=new, mended=tuple(gone))

    def _store_run(self, connection: sqlite3.Connection, run: Run, findings: Iterable[Finding]) -> None:
        cursor = connection.execute(
            "INSERT INTO run (kind, at, rules_hash, sources, pages, unchecked) VALUES (?, ?, ?, ?, ?, ?)",
            (
                run.kind, _stored(run.at), run.rules_hash, run.sources, run.pages,
                json.dumps(run.unchecked, ensure_ascii=False),
            ),
        )  # fmt: skip
        counts: dict[tuple[str, str], int] = {}
        for finding in findings:
            key = (finding.rule, finding.severity.value)
            counts[key] = counts.get(key, 0) + 1
        connection.executemany(
            "INSERT INTO tally VALUES (?, ?, ?, ?)",
            [(cursor.lastrowid, rule, severity, count) for (rule, severity), count in counts.items()],
        )

    def known(self, *, since: datetime | None = None, only_open: bool = False) -> list[Known]:
        """Findings that were alive at or after `since`, oldest first."""
        where = ["(mended_at IS NULL OR mended_at >= ?)"]
        if only_open:
            where.append("mended_at IS NULL AND verdict != 'false-alarm'")
        statement = f"SELECT * FROM finding WHERE {' AND '.join(where)} ORDER BY first_seen, fingerprint"  # noqa: S608
        with self._connection() as connection:
            rows = connection.execute(statement, (_stored(since) if since else "",)).fetchall()
        return [_known(row) for row in rows]

    def totals(
        self, kinds: Iterable[str], since: datetime, until: datetime
    ) -> list[tuple[datetime, str, int]]:
        """(time, severity, findings) of each run of those kinds, `until` included; a clean run has severity ""."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT run.at, coalesce(tally.severity, ''), coalesce(sum(tally.count), 0)"
                " FROM run LEFT JOIN tally ON tally.run_id = run.id"
                " WHERE run.kind IN (SELECT value FROM json_each(?)) AND run.at >= ? AND run.at <= ?"
                " GROUP BY run.id, tally.severity ORDER BY run.at, run.id, tally.severity",
                (json.dumps(list(kinds)), _stored(since), _stored(until)),
            ).fetchall()
        return [(datetime.fromisoformat(at), severity, count) for at, severity, count in rows]

    def last_run(self, kind: str) -> datetime | None:
        with self._connection() as connection:
            row = connection.execute("SELECT max(at) FROM run WHERE kind = ?", (kind,)).fetchone()
        return datetime.fromisoformat(row[0]) if row[0] else None

    def run_times(self, kind: str) -> list[datetime]:
        with self._connection() as connection:
            rows = connection.execute("SELECT at FROM run WHERE kind = ? ORDER BY at", (kind,)).fetchall()
        return [datetime.fromisoformat(row["at"]) for row in rows]

    def mark_fed_back(self, fingerprints: Iterable[str], at: datetime) -> None:
        """The office has been told (contract 一(三)2: within 4 hours); the first time counts."""
        with self._connection() as connection:
            connection.executemany(
                "UPDATE finding SET fed_back_at = coalesce(fed_back_at, ?) WHERE fingerprint = ?",
                [(_stored(at), key) for key in fingerprints],
            )

    def judge(self, fingerprint: str, verdict: str, *, by: str, reason: str, in_report: bool = True) -> None:
        """A named person's word on one finding. Raises ConfigError when it is not known or not named."""
        if verdict not in VERDICTS:
            raise ConfigError(self._path, f"结论只能是 {'、'.join(VERDICTS)}，现为 {verdict}")
        if not by.strip() or not reason.strip():
            raise ConfigError(self._path, "结论要有人名和理由")
        self._set(
            "verdict = ?, verdict_by = ?, verdict_reason = ?, in_report = ?",
            (verdict, by, reason, int(in_report)),
            fingerprint,
        )

    def whole_fingerprint(self, beginning: str) -> str:
        """The one fingerprint that begins so. Raises ConfigError when there is none or more than one."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT fingerprint FROM finding WHERE substr(fingerprint, 1, ?) = ? LIMIT 2",
                (len(beginning), beginning),
            ).fetchall()
        if len(rows) != 1:
            raise ConfigError(
                self._path, f"编号 {beginning} 对应{'多处' if rows else '不到'}问题，请写完整的编号"
            )
        return str(rows[0]["fingerprint"])

    def mend(self, finding: Finding, at: datetime, by: str) -> None:
        """Mended by somebody at once; it stands in the history whether a run had told it before or not."""
        mended = ("UPDATE finding SET mended_at = ?, mended_by = ? WHERE fingerprint = ?",
                  (_stored(at), by, finding.fingerprint))  # fmt: skip
        with self._connection() as connection:
            if connection.execute(*mended).rowcount == 0:
                connection.execute(_UPSERT, _row(finding, _stored(at), Shown()))
                connection.execute(*mended)

    def mark_mended_by(self, fingerprint: str, who: str) -> None:
        self._set("mended_by = ?", (who,), fingerprint)

    def _set(self, assignments: str, values: tuple[str | int, ...], fingerprint: str) -> None:
        statement = f"UPDATE finding SET {assignments} WHERE fingerprint = ?"  # noqa: S608 - own words only
        with self._connection() as connection:
            if connection.execute(statement, (*values, fingerprint)).rowcount == 0:
                raise ConfigError(self._path, f"没有编号为 {fingerprint} 的问题")

    def keep(self, kind: str, at: datetime, body: Mapping[str, object]) -> None:
        """A record that belongs to no finding: measures of a month, an inspection, a delivery."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO record (kind, at, body) VALUES (?, ?, ?)",
                (kind, _stored(at), json.dumps(body, ensure_ascii=False, sort_keys=True)),
            )

    def latest_record(self, kind: str) -> dict[str, object] | None:
        with self._connection() as connection:
            row = connection.execute(
                "SELECT body FROM record WHERE kind = ? ORDER BY at DESC, id DESC LIMIT 1", (kind,)
            ).fetchone()
        return json.loads(row["body"]) if row else None

    def records(
        self, kind: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[tuple[datetime, dict[str, object]]]:
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT at, body FROM record WHERE kind = ? AND at >= ? AND at < ? ORDER BY at, id",
                (kind, _stored(since) if since else "", _stored(until) if until else "~"),
            ).fetchall()
        return [(datetime.fromisoformat(at), json.loads(body)) for at, body in rows]


_UPSERT = """
INSERT INTO finding (fingerprint, rule, severity, path, line, column, text, message, suggestion, clause,
                     first_seen, last_seen, quote, url)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (fingerprint) DO UPDATE SET
  severity = excluded.severity, path = excluded.path, line = excluded.line, column = excluded.column,
  message = excluded.message, suggestion = excluded.suggestion, last_seen = excluded.last_seen,
  quote = excluded.quote, url = excluded.url,
  fed_back_at = CASE WHEN mended_at IS NULL THEN fed_back_at END,
  first_seen = CASE WHEN mended_at IS NULL THEN first_seen ELSE excluded.first_seen END,
  mended_by = CASE WHEN mended_at IS NULL THEN mended_by ELSE '' END, mended_at = NULL
"""


def _stored(at: datetime) -> str:
    """UTC with a fixed width, so that text order is time order."""
    if at.tzinfo is None:
        raise ValueError("times in the history carry their zone")
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _row(finding: Finding, now: str, shown: Shown) -> tuple[str | int, ...]:
    place = finding.place
    return (
        finding.fingerprint, finding.rule, finding.severity.value, place.path, place.line, place.column,
        finding.text, finding.message, finding.suggestion, finding.clause, now, now, shown.quote, shown.url,
    )  # fmt: skip


def _finding(row: sqlite3.Row) -> Finding:
    return Finding(
        rule=row["rule"],
        severity=Severity(row["severity"]),
        place=Place(row["path"], row["line"], row["column"]),
        text=row["text"],
        message=row["message"],
        suggestion=row["suggestion"],
        clause=row["clause"],
        fingerprint=row["fingerprint"],
    )


def _known(row: sqlite3.Row) -> Known:
    def time(column: str) -> datetime | None:
        return datetime.fromisoformat(row[column]) if row[column] else None

    return Known(
        finding=_finding(row),
        shown=Shown(quote=row["quote"], url=row["url"]),
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=datetime.fromisoformat(row["last_seen"]),
        mended_at=time("mended_at"),
        mended_by=row["mended_by"],
        fed_back_at=time("fed_back_at"),
        verdict=row["verdict"],
        verdict_by=row["verdict_by"],
        verdict_reason=row["verdict_reason"],
        in_report=bool(row["in_report"]),
    )
