"""Running Pelican inside our own process, and telling in Chinese what it only logs."""

import importlib
import io
import logging
import pkgutil
import runpy
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from bureau.errors import BuildErrors, ConfigError
from plugins.press.press import Press, Results
from plugins.press.settings import settings

CONF = "pelicanconf.py"


def needs_stock_flow(root: Path) -> bool:
    """Whether pelicanconf.py sets anything beyond what this package derives from site.toml."""
    return _conf(root) != settings(root)


def fast(press: Press) -> Results:
    """Pelican loads its plugins and runs; the pages come from the press."""
    results: Results = {}
    _run(press, {"ARTICLE_PATHS": [], "PRESS_RESULTS": results})
    return results


def stock(press: Press) -> Results:
    """Pelican reads and writes every page by itself."""
    _run(press, {})
    return press.adopt_pages()


def _run(press: Press, more: dict[str, Any]) -> None:
    _check_namespace_plugins()
    from pelican import Pelican
    from pelican.settings import read_settings

    own = {
        "PRESS": press,
        "OUTPUT_PATH": str(press.folder.staging / "site"),
        "DELETE_OUTPUT_DIRECTORY": False,
    }
    with _complaints(), redirect_stdout(io.StringIO()):
        Pelican(read_settings(override=_conf(press.root) | own | more)).run()


def _conf(root: Path) -> dict[str, Any]:
    path = root / CONF
    if not path.exists():
        return settings(root)
    try:
        names = runpy.run_path(str(path))
    except ConfigError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == str(path)), 0)
        line = getattr(error, "lineno", None) or line
        raise ConfigError(CONF, f"设置读不进：{error}", line) from error
    return {name: value for name, value in names.items() if name.isupper()}


def _check_namespace_plugins() -> None:
    """Pelican imports whatever lies in pelican.plugins, used or not, and a broken one ends it without a name."""
    import pelican.plugins

    errors = []
    for _, name, is_package in pkgutil.iter_modules(pelican.plugins.__path__, "pelican.plugins."):
        if is_package:
            try:
                importlib.import_module(name)
            except Exception as error:
                frame = traceback.extract_tb(error.__traceback__)[-1]
                message = (
                    f"Pelican 插件 {name} 加载失败：{error}。请修好或卸载它（没有用到的插件坏了也会挡住构建）"
                )
                errors.append(ConfigError(frame.filename, message, frame.lineno or 0))
    if errors:
        raise BuildErrors(errors)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not str(record.msg).startswith("Empty alt"):  # pictures are judged by the checks, with their place
            self.records.append(record)


@contextmanager
def _complaints() -> Iterator[None]:
    """What Pelican warns of becomes an error: it goes on after a plugin that fails to load; we do not."""
    from pelican.log import LimitFilter

    collector = _Collector()
    log = logging.getLogger("pelican")
    propagate, log.propagate = log.propagate, False
    level, disabled, log.disabled = log.level, log.manager.disable, False
    log.setLevel(logging.WARNING)  # whatever else in this process has turned down
    log.manager.disable = logging.NOTSET
    LimitFilter._raised_messages.clear()  # of an earlier build in this process: Pelican tells a warning once
    log.addHandler(collector)
    try:
        yield
    finally:
        log.removeHandler(collector)
        log.propagate, log.manager.disable = propagate, disabled
        log.setLevel(level)
        if collector.records:  # also when Pelican then stumbled over what it had only logged
            messages = [record.getMessage().strip() for record in collector.records]
            raise BuildErrors([ConfigError(CONF, f"Pelican：{message}") for message in messages])
