"""portal build."""

import typer


def register(app: typer.Typer) -> None:
    app.command()(build)


def build() -> None:
    """把 content/ 构建成 build/site。"""
