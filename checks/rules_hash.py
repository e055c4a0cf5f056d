"""One hash over everything that results depend on besides what is checked: rules, words, settings, libraries."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import bureau
import checks
from checks.rules import RULES
from checks.source import Surroundings

_LIBRARIES = ("comrak", "pypdf", "openpyxl", "python-docx", "pyyaml")
_LARGE = 4_000_000  # bytes; language models are told apart by size and time


def of(around: Surroundings) -> str:
    digest = hashlib.sha256()
    for package in (checks, bureau):
        root = Path(package.__path__[0])
        for file in sorted(root.rglob("*")):
            if file.suffix != ".pyc" and file.is_file():
                status = file.stat()
                told = f"{status.st_size} {status.st_mtime_ns}".encode()
                digest.update(f"\0{file.relative_to(root)}\0".encode())
                digest.update(told if status.st_size > _LARGE else file.read_bytes())
    digest.update(repr((around.config, around.channels, sorted(around.quality.items()))).encode())
    digest.update(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for rule in RULES:
        if hasattr(rule, "depends"):
            digest.update(f"\0{rule.ID} {rule.depends(around)}".encode())
    return digest.hexdigest()[:16]
