"""portal new."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from portal.word_import import Imported

PICTURES = "images"  # below content/, served as /images/


def register(app: typer.Typer) -> None:
    app.command()(new)


def new(
    channel: Annotated[str, typer.Argument(help="栏目的路径或名称，例 xwzx/tzgg 或 通知公告。")],
    title: Annotated[str, typer.Argument(help="稿件的标题。")],
    source: Annotated[
        Path | None, typer.Option("--from", help="从这个 Word 文档（docx）取正文、表格和图片。")
    ] = None,
) -> None:
    """新建一篇稿件：文件名、编号和信息头都填好，写正文即可。"""
    from bureau import channels, config
    from bureau.front_matter import BLANK
    from portal import drafts

    content, now = Path("content"), datetime.now().astimezone()
    site = config.load(Path("site.toml"))
    home = drafts.find_channel(channels.load(content), channel)
    article_id = drafts.next_id(content, now)
    imported = _import(source, title, article_id, now.year)
    draft = drafts.new(site, home, title, article_id, now, imported.markdown if imported else "")
    path = content / draft.path
    path.parent.mkdir(parents=True, exist_ok=True)
    _keep_pictures(content / PICTURES / str(now.year), imported)
    with path.open("x", encoding="utf-8") as file:
        file.write(draft.text())
    print(path)
    for remark in imported.remarks if imported else ():
        print(remark, file=sys.stderr)
    if BLANK in draft.text():
        print(f"写着{BLANK}的地方请补上，再把 status 改成 published。", file=sys.stderr)


def _import(source: Path | None, title: str, article_id: str, year: int) -> "Imported | None":
    if source is None:
        return None
    if source.suffix.lower() != ".docx":
        raise ConfigError(source, "只能从 docx 取正文；.doc 或 .wps 请先另存为 .docx")
    from portal import word_import

    return word_import.read(source, title, article_id, f"/{PICTURES}/{year}")


def _keep_pictures(folder: Path, imported: "Imported | None") -> None:
    if imported and imported.pictures:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in imported.pictures.items():
            (folder / name).write_bytes(content)
