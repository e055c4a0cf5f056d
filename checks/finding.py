"""What every check yields, and what it costs nobody to compare, sort and store."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    VETO = "veto"  # 疑似单项否决，须由人确认；发布被拦
    ERROR = "error"  # 发布被拦
    WARNING = "warning"
    INFO = "info"

    @property
    def blocks(self) -> bool:
        return self in (Severity.VETO, Severity.ERROR)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of a file, counted from 1 in characters. Line 0 speaks of the whole file.

    For attachments `line` is the page, sheet or paragraph and `column` the character in it.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with the site, at one place."""

    rule: str
    severity: Severity
    place: Place
    text: str  # the words complained of
    message: str  # what is wrong, in the editor's words
    suggestion: str = ""
    clause: str = ""
    fixable: bool = False
    fingerprint: str = ""  # set by the engine; keeps its value when lines move
    pages: tuple[str, ...] = ()  # of links: the built files that have it, below the site's root


def numbered(found: Iterable[Finding]) -> list[Finding]:
    """With fingerprints: rule, file and words, and which of equal ones in the file it is; never the line."""
    numbered, seen = [], Counter[str]()
    for finding in sorted(found, key=in_order):
        identity = f"{finding.rule}\0{finding.place.path}\0{finding.text}"
        mark = hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "replace")).hexdigest()[:20]
        seen[identity] += 1
        numbered.append(replace(finding, fingerprint=mark))
    return numbered


def in_order(finding: Finding) -> tuple[object, ...]:
    return finding.place, finding.rule, finding.text
