"""Put together what monitoring looks at: the build, its checks, the mailbox's numbers, the live site, the search."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bureau import adjustments, channels, internal_token, workdays
from bureau import config as site_config
from bureau.config import SiteConfig
from bureau.workdays import ZONE, WorkCalendar
from checks import built_site, engine, scope, scoring
from checks.built_site import BuiltSite
from checks.engine import Outcome
from checks.history import History
from checks.links import register
from checks.monitor import availability, crawl, live_site, schedule, tamper
from checks.monitor.alerts import SPOOL, Alert, Delivery, bearer, post
from checks.monitor.availability import Availability, Probe
from checks.monitor.checklist import Checklist, Lines
from checks.monitor.crawl import Crawl
from checks.monitor.evidence import Evidence, read_articles
from checks.monitor.schedule import Period
from checks.scoring import Table
from portal import hand_judged, live, outward
from portal.search import index
from portal.search.query import Question, Searcher

DATA = Path(scoring.__file__).parent / "data"
TABLES = ("indicators-2019.toml", "census-2015.toml")
CACHE = Path("var/cache/checks")
PROBE = "probe"


@dataclass(frozen=True)
class Monitoring:
    """One run's view of the project; everything is read once, when it is first asked for."""

    root: Path
    now: datetime
    thorough: bool = False  # the monthly run: every outward address is asked, the live site is walked

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @cached_property
    def config(self) -> SiteConfig:
        return site_config.load(self.root / "site.toml")

    @cached_property
    def workdays(self) -> WorkCalendar:
        return workdays.load(self.root / workdays.FOLDER)

    @cached_property
    def history(self) -> History:
        return History(self.root / "var/checks.db")

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(scoring.load_table(DATA / name) for name in TABLES)

    @cached_property
    def site(self) -> BuiltSite:
        build = self.root / "build"
        return built_site.load(build / "site", build / "manifest.json", (self.config.identity.domain,))

    @cached_property
    def outcome(self) -> Outcome:
        """All rules on everything, and the live site; what has not changed comes from the cache.

        Outward addresses that seemed dead are visited again every day, so that two visits agree soon.
        """
        cache = self.root / CACHE
        whole = scope.whole(scope.surroundings(self.config, self.today))
        whole = outward.ask(whole, cache, self.now, self.root / register.FILE, all_due=self.thorough)
        watched, walked = self.watched, self.walked
        reasons = [(crawl.ID, reason) for reason in walked.unchecked] if walked else []
        if watched.unchecked:
            reasons.append((tamper.ID, watched.unchecked))
        extra = (*watched.findings, *(walked.findings if walked else ()))
        seen = replace(whole, extra=extra, unchecked=(*whole.unchecked, *reasons))
        outcome = engine.run(seen, cache=cache)
        return replace(outcome, rules=outcome.rules | {tamper.ID} | ({crawl.ID} if walked else set()))

    @cached_property
    def walked(self) -> Crawl | None:
        """The live site as a visitor's clicks find it; once a month."""
        url = self.config.monitor.live_url
        if not self.thorough:
            return None
        return live.walk(self.root, url) if url else Crawl((), 0, ("没有配置 live_url",))

    @cached_property
    def watched(self) -> tamper.Watch:
        """The live site against the release it should be; never published, `portal serve` shows the build."""
        url, manifest = self.config.monitor.live_url, self.root / "releases/current/manifest.json"
        if not url:
            return tamper.Watch((), 0, "没有配置 live_url")
        if not manifest.exists():
            return tamper.watch(url, self.site.pages)
        release = built_site.load(manifest.parent / "site", manifest, (self.config.identity.domain,))
        return tamper.watch(url, release.pages)

    @cached_property
    def mailbox(self) -> Mapping[str, Any] | None:
        """The mailbox's internal statistics; None when it does not answer, which is told as unjudged."""
        url = self.config.monitor.mailbox_url
        if not url:
            return None
        try:
            answer = httpx.get(
                f"{url.rstrip('/')}/internal/v1/stats",
                headers=bearer(internal_token.read(self.root)),
                timeout=10,
            )
            numbers: Mapping[str, Any] = answer.raise_for_status().json()
        except (httpx.HTTPError, json.JSONDecodeError):
            return None
        return numbers

    @cached_property
    def page(self) -> tuple[Lines, str]:
        """What staff filled in on the mailbox's page, and why it could not be read."""
        return hand_judged.from_page(self.config.monitor.mailbox_url, internal_token.read(self.root))

    def by_hand(self, period: Period) -> Checklist:
        last = max(period.due, self.today)
        return hand_judged.of_period(self.root, self.history, self.page[0], period.first, last)

    def evidence(self, period: Period) -> Evidence:
        url = self.config.monitor.live_url
        return Evidence(
            today=self.today,
            config=self.config,
            channels=self.site.channels,
            articles=read_articles(self.site),
            pages=self.site.pages,
            html=lambda file: self.site.read(file).decode("utf-8", "replace"),
            findings=self.outcome.findings,
            unchecked=dict(self.outcome.unchecked),
            availability=self.week("IPv4"),
            availability_ipv6=self.week("IPv6"),
            mailbox=self.mailbox,
            search=self.search,
            live=live_site.look(url, self.config.monitor.online_services, self.now) if url else None,
            checklist=self.by_hand(period).rows,
            error_reports=hand_judged.error_reports(self.history, period.first),
            workdays=self.workdays,
            first_committed=first_commits(self.root),
        )

    @cached_property
    def search(self) -> Callable[[str], Sequence[Mapping[str, Any]]]:
        """The portal's own search over the build, as D25 and B08 try it."""
        index.update(self.root)
        searcher = Searcher(self.root / index.CACHE)

        def ask(text: str) -> Sequence[Mapping[str, Any]]:
            return [{"url": hit.url, "group": hit.group} for hit in searcher.ask(Question(text=text)).hits]

        return ask

    @property
    def adjustments(self) -> tuple[Mapping[str, str], ...]:
        """The register of the contract year, for the reports."""
        content = self.root / "content"
        rows = adjustments.load(content, channels.load(content))
        return tuple(
            {"number": f"{row.number:04}", "summary": row.summary, "requested": f"{row.requested}"}
            for row in adjustments.of_year(rows, self.config.contract, self.today)
        )

    def visit(self) -> list[Probe]:
        """Probe the live home page once over each address family its name has, and remember it."""
        url = self.config.monitor.live_url
        families = ["IPv4", "IPv6"] if live_site.has_ipv6(urlsplit(url).hostname or "") else ["IPv4"]
        visits = [availability.probe(url, self.now, family=family) for family in families]
        for visit in visits:
            self.history.keep(PROBE, self.now, visit_record(visit))
        return visits

    def week(self, family: str) -> Availability | None:
        """The seven days up to now over one address family; the vetoes count IPv4."""
        rows = self.history.records(PROBE, self.now - timedelta(days=7), self.now + timedelta(seconds=1))
        probes = [visit_from(at, body) for at, body in rows if body["family"] == family]
        return availability.week(probes, self.now + timedelta(seconds=1)) if probes else None

    def tell(self, alerts: tuple[Alert, ...]) -> Delivery:
        return post(
            alerts, self.config.monitor.mailbox_url, internal_token.read(self.root), self.root / SPOOL
        )

    def period(self, name: str | None) -> Period:
        """The named period, or the month whose report is due next."""
        wanted = name or schedule.current_month(self.today)
        if "Q" in wanted:
            return schedule.quarter(wanted, self.config.contract, self.workdays)
        if "-" in wanted:
            return schedule.month(wanted, self.config.contract, self.workdays)
        return schedule.annual(wanted)


def visit_record(visit: Probe) -> dict[str, object]:
    return {name: getattr(visit, name) for name in Probe.__dataclass_fields__ if name != "at"}


def visit_from(at: datetime, body: Mapping[str, Any]) -> Probe:
    return Probe(at=at, **body)


def first_commits(root: Path) -> dict[str, date]:
    """Source -> the day on which it was first committed; empty outside a repository or in a shallow one."""
    command = [
        "git",
        "-C",
        str(root),
        "log",
        "--diff-filter=A",
        "--format=%x00%cs",
        "--name-only",
        "--",
        "content",
    ]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    days: dict[str, date] = {}
    for entry in listing.split("\0")[1:]:
        day, *files = entry.split("\n")
        days |= {file: date.fromisoformat(day) for file in files if file}  # oldest last, so it stays
    return days


def desk_figures(mailbox: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The service register of the contract year, as the mailbox's statistics carry it; the report names the figures."""
    return mailbox.get("desk") if mailbox else None


def now() -> datetime:
    return datetime.now(UTC)
