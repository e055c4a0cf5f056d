"""portal preview."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from checks.finding import Finding


def register(app: typer.Typer) -> None:
    app.command()(preview)


def preview(
    port: Annotated[int, typer.Option(help="监听的端口，只在本机打开。")] = 8001,
) -> None:
    """一边写一边看：保存后自动刷新，问题列在旁边。

    点一下问题就跳到那一段。只在本机打开，发布出去的页面里没有这些。
    """
    import uvicorn

    from portal.build import build
    from portal.commands.serve import listen
    from portal.preview import Workshop, create_preview

    root = Path()
    app = create_preview(root, Workshop(root, lambda: build(root), _check))
    listening = listen("127.0.0.1", port)
    print(f"预览：http://127.0.0.1:{port}/  （按 Ctrl-C 结束）", file=sys.stderr)
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, server_header=False, timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run([listening])


def _check() -> "Sequence[Finding]":
    from bureau import config
    from portal import checking

    today = datetime.now().astimezone().date()
    return checking.check_build(config.load(Path("site.toml")), today).findings
