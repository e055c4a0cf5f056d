"""Old and withdrawn addresses of a release, as nginx reads them (`map` in deploy/nginx/portal.conf)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

MOVED, GONE = "redirects.map", "gone.map"


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / MOVED).write_text(moved(manifest["redirects"]), "utf-8")
    (folder / GONE).write_text(gone(manifest["pages"]), "utf-8")


def moved(redirects: Iterable[Mapping[str, str]]) -> str:
    return "".join(f"{_quoted(row['from'])} {_quoted(quote(row['to'], '/#?=&%'))};\n" for row in redirects)


def gone(pages: Iterable[Mapping[str, str]]) -> str:
    return "".join(f"{_quoted(page['url'])} 1;\n" for page in pages if page["kind"] == "gone")


def _quoted(text: str) -> str:
    """A leading `~` would make it a pattern; `$` cannot stand for itself in a value, and no address of ours has one."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
