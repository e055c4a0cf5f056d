"""Small sites as `portal build` leaves them."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MakeBuild = Callable[..., Path]


def write_build(
    root: Path,
    pages: Mapping[str, str],
    *,
    redirects: tuple[dict[str, str], ...] = (),
    kinds: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Path:
    """Write build/site, build/manifest.json and build/shell.html below `root`; gives `root`."""
    rows = []
    for name, html in pages.items():
        path = root / "build/site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # the build replaces files, it never writes into one
        path.write_text(html, "utf-8")
        url = f"/{name}".removesuffix("index.html")
        digest = hashlib.sha256(html.encode()).hexdigest()
        kind, source = (kinds or {}).get(name, "article"), (sources or {}).get(name, "")
        rows.append({"url": url, "file": name, "kind": kind, "source": source, "sha256": digest})
    manifest = {"version": 1, "pages": rows, "channels": [], "redirects": list(redirects), "assets": []}
    (root / "build/manifest.json").write_text(json.dumps(manifest), "utf-8")
    shell = "<title><!--portal:title--></title><main><!--portal:content--></main>"
    (root / "build/shell.html").write_text(shell, "utf-8")
    return root


@pytest.fixture
def make_build(tmp_path: Path) -> MakeBuild:
    return lambda pages, **more: write_build(tmp_path, pages, **more)


ARTICLE = """---
id: 2026112{0}-001
title: 第{0}条消息
date: 2026-11-2{0} 09:00
source: 本站
department: bgs
---

这是第{0}条消息的正文，见[栏目](/xwzx/jtyw/)。
"""


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    """The portal's own settings, channels and theme with three short articles: quick to publish, free to break."""
    shutil.copy(ROOT / "site.toml", tmp_path)
    shutil.copytree(ROOT / "theme", tmp_path / "theme")
    folder = tmp_path / "content/xwzx/jtyw/2026"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "content/channels.toml", tmp_path / "content")
    for number in (1, 2, 3):
        (folder / f"2026112{number}-001.md").write_text(ARTICLE.format(number), "utf-8")
    return tmp_path
