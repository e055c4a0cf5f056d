"""portal adjustments: the register of local adjustments of the contract year."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bureau.errors import ConfigError


def register(app: typer.Typer) -> None:
    app.command()(adjustments)


def adjustments(
    today: Annotated[str | None, typer.Option(help="按这一天看。", metavar="YYYY-MM-DD")] = None,
) -> int:
    """局部调整台账：编号、谁提、谁批、起止日期、内容、还剩几次。"""
    from rich.console import Console
    from rich.table import Table

    from bureau import adjustments as register_of
    from bureau import channels, config

    try:
        day = date.fromisoformat(today) if today else datetime.now().astimezone().date()
    except ValueError as error:
        raise ConfigError("--today", f"日期不对：{today}，写成 2026-01-31") from error
    site = config.load(Path("site.toml"))
    rows = register_of.load(Path("content"), channels.load(Path("content")))
    counted = register_of.of_year(rows, site.contract, day)
    table = Table(title="局部调整台账")
    for name in ("编号", "申请日期", "申请", "批准", "起", "止", "状态"):
        table.add_column(name, no_wrap=True)
    table.add_column("内容", overflow="fold")
    for row in rows:
        table.add_row(
            f"{row.number:04}", f"{row.requested}", row.requested_by, row.approved_by, f"{row.effective_from}",
            f"{row.effective_until or '长期'}", row.state(day), row.summary,
        )  # fmt: skip
    console = Console()
    Console(width=None if console.is_terminal else 140).print(table)
    quota = site.contract.adjustments_per_year
    typer.echo(f"本合同年已用 {len(counted)} 次，合同限 {quota} 次，还剩 {max(quota - len(counted), 0)} 次。")
    return int(len(counted) > quota)
