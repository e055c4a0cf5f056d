"""portal serve."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    import socket


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="监听的地址；0.0.0.0 让别的电脑也能打开。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口。")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="允许在本机以外的地址上把信箱通知写进文件。")] = False,
) -> None:
    """打开已发布的网站（没有发布过就用构建结果）和领导信箱。"""
    import uvicorn

    from portal.published import Shopwindow
    from portal.shell import mailbox_for
    from portal.web import create_app

    window = Shopwindow(Path())
    published = window.now()
    if not published.site.is_dir():
        raise ConfigError("build/site", "还没有可以打开的网站，请先执行 portal build")
    app = create_app(Path(), mailbox_for(window, Path(), host, demo=demo))
    listening = listen(host, port)
    what = f"版本 {published.name}" if published.name else "构建结果 build/site"
    print(f"已打开{what}：http://{host}:{port}/  （按 Ctrl-C 结束）", file=sys.stderr)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none")
    uvicorn.Server(config).run([listening])


def listen(host: str, port: int) -> "socket.socket":
    import socket

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(
            f"{host}:{port}", f"不能监听这个地址：{reason}。换一个端口：portal serve --port 8001"
        ) from error
