"""Local adjustments (局部调整): `content/adjustments/NNNN-*.toml`, one dated, reversible change each.

The contract grants ten a year (一(一)4: animation, names of channels, layout of article pages; no redesign).
An adjustment lies over channels.toml and site.toml on the days on which it is in force and is undone by
deleting its file. What touches every template or most channels is no local adjustment and is refused.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from bureau.channels import Channel
from bureau.config import Contract, SiteConfig
from bureau.errors import ConfigError
from bureau.front_matter import ARTICLE_LAYOUTS

FOLDER = "adjustments"
NAME = re.compile(r"\d{4}-[a-z0-9-]+\.toml")
ANIMATIONS = ("carousel", "float", "site-alert", "grey")
ALERT_LEVELS = ("info", "emergency")
WARN_BEFORE_LAST = 2  # with ten a year: warn from the eighth
MOST_CHANNELS = 5  # touched by one adjustment; more is a redesign

# Kind of a change -> the keys it must have, the keys it may have.
KINDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "rename-channel": (frozenset({"channel", "name"}), frozenset()),
    "move-channel": (frozenset({"channel", "to"}), frozenset()),
    "hide-channel": (frozenset({"channel"}), frozenset()),
    "article-layout": (frozenset({"layout"}), frozenset({"channel", "article"})),
    "home-block": (frozenset({"blocks"}), frozenset()),
    "animation": (
        frozenset({"animation"}),
        frozenset({"channel", "title", "text", "url", "image", "image_alt", "level"}),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; which fields it uses, its kind decides."""

    kind: str
    line: int  # of its [[changes]] in the file
    channel: str = ""
    article: str = ""  # id
    name: str = ""
    to: str = ""
    layout: str = ""
    blocks: tuple[str, ...] = ()
    animation: str = ""
    title: str = ""
    text: str = ""
    url: str = ""
    image: str = ""
    image_alt: str = ""
    level: str = "info"

    @property
    def id(self) -> str:
        """By which a browser remembers that somebody closed it."""
        return f"{self.animation}-{self.title}"

    @property
    def target(self) -> tuple[str, ...]:
        """What it lays its hand on; two of the same target at once collide. Alerts may stand together."""
        if self.kind == "animation":
            return () if self.animation == "site-alert" else ("animation", self.animation)
        if self.kind == "home-block":
            return ("home",)
        if self.kind in ("move-channel", "hide-channel"):
            return ("place", self.channel)
        return (self.kind, self.channel or self.article)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    path: str
    number: int
    requested: date
    requested_by: str
    approved_by: str
    effective_from: date
    summary: str
    changes: tuple[Change, ...]
    effective_until: date | None = None  # the last day on which it is in force

    def is_in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def state(self, day: date) -> str:
        if self.is_in_force(day):
            return "生效中"
        return "未到期" if day < self.effective_from else "已结束"


@dataclass(frozen=True, kw_only=True)
class InForce:
    """Channels and settings of one day, with the adjustments over them."""

    config: SiteConfig
    channels: tuple[Channel, ...]
    moved: Mapping[str, str] = field(default_factory=dict)  # old path of a channel -> its path today
    article_layouts: Mapping[str, str] = field(default_factory=dict)  # channel path or article id -> layout
    alerts: tuple[Change, ...] = ()
    float: Change | None = None
    grey: bool = False


def load(content: Path, channels: Sequence[Channel]) -> tuple[Adjustment, ...]:
    """Every adjustment, by number. Raises ConfigError with file and line for the first that cannot be used."""
    known = {channel.path for channel in channels}
    adjustments = [_read(path, known, len(channels)) for path in sorted((content / FOLDER).glob("*.toml"))]
    for number, count in Counter(row.number for row in adjustments).items():
        if count > 1:
            second = [row for row in adjustments if row.number == number][1]
            raise ConfigError(second.path, f"编号 {number} 已用过，请换下一个编号", 1)
    _refuse_collisions(adjustments)
    return tuple(sorted(adjustments, key=lambda row: row.number))


