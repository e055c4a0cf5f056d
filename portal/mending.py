"""What `portal fix` does to the files: certain typos become right, dead links become their text."""

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


@dataclass
class _Sorted:
    words: list[Finding] = field(default_factory=list)
    links: list[Finding] = field(default_factory=list)


def plan(outcome: Outcome, around: Surroundings, *, urgent: bool = False, attachments: bool = False) -> Plan:
    """What can be mended for certain. `urgent` takes in veto findings that say what is right."""
    files: dict[str, _Sorted] = {}
    reupload: list[Finding] = []
    for finding in outcome.findings:
        if finding.rule in LINK_RULES and finding.place.path.endswith(".md"):
            if finding.text.startswith(FILES) and not attachments:
                reupload.append(finding)
            elif finding.fixable:
                files.setdefault(finding.place.path, _Sorted()).links.append(finding)
        elif finding.suggestion and (finding.fixable or (urgent and finding.severity is Severity.VETO)):
            files.setdefault(finding.place.path, _Sorted()).words.append(finding)
    mends, left = [], []
    for path, found in sorted(files.items()):
        if path.endswith(".md"):
            mend, rest = _mend(path, found, around)
            left += rest
            if mend.after != mend.before:
                mends.append(mend)
    return Plan(tuple(mends), tuple(reupload), tuple(left))


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
        Path(mend.path).write_text(mend.after, "utf-8", newline="")
        for finding in mend.findings:
            if finding.fingerprint in known:
                history.mark_mended_by(finding.fingerprint, by)


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
        file.write_text(new, "utf-8", newline="")
        register.restored([row.id], now, by)
        back.append(replace(row, restored_at=now, restored_by=by))
    return back, lost
