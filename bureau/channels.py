"""`content/channels.toml`: the tree of channels (栏目), in the order in which they are shown."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bureau.errors import ConfigError

FILE = "channels.toml"

# Days until a channel counts as stale. 0: judged by accuracy, not by age.
# Sources: 2019 indicators V4.1, D04–D06, D12, D18, B01; 2015 census CV3, C4; census-2015.md §3.
REFRESH_DAYS: Mapping[str, int] = {
    "news": 14,
    "notice": 183,
    "policy": 183,
    "interpretation": 183,
    "enforcement": 183,
    "safety": 183,
    "plan": 365,
    "personnel": 365,
    "budget": 365,
    "proposal": 365,
    "project": 365,
    "faq": 365,
    "topic": 365,
    "annual": 365,
    "forms": 0,
    "consultation": 365,
    "interview": 365,
    "statistics": 92,
    "service-statistics": 31,
    "mailbox": 61,
    "service": 0,
    "static": 0,
    "disclosure": 0,
    "interaction": 0,
}
LAYOUTS = ("list", "cards", "gallery", "documents", "guides", "overview", "mailbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    path: str  # ASCII slugs, `xwzx/jtyw`
    name: str
    description: str
    keywords: tuple[str, ...]
    type: str  # the ColumnType label
    kind: str
    owner: str  # department id
    layout: str = "list"
    menu: bool = True
    archived: bool = False
    refresh_days: int | None = None  # overrides the kind's limit

    @property
    def url(self) -> str:
        return f"/{self.path}/"

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def level(self) -> int:
        return self.path.count("/") + 1

    @property
    def limit_days(self) -> int:
        """Days without a new article after which the channel is stale; 0 when age does not matter."""
        if self.archived:
            return 0
        return REFRESH_DAYS[self.kind] if self.refresh_days is None else self.refresh_days


def load(content: Path) -> tuple[Channel, ...]:
    """Read the tree below `content`. Raises ConfigError naming file, line and mend."""
    path = content / FILE
    try:
        text = path.read_text("utf-8")
        rows = tomllib.loads(text).get("channels", [])
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, f"TOML 语法错误：{error}", int(where[1]) if where else 0) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"读不到栏目表：{error}") from error
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[channels]]"]
    channels: dict[str, Channel] = {}
    for row, line in zip(rows, starts, strict=True):
        channel = _channel(path, line, row)
        if channel.path in channels:
            raise ConfigError(path, f"栏目 {channel.path} 写了两次", line)
        if channel.parent and channel.parent not in channels:
            raise ConfigError(path, f"栏目 {channel.path} 的上级 {channel.parent} 不在它前面", line)
        channels[channel.path] = channel
    return tuple(channels.values())


def _channel(path: Path, line: int, row: Mapping[str, Any]) -> Channel:
    known = {field.name for field in fields(Channel)}
    if unknown := sorted(row.keys() - known):
        raise ConfigError(path, f"[[channels]] 里有不认识的键 {unknown[0]}", line)
    try:
        channel = Channel(**{**row, "keywords": tuple(row.get("keywords", ()))})
    except TypeError as error:
        missing = re.findall(r"'(\w+)'", str(error))
        raise ConfigError(path, f"[[channels]] 缺少 {'、'.join(missing)}", line) from error
    if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", channel.path):
        raise ConfigError(path, f"path 只用小写字母、数字和连字符，现为 {channel.path}", line)
    if channel.kind not in REFRESH_DAYS:
        raise ConfigError(path, f"kind 不认识 {channel.kind}，可用：{'、'.join(REFRESH_DAYS)}", line)
    if channel.layout not in LAYOUTS:
        raise ConfigError(path, f"layout 不认识 {channel.layout}，可用：{'、'.join(LAYOUTS)}", line)
    return channel
