"""One worker's share: sources or pages read, taken apart, and asked by the rules. Data in, data out."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import msgspec

from checks import reading
from checks.built_site import Page, Stamp
from checks.finding import Finding
from checks.rules import BY_ID
from checks.site_view import OpenPage
from checks.source import Source, Surroundings
from checks.text import ignores
from checks.text.attachments import UnreadableError

_TOGETHER = 32  # read before any of them is judged


class Task(msgspec.Struct, frozen=True):
    path: str
    stamp: Stamp
    page: Page | None = None  # None: a source
    digest: bytes = b""  # of the content whose result is remembered
    named: bool = False  # asked for by name: a draft too is judged
    context: int = 0  # what the result depends on besides the content: for a page, its row of the manifest


def context_of(page: Page) -> int:
    return zlib.crc32(f"{page.url}\0{page.kind}\0{page.source}\0{page.channel}".encode())


class Inspected(msgspec.Struct, frozen=True):
    digest: bytes
    findings: list[Finding]
    unreadable: str = ""


def inspect(
    tasks: Sequence[Task], around: Surroundings, rules: Sequence[str]
) -> list[tuple[str, Inspected | None]]:
    """What was found for each path; None where the content is the one whose result is remembered."""
    asked = [BY_ID[rule] for rule in rules]
    ahead = [rule for rule in asked if hasattr(rule, "read_ahead")]
    results = []
    for start in range(0, len(tasks), _TOGETHER):
        opened = [_open(task, around) for task in tasks[start : start + _TOGETHER]]
        sources = [one.subject for one in opened if isinstance(one.subject, Source)]
        for rule in ahead if sources else ():
            rule.read_ahead(sources)
        results += [(one.task.path, _judged(one, around, asked)) for one in opened]
    return results


@dataclass(frozen=True, slots=True)
class _Opened:
    task: Task
    digest: bytes = b""
    subject: Source | OpenPage | None = None  # None: nothing to ask
    unreadable: str = ""


def _open(task: Task, around: Surroundings) -> _Opened:
    try:
        content = Path(task.path).read_bytes()
    except OSError as error:
        return _Opened(task, unreadable=f"读不到文件：{error.strerror}")
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest == task.digest:
        return _Opened(task, digest)
    if task.page:
        return _Opened(task, digest, OpenPage(task.page, task.path, content.decode("utf-8", "replace")))
    try:
        return _Opened(task, digest, reading.read(task.path, content, around))
    except UnreadableError as error:
        return _Opened(task, digest, unreadable=str(error))


def _judged(opened: _Opened, around: Surroundings, rules: Sequence[ModuleType]) -> Inspected | None:
    subject = opened.subject
    if subject is None:
        return Inspected(opened.digest, [], opened.unreadable) if opened.unreadable else None
    if isinstance(subject, OpenPage):
        return Inspected(
            opened.digest, [finding for rule in rules for finding in rule.check_page(subject, around)]
        )
    if (
        subject.channel
        and subject.head
        and subject.head.values.get("status") == "draft"
        and not opened.task.named
    ):
        return Inspected(
            opened.digest, []
        )  # it may be unfinished; it is in nobody's way until it is published
    found = [finding for rule in rules for finding in rule.check_source(subject)]
    kept = found if subject.kind == "attachment" else ignores.remaining(subject.text, found)
    return Inspected(opened.digest, kept)
