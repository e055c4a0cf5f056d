"""The token with which the bureau's own programs speak to the mailbox.

`portal mailbox init` makes a file that both sides on this machine read; the environment goes before it, for
a mailbox on another machine.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

NAME = "PORTAL_INTERNAL_TOKEN"
FILE = Path("var/keys/internal-token")


def read(root: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Empty when there is none; then the internal addresses answer nobody."""
    if token := environment.get(NAME, ""):
        return token
    try:
        return (root / FILE).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def make(root: Path) -> None:
    """For the owner alone; one that is there stays."""
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
