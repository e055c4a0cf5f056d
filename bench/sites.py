"""The same articles as a project of ours, of Hugo and of stock Pelican."""

import json
import re
import shutil
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.corpus import COLUMNS, DOCUMENTS, PICTURES, Article
from portal.demo_pdf import Leaflet, leaflet_bytes

PEERS = Path(__file__).parent / "peers"
PROJECT = Path(__file__).parents[1]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def ours(root: Path, articles: Iterable[Article], theme: Path = PEERS / "ours") -> None:
    shutil.copytree(theme, root / "theme")
    _write(
        root / "site.toml",
        re.sub(r"(?ms)^\[home\].*?(?=^\[)", "", (PROJECT / "site.toml").read_text("utf-8")),
    )
    channels = []
    for column, (name, children) in COLUMNS.items():
        channels.append(_channel(column, name, "overview"))
        channels += [_channel(f"{column}/{sub}", child, "list") for sub, child in children.items()]
    _write(root / "content" / "channels.toml", "\n".join(channels))
    for row in articles:
        head = (
            f"---\nid: {row.id}\ntitle: {row.title}\ndate: {row.date:%Y-%m-%d %H:%M}\nsource: {row.source}\n"
            f"department: bgs\nsummary: {row.summary}\n---\n\n"
        )
        _write(root / "content" / row.path / f"{row.date:%Y}" / f"{row.id}.md", head + row.body)


def files(root: Path) -> None:
    """The pictures and documents that the articles speak of, small."""
    picture = BytesIO()
    Image.new("RGB", (8, 6), "steelblue").save(picture, "JPEG")
    for number in range(PICTURES):
        _write_bytes(root / f"content/images/p{number:02d}.jpg", picture.getvalue())
    for number in range(DOCUMENTS):
        leaflet = Leaflet(f"附件{number}", ["示例文件。"])
        _write_bytes(root / f"content/files/d{number:02d}.pdf", leaflet_bytes(leaflet))


def _channel(path: str, name: str, layout: str) -> str:
    return (
        f'[[channels]]\npath = "{path}"\nname = "{name}"\ndescription = "{name}的信息。"\nkeywords = ["{name}"]\n'
        f'type = "政务动态"\nkind = "news"\nowner = "bgs"\nlayout = "{layout}"\n'
    )


def _columns(path: Path) -> None:
    rows = [
        {
            "key": column,
            "name": name,
            "subs": [{"key": f"{column}/{sub}", "name": child} for sub, child in children.items()],
        }
        for column, (name, children) in COLUMNS.items()
    ]
    _write(path, json.dumps(rows, ensure_ascii=False))


def hugo(root: Path, articles: Iterable[Article]) -> None:
    shutil.copytree(PEERS / "hugo", root)
    _columns(root / "data" / "columns.json")
    for column, (name, children) in COLUMNS.items():
        _write(root / "content" / column / "_index.md", f'+++\ntitle = "{name}"\n+++\n')
        for sub, child in children.items():
            _write(root / "content" / column / sub / "_index.md", f'+++\ntitle = "{child}"\n+++\n')
    for row in articles:
        name = COLUMNS[row.column][1][row.sub]
        head = (
            f'+++\ntitle = "{row.title}"\ndate = {row.date:%Y-%m-%dT%H:%M:00}+08:00\n'
            f'url = "/{row.path}/{row.date:%Y}/{row.id}.html"\nsource = "{row.source}"\ndepartment = "办公室"\n'
            f'columnname = "{name}"\nkey = "{row.path}"\ndescription = "{row.summary}"\n+++\n\n'
        )
        _write(root / "content" / row.path / f"{row.id}.md", head + row.body)


def pelican(root: Path, articles: Iterable[Article]) -> None:
    _columns(root / "columns.json")
    for row in articles:
        head = (
            f"Title: {row.title}\nDate: {row.date:%Y-%m-%d %H:%M}\nCategory: {row.path}\nColumn: {row.path}\n"
            f"Slug: {row.id}\nSource: {row.source}\nDepartment: 办公室\nSummary: {row.summary}\n\n"
        )
        _write(root / "content" / row.path / f"{row.id}.md", head + row.body)
