"""One hash over everything that results depend on besides what is checked: rules, words, settings, libraries."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import bureau
import checks
from checks import waivers
from checks.rules import RULES
from checks.source import Surroundings

_LIBRARIES = ("comrak", "pypdf", "openpyxl", "python-docx", "pyyaml")
_LARGE = 4_000_000  # bytes; language models are told apart by size and time


def of(around: Surroundings) -> str:
    """Of all that the outcome of a run depends on."""
    return with_waivers(of_items(around), around)


def with_waivers(items: str, around: Surroundings) -> str:
    waived = around.quality.get(waivers.NAME, "")
    return hashlib.sha256(f"{items}\0{waived}".encode()).hexdigest()[:16]


def of_items(around: Surroundings) -> str:
    """Of what the findings in one file depend on: waivers are applied to them afterwards."""
    digest = hashlib.sha256()
    registers = sorted(row for row in around.quality.items() if row[0] != waivers.NAME)
    for package in (checks, bureau):
        root = Path(package.__path__[0])
        for file in sorted(root.rglob("*")):
            if file.suffix != ".pyc" and file.is_file():
                status = file.stat()
                told = f"{status.st_size} {status.st_mtime_ns}".encode()
                digest.update(f"\0{file.relative_to(root)}\0".encode())
                digest.update(told if status.st_size > _LARGE else file.read_bytes())
    digest.update(repr((around.config, around.channels, registers)).encode())
    digest.update(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for rule in RULES:
        if hasattr(rule, "depends"):
            digest.update(f"\0{rule.ID} {rule.depends(around)}".encode())
    return digest.hexdigest()[:16]
