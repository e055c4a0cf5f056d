"""What `portal fix` does to the files: certain typos become right, dead links become their text.

Each mended word stands in the history as a record of kind WORD_MEND: what, where, when, who and why.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from checks import reading
from checks.engine import Outcome
from checks.finding import Finding, Severity
from checks.history import History
from checks.links import mending
from checks.links.mending import Undone
from checks.links.register import Asked, Register, Removed
from checks.source import Surroundings
from checks.text.places import Lines

LINK_RULES = ("dead-link", "missing-asset", "outward-link")
FILES = "/files/"
WORD_MEND = "word-mend"


@dataclass(frozen=True, slots=True)
class Mend:
    """One file before and after."""

    path: str
    before: str
    after: str
    findings: tuple[Finding, ...]  # those that are mended by it
    undone: tuple[Undone, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    mends: tuple[Mend, ...]
    reupload: tuple[Finding, ...] = ()  # attachments: first try to get the file back
    left: tuple[Finding, ...] = ()  # fixable by their rule, but not with certainty
    proposed: tuple[Mend, ...] = ()  # suspected vetoes that say what is right: for a person to confirm


@dataclass
class _Sorted:
    words: list[Finding] = field(default_factory=list)
    links: list[Finding] = field(default_factory=list)


def plan(outcome: Outcome, around: Surroundings, *, urgent: bool = False, attachments: bool = False) -> Plan:
    """What can be mended for certain. `urgent` takes in veto findings that say what is right."""
    files: dict[str, _Sorted] = {}
    vetoes: dict[str, _Sorted] = {}
    reupload: list[Finding] = []
    for finding in outcome.findings:
        if finding.rule in LINK_RULES and finding.place.path.endswith(".md"):
            if finding.text.startswith(FILES) and not attachments:
                reupload.append(finding)
            elif finding.fixable:
                files.setdefault(finding.place.path, _Sorted()).links.append(finding)
        elif finding.suggestion and (finding.fixable or finding.severity is Severity.VETO):
            chosen = files if finding.fixable or urgent else vetoes
            chosen.setdefault(finding.place.path, _Sorted()).words.append(finding)
    mends, left = _mends(files, around)
    proposed, unproposed = _mends(vetoes, around)
    return Plan(tuple(mends), tuple(reupload), (*left, *unproposed), tuple(proposed))


def _mends(files: Mapping[str, _Sorted], around: Surroundings) -> tuple[list[Mend], list[Finding]]:
    """The files that change, and the findings that cannot be mended."""
    mends: list[Mend] = []
    left: list[Finding] = []
    for path, found in sorted(files.items()):
        if path.endswith(".md"):
            mend, rest = _mend(path, found, around)
            left += rest
            if mend.after != mend.before:
                mends.append(mend)
    return mends, left


def _mend(path: str, found: _Sorted, around: Surroundings) -> tuple[Mend, list[Finding]]:
    source = reading.read(path, Path(path).read_bytes(), around)
    text, mended, left = _words(source.text, found.words)
    spelled = reading.read(path, text.encode(), around)
    hrefs = {finding.text for finding in found.links}
    result = mending.undo(spelled, lambda link: link.href in hrefs)
    undone = {one.link.href for one in result.undone}
    mended += [finding for finding in found.links if finding.text in undone]
    left += [finding for finding in found.links if finding.text not in undone]
    return Mend(path, source.text, result.text, tuple(mended), result.undone), left


def _words(text: str, findings: Sequence[Finding]) -> tuple[str, list[Finding], list[Finding]]:
    """From the end to the beginning, so that places stay true. Words with markup inside are left alone."""
    lines = Lines(text)
    mended, left = [], []
    for finding in sorted(findings, key=lambda one: one.place, reverse=True):
        place = finding.place
        start = lines.offset(place.line, place.column)
        end = lines.offset(place.end_line, place.end_column)
        if text[start:end] == finding.text:
            text = text[:start] + finding.suggestion + text[end:]
            mended.append(finding)
        else:
            left.append(finding)
    return text, mended, left


def apply(mends: Iterable[Mend], register: Register, history: History, by: str, now: datetime) -> None:
    """The ledger first, then the file: an address must never be lost."""
    known = {one.finding.fingerprint: one.first_seen for one in history.known(only_open=True)}
    asked = register.asked()
    for mend in mends:
        register.remove(list(_removed(mend, known, asked, by, now)))
        for finding in mend.findings:
            if finding.rule not in LINK_RULES:
                history.keep(WORD_MEND, now, _told(finding, by))
        _write(Path(mend.path), mend.after)
        for finding in mend.findings:
            if finding.severity is Severity.VETO:
                history.mend(finding, now, by)
            elif finding.fingerprint in known:
                history.mark_mended_by(finding.fingerprint, by)


def _told(finding: Finding, by: str) -> dict[str, object]:
    place = finding.place
    return {
        "path": place.path, "line": place.line, "column": place.column, "text": finding.text,
        "right": finding.suggestion, "rule": finding.rule, "severity": finding.severity.value,
        "reason": finding.message, "clause": finding.clause, "by": by,
    }  # fmt: skip


def _write(path: Path, text: str) -> None:
    """Whole or not at all, with the line endings that the text has."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, "utf-8", newline="")
    shutil.copymode(path, draft)
    draft.replace(path)


def _removed(
    mend: Mend, first_seen: Mapping[str, datetime], asked: Mapping[str, Asked], by: str, now: datetime
) -> Iterator[Removed]:
    reasons = {finding.text: finding for finding in mend.findings}
    for one in mend.undone:
        finding = reasons[one.link.href]
        answer = asked.get(one.link.href.partition("#")[0])
        yield Removed(
            path=mend.path,
            line=one.link.place.line,
            text=one.replaced,
            url=one.link.href,
            reason=finding.message,
            chain=answer.chain if answer else (),
            first_seen=first_seen.get(finding.fingerprint, answer.first_seen if answer else now),
            last_seen=now,
            removed_at=now,
            removed_by=by,
            how="portal fix 改成文字",
            written=one.written,
            replaced=one.replaced,
            before=one.before,
            after=one.after,
        )


def restore(
    rows: Sequence[Removed], register: Register, by: str, now: datetime
) -> tuple[list[Removed], list[Removed]]:
    """Puts links back, the latest first; gives those that are back and those whose place is not certain."""
    back, lost = [], []
    for row in sorted(rows, key=lambda one: one.id, reverse=True):
        file = Path(row.path)
        text = file.read_bytes().decode("utf-8") if file.is_file() else ""
        new = mending.restore(text, row.written, row.replaced, row.before, row.after)
        if new is None:
            lost.append(row)
            continue
        _write(file, new)
        register.restored([row.id], now, by)
        back.append(replace(row, restored_at=now, restored_by=by))
    return back, lost
