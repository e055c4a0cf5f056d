"""`portal build`: content/ → build/site, build/manifest.json and build/shell.html.

Whoever reads build/site asks `is_whole` first: while a build puts its files into place, the site is neither
the old one nor the new one.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from bureau import cycles
from bureau.errors import ConfigError
from plugins.press import fingerprint, outputs, parallel
from plugins.press import state as saved
from plugins.press.outputs import Folder
from plugins.press.press import CACHE, Before, Outcome, Press, prepare
from plugins.press.rendering import template_error

LARGE = 20_000  # articles
NO_ROOM = {ENOSPC: "磁盘满了", EDQUOT: "磁盘配额用完了", EFBIG: "超过了允许的文件大小"}


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    output: Path
    pages: int
    written: int  # files written or replaced
    removed: int
    notes: tuple[str, ...] = field(default=())  # why more was made than the last change asks for


def is_whole(output: Path) -> bool:
    """Whether `output` (the folder that holds site/) is a finished build."""
    return Folder(output).is_whole()


def build(
    root: Path, *, full: bool = False, output: Path | None = None, today: date | None = None
) -> BuildResult:
    """Raises BuildErrors with all that is wrong; then nothing has been replaced."""
    folder = Folder(output or root / "build")
    with folder.locked(), cycles.not_looked_for():
        return _build(root, folder, full, today or date.today())  # noqa: DTZ011 - the office's day


def _build(root: Path, folder: Folder, full: bool, today: date) -> BuildResult:
    state_file = saved.file_for(root / CACHE, folder.path)
    environment = fingerprint.environment(root, today)
    afresh = full or not _is_fast()
    before, notes = (Before(), []) if afresh else _before(folder, state_file, environment)
    as_left = _lies_as_left(folder, before)
    try:
        press = prepare(root, folder, today, environment, before)
    finally:
        is_as_left = as_left()
    if not is_as_left:
        notes = ["build/ 里的文件不是上次构建留下的样子，全部重建"]
        press = prepare(root, folder, today, environment, Before())
    folder.clear_staging()
    try:
        outcome = _print(press, state_file)
    except ConfigError:
        folder.clear_staging()
        raise
    except OSError as error:
        if error.errno is None:  # no call of the system failed: a library complains of what it was given
            folder.clear_staging()
            raise
        raise ConfigError(error.filename or folder.path, _no_room(folder, error)) from error
    except Exception as error:
        folder.clear_staging()
        raise template_error(error) or error from error
    return BuildResult(
        output=folder.path,
        pages=outcome.pages,
        written=outcome.written,
        removed=outcome.removed,
        notes=tuple(notes),
    )


def _no_room(folder: Folder, error: OSError) -> str:
    reason = NO_ROOM.get(error.errno or 0) or error.strerror or error
    if folder.marker.exists():
        return f"写不进：{reason}。站点替换到一半，处理后请再构建一次，届时全部重建"
    folder.clear_staging()
    return f"写不进：{reason}。站点没有动"


def _print(press: Press, state_file: Path) -> Outcome:
    """Through Pelican whenever something besides the articles may have changed; one edit spares its start."""
    if not press.anew and _is_fast():
        return press.place(press.print_pages(), state_file)
    from plugins.press import flows

    if _is_fast() and not flows.needs_stock_flow(press.root):
        return press.place(flows.fast(press), state_file)
    state_file.unlink(missing_ok=True)  # Pelican's own flow leaves nothing to build upon
    return press.place(flows.stock(press), None)


def _is_fast() -> bool:
    return os.environ.get("PORTAL_FAST", "1") != "0"


def _before(
    folder: Folder, state_file: Path, environment: fingerprint.Environment
) -> tuple[Before, list[str]]:
    """What may be reused of the last build, and why not more."""
    if folder.marker.exists():
        return Before(), ["上次构建没有做完，全部重建"]
    try:
        state = saved.load(state_file)
    except ValueError as error:
        return Before(), [f"{error}，全部重建"]
    if state is None or not folder.site.is_dir():
        return Before(), []
    if state.output != str(folder.path.resolve()):
        return Before(), ["上次构建的记录是别处的，全部重建"]
    before = Before(state=state, lying=state.lying)
    changed = fingerprint.differences(state.environment, environment)
    return before, [f"{'、'.join(changed)}有改动，全部重建"] if changed else []


def _lies_as_left(folder: Folder, before: Before) -> Callable[[], bool]:
    """Whether nobody has touched the site since; with a large one that is found out while the sources are read."""
    state = before.state
    if state is None:
        return lambda: True

    def compare() -> bool:
        return outputs.listing(folder.site) == state.lying and folder.companions == state.companions

    if len(state.sources) > LARGE:
        return parallel.alongside(compare)
    answer = compare()
    return lambda: answer
