"""portal report: the contract's reports, into var/reports/."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="报告：巡检、诊断、月报、季报、年报。")
REPORTS = Path("var/reports")
INSPECTIONS = Path("var/inspections")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="report")


@app.callback()
def report() -> None:
    """报告：写到 var/reports/，网页、Word、PDF 和附表四种格式。"""


@app.command()
def inspection(
    output: Annotated[Path, typer.Option(help="报告写到哪里。")] = REPORTS,
) -> int:
    """巡检服务器并出报告；有异常时退出码为 1，有读不到的项目时为 3。"""
    import os
    from datetime import UTC, datetime

    from bureau import config
    from checks.report import inspection as composer
    from checks.report.printing import write
    from checks.server import inspection as server

    site, now = config.load(Path("site.toml")), datetime.now(UTC)
    before = server.latest(INSPECTIONS, now)
    found = server.inspect(
        Path(), site.inspection, now, previous=before, token=os.environ.get("PORTAL_INTERNAL_TOKEN", "")
    )
    server.save(found, INSPECTIONS)
    document = composer.compose(
        found, before, issuer=site.contract.contractor, recipient=site.identity.organizer
    )
    for path in write(document, output, f"inspection-{document.dated}"):
        typer.echo(path)
    typer.echo(composer.verdict(found), err=True)
    return 1 if found.bad else 3 if found.unread else 0
