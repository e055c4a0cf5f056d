"""What a report shows of a finding: its line with the words marked, and the address of the page."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from checks.built_site import BuiltSite
from checks.finding import Finding, Place
from checks.history import Shown

BEFORE, AFTER = 16, 24  # characters of the line kept around the words
LONGEST = 60  # of the words themselves
READABLE = {".md", ".toml", ".html", ".txt", ".css", ".js", ".xml"}


def shown(findings: Iterable[Finding], site: BuiltSite, domain: str) -> dict[str, Shown]:
    """Fingerprint -> what can be shown of it today. Of attachments only the words themselves are known."""
    addresses = {page.source: page.url for page in site.pages if page.source}
    addresses |= {site.shown(page.file): page.url for page in site.pages}
    lines = lru_cache(maxsize=64)(_lines)  # findings come file by file
    found = {}
    for finding in findings:
        url = addresses.get(finding.place.path, "")
        row = finding.place.line
        text = lines(finding.place.path)
        line = text[row - 1] if 0 < row <= len(text) else ""
        found[finding.fingerprint] = Shown(
            quote=marked(line, finding.place, finding.text), url=f"https://{domain}{url}" if url else ""
        )
    return found


def _lines(path: str) -> list[str]:
    if Path(path).suffix not in READABLE:
        return []
    try:
        return Path(path).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return []


def marked(line: str, place: Place, words: str) -> str:
    """The words in 【】 with a little of the line around them; only the words when the line has moved on."""
    words = words[:LONGEST]
    start = place.column - 1
    if start < 0 or not line.startswith(words, start):
        start = line.find(words) if words else -1
    if start < 0:
        return f"【{words}】" if words else ""
    end = start + len(words)
    before, after = line[max(start - BEFORE, 0) : start], line[end : end + AFTER]
    opening = "…" if start > BEFORE else ""
    closing = "…" if end + AFTER < len(line) else ""
    return f"{opening}{before.lstrip()}【{words}】{after.rstrip()}{closing}"