def _read(path: Path, known: set[str], channel_count: int) -> Adjustment:
    if not NAME.fullmatch(path.name):
        raise ConfigError(path, "文件名写成 0001-简短的英文.toml")
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, f"TOML 语法错误：{error}", int(where[1]) if where else 0) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"读不到局部调整：{error}") from error
    rows = raw.pop("changes", [])
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[changes]]"]
    head = _head(path, raw)
    if not rows or len(rows) != len(starts):
        raise ConfigError(path, "至少写一段 [[changes]]，说明改什么", 1)
    changes = tuple(_change(path, line, row, known) for row, line in zip(rows, starts, strict=True))
    adjustment = Adjustment(path=str(path), changes=changes, **head)
    _check(path, adjustment, channel_count)
    return adjustment


def _head(path: Path, raw: dict[str, Any]) -> dict[str, Any]:
    kinds = {entry.name: entry.type for entry in fields(Adjustment) if entry.name not in ("path", "changes")}
    if unknown := sorted(raw.keys() - kinds.keys()):
        raise ConfigError(path, f"不认识的键 {unknown[0]}，可用：{'、'.join(kinds)}", 1)
    for key, kind in kinds.items():
        if key not in raw:
            if key == "effective_until":
                continue
            raise ConfigError(path, f"缺少 {key}", 1)
        wanted = int if kind is int else str if kind is str else date
        if type(raw[key]) is not wanted or raw[key] == "":
            form = {int: "整数", str: "文字", date: "日期，例 2026-12-01"}[wanted]
            raise ConfigError(path, f"{key} 应当写{form}", 1)
    return raw


def _change(path: Path, line: int, row: Mapping[str, Any], known: set[str]) -> Change:
    kind = str(row.get("kind"))
    if kind not in KINDS:
        raise ConfigError(path, f"kind 不认识 {kind}，可用：{'、'.join(KINDS)}", line)
    needed, allowed = KINDS[kind]
    if unknown := sorted(row.keys() - needed - allowed - {"kind"}):
        raise ConfigError(path, f"{kind} 里有不认识的键 {unknown[0]}", line)
    if missing := sorted(needed - row.keys()):
        raise ConfigError(path, f"{kind} 缺少 {missing[0]}", line)
    change = Change(line=line, **{**row, "blocks": tuple(row.get("blocks", ()))})
    for problem in _problems(change, known):
        raise ConfigError(path, problem, line)
    return change


def _problems(change: Change, known: set[str]) -> Iterator[str]:
    for channel in (change.channel, *change.blocks):
        if channel and channel not in known:
            yield f"没有栏目 {channel}"
    if change.kind == "move-channel":
        parent = change.to.rpartition("/")[0]
        if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", change.to) or change.to in known:
            yield f"to 要写一个新的栏目路径，现为 {change.to}"
        elif parent and parent not in known:
            yield f"to 的上级栏目 {parent} 不存在"
    if change.kind == "article-layout":
        if bool(change.channel) == bool(change.article):
            yield "article-layout 写 channel（整个栏目）或 article（一篇的 id），二者选一"
        if change.layout not in ARTICLE_LAYOUTS:
            yield f"版式不认识 {change.layout}，可用：{'、'.join(ARTICLE_LAYOUTS)}"
    if change.kind == "animation":
        yield from _animation_problems(change)


def _animation_problems(change: Change) -> Iterator[str]:
    if change.animation not in ANIMATIONS:
        yield f"animation 不认识 {change.animation}，可用：{'、'.join(ANIMATIONS)}"
    elif change.animation == "carousel" and not change.channel:
        yield "轮播要写 channel，说明图片来自哪个栏目"
    elif change.animation == "float" and not (change.title and change.url):
        yield "飘窗要写 title 和 url"
    elif change.animation == "site-alert" and not change.title:
        yield "全站提示要写 title"
    if change.image and not change.image_alt:
        yield "有图片就要写 image_alt，说明图上是什么"
    if change.level not in ALERT_LEVELS:
        yield f"level 不认识 {change.level}，可用：{'、'.join(ALERT_LEVELS)}"


