"""portal publish, portal rollback, portal releases."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from portal.gate import Override
    from portal.publishing import Attempt, Publisher
    from portal.releases import Hold


def register(app: typer.Typer) -> None:
    app.command()(publish)
    app.command()(rollback)
    app.command()(releases)


def publish(
    override: Annotated[
        list[str] | None,
        typer.Option(help="放过这条规则的错误（单项否决放不过），可写多次。", metavar="RULE"),
    ] = None,
    reason: Annotated[str, typer.Option(help="放过的原因，记入版本与报告。")] = "",
    by: Annotated[str, typer.Option(help="谁发布，也是谁对放过的错误负责。", metavar="NAME")] = "",
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="定时发布：有人退回过版本就保持退回，等人来发布。")
    ] = False,
) -> int:
    """构建、检查，通过后切换到新版本。

    不通过或出错时网站保持原样；内容没有变化就不建新版本。退出码：0 成了，1 被拦，2 用法或文件不对，3 有的没能检查。
    """
    from bureau import cycles
    from portal import origin
    from portal.releases import Hold

    with cycles.not_looked_for():
        overrides = _overrides(override or [], reason, by)
        who = by or origin.operator(Path())
        if scheduled:
            if overrides:
                raise ConfigError("--override", "定时发布不能放过错误")
            done = publisher().publish_by_clock(who)
            if isinstance(done, Hold):
                print(_told_of(done))
                return 0
            attempt = done
        else:
            attempt = publisher().publish(who, overrides)
    for finding in attempt.verdict.lifted:
        print(f"放过 {finding.place}：{finding.message}", file=sys.stderr)
    return _tell(attempt, "已发布")


def rollback(
    release: Annotated[str, typer.Argument(help="退回到哪个版本，默认上一个。", metavar="[RELEASE]")] = "",
    by: Annotated[str, typer.Option(help="谁退回的。", metavar="NAME")] = "",
) -> int:
    """退回上一个或指定的版本。

    先用今天的词表重查单项否决；之后撤下的页面保持撤下。定时发布从此暂停，到有人执行 portal publish 为止。退出码同 publish。
    """
    from portal import origin
    from portal.releases import Shelf

    attempt = publisher().rollback(by or origin.operator(Path()), release)
    for file in attempt.revoked:
        print(f"保持撤下：/{file}", file=sys.stderr)
    code = _tell(attempt, "已退回")
    if hold := Shelf(Path("releases")).held():
        print(_told_of(hold), file=sys.stderr)
    return code


def releases() -> None:
    """列出留着的版本，星号是正在用的一个。"""
    from rich.console import Console
    from rich.table import Table

    from portal.releases import Shelf

    shelf = Shelf(Path("releases"))
    current = shelf.current()
    table = Table("", "版本", "时间", "操作人", "提交", "警告", "放过")
    for column in table.columns:
        column.overflow, column.no_wrap = "fold", column.header in ("", "版本")
    for release in shelf.all():
        record, gate = release.record, release.gate
        lifted = "、".join(f"{row['rule']}（{row['by']}：{row['reason']}）" for row in gate["overrides"])
        mark = "*" if release == current else ""
        when = record["built_at"][:16].replace("T", " ")
        warnings = f"{gate['counts']['warning']}"
        table.add_row(mark, release.id, when, record["who"], record["commit"][:12], warnings, lifted)
    Console().print(table)
    if hold := shelf.held():
        print(_told_of(hold))


def publisher() -> "Publisher":
    """Of the project in the current folder."""
    from bureau import config
    from portal import checking
    from portal.build import build
    from portal.publishing import Publisher
    from portal.search import index

    root, now = Path(), datetime.now().astimezone
    site = config.load(root / "site.toml")
    return Publisher(
        root=root,
        kept=site.build.releases_kept,
        build=lambda: build(root),
        hold_build=lambda: _held(root),
        check=lambda: checking.check_build(site, now().date()),
        check_vetoes=lambda release: checking.check_vetoes(site, now().date(), release),
        clock=now,
        index=lambda: index.up_to_date(root),
        unlist=lambda folder, urls: index.unlist(root, folder, urls),
        waiting=lambda: print("另一个发布正在进行，等它结束…", file=sys.stderr),
    )


@contextmanager
def _held(root: Path) -> Iterator[None]:
    """No other build meanwhile; refuses what a killed one left half done."""
    from plugins.press.outputs import Folder

    folder = Folder(root / "build")
    with folder.locked():
        if not folder.is_whole():
            raise ConfigError(folder.path, "另一次构建没有做完就停了，请再执行一次 portal publish")
        yield


def _told_of(hold: "Hold") -> str:
    return (
        f"定时发布暂停：{hold.who} 在 {hold.at:%Y-%m-%d %H:%M} 退回到版本 {hold.release}，网站保持这个版本。"
        "改好内容后执行 portal publish，即恢复定时发布"
    )


def _overrides(rules: list[str], reason: str, by: str) -> "list[Override]":
    from checks.rules import BY_ID
    from portal.gate import Override

    if rules and not (reason.strip() and by.strip()):
        raise ConfigError("--override", "放过错误要同时写明 --reason 原因 和 --by 姓名")
    if unknown := [rule for rule in rules if rule not in BY_ID]:
        raise ConfigError("--override", f"没有规则 {unknown[0]}，portal rules 列出全部规则")
    return [Override(rule=rule, reason=reason.strip(), by=by.strip()) for rule in dict.fromkeys(rules)]


def _tell(attempt: "Attempt", done: str) -> int:
    """What blocked it goes to standard output, for it is the result; 0, 1 or 3."""
    if attempt.release and not attempt.is_new:
        print(f"没有变化：正在用的版本 {attempt.release.id} 就是这些内容，没有建新版本")
        return 0
    if attempt.release:
        print(f"{done}：{attempt.release.id}")
        return 0
    from dataclasses import replace

    from checks.formats import text

    verdict = attempt.verdict
    blocking = replace(attempt.outcome, findings=verdict.blocking, unchecked=verdict.unasked)
    sys.stdout.write(text(blocking))
    print("没有发布，网站保持原样。", file=sys.stderr)
    return 1 if verdict.blocking else 3
