"""`content/search.toml`: words that mean the same, so that 打车 finds 网络预约出租汽车."""

import re
import tomllib
from pathlib import Path

from bureau.errors import ConfigError

FILE = Path("content/search.toml")


def load(path: Path) -> tuple[tuple[str, ...], ...]:
    """Groups of words. Without the file there are none. Raises ConfigError with the line that is wrong."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, f"TOML 语法错误：{error}", int(where[1]) if where else 0) from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, "文件不是 UTF-8 编码，请另存为 UTF-8") from error
    if unknown := sorted(raw.keys() - {"same"}):
        raise ConfigError(path, f"不认识的键 {unknown[0]}，每组同义词写成 same 里的一个列表")
    groups = raw.get("same", [])
    for group in groups:
        if (
            not isinstance(group, list)
            or len(group) < 2
            or not all(isinstance(word, str) and word for word in group)
        ):
            raise ConfigError(path, f"同义词要写成两个以上词的列表，现为 {group}", _line_of(path, group))
    return tuple(map(tuple, groups))


def _line_of(path: Path, group: object) -> int:
    first = group[0] if isinstance(group, list) and group else group
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if str(first) in line), 0)
