"""Run the weekly inspection, keep it as JSON, and compare it with the one before."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bureau.config import Inspection as Limits
from checks.server import machine, safekeeping, services
from checks.server.reading import Reading, State, unread

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """All readings of one run. `at` is UTC."""

    at: datetime
    host: str
    readings: tuple[Reading, ...]

    @property
    def bad(self) -> tuple[Reading, ...]:
        return tuple(reading for reading in self.readings if reading.state is State.BAD)

    @property
    def unread(self) -> tuple[Reading, ...]:
        return tuple(reading for reading in self.readings if reading.state is State.UNREAD)

    def as_json(self) -> str:
        rows = [asdict(reading) for reading in self.readings]
        record = {"version": 1, "at": self.at.isoformat(), "host": self.host, "readings": rows}
        return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def inspect(
    root: Path, limits: Limits, now: datetime, *, previous: Inspection | None = None, token: str = ""
) -> Inspection:
    """Read everything once. A probe that breaks is an unread item, never a broken inspection."""
    since = previous.at if previous else now - WEEK
    readings = tuple(_safely(name, probe) for name, probe in _probes(root, limits, now, since, token))
    return Inspection(at=now, host=socket.gethostname(), readings=readings)


def _probes(
    root: Path, limits: Limits, now: datetime, since: datetime, token: str
) -> Iterator[tuple[str, Callable[[], Reading]]]:
    backups = root / limits.backup_folder
    yield "磁盘空间", partial(machine.disk, root, limits)
    yield "文件节点", partial(machine.inodes, root, limits)
    yield "内存", partial(machine.memory, limits)
    yield "负载", partial(machine.load, limits)
    yield "连续运行", partial(machine.uptime, now)
    yield "时钟偏差", partial(machine.clock_skew, limits, now)
    yield "安全更新", partial(machine.security_updates, limits)
    for service in limits.services:
        yield f"服务 {service.name}", partial(services.answering, service)
    for address in limits.tls_hosts:
        yield f"证书 {address}", partial(services.certificate, address, limits, now)
    yield "最近备份", partial(safekeeping.backup_age, backups, limits, now)
    yield "备份可恢复", partial(safekeeping.backup_restores, backups, limits)
    for database in limits.databases:
        yield f"数据库 {database}", partial(safekeeping.database, root / database)
    yield "日志错误", partial(safekeeping.log_errors, _logs(root, limits), limits, since)
    yield "开放端口", partial(machine.open_ports, limits)
    yield "失败登录", partial(machine.failed_logins, limits, since)
    if limits.stats_url:
        yield "短信余量", partial(services.sms_balance, limits.stats_url, token, limits)


def _logs(root: Path, limits: Limits) -> list[Path]:
    return [path for pattern in limits.logs for path in sorted(root.glob(pattern)) if path.is_file()]


def _safely(name: str, probe: Callable[[], Reading]) -> Reading:
    try:
        return probe()
    except Exception as error:  # a probe meets whatever a broken server offers
        return unread(name, name, f"{type(error).__name__}：{error}")


def load(path: Path) -> Inspection | None:
    """The inspection stored at `path`; None when there is none or it is damaged."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        readings = tuple(
            Reading(**{**row, "state": State(row["state"]), "details": tuple(row["details"])})
            for row in raw["readings"]
        )
        return Inspection(at=datetime.fromisoformat(raw["at"]), host=raw["host"], readings=readings)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def latest(folder: Path, before: datetime) -> Inspection | None:
    """The newest whole inspection in `folder` that was made before `before`."""
    for path in sorted(folder.glob("*.json"), reverse=True):
        inspection = load(path)
        if inspection and inspection.at < before:
            return inspection
    return None


def save(inspection: Inspection, folder: Path) -> Path:
    """Write it whole or not at all: a temporary file, then a rename."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{inspection.at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(inspection.as_json(), "utf-8")
    draft.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class Trend:
    """One item now and at the inspection before."""

    now: Reading
    before: Reading | None

    @property
    def change(self) -> float | None:
        if self.before is None or self.before.number is None or self.now.number is None:
            return None
        return round(self.now.number - self.before.number, 2)

    @property
    def recovered(self) -> bool:
        return self.before is not None and self.before.state is State.BAD and self.now.state is State.GOOD


def trends(now: Inspection, before: Inspection | None) -> list[Trend]:
    known = {reading.item: reading for reading in before.readings} if before else {}
    return [Trend(reading, known.get(reading.item)) for reading in now.readings]
