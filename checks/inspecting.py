"""One worker's share: sources or pages read, taken apart, and asked by the rules. Data in, data out."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks import reading
from checks.built_site import Page, Stamp
from checks.finding import Finding
from checks.rules import BY_ID
from checks.site_view import OpenPage
from checks.source import Surroundings
from checks.text import ignores
from checks.text.attachments import UnreadableError


@dataclass(frozen=True, slots=True)
class Task:
    path: str
    stamp: Stamp
    page: Page | None = None  # None: a source
    digest: bytes = b""  # of the content whose result is remembered
    named: bool = False  # asked for by name: a draft too is judged

    @property
    def context(self) -> int:
        """What the result depends on besides the content: for a page, its row of the manifest."""
        page = self.page
        return zlib.crc32(f"{page.url}\0{page.kind}\0{page.source}\0{page.channel}".encode()) if page else 0


@dataclass(frozen=True, slots=True)
class Inspected:
    digest: bytes
    findings: list[Finding]
    unreadable: str = ""


def inspect(
    tasks: Sequence[Task], around: Surroundings, rules: Sequence[str]
) -> list[tuple[str, Inspected | None]]:
    """What was found for each path; None where the content is the one whose result is remembered."""
    return [(task.path, _inspect(task, around, rules)) for task in tasks]


def _inspect(task: Task, around: Surroundings, rules: Sequence[str]) -> Inspected | None:
    try:
        content = Path(task.path).read_bytes()
    except OSError as error:
        return Inspected(b"", [], f"读不到文件：{error.strerror}")
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest == task.digest:
        return None
    try:
        found = _page(task, content, around, rules) if task.page else _source(task, content, around, rules)
    except UnreadableError as error:
        return Inspected(digest, [], str(error))
    return Inspected(digest, found)


def _page(task: Task, content: bytes, around: Surroundings, rules: Sequence[str]) -> list[Finding]:
    assert task.page
    page = OpenPage(task.page, task.path, content.decode("utf-8", "replace"))
    return [finding for rule in rules for finding in BY_ID[rule].check_page(page, around)]


def _source(task: Task, content: bytes, around: Surroundings, rules: Sequence[str]) -> list[Finding]:
    source = reading.read(task.path, content, around)
    if source.channel and source.head and source.head.values.get("status") == "draft" and not task.named:
        return []  # a draft may be unfinished; it is in nobody's way until it is to be published
    found = [finding for rule in rules for finding in BY_ID[rule].check_source(source)]
    return found if source.kind == "attachment" else ignores.remaining(source.text, found)
