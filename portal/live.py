"""`portal monitor live`: crawl the running site; what is dead enters the same history as all other findings."""

import sys
from datetime import datetime
from pathlib import Path

from bureau.errors import ConfigError
from checks import built_site
from checks.engine import Outcome
from checks.finding import numbered
from checks.formats import text
from checks.history import History, Run
from checks.monitor import crawl
from checks.monitor.crawl import Crawl


def visit(root: Path, url: str, history: History, now: datetime, seconds: float) -> int:
    if not url.startswith(("http://", "https://")):
        raise ConfigError(
            "portal monitor live", f"要写网址，例 https://www.example.gov.cn/，现为 {url or '空'}"
        )
    seen = walk(root, url, seconds)
    outcome = Outcome(
        findings=tuple(numbered(seen.findings)),
        unchecked=tuple((crawl.ID, reason) for reason in seen.unchecked),
        pages=seen.pages,
        rules=frozenset([crawl.ID]),
    )
    history.add(
        Run(
            kind="live",
            at=now,
            rules_hash="",
            rules=outcome.rules,
            pages=seen.pages,
            unchecked=outcome.unchecked,
        ),
        outcome.findings,
    )
    sys.stdout.write(text(outcome))
    print(f"走到 {seen.pages} 个地址，打不开的 {len(outcome.findings)} 处。", file=sys.stderr)
    return outcome.exit_code()


def walk(root: Path, url: str, seconds: float = crawl.BUDGET) -> Crawl:
    """The live site from its home page on; the release that is served says which pages there should be."""
    manifest = root / "releases/current/manifest.json"
    pages = built_site.load(manifest.parent / "site", manifest).pages if manifest.exists() else ()
    return crawl.crawl(url, pages, budget=seconds)
