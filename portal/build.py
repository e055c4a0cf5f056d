"""`portal build`: content/ → build/site, build/manifest.json and build/shell.html.

Whoever reads build/site asks `is_whole` first: while a build puts its files into place, the site is neither
the old one nor the new one.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bureau import channels as channel_tree
from bureau import config as site_description
from bureau.errors import BuildErrors, ConfigError
from plugins.press import fingerprint, outputs, parallel, reading
from plugins.press import state as saved
from plugins.press.catalog import Catalog
from plugins.press.outputs import Folder
from plugins.press.press import Before, Press

CACHE = Path("var/cache/build")


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
    with folder.locked(), parallel.without_cycle_collection():
        return _build(root, folder, full, today or date.today())  # noqa: DTZ011 - the office's day


def _build(root: Path, folder: Folder, full: bool, today: date) -> BuildResult:
    state_file = saved.file_for(root / CACHE, folder.path)
    environment = fingerprint.environment(root)
    before, notes = (Before(), []) if full else _before(folder, state_file, environment)
    config = site_description.load(root / "site.toml")
    channels = {row.path: row for row in channel_tree.load(root / "content")}
    same = before.state is not None and before.state.environment == environment
    sources = reading.look(root, channels, config, before.state if same else None)
    cards = [row.card for row in sources.articles.values()]
    assets = {file: row.asset for file, row in sources.assets.items()}
    if errors := list(reading.cross_errors(root, cards, assets)):
        raise BuildErrors(errors)
    digests = {source: row.digest for source, row in sources.articles.items()}
    catalog = Catalog(config, channels, cards, digests, assets, today)
    press = Press(root, folder, catalog, sources, environment, before)
    folder.clear_staging()
    try:
        outcome = press.place(press.print_pages(), state_file)
    except OSError as error:
        if not folder.marker.exists():
            folder.clear_staging()
        raise ConfigError(
            error.filename or folder.path, f"写不进：{error.strerror}；线上的站点没有动"
        ) from error
    return BuildResult(
        output=folder.path,
        pages=outcome.pages,
        written=outcome.written,
        removed=outcome.removed,
        notes=tuple(notes),
    )


def _before(
    folder: Folder, state_file: Path, environment: fingerprint.Environment
) -> tuple[Before, list[str]]:
    """What may be reused of the last build, and why not more."""
    if folder.marker.exists():
        return Before(), ["上次构建没有做完，从头构建"]
    try:
        state = saved.load(state_file)
    except ValueError as error:
        return Before(), [f"{error}，从头构建"]
    if state is None or not folder.site.is_dir():
        return Before(), []
    lying = outputs.listing(folder.site)
    if state.output != str(folder.path.resolve()) or not _as_left(folder, state, lying):
        return Before(), ["build/ 里的文件不是上次构建留下的样子，从头构建"]
    if changed := fingerprint.differences(state.environment, environment):
        return Before(state=state, lying=lying), [f"{'、'.join(changed)}有改动，重做全部页面"]
    return Before(state=state, lying=lying), []


def _as_left(folder: Folder, state: saved.State, lying: outputs.Listing) -> bool:
    try:
        if folder.manifest_stamp != state.manifest or not (folder.path / "shell.html").exists():
            return False
    except OSError:
        return False
    return state.folders == {name: outputs.digest_of(rows) for name, rows in lying.items()}
