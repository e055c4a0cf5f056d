"""Tamper watch: the live pages against the hashes of the release they should be (2019 indicator V1.4).

A page whose bytes differ is a suspected tampering; what was put in (scripts from elsewhere, hidden links)
is told with it, since that is what intruders plant. Pages are visited in the order home, channels, newest
articles; what the time does not reach is said, not passed over.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from checks.built_site import Page
from checks.finding import Finding, Place, Severity
from checks.html_tokens import tokenize

ID = "tampered-page"
CLAUSE = "2019 检查指标 V1.4"
AT_ONCE = 4
BUDGET = 120.0  # seconds
TIMEOUT = 15.0
FIRST_KINDS = ("home", "channel", "overview")


@dataclass(frozen=True, slots=True)
class Watch:
    findings: tuple[Finding, ...]
    visited: int
    unchecked: str = ""  # why not everything was looked at


def watch(base_url: str, pages: Iterable[Page], *, budget: float = BUDGET) -> Watch:
    """Compare the live pages with the manifest's rows that carry a hash."""
    wanted = sorted((page for page in pages if page.sha256), key=_order)
    base, ends = base_url.rstrip("/"), time.monotonic() + budget
    findings: list[Finding] = []
    visited, unreachable = 0, 0
    with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        for page, content in zip(
            wanted, pool.map(lambda page: _fetch(client, base + page.url, ends), wanted), strict=True
        ):
            if content is None:
                unreachable += 1
                continue
            visited += 1
            findings += _differences(page, content, base)
    reason = f"{unreachable} 个页面没有取到（超时或打不开）" if unreachable else ""
    return Watch(tuple(findings), visited, reason)


def _order(page: Page) -> tuple[int, str]:
    """Home and channels first; then the newest articles (their times sort as text, so each digit is turned round)."""
    if page.kind in FIRST_KINDS:
        return FIRST_KINDS.index(page.kind), page.url
    return len(FIRST_KINDS), "".join(chr(0x7F - ord(sign)) for sign in page.published)


def _fetch(client: httpx.Client, url: str, ends: float) -> bytes | None:
    if time.monotonic() > ends:
        return None
    try:
        answer = client.get(url)
    except httpx.HTTPError:
        return None
    return answer.content if answer.status_code in (200, 404, 410) else None


def _differences(page: Page, content: bytes, base: str) -> Iterator[Finding]:
    if hashlib.sha256(content).hexdigest() == page.sha256:
        return
    planted = list(_planted(content.decode("utf-8", "replace"), base))
    said = f"，其中有 {'、'.join(planted[:3])}" if planted else ""
    yield Finding(
        rule=ID,
        severity=Severity.VETO,
        place=Place(page.source or page.file, 0),
        text=page.url,
        message=f"线上页面与发布的内容不同，疑似被篡改{said}",
        suggestion="立即执行 portal rollback 恢复，保留现场日志并排查入侵",
        clause=CLAUSE,
    )


def _planted(html: str, base: str) -> Iterator[str]:
    """Scripts and frames from elsewhere, and links that nobody is meant to see."""
    for token in tokenize(html):
        if token.kind != "open":
            continue
        given = token.attributes
        source = given.get("src", "")
        if (
            token.name in ("script", "iframe")
            and source.startswith(("http:", "https:", "//"))
            and not source.startswith(base)
        ):
            yield f"外来脚本 {source}"
        if token.name == "a" and _is_hidden(given.get("style", "")):
            yield f"隐藏链接 {given.get('href', '')}"


def _is_hidden(style: str) -> bool:
    plain = style.replace(" ", "").lower()
    return any(mark in plain for mark in ("display:none", "visibility:hidden", "font-size:0", "left:-"))
