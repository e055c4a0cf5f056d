"""portal links: the ledger of dead links that were removed, and putting them back."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from checks.links.register import Removed

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="links")


@app.callback()
def links() -> None:
    """链接台账：改成文字的死链，谁、何时、为什么；需要时放回去。"""


@app.command()
def ledger(
    output: Annotated[Path | None, typer.Option(help="另存为 xlsx。", metavar="FILE.xlsx")] = None,
) -> None:
    """列出台账，或存成 xlsx。"""
    from checks.links import ledger_sheet
    from checks.links import register as registers

    rows = registers.Register(registers.FILE).removed()
    if output:
        if output.suffix.lower() != ".xlsx":
            raise ConfigError("--output", f"存成 .xlsx，现为 {output}")
        ledger_sheet.write(rows, output)
        print(f"{len(rows)} 条，已存入 {output}。", file=sys.stderr)
        return
    for row in rows:
        state = f"，{row.restored_by} 于 {row.restored_at:%Y-%m-%d} 放回" if row.restored_at else ""
        print(
            f"{row.id}  {row.path}:{row.line}  “{row.text}”  {row.url}  {row.reason}  "
            f"{row.removed_by} 于 {row.removed_at:%Y-%m-%d} 改成文字{state}"
        )
    if not rows:
        print("台账是空的。", file=sys.stderr)


@app.command()
def restore(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="台账里的编号，可写多个。", metavar="[ID]…")
    ] = None,
    url: Annotated[str, typer.Option(help="放回这个地址的全部链接。", metavar="URL")] = "",
    by: Annotated[str, typer.Option(help="谁放回的，记入台账。", metavar="NAME")] = "",
) -> int:
    """把改成文字的链接放回原处。退出码：0 都放回了，1 有的地方已经改动、放不回去。"""
    from checks.links import register as registers
    from portal import mending, origin

    ledger = registers.Register(registers.FILE)
    rows = _chosen(ledger.removed(), numbers or [], url)
    back, lost = mending.restore(rows, ledger, by or origin.operator(Path()), datetime.now().astimezone())
    for row in back:
        print(f"{row.path}：已放回 {row.written}")
    for row in lost:
        print(f"{row.path}：那一处文字已经改动，请手工放回 {row.written}", file=sys.stderr)
    return 1 if lost else 0


def _chosen(rows: "tuple[Removed, ...]", numbers: list[int], url: str) -> "list[Removed]":
    if not numbers and not url:
        raise ConfigError("portal links restore", "写上编号或 --url，portal links ledger 列出台账")
    known = {row.id for row in rows}
    if unknown := [number for number in numbers if number not in known]:
        raise ConfigError("portal links restore", f"台账里没有 {unknown[0]} 号")
    return [row for row in rows if not row.restored_at and (row.id in numbers or (url and row.url == url))]
