"""portal report: the contract's reports, into var/reports/."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from portal.monitoring import Monitoring

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
    from datetime import UTC, datetime

    from bureau import config, internal_token
    from checks.history import Run
    from checks.monitor import inspected, schedule
    from checks.report import inspection as composer
    from checks.report.printing import write
    from checks.server import inspection as server
    from portal import monitor_state
    from portal.monitoring import Monitoring

    site, now = config.load(Path("site.toml")), datetime.now(UTC)
    before = server.latest(INSPECTIONS, now)
    found = server.inspect(Path(), site.inspection, now, previous=before, token=internal_token.read(Path()))
    view = Monitoring(Path(), now)
    view.history.add(Run(kind=schedule.WEEKLY.kind, at=now, rules_hash="", rules=frozenset()), ())
    server.save(found, INSPECTIONS)
    delivery = view.tell(tuple(inspected.alerts(found, view.today)))
    monitor_state.keep(view.root, "inspection", monitor_state.inspected(found))
    document = composer.compose(
        found, before, issuer=site.contract.contractor, recipient=site.identity.organizer
    )
    for path in write(document, output, f"inspection-{document.dated}"):
        typer.echo(path)
    typer.echo(composer.verdict(found), err=True)
    if delivery.waiting:
        typer.echo(f"{delivery.waiting} 条通知在 var/spool/notices 等待：{delivery.reason}", err=True)
    return 1 if found.bad else 3 if found.unread else 0


@app.command()
def diagnosis(
    ticket: Annotated[str, typer.Option(help="远程诊断工单的编号，须已登记甲方同意。")],
    by: Annotated[str, typer.Option(help="谁诊断的，记入审计。")],
    output: Annotated[Path, typer.Option(help="报告写到哪里。")] = REPORTS,
) -> int:
    """远程诊断：收集（隐去个人信息和口令）、出报告、打包给工程师，并附在工单上；有异常时退出码为 1。"""
    from datetime import UTC, datetime

    from checks.report import diagnosis as composer
    from checks.report.printing import write
    from mailbox_api.service import desk
    from mailbox_api.setup import open_mailbox
    from portal import diagnosing
    from portal.commands.mailbox import told

    mailbox, person = open_mailbox(Path()), desk.console(by)
    with told():
        opened = desk.read(mailbox, person, ticket)
        found = diagnosing.diagnose(Path(), opened, datetime.now(UTC))
        paths = write(composer.compose(found), output, f"diagnosis-{ticket}")
        archive = output / f"diagnosis-{ticket}.zip"
        archive.write_bytes(diagnosing.bundle(found, paths))
        report = next(path for path in paths if path.suffix == ".docx")
        version = opened.ticket.version
        desk.attach(mailbox, person, ticket, version, report.name, report.read_bytes())
    for path in (*paths, archive):
        typer.echo(path)
    return int(bool(found.bad or found.slow or found.errors))


@app.command()
def monthly(
    period: Annotated[str | None, typer.Argument(help="月份，例 2026-11；不写为本月。")] = None,
    output: Annotated[Path, typer.Option(help="报告写到哪里。")] = REPORTS,
    explain: Annotated[str, typer.Option(help="说明某个指标的数字怎么来的，例 D22。", metavar="ID")] = "",
) -> int:
    """月报：由 portal monitor monthly 存下的数据生成，每月 25 日前送达。"""
    return _periodic(period, output, explain)


@app.command()
def quarterly(
    period: Annotated[str | None, typer.Argument(help="季度，例 2026Q4；不写为本季。")] = None,
    output: Annotated[Path, typer.Option(help="报告写到哪里。")] = REPORTS,
    explain: Annotated[str, typer.Option(help="说明某个指标的数字怎么来的，例 D22。", metavar="ID")] = "",
) -> int:
    """季报：两套指标并列，3、6、9、12 月初送达。"""
    from checks.monitor import schedule

    view = _view()
    return _periodic(period or schedule.current_quarter(view.today, view.config.contract), output, explain)


@app.command()
def deliver(
    period: Annotated[str, typer.Argument(help="报告期，例 2026-11 或 2026Q4。")],
    to: Annotated[str, typer.Option(help="送给谁。")],
    by: Annotated[str, typer.Option(help="谁送的。")],
    receipt: Annotated[str, typer.Option(help="回执：编号或签收说明。")] = "",
) -> int:
    """登记报告已送达；晚于期限时退出码为 1。"""
    from checks.monitor import runs
    from portal import reporting

    view = _view()
    chosen = view.period(period)
    if not period.isdecimal():  # the yearly table needs no stored run
        reporting.material(view, chosen.name)
    body = {"period": chosen.name, "to": to, "by": by, "receipt": receipt, "due": f"{chosen.due}"}
    view.history.keep(runs.DELIVERY, view.now, body)
    late = chosen.is_late(view.today)
    typer.echo(f"{chosen.name} 已登记送达，期限 {chosen.due}" + ("，晚于期限" if late else ""))
    return int(late)


@app.command()
def judge(
    fingerprint: Annotated[str, typer.Argument(help="问题编号（附表“问题明细”第一列，可只写前几位）。")],
    verdict: Annotated[str, typer.Argument(help="confirmed 属实，false-alarm 误报。")],
    by: Annotated[str, typer.Option(help="谁判断的。")],
    reason: Annotated[str, typer.Option(help="理由。")],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="不纳入报告。")] = False,
) -> int:
    """对一处问题下结论：属实或误报，是否纳入报告。"""
    view = _view()
    whole = view.history.whole_fingerprint(fingerprint)
    view.history.judge(whole, verdict, by=by, reason=reason, in_report=not leave_out)
    typer.echo(f"{whole} 已登记。")
    return 0


def _view() -> "Monitoring":
    from portal import monitoring

    return monitoring.Monitoring(Path(), monitoring.now())


def _periodic(period: str | None, output: Path, indicator: str) -> int:
    from checks.report import periodic
    from checks.report.printing import write
    from portal import reporting

    view = _view()
    material = reporting.material(view, view.period(period).name)
    if indicator:
        told = periodic.explain(material, indicator)
        typer.echo("\n".join(told) or f"没有指标 {indicator}")
        return 0 if told else 2
    document = periodic.compose(material)
    for path in write(
        document,
        output,
        f"{'quarterly' if 'Q' in material.snapshot.period else 'monthly'}-{material.snapshot.period}",
    ):
        typer.echo(path)
    return 3 if any(score.unjudged for score in material.scores) else 0


@app.command()
def annual(
    year: Annotated[int | None, typer.Argument(help="年度，例 2026；不写为今年。")] = None,
    output: Annotated[Path, typer.Option(help="报告写到哪里。")] = REPORTS,
) -> int:
    """《政府网站工作年度报表》：预填能算的，其余标“待填”（此时退出码为 3）；每年 1 月 31 日前公布。"""
    from checks.monitor.evidence import read_articles
    from checks.report import annual as composer
    from checks.report.printing import write

    view = _view()
    chosen = year or view.today.year
    rows = composer.entries(
        chosen,
        view.config,
        view.site.channels,
        view.site.pages,
        read_articles(view.site),
        view.mailbox,
        composer.read_by_hand(composer.FOLDER / f"annual-{chosen}.toml"),
    )
    for path in write(composer.compose(chosen, rows, view.config, view.today), output, f"annual-{chosen}"):
        typer.echo(path)
    return 3 if any(row.value == composer.TO_FILL for row in rows) else 0
