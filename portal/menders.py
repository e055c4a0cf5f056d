"""Who mended a finding: the author of the commit that came between the run that saw it and the one that did not."""

import subprocess
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from checks.finding import Finding
from checks.history import History


def name(mended: Iterable[Finding], history: History, root: Path, now: datetime) -> None:
    """Names that `portal fix` has written stay; where no commit says it, nobody is named."""
    known = {row.finding.fingerprint: row for row in history.known(since=now)}
    for finding in mended:
        row = known.get(finding.fingerprint)
        if row is None or row.mended_by:
            continue
        if author := author_since(root, finding.place.path, row.last_seen):
            history.mark_mended_by(finding.fingerprint, author)


def author_since(root: Path, path: str, since: datetime) -> str:
    """Of the newest commit of a file; empty when there was none since, or the file has changes nobody committed."""
    git = ["git", "-C", str(root)]
    commands = (
        [*git, "status", "--porcelain", "--", path],
        [*git, "log", "-1", f"--since={since.isoformat()}", "--format=%an", "--", path],
    )
    try:
        changed, author = (
            subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
            for command in commands
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if changed else author
