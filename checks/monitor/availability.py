"""Is the home page reachable? One probe, and the share of failures over a week with its margin to the veto.

2019 indicator V2 and census CV1: over one week, more than 20 visits a day, a visit fails when the page
does not open within 15 seconds; 5 % of failures is a veto. With a probe every ten minutes one failure
weighs 0.1 %, not 5 % as with twenty samples.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypedDict
from urllib.parse import SplitResult, urlsplit

import httpx

LIMIT_SECONDS = 15.0
VETO_PERCENT = 5.0
REDIRECTS = 5
EVERY = timedelta(minutes=10)
FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One visit. Milliseconds are counted from the beginning; a step that was not reached has none."""

    at: datetime
    url: str
    family: str  # IPv4 or IPv6
    ok: bool
    status: int = 0
    dns_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    total_ms: float | None = None
    reason: str = ""


def probe(url: str, at: datetime, *, family: str = "IPv4", limit: float = LIMIT_SECONDS) -> Probe:
    """Visit `url` once over one address family, certificate checked, within `limit` seconds in all."""
    parts = urlsplit(url)
    clock = _Clock(limit)
    marks: Marks = {}
    try:
        address = _resolve(parts, family)
        marks["dns_ms"] = clock.elapsed_ms
        if parts.scheme == "https":
            _handshake(address, parts, clock)
            marks["tls_ms"] = clock.elapsed_ms
        status = _load(url, parts, address, clock, marks)
    except (OSError, httpx.HTTPError, ValueError) as error:
        return Probe(at=at, url=url, family=family, ok=False, reason=_reason(error), **marks)
    ok = status < 400
    return Probe(
        at=at, url=url, family=family, ok=ok, status=status, reason="" if ok else f"返回 {status}", **marks
    )


class Marks(TypedDict, total=False):
    dns_ms: float
    tls_ms: float
    first_byte_ms: float
    total_ms: float


class _Clock:
    def __init__(self, limit: float) -> None:
        self._began, self._limit = time.monotonic(), limit

    @property
    def elapsed_ms(self) -> float:
        return round((time.monotonic() - self._began) * 1000, 1)

    @property
    def left(self) -> float:
        """Seconds left of the limit, for the timeout of one step."""
        return max(self._limit - (time.monotonic() - self._began), 0.001)

    def check(self) -> None:
        """Raises TimeoutError when the limit is over."""
        if time.monotonic() - self._began > self._limit:
            raise TimeoutError


def _resolve(parts: SplitResult, family: str) -> str:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, FAMILIES[family], socket.SOCK_STREAM)
    return str(found[0][4][0])


def _handshake(address: str, parts: SplitResult, clock: _Clock) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection((address, parts.port or 443), clock.left) as raw,
        context.wrap_socket(raw, server_hostname=parts.hostname),
    ):
        return


def _load(url: str, parts: SplitResult, address: str, clock: _Clock, marks: Marks) -> int:
    """Read the whole page from that very address, following redirects; returns the last status."""
    here = httpx.URL(url)
    head = {"Host": parts.netloc, "User-Agent": "portal-monitor", "Accept-Encoding": "gzip"}
    with httpx.Client(timeout=clock.left, verify=ssl.create_default_context()) as client:
        for _ in range(REDIRECTS + 1):
            extensions = {"sni_hostname": parts.hostname}
            pinned = here.copy_with(host=address)
            with client.stream("GET", pinned, headers=head, extensions=extensions) as answer:
                marks.setdefault("first_byte_ms", clock.elapsed_ms)
                for _chunk in answer.iter_bytes():
                    clock.check()
                marks["total_ms"] = clock.elapsed_ms
                if not answer.is_redirect:
                    return answer.status_code
                here = here.join(answer.headers["location"])
            if here.host != parts.hostname:
                raise ValueError(f"跳转到别的主机 {here.host}")
    raise ValueError("跳转次数过多")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "超过时限没有打开"
    if isinstance(error, socket.gaierror):
        return "域名解析失败"
    if isinstance(error, ssl.SSLError):
        return f"证书或加密连接错误：{error.reason or error}"
    if isinstance(error, ConnectionRefusedError | httpx.ConnectError):
        return "连接被拒绝或中断"
    return str(error) or type(error).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """A week as the indicator counts it."""

    since: datetime
    until: datetime
    visits: int
    failures: int
    gaps: tuple[tuple[datetime, datetime], ...]  # where nothing was sampled

    @property
    def percent(self) -> float | None:
        """Share of failed visits in percent; None without a visit, which is not a pass."""
        return round(100 * self.failures / self.visits, 2) if self.visits else None

    @property
    def is_veto(self) -> bool:
        return self.percent is not None and self.percent >= VETO_PERCENT

    @property
    def failures_left(self) -> int:
        """How many more failures at this number of visits before the veto stands."""
        threshold = -(-self.visits * VETO_PERCENT // 100)
        return max(int(threshold) - self.failures, 0)


def week(probes: Iterable[Probe], until: datetime, *, every: timedelta = EVERY) -> Availability:
    """The seven days before `until`. A gap is a stretch of more than twice the sampling interval."""
    since = until - timedelta(days=7)
    inside = sorted((row for row in probes if since <= row.at < until), key=lambda row: row.at)
    edges = [since, *(row.at for row in inside), until]
    gaps = tuple((before, after) for before, after in pairwise(edges) if after - before > 2 * every)
    return Availability(
        since=since,
        until=until,
        visits=len(inside),
        failures=sum(not row.ok for row in inside),
        gaps=gaps,
    )
