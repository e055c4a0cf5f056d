"""portal fix."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from checks.engine import Outcome
    from checks.source import Surroundings
    from portal.mending import Mend, Plan


def register(app: typer.Typer) -> None:
    app.command()(fix)


def fix(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="只改这些文件（夹）；不写就改整个网站。", metavar="[PATH]…")
    ] = None,
    rules: Annotated[str, typer.Option(help="只改这些规则的问题，逗号分隔。", metavar="A,B")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="写进文件；不加只给看改动。")] = False,
    attachments: Annotated[
        bool, typer.Option("--attachments", help="补传不了的附件，也把链接改成文字。")
    ] = False,
    urgent: Annotated[
        bool, typer.Option("--urgent", help="第一时间改掉疑似单项否决的问题，事后报告。")
    ] = False,
    by: Annotated[str, typer.Option(help="谁改的，记入台账。", metavar="NAME")] = "",
    ledger: Annotated[
        bool, typer.Option("--ledger", help="列出改过的文字：何时、谁、哪里、改了什么、为什么。")
    ] = False,
) -> int:
    """改掉有把握的问题：明确的错别字，打不开的链接改成文字。

    死链要看整个网站，先执行 portal build。疑似单项否决只列出拟改的内容，由人确认；--urgent 立即改，并记入报告。
    退出码：0 没有要改的或已改好，1 有待改的，2 用法不对。
    """
    from portal import mending, origin

    if ledger:
        _list()
        return 0
    if urgent and not (by.strip() and apply):
        raise ConfigError("--urgent", "要同时写 --apply 和 --by 姓名")
    outcome, around = _found(paths or [], rules)
    plan = mending.plan(outcome, around, urgent=urgent, attachments=attachments)
    _show(plan)
    if plan.mends and not apply:
        print(f"{len(plan.mends)} 个文件可以改；加上 --apply 写进文件。", file=sys.stderr)
        return 1
    if plan.mends:
        _write(plan.mends, by.strip() or origin.operator(Path()))
    return int(bool(plan.proposed))


def _found(paths: list[Path], rules: str) -> "tuple[Outcome, Surroundings]":
    """The whole site's findings, known dead outward links included, less those of other files."""
    from checks import engine, scope
    from checks.links.register import FILE, Register
    from portal.commands.check import CACHE, surroundings

    around, chosen = surroundings(None), scope.chosen(rules)
    if paths and not Path("build/manifest.json").exists():
        return engine.run(scope.some(around, paths, chosen)), around
    whole = replace(
        scope.whole(around, rules=chosen), answers=Register(FILE).asked() if FILE.exists() else {}
    )
    outcome = engine.run(whole, cache=CACHE)
    if paths:
        wanted = scope.some(around, paths).sources
        found = tuple(finding for finding in outcome.findings if finding.place.path in wanted)
        outcome = replace(outcome, findings=found)
    return outcome, around


def _write(mends: "tuple[Mend, ...]", by: str) -> None:
    from checks.history import History
    from checks.links import register
    from portal import mending

    ledger = register.Register(register.FILE)
    mending.apply(mends, ledger, History(register.FILE), by, datetime.now().astimezone())
    links = sum(len(mend.undone) for mend in mends)
    words = sum(finding.rule not in mending.LINK_RULES for mend in mends for finding in mend.findings)
    print(
        f"改了 {len(mends)} 个文件：{words} 处文字（portal fix --ledger 列出）；"
        f"{links} 个链接改成文字，记入台账（portal links ledger）。",
        file=sys.stderr,
    )


def _list() -> None:
    from checks.history import History
    from checks.links import register
    from portal import mending

    for at, row in History(register.FILE).records(mending.WORD_MEND):
        print(
            f"{at.astimezone():%Y-%m-%d %H:%M}  {row['by']}  {row['path']}:{row['line']}:{row['column']}  "
            f"“{row['text']}”改为“{row['right']}”  {row['reason']}（{row['rule']}；{row['clause']}）"
        )


def _show(plan: "Plan") -> None:
    for mend in plan.mends:
        _show_change(mend)
    if plan.proposed:
        print(
            f"疑似单项否决，{len(plan.proposed)} 个文件拟改如下，请核实；要立即改，加上 --urgent --apply --by 姓名：",
            file=sys.stderr,
        )
    for mend in plan.proposed:
        _show_change(mend)
    for finding in plan.reupload:
        print(f"{finding.place}: 附件请先补传：{finding.text}；补不了再加 --attachments", file=sys.stderr)
    for finding in plan.left:
        print(f"{finding.place}: 没有把握自动改：{finding.message}", file=sys.stderr)


def _show_change(mend: "Mend") -> None:
    import difflib

    before, after = mend.before.splitlines(keepends=True), mend.after.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, mend.path, mend.path):
        sys.stdout.write(line if line.endswith("\n") else f"{line}\n")
