"""Monitoring at a city's size: 10,000 articles and five years of runs (`make bench-monitor`).

The site is built and indexed, as publishing leaves it. Measured in one run: the daily run from cold and
after 50 changed articles, the monthly snapshot with its report in four formats, and the history's size on
disk. Goals: daily ≤ 60 s, report ≤ 30 s, ≤ 500 MB.
"""

import json
import os
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import sites
from bench.corpus import articles
from checks.finding import Finding, Place, Severity
from checks.history import History, Run
from checks.monitor import runs, schedule
from checks.report import periodic
from checks.report.printing import write
from portal import reporting
from portal.build import build
from portal.monitoring import Monitoring
from portal.search import index

ARTICLES, YEARS, STANDING, CHANGED = 10_000, 5, 80, 50
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        sites.ours(root, articles(ARTICLES), theme=sites.PROJECT / "theme")
        _quiet(root)
        os.chdir(root)
        with timed("构建与搜索索引（10,000 篇）"):
            build(Path(), today=NOW.date())
            index.update(Path())
        with timed("写入五年历史（不计入指标）"):
            _past(Path("var/checks.db"))
        with timed("每日监测，从空缓存"):
            _daily(NOW)
        _edit(CHANGED)
        build(Path(), today=NOW.date())
        index.update(Path())
        with timed(f"每日监测，改了 {CHANGED} 篇"):
            _daily(NOW + timedelta(days=1))
        with timed("月度快照与月报四种格式"):
            _monthly(NOW + timedelta(days=1))
        size = sum(path.stat().st_size for path in Path("var").glob("checks.db*"))
        print(f"历史库 {size / 2**20:.0f} MiB（五年每日运行，十分钟一次可用性采样）")
        print(f"峰值内存 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB（主进程）")


@contextmanager
def timed(what: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    print(f"{what}：{time.perf_counter() - begin:.1f} 秒", flush=True)


def _quiet(root: Path) -> None:
    """No live site, no mailbox: only our own work is measured."""
    text = (root / "site.toml").read_text("utf-8")
    (root / "site.toml").write_text(
        text.replace('live_url = "http://127.0.0.1:8000/"', 'live_url = ""').replace(
            'mailbox_url = "http://127.0.0.1:8000"', 'mailbox_url = ""'
        ),
        "utf-8",
    )


def _past(path: Path) -> None:
    chance = random.Random(5)
    history = History(path)
    standing = [_finding(number) for number in range(STANDING)]
    for day in range(YEARS * 365, 0, -1):
        standing = [found for found in standing if chance.random() > 0.05]
        standing += [_finding(chance.randrange(10**9)) for _ in range(STANDING - len(standing))]
        run = Run(
            kind="daily", at=NOW - timedelta(days=day), rules_hash="r", rules=frozenset({"typo"}), sources=ARTICLES
        )  # fmt: skip
        history.add(run, standing)
    _probes(path)


def _finding(number: int) -> Finding:
    return Finding(
        rule="typo", severity=Severity.ERROR, place=Place(f"content/xwdt/zwyw/{number}.md", 3, 5), text="按装",
        message="“按装”应为“安装”", suggestion="安装", fingerprint=f"{number:032x}",
    )  # fmt: skip


def _probes(path: Path) -> None:
    body = json.dumps(
        {"url": "https://example.gov.cn/", "family": "IPv4", "ok": True, "status": 200, "dns_ms": 1.2,
         "tls_ms": 20.1, "first_byte_ms": 33.0, "total_ms": 40.5, "reason": ""}
    )  # fmt: skip
    moments = (NOW - timedelta(minutes=10 * step) for step in range(YEARS * 365 * 144, 0, -1))
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO record (kind, at, body) VALUES ('probe', ?, ?)",
            ((moment.isoformat(timespec="seconds"), body) for moment in moments),
        )


def _daily(at: datetime) -> None:
    view = Monitoring(Path(), at)
    runs.perform(schedule.DAILY, view.outcome, view.site, view.config, view.history, view.now, view.today)


def _monthly(at: datetime) -> None:
    view = Monitoring(Path(), at)
    period = view.period("2026-11")
    runs.snapshot(
        view.evidence(period), view.tables, period, view.now, view.outcome, view.history, runs.Beside()
    )
    document = periodic.compose(reporting.material(view, "2026-11"))
    write(document, Path("var/reports"), "monthly")


def _edit(count: int) -> None:
    for path in sorted(Path("content").rglob("*.md"))[:: ARTICLES // count][:count]:
        path.write_text(path.read_text("utf-8") + "\n补充一句说明。\n", "utf-8")


if __name__ == "__main__":
    main()
