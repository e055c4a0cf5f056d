"""Projects to build: a tiny one of its own making, and a copy of the real one."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from portal.build import BuildResult, build

PROJECT = Path(__file__).parents[2]
TODAY = date(2026, 11, 25)
CHANNELS = """
[[channels]]
path = "xw"
name = "新闻中心"
description = "新闻。"
keywords = ["新闻"]
type = "政务动态"
kind = "news"
owner = "bgs"
layout = "overview"

[[channels]]
path = "xw/yw"
name = "要闻"
description = "要闻。"
keywords = ["要闻"]
type = "政务动态"
kind = "news"
owner = "bgs"

[[channels]]
path = "xw/tz"
name = "通知公告"
description = "通知。"
keywords = ["通知"]
type = "文件资料"
kind = "notice"
owner = "bgs"

[[channels]]
path = "about"
name = "关于本站"
description = "网站声明。"
keywords = ["声明"]
type = "概况信息"
kind = "static"
owner = "bgs"
menu = false
"""


@dataclass(frozen=True)
class Project:
    root: Path

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def article(self, path: str, body: str = "正文。\n", **head: str) -> Path:
        """`path`: channel/year/id-slug, below content/."""
        given = {
            "id": path.rpartition("/")[2].partition("-")[0],
            "title": "一篇稿件",
            "date": f"{path.split('/')[-2]}-03-01 09:00",
            "source": "本站原创",
            "department": "bgs",
        } | head
        rows = "".join(f"{key}: {value}\n" for key, value in given.items() if value is not None)
        return self.write(f"content/{path}.md", f"---\n{rows}---\n\n{body}")

    def build(self, **more: Any) -> BuildResult:
        return build(self.root, **({"today": TODAY} | more))

    def files(self, folder: str = "build") -> dict[str, bytes]:
        """All that a build has written, by path below `folder`."""
        place = self.root / folder
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in sorted(place.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }


def _with_settings(root: Path) -> Project:
    for name in ("site.toml", "pelicanconf.py"):
        shutil.copy(PROJECT / name, root / name)
    shutil.copytree(PROJECT / "theme", root / "theme")
    return Project(root)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two articles in 要闻, one page about the site."""
    made = _with_settings(tmp_path)
    made.write("content/channels.toml", CHANNELS)
    made.article("xw/yw/2026/1001-dongtai", title="第一篇", date="2026-03-01 09:00")
    made.article("xw/yw/2026/1002-dongtai", title="第二篇", date="2026-03-02 09:00")
    made.article("about/2026/2001-shengming", title="网站声明")
    return made


@pytest.fixture
def memory_path() -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of builds of thousands of files are hard on a disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def real_project(memory_path: Path) -> Project:
    """A copy of the real content and theme."""
    shutil.copytree(PROJECT / "content", memory_path / "content")
    return _with_settings(memory_path)
