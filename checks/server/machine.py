"""What the machine itself tells: space, memory, load, time, updates, ports, logins.

Each function reads one thing and judges it. None needs root: where the system keeps something from
an ordinary user, the reading says so.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import psutil

from bureau.config import Inspection
from checks.server.reading import Reading, State, at_most, unread


def disk(path: Path, limits: Inspection) -> Reading:
    usage = psutil.disk_usage(str(path))
    return at_most(
        "disk", "磁盘空间", round(usage.percent, 1), limits.disk_percent, unit="%",
        advice="清理旧发布、旧备份和日志，或扩容",
        details=(f"共 {usage.total / 2**30:.1f} GiB，剩 {usage.free / 2**30:.1f} GiB",),
    )  # fmt: skip


def inodes(path: Path, limits: Inspection) -> Reading:
    stat = os.statvfs(path)
    if not stat.f_files:
        return unread("inodes", "文件节点", "这个文件系统不统计节点数")
    used = round(100 * (1 - stat.f_ffree / stat.f_files), 1)
    return at_most(
        "inodes", "文件节点", used, limits.inode_percent, unit="%", advice="删除大量小文件（旧发布、缓存）"
    )


def memory(limits: Inspection) -> Reading:
    used = psutil.virtual_memory()
    return at_most(
        "memory", "内存", round(used.percent, 1), limits.memory_percent, unit="%",
        advice="查占用最多的进程，必要时重启服务或扩容",
        details=tuple(f"{name} {size / 2**20:.0f} MiB" for name, size in _largest_processes()),
    )  # fmt: skip


def _largest_processes() -> list[tuple[str, int]]:
    rows = [
        (process.info["name"] or "?", process.info["memory_info"].rss)
        for process in psutil.process_iter(["name", "memory_info"])
        if process.info["memory_info"]
    ]
    return sorted(rows, key=lambda row: -row[1])[:3]


def load(limits: Inspection) -> Reading:
    per_core = round(psutil.getloadavg()[2] / (psutil.cpu_count() or 1), 2)
    return at_most(
        "load",
        "负载（15 分钟，每核）",
        per_core,
        limits.load_per_core,
        unit="",
        advice="查占用 CPU 最多的进程",
    )


def uptime(now: datetime) -> Reading:
    days = round((now.timestamp() - psutil.boot_time()) / 86400, 1)
    return Reading(item="uptime", name="连续运行", state=State.GOOD, value=f"{days:g} 天", number=days)


def clock_skew(limits: Inspection, now: datetime) -> Reading:
    """Against the Date header of a trusted server; without one, what the system says of its own sync."""
    advice = "启用时间同步：timedatectl set-ntp true"
    if not limits.time_url:
        return _ntp_state(advice)
    try:
        before = time.monotonic()
        stamp = httpx.head(limits.time_url, timeout=10).headers["date"]
        there = parsedate_to_datetime(stamp).timestamp() + (time.monotonic() - before) / 2
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return unread("clock", "时钟偏差", f"{limits.time_url} 没有给出时间（{error}）", advice)
    skew = round(abs(now.timestamp() - there), 1)
    return at_most("clock", "时钟偏差", skew, limits.clock_skew_seconds, unit="秒", advice=advice)


def _ntp_state(advice: str) -> Reading:
    answer = _output(["timedatectl", "show", "-p", "NTPSynchronized", "--value"])
    if answer is None or answer.strip() not in ("yes", "no"):
        return unread("clock", "时钟偏差", "没有配置 time_url，系统也没有说明同步状态", advice)
    synced = answer.strip() == "yes"
    return Reading(
        item="clock",
        name="时钟偏差",
        state=State.GOOD if synced else State.BAD,
        value="已与时间服务器同步" if synced else "没有与时间服务器同步",
        advice="" if synced else advice,
    )


def security_updates(limits: Inspection) -> Reading:
    """Pending security updates as apt's own simulation lists them (needs no root)."""
    listing = _output(["apt-get", "-s", "-o", "Debug::NoLocking=1", "upgrade"])
    if listing is None:
        return unread("updates", "安全更新", "本机没有 apt-get")
    return judge_updates(listing, limits)


def judge_updates(listing: str, limits: Inspection) -> Reading:
    names = re.findall(r"^Inst (\S+) .*[Ss]ecurity", listing, re.M)
    return at_most(
        "updates", "待装安全更新", len(names), limits.security_updates, unit="个",
        advice="在维护窗口执行 apt-get upgrade", details=tuple(names[:20]),
    )  # fmt: skip


def open_ports(limits: Inspection) -> Reading:
    try:
        connections = psutil.net_connections("inet")
    except psutil.AccessDenied:
        connections = []
    listening = {
        (row.laddr.port, row.laddr.ip)
        for row in connections
        if row.status == psutil.CONN_LISTEN and row.laddr
    }
    if not connections:
        return unread("ports", "开放端口", "没有权限查看连接")
    return judge_ports(sorted(listening), limits)


def judge_ports(listening: Iterable[tuple[int, str]], limits: Inspection) -> Reading:
    """Bad when something listens on an outward address that is not on the expected list."""
    outward = sorted({port for port, address in listening if not address.startswith(("127.", "::1"))})
    strange = [port for port in outward if port not in limits.expected_ports]
    return Reading(
        item="ports",
        name="开放端口",
        state=State.BAD if strange else State.GOOD,
        value=f"对外 {len(outward)} 个" + (f"，意外开放 {'、'.join(map(str, strange))}" if strange else ""),
        number=float(len(strange)),
        limit=f"只开放 {'、'.join(map(str, limits.expected_ports)) or '（无）'}",
        advice="关掉不需要的服务，或把端口写进 expected_ports" if strange else "",
    )


def failed_logins(limits: Inspection, since: datetime) -> Reading:
    """Refused logins since the last inspection, from the journal or the authentication log."""
    stamp = since.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    lines = _output(["journalctl", "-q", "--no-pager", "-t", "sshd", "-S", stamp])
    if lines is None or not lines.strip():
        lines = _log_since(Path(limits.login_log), since)
    if lines is None:
        return unread(
            "logins", "失败登录", f"日志 {limits.login_log} 不存在或没有权限", "把巡检用户加入 adm 组"
        )
    return judge_logins(lines, limits)


def judge_logins(lines: str, limits: Inspection) -> Reading:
    failed = re.findall(r"Failed password for (?:invalid user )?(\S+) from (\S+)", lines)
    sources = sorted({address for _, address in failed})
    return at_most(
        "logins", "失败登录", len(failed), limits.failed_logins, unit="次",
        advice="只许密钥登录，封禁来源地址", details=tuple(sources[:10]),
    )  # fmt: skip


def _log_since(path: Path, since: datetime) -> str | None:
    """Lines of a log that carry an ISO time stamp not before `since`; all lines when they carry none."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return "\n".join(_not_before(lines, since))


def _not_before(lines: Iterable[str], since: datetime) -> Iterator[str]:
    for line in lines:
        stamp = re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", line)
        if stamp is None:
            yield line
            continue
        at = datetime.fromisoformat(stamp[0])
        if (at if at.tzinfo else at.replace(tzinfo=UTC)) >= since:
            yield line


def _output(command: list[str]) -> str | None:
    """What a command prints; None when it is not there, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
