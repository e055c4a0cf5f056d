"""portal build."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(build)


def build(
    full: Annotated[bool, typer.Option("--full", help="不用上次的结果，从头构建。")] = False,
    output: Annotated[Path | None, typer.Option(help="写到哪个文件夹，默认 build。", metavar="DIR")] = None,
) -> None:
    """把 content/ 构建成 build/site，并写出 build/manifest.json。"""
    from portal.build import build as build_site

    result = build_site(Path(), full=full, output=output)
    for note in result.notes:
        print(note, file=sys.stderr)
    print(
        f"构建完成：{result.pages} 个页面，写入 {result.written} 个文件，删去 {result.removed} 个。",
        file=sys.stderr,
    )
