"""Where a release comes from: which commit, and whose hand. Both may be unknown."""

import getpass
import subprocess
from pathlib import Path


def commit(root: Path) -> str:
    """The commit that the working tree stands at, with `-dirty` when it differs; empty without git."""
    return _git(root, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def operator(root: Path) -> str:
    """The name that git knows, else the account."""
    return _git(root, "config", "user.name") or getpass.getuser()


def _git(root: Path, *words: str) -> str:
    try:
        said = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
