"""What every page depends on besides the articles. When a part of it changes, everything is made anew."""

import os
import sys
from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path

import bureau
import plugins
from bureau import adjustments, channels

PROGRAM, LIBRARIES = "程序", "依赖库"
Environment = dict[str, str]  # part, as the editor calls it -> fingerprint


def environment(root: Path, today: date) -> Environment:
    """Raises ConfigError when the local adjustments cannot be used."""
    return {
        "模板和样式": _folder(root / "theme"),
        "设置": _files([root / "site.toml", root / "pelicanconf.py"]),
        "栏目": _files([root / "content" / "channels.toml"]),
        "局部调整": _folder(root / "content" / adjustments.FOLDER) + _in_force(root / "content", today),
        PROGRAM: _code(),
        LIBRARIES: _libraries(),
    }


def _in_force(content: Path, today: date) -> str:
    """Which adjustments stand today: on the day one starts or ends, everything is made anew."""
    if not (content / adjustments.FOLDER).is_dir():
        return ""
    rows = adjustments.load(content, channels.load(content))
    return " ".join(str(row.number) for row in rows if row.is_in_force(today))


def differences(old: Environment, new: Environment) -> list[str]:
    return [part for part in new if old.get(part) != new[part]]


def is_same_program(old: Environment, new: Environment) -> bool:
    """Whether equal sources under equal settings were made into equal files."""
    return all(old.get(part) == new[part] for part in (PROGRAM, LIBRARIES))


def _files(paths: Iterable[Path]) -> str:
    total = blake2b(digest_size=16)
    for path in paths:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        total.update(f"{path.name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def _folder(folder: Path) -> str:
    total = blake2b(digest_size=16)
    for place, folders, names in os.walk(folder):
        folders.sort()
        total.update(os.path.relpath(place, folder).encode())
        total.update(_files(Path(place, name) for name in sorted(names)).encode())
    return total.hexdigest()


@cache  # the code that runs is the code of the moment when this process began
def _code() -> str:
    total = blake2b(digest_size=16)
    for package in (bureau, plugins):
        for place in package.__path__:
            for path in sorted(Path(place).rglob("*.py")):
                total.update(_files([path]).encode())
    return total.hexdigest()


@cache
def _libraries() -> str:
    """Names and versions of what is installed, plugins of Pelican's name space included; no metadata is opened."""
    found = [sys.version]
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except OSError:
            continue
        found += sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
        found += [
            f"{path.relative_to(place)} {path.stat().st_size} {path.stat().st_mtime_ns}"
            for path in sorted(Path(place, "pelican", "plugins").glob("*/*.py"))
        ]
    return blake2b("\n".join(found).encode(), digest_size=16).hexdigest()