def _check(path: Path, adjustment: Adjustment, channel_count: int) -> None:
    until = adjustment.effective_until
    if until is not None and until < adjustment.effective_from:
        raise ConfigError(path, f"effective_until {until} 早于 effective_from {adjustment.effective_from}", 1)
    if until is None and (change := _needs_an_end(adjustment)):
        raise ConfigError(path, f"{change.animation} 必须写 effective_until（哪天结束）", change.line)
    touched = {change.channel for change in adjustment.changes if change.channel}
    if len(touched) > min(MOST_CHANNELS, channel_count // 2):
        raise ConfigError(
            path,
            f"一次调整涉及 {len(touched)} 个栏目，属于改版，不算局部调整（合同一（一）4 不含整站改版）；请拆开或另行立项",
            1,
        )


def _needs_an_end(adjustment: Adjustment) -> Change | None:
    endless = ("float", "site-alert", "grey")
    return next((change for change in adjustment.changes if change.animation in endless), None)


def _refuse_collisions(adjustments: Sequence[Adjustment]) -> None:
    """Two that want the same thing on the same day: the editor has to decide, not the order of files."""
    seen: list[tuple[tuple[str, ...], Adjustment]] = []
    for adjustment in adjustments:
        for change in adjustment.changes:
            for target, other in seen:
                if (
                    change.target
                    and target == change.target
                    and (adjustment is other or _overlap(adjustment, other))
                ):
                    raise ConfigError(
                        adjustment.path,
                        f"与 {Path(other.path).name} 在同一时间改同一处，请错开日期或合并",
                        change.line,
                    )
            seen.append((change.target, adjustment))


def _overlap(one: Adjustment, other: Adjustment) -> bool:
    ends = [row.effective_until or date.max for row in (one, other)]
    return max(one.effective_from, other.effective_from) <= min(ends)


def apply(
    config: SiteConfig, channels: Sequence[Channel], adjustments: Iterable[Adjustment], day: date
) -> InForce:
    """What stands on `day`. Pure: without the adjustments everything is as channels.toml says."""
    changes = [change for row in adjustments if row.is_in_force(day) for change in row.changes]
    rows = {channel.path: channel for channel in channels}
    for change in changes:
        if change.kind == "rename-channel":
            rows[change.channel] = replace(rows[change.channel], name=change.name)
        elif change.kind == "hide-channel":
            rows[change.channel] = replace(rows[change.channel], menu=False)
    moved = _moved(rows, [change for change in changes if change.kind == "move-channel"])
    home = config.home
    for change in changes:
        if change.kind == "home-block":
            home = replace(home, blocks=change.blocks)
        elif change.animation == "carousel":
            home = replace(home, carousel=change.channel)
    if moved:
        blocks = tuple(moved.get(path, path) for path in home.blocks)
        home = replace(home, blocks=blocks, carousel=moved.get(home.carousel, home.carousel))
    return InForce(
        config=replace(config, home=home),
        channels=_ordered(replace(row, path=moved.get(path, path)) for path, row in rows.items()),
        moved=moved,
        article_layouts={
            (moved.get(change.channel, change.channel) or change.article): change.layout
            for change in changes
            if change.kind == "article-layout"
        },
        alerts=tuple(change for change in changes if change.animation == "site-alert"),
        float=next((change for change in changes if change.animation == "float"), None),
        grey=any(change.animation == "grey" for change in changes),
    )


def _moved(rows: Mapping[str, Channel], changes: Sequence[Change]) -> dict[str, str]:
    """Old path -> new path, for the moved channels and for all that lies below them."""
    moved: dict[str, str] = {}
    for change in changes:
        for path in rows:
            if path == change.channel or path.startswith(f"{change.channel}/"):
                moved[path] = change.to + path[len(change.channel) :]
    return moved


def _ordered(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Each below its parent, in the order in which it came: a moved one is the last of its new family."""
    rows = list(channels)

    def family(parent: str) -> Iterator[Channel]:
        for row in rows:
            if row.parent == parent:
                yield row
                yield from family(row.path)

    return tuple(family(""))


def of_year(adjustments: Iterable[Adjustment], contract: Contract, day: date) -> list[Adjustment]:
    """Those that count against the quota of the contract year in which `day` lies."""
    start, end = contract_year(contract.year_start, day)
    return [row for row in adjustments if start <= row.requested < end]


def contract_year(first_start: date, day: date) -> tuple[date, date]:
    """The year of the contract in which `day` lies: its first day, and the first day of the next."""
    start = first_start
    while start.replace(year=start.year + 1) <= day:
        start = start.replace(year=start.year + 1)
    return start, start.replace(year=start.year + 1)
