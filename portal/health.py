"""What `portal doctor` looks at: each probe says what is there, what is lost without it, what mends it."""

import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from bureau.errors import ConfigError

SETUP = "deploy/setup.sh run"
SETUP_TEST = "deploy/setup.sh test"
ENOUGH_DISK = 2 * 1024**3  # ten releases, the search index, the caches and a month of logs


class State(StrEnum):
    OK = "正常"
    LIMITED = "受限"
    MISSING = "缺少"


@dataclass(frozen=True, slots=True)
class Reading:
    what: str
    state: State
    detail: str
    lost: str = ""  # what does not work because of it
    mend: str = ""  # the command that mends it


def examine(root: Path, now: datetime) -> Iterator[Reading]:
    for probe in PROBES:
        yield probe(root)
    yield _clock(root, now)


def _python(_root: Path) -> Reading:
    return Reading("Python", State.OK, ".".join(map(str, sys.version_info[:3])))


def _libraries(_root: Path) -> Reading:
    gone = [name for name in _required() if not _is_installed(name)]
    if not gone:
        return Reading("Python 依赖", State.OK, "齐全")
    return Reading("Python 依赖", State.MISSING, f"没有 {'、'.join(gone)}", "用到它们的功能", SETUP)


def _required() -> list[str]:
    return [re.split(r"[^\w-]", line)[0] for line in metadata.requires("kmjt-portal") or []]


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _parts(_root: Path) -> Reading:
    broken = [
        f"{name}（{error}）"
        for name in ("plugins", "checks", "mailbox_api")
        if (error := _import_error(name))
    ]
    if not broken:
        return Reading("插件与部件", State.OK, "都能载入")
    return Reading("插件与部件", State.MISSING, "；".join(broken), "构建、检查或信箱", SETUP)


def _import_error(package: str) -> str:
    """Why one of the package's own modules cannot be loaded; empty when all can."""
    try:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if module.name not in ("__main__", "asgi"):  # these two run when they are imported
                importlib.import_module(f"{package}.{module.name}")
    except (ImportError, OSError, SyntaxError) as error:
        return str(error)
    return ""


def _git(_root: Path) -> Reading:
    path = shutil.which("git")
    if path is None:
        lost = "版本里没有提交号，portal check --since 不可用"
        return Reading("git", State.LIMITED, "没有安装", lost, "apt-get install git")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    return Reading("git", State.OK, said.removeprefix("git version ").strip())


def _spelling(_root: Path) -> Reading:
    lost = "英文拼写检查（报告里写“未执行”）"
    try:
        enchant = importlib.import_module("enchant")
    except ImportError:
        return Reading("英文词典", State.LIMITED, "没有 libenchant", lost, SETUP)
    if enchant.dict_exists("en_US"):
        return Reading("英文词典", State.OK, "en_US")
    return Reading("英文词典", State.LIMITED, "没有 en_US 词典", lost, SETUP)


def _fonts(_root: Path) -> Reading:
    listing = shutil.which("fc-list")
    fonts = (
        subprocess.run([listing, ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
        if listing
        else ""
    )
    if fonts.strip():
        return Reading("中文字体", State.OK, fonts.splitlines()[0].split(",")[0])
    return Reading(
        "中文字体", State.LIMITED, "没有", "PDF 报告与截图里的汉字", "apt-get install fonts-noto-cjk"
    )


def _chromium(_root: Path) -> Reading:
    path = shutil.which("chromium")
    if path:
        return Reading("Chromium", State.OK, path)
    return Reading("Chromium", State.LIMITED, "没有安装", "浏览器测试与截图（门户本身不用它）", SETUP_TEST)


def _disk(root: Path) -> Reading:
    free = shutil.disk_usage(root).free
    told = f"剩余 {free / 1024**3:.1f} GiB"
    if free >= ENOUGH_DISK:
        return Reading("磁盘", State.OK, told)
    return Reading(
        "磁盘", State.LIMITED, told, "保留不下十个版本与备份", "在 site.toml 里调小 releases_kept 或清理磁盘"
    )


def _folders(root: Path) -> Reading:
    names = [name for name in ("build", "releases", "var") if not _can_write(root / name)]
    if not names:
        return Reading("目录可写", State.OK, "build、releases、var")
    return Reading(
        "目录可写",
        State.MISSING,
        f"写不进 {'、'.join(names)}",
        "构建、发布与信箱",
        f"chown -R $(id -un) {' '.join(names)}",
    )


def _can_write(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)


def _site(root: Path) -> Reading:
    from bureau import channels, config

    try:
        name = config.load(root / "site.toml").identity.name
        count = len(channels.load(root / "content"))
    except ConfigError as error:
        return Reading("站点描述", State.MISSING, str(error), "全部功能", "按提示改正后再执行 portal doctor")
    return Reading("站点描述", State.OK, f"{name}，{count} 个栏目")


def _mailbox(root: Path) -> Reading:
    if (root / "var/mailbox.db").exists():
        return Reading("领导信箱", State.OK, "已开通")
    return Reading("领导信箱", State.LIMITED, "尚未开通", "网民不能留言", "portal mailbox init")


def _clock(root: Path, now: datetime) -> Reading:
    """A clock set back makes release ids, deadlines and freshness wrong. Nothing is asked over the network."""
    newest = max((path.stat().st_mtime for path in root.glob("content/**/*.md")), default=0.0)
    latest = datetime.fromtimestamp(newest, now.tzinfo)
    told = f"{now:%Y-%m-%d %H:%M %Z}"
    if now.utcoffset() != timedelta(hours=8):
        lost = "发布时间与办理时限按别的时区计算"
        return Reading(
            "时钟", State.LIMITED, f"{told}，不是北京时间", lost, "timedatectl set-timezone Asia/Shanghai"
        )
    if now < latest - timedelta(minutes=5):
        return Reading(
            "时钟",
            State.LIMITED,
            f"{told}，早于最近改动的稿件",
            "时限与更新天数不准",
            "timedatectl set-ntp true",
        )
    return Reading("时钟", State.OK, told)


PROBES: tuple[Callable[[Path], Reading], ...] = (
    _python, _libraries, _parts, _site, _folders, _disk, _git, _spelling, _fonts, _chromium, _mailbox,
)  # fmt: skip
