"""portal doctor."""

from datetime import datetime
from pathlib import Path

import typer


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor() -> None:
    """看看这台机器缺什么、缺了会怎样、怎样补上。

    退出码：0 必需的都有，3 缺了必需的。
    """
    from rich.console import Console
    from rich.table import Table

    from portal.health import State, examine

    colours = {State.OK: "green", State.LIMITED: "yellow", State.MISSING: "bold red"}
    table = Table()
    for heading in ("项目", "状态", "现状", "没有它会怎样", "怎样补上"):
        table.add_column(heading, overflow="fold")
    readings = list(examine(Path(), datetime.now().astimezone()))
    for reading in readings:
        state = f"[{colours[reading.state]}]{reading.state}[/]"
        table.add_row(reading.what, state, reading.detail, reading.lost, reading.mend)
    Console().print(table)
    if any(reading.state == State.MISSING for reading in readings):
        raise typer.Exit(3)
