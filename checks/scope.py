"""From folders on disk to the scope of a run: the one place that reads what rules are given."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

from bureau import adjustments, channels
from bureau.config import SiteConfig
from bureau.errors import ConfigError
from checks import built_site, reading
from checks.built_site import Stamp
from checks.engine import Scope
from checks.rules import BY_ID, RULES
from checks.source import Surroundings

QUALITY = "quality"


def surroundings(config: SiteConfig, today: date, content: Path = Path("content")) -> Surroundings:
    tree = channels.load(content) if (content / channels.FILE).is_file() else ()
    quality = {
        file.name: _text(file)
        for file in sorted((content / QUALITY).glob("*"))
        if file.suffix in (".toml", ".tsv", ".txt")
    }
    register = adjustments.load(content, tree)
    return Surroundings(config, tree, today, quality, register, content.as_posix())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(file, "文件不是 UTF-8 编码，请另存为 UTF-8") from error


def whole(
    around: Surroundings,
    *,
    site: Path = Path("build/site"),
    manifest: Path = Path("build/manifest.json"),
    rules: Sequence[ModuleType] = RULES,
    released: Path = Path("releases/current/manifest.json"),
) -> Scope:
    """All of content/ and the build. Raises ConfigError where there is no build.

    `released` is the manifest of what is served now; where there is none nothing can have vanished.
    """
    built = built_site.load(site, manifest, (around.config.identity.domain,))
    return Scope(
        around=around,
        sources=content_files(Path(around.content)),
        built=built,
        rules=tuple(rules),
        earlier=built_site.addresses(released) if released.is_file() else {},
        authors=authors,
    )


def foreign(
    around: Surroundings, site: Path, hosts: Iterable[str], rules: Sequence[ModuleType] = RULES
) -> Scope:
    """A folder of built HTML that has no manifest and no sources."""
    return Scope(around=around, sources={}, built=built_site.load(site, None, hosts), rules=tuple(rules))


def some(around: Surroundings, paths: Iterable[Path], rules: Sequence[ModuleType] = RULES) -> Scope:
    """Only these files and what lies below these folders. Raises ConfigError for a path that is not there."""
    sources: dict[str, Stamp] = {}
    for path in paths:
        if not path.exists():
            raise ConfigError(path, "没有这个文件或文件夹")
        for file in reading.files_below(path):
            if file.suffix.lower() not in reading.KNOWN:
                raise ConfigError(file, f"不认识这种文件，能检查：{'、'.join(reading.KNOWN)}")
            sources[_shown(file)] = _stamp(file)
    return Scope(around=around, sources=sources, rules=tuple(rules), whole=False, authors=authors)


def _shown(file: Path) -> str:
    """Relative to where we are, if it lies below."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()


def _stamp(file: Path) -> Stamp:
    status = file.stat()
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def content_files(content: Path) -> dict[str, Stamp]:
    """Articles, and attachments whose text can be read; not the registers under quality/ and the like."""
    found: dict[str, Stamp] = {}
    waiting = [content.as_posix()]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.path != f"{content.as_posix()}/{QUALITY}":
                        waiting.append(entry.path)
                elif entry.name.lower().endswith(reading.KNOWN) and entry.is_file():
                    status = entry.stat()
                    found[entry.path] = Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
    return dict(sorted(found.items()))


def chosen(names: str) -> tuple[ModuleType, ...]:
    """Rules by a list like `dead-link,typo`, in the order of the report. Raises ConfigError for an unknown one."""
    wanted = [name.strip() for name in names.replace("，", ",").split(",") if name.strip()]
    for name in wanted:
        if name not in BY_ID:
            raise ConfigError("--rules", f"没有规则 {name}，portal rules 列出全部规则")
    return tuple(BY_ID[rule] for rule in BY_ID if not wanted or rule in wanted)


def changed(since: str | None) -> list[Path]:
    """Files that differ from a commit (or, for None, from the last one), new ones included."""
    listed = _git("diff", "--name-only", "-z", "--diff-filter=d", "--relative", since or "HEAD", "--")
    listed += _git("ls-files", "--others", "--exclude-standard", "-z")
    paths = (Path(name) for name in dict.fromkeys(listed.split("\0")) if name)
    return [path for path in paths if path.suffix.lower() in reading.KNOWN and path.is_file()]


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise ConfigError("git", f"问不到改动了哪些文件：{said.strip()}") from error
    return done.stdout


def authors(path: str) -> frozenset[str]:
    """Who wrote the file, by its last commit; nobody where there is no git."""
    try:
        done = subprocess.run(
            ["git", "log", "-1", "--format=%an", "--", path], capture_output=True, text=True, check=False
        )
    except OSError:
        return frozenset()
    return frozenset(done.stdout.split("\n")) - {""}
