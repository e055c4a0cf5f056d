"""portal monitor: the scheduled runs, the availability probe, the live crawl."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from checks.monitor.runs import Performed
    from portal.monitoring import Monitoring

app = typer.Typer(no_args_is_help=True)
Period = Annotated[
    str | None, typer.Option(help="报告期，例 2026-11 或 2026Q4；不写为本月。", metavar="PERIOD")
]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="monitor")


@app.callback()
def monitor() -> None:
    """监测：每日、每周、每月的任务，可用性探测，线上巡查。"""


@app.command()
def daily() -> int:
    """每日监测：栏目更新、增量文字、预警；退出码 1 表示有错误或超期，3 表示有项目没查成。"""
    return _run("DAILY")


@app.command()
def monthly(period: Period = None) -> int:
    """每月全站检查，连同站外链接和线上网站，并存下报告所需的一切，之后可出月报或季报。"""
    from checks.monitor.runs import Beside, snapshot
    from portal import monitoring

    view = _view(thorough=True)
    code = _run("MONTHLY", view)
    chosen = view.period(period)
    by_hand = view.by_hand(chosen)
    made = snapshot(
        view.evidence(chosen),
        view.tables,
        chosen,
        view.now,
        view.outcome,
        view.history,
        Beside(
            desk=monitoring.desk_figures(view.mailbox),
            adjustments=view.adjustments,
            exposure_boards=by_hand.boards,
            confirmations=by_hand.confirmations,
        ),
    )
    unjudged = [name for name, fact in made.measures.items() if fact.count is None]
    typer.echo(f"{chosen.name}：已存 {len(made.measures)} 项事实，{len(unjudged)} 项未判定。", err=True)
    if view.page[1]:
        typer.echo(f"{view.page[1]}，其中的人工判断没有计入。", err=True)
    return code


@app.command()
def quarterly() -> int:
    """同每月，报告期为本季；之后可出季报。"""
    from checks.monitor import schedule

    view = _view()
    return monthly(schedule.current_quarter(view.today, view.config.contract))


@app.command()
def weekly() -> int:
    """每周巡检服务器并出报告。"""
    from portal.commands.report import inspection

    return inspection()


@app.command()
def probe(url: Annotated[str | None, typer.Argument(help="首页地址；不写用 site.toml 的。")] = None) -> int:
    """探测一次首页可用性并记下；打不开时退出码为 1。"""
    from checks.monitor.availability import probe as visit_once
    from portal import monitor_state

    view = _view()
    if not (url or view.config.monitor.live_url):
        raise ConfigError("portal monitor probe", "要写网址，或在 site.toml 的 [monitor] 里写 live_url")
    visits = [visit_once(url, view.now)] if url else view.visit()
    failed = [visit for visit in visits if not visit.ok]
    if not url:
        reason = "；".join(f"{visit.family} {visit.reason}" for visit in failed)
        monitor_state.keep(
            view.root, "probe", {"at": f"{view.now.isoformat()}", "ok": not failed, "reason": reason}
        )
    for visit in visits:
        marks = (
            ("解析", visit.dns_ms), ("加密连接", visit.tls_ms), ("首字节", visit.first_byte_ms), ("全部", visit.total_ms)
        )  # fmt: skip
        times = "".join(f"，{name} {value:g} 毫秒" for name, value in marks if value is not None)
        typer.echo(f"{visit.url}（{visit.family}）：{'正常' if visit.ok else visit.reason}{times}")
    return 1 if failed else 0


@app.command("import")
def import_rows(
    what: Annotated[
        str,
        typer.Argument(help="boards 曝光台巡查，error-reports “我为政府网站找错”的留言。", metavar="WHAT"),
    ],
    file: Annotated[Path, typer.Argument(help="CSV 文件，UTF-8 或 GBK；列名见 docs/reports.md。")],
) -> int:
    """导入别的平台导出的 CSV；有一行不对就一行也不导入，并说明是哪一行。"""
    from portal import hand_judged

    keep = {"boards": hand_judged.keep_boards, "error-reports": hand_judged.keep_error_reports}.get(what)
    if keep is None:
        raise ConfigError("portal monitor import", f"只能导入 boards 或 error-reports，现为 {what}")
    view = _view()
    rows = keep(file, view.history, view.now)
    typer.echo(f"已导入 {len(rows)} 行。")
    return 0


@app.command()
def live(
    url: Annotated[str | None, typer.Argument(help="从哪个地址查起；不写用 site.toml 的。")] = None,
    seconds: Annotated[int, typer.Option("--seconds", help="最多查多少秒。")] = 600,
) -> int:
    """用 LinkChecker 顺着链接走一遍线上网站，先首页和栏目；退出码 1 有打不开的，3 有没走到的。"""
    from portal.live import visit

    view = _view()
    return visit(view.root, url or view.config.monitor.live_url, view.history, view.now, seconds)


@app.command()
def forecast(
    days: Annotated[int, typer.Option(help="往后看几天。")] = 7,
    ics: Annotated[bool, typer.Option("--ics", help="输出日历文件。")] = False,
) -> int:
    """哪些栏目将在几天内超期，由谁负责。"""
    import sys
    from datetime import timedelta

    from checks.monitor.forecast import as_ics
    from checks.monitor.forecast import forecast as foresee

    view = _view()
    alarms = foresee(view.site.channels, view.config, view.today, timedelta(days=days))
    if ics:
        sys.stdout.buffer.write(as_ics(alarms, view.config.identity.domain, view.now))
        return 0
    for alarm in alarms:
        typer.echo(alarm.sentence(view.today))
    if not alarms:
        typer.echo(f"{days} 天内没有栏目超期。", err=True)
    return 1 if any(alarm.breaks <= view.today for alarm in alarms) else 0


@app.command()
def departments(period: Period = None) -> int:
    """部门发稿统计：条数、计划、主要栏目；退出码 1 表示有部门没有达到计划。"""
    from rich.console import Console
    from rich.table import Table

    from checks.monitor.departments import shares

    view = _view()
    chosen = view.period(period)
    rows = shares(view.site.pages, view.site.channels, view.config, chosen.first, chosen.last)
    table = Table("部门", "发稿", "计划", "主要栏目", title=f"{chosen.first} 至 {chosen.last}")
    for row in rows:
        main = "；".join(f"{name} {count}" for name, count in row.by_channel[:4])
        table.add_row(row.name, str(row.total), "—" if row.planned is None else str(row.planned), main)
    Console().print(table)
    return int(any(row.short_by for row in rows))


def _view(*, thorough: bool = False) -> "Monitoring":
    from portal import monitoring

    return monitoring.Monitoring(Path(), monitoring.now(), thorough)


def _run(cadence: str, view: "Monitoring | None" = None) -> int:
    from checks.monitor import runs, schedule
    from portal import menders, monitor_state

    view = view or _view()
    done = runs.perform(
        getattr(schedule, cadence), view.outcome, view.site, view.config, view.history, view.now, view.today
    )
    menders.name(done.change.mended, view.history, view.root, view.now)
    delivery = view.tell(done.alerts)
    runs.told(view.history, done, delivery, view.now)
    monitor_state.keep(view.root, "site", monitor_state.site(view, done))
    _tell(view, done)
    if delivery.waiting:
        typer.echo(f"{delivery.waiting} 条通知在 var/spool/notices 等待：{delivery.reason}", err=True)
    return view.outcome.exit_code() or int(any(alarm.breaks <= view.today for alarm in done.alarms))


def _tell(view: "Monitoring", done: "Performed") -> None:
    typer.echo(
        f"检查稿件 {view.outcome.sources} 件、页面 {view.outcome.pages} 个；"
        f"新问题 {len(done.change.new)} 处，已改 {len(done.change.mended)} 处。"
    )
    for finding in done.change.new:
        typer.echo(f"{finding.place}：{finding.severity.value} {finding.rule}：{finding.message}")
    for alarm in done.alarms:
        typer.echo(alarm.sentence(view.today))
    for slot in done.late:
        typer.echo(f"{slot.kind}：{slot.when} 应做，{f'{slot.made} 补做' if slot.made else '未做'}", err=True)
