"""portal check, portal rules, portal explain."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError

if TYPE_CHECKING:
    from checks.engine import Outcome, Scope
    from checks.source import Surroundings

CACHE = Path("var/cache/checks")
FORMATS = ("text", "json", "github", "gitlab", "junit", "sarif", "rdjson", "markdown")
FAIL_ON = ("error", "warning")


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(rules)
    app.command()(explain)


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="只检查这些文件（夹）的文字，不用先构建。", metavar="[PATH]…")
    ] = None,
    rules: Annotated[str, typer.Option(help="只用这些规则，逗号分隔。", metavar="A,B")] = "",
    since: Annotated[str | None, typer.Option(help="只检查这个提交之后改动的文件。", metavar="REF")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="只检查尚未提交的改动。")] = False,
    online: Annotated[bool, typer.Option("--online", help="再去访问站外链接，结果记入台账。")] = False,
    today: Annotated[str | None, typer.Option(help="按这一天判断。", metavar="YYYY-MM-DD")] = None,
    site: Annotated[Path | None, typer.Option(help="检查这个文件夹里的网页。", metavar="DIR")] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="配合 --site：网站自己的域名，可写多次。", metavar="NAME")
    ] = None,
    format: Annotated[str, typer.Option(help=f"输出格式：{'、'.join(FORMATS)}。", metavar="FMT")] = "text",
    output: Annotated[
        list[str] | None, typer.Option(help="另存一份，例 sarif=check.sarif，可写多次。", metavar="FMT=FILE")
    ] = None,
    fail_on: Annotated[
        str, typer.Option(help="到哪一级算不通过：error 或 warning。", metavar="LEVEL")
    ] = "error",
) -> int:
    """检查稿件和构建结果。退出码：0 通过，1 有问题，2 用法或配置不对，3 有的没能检查。"""
    from checks import engine
    from checks.finding import Severity

    saved = _saved_copies(output or [])
    _among("--format", format, FORMATS)
    _among("--fail-on", fail_on, FAIL_ON)
    around = surroundings(today)
    if sum(map(bool, (paths, site, since, changed))) > 1:
        raise ConfigError("portal check", "PATH、--site、--since、--changed 只能用一种")
    if host and not site:
        raise ConfigError("--host", "要和 --site 一起用")
    scope = _scope(around, paths or [], rules, since, changed, site, host or [])
    cache = CACHE if scope.whole and site is None else None
    if online:
        scope = _asked(scope, cache)
    outcome = engine.run(scope, cache=cache)
    _tell(outcome, format, saved)
    return outcome.exit_code(Severity(fail_on))


def _scope(
    around: "Surroundings",
    paths: list[Path],
    rules: str,
    since: str | None,
    changed: bool,
    site: Path | None,
    host: list[str],
) -> "Scope":
    from checks import scope

    chosen = scope.chosen(rules)
    if site:
        return scope.foreign(around, site, host, chosen)
    if since or changed:
        return scope.some(around, scope.changed(since), chosen)
    if paths:
        return scope.some(around, paths, chosen)
    return scope.whole(around, rules=chosen)


def _asked(scope: "Scope", cache: Path | None) -> "Scope":
    """The scope with what the outward addresses answered."""
    from portal.outward import ask

    if scope.built is None:
        raise ConfigError("--online", "要检查整个网站，不能只给文件")
    return ask(scope, cache, datetime.now().astimezone())


def surroundings(today: str | None) -> "Surroundings":
    from bureau import config
    from checks import scope

    try:
        day = date.fromisoformat(today) if today else datetime.now().astimezone().date()
    except ValueError as error:
        raise ConfigError("--today", f"日期不对：{today}，写成 2026-01-31") from error
    return scope.surroundings(config.load(Path("site.toml")), day)


def _among(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(option, f"不认识 {value}，可用：{'、'.join(known)}")


def _saved_copies(wishes: list[str]) -> list[tuple[str, Path]]:
    copies = []
    for wish in wishes:
        kind, equals, file = wish.partition("=")
        if not equals or not file:
            raise ConfigError("--output", f"写成 格式=文件，例 json=check.json，现为 {wish}")
        _among("--output", kind, FORMATS)
        copies.append((kind, Path(file)))
    return copies


def _tell(outcome: "Outcome", format: str, saved: list[tuple[str, Path]]) -> None:
    from checks.formats import FORMATS as WRITERS

    for kind, file in saved:
        try:
            file.write_text(WRITERS[kind](outcome), "utf-8")
        except OSError as error:
            raise ConfigError(file, f"写不进去：{error.strerror or error}") from error
    for notice in outcome.notices:
        print(notice, file=sys.stderr)
    sys.stdout.write(WRITERS[format](outcome))
    print(_summary(outcome), file=sys.stderr)


def _summary(outcome: "Outcome") -> str:
    from checks.finding import Severity
    from checks.formats import NAMES

    counts = {grade: sum(finding.severity is grade for finding in outcome.findings) for grade in Severity}
    told = "，".join(f"{NAMES[grade]} {count}" for grade, count in counts.items() if count) or "没有发现问题"
    waived = f"，豁免 {len(outcome.waived)}" if outcome.waived else ""
    unchecked = f"，{len(outcome.unchecked)} 项未能检查" if outcome.unchecked else ""
    return f"检查了 {outcome.sources} 个文件、{outcome.pages} 个页面：{told}{waived}{unchecked}。"


def rules() -> None:
    """列出全部规则。"""
    from checks.rules import RULES

    width = max(len(rule.ID) for rule in RULES)
    for rule in RULES:
        print(f"{rule.ID:<{width}}  {(rule.__doc__ or '').strip().splitlines()[0]}")


def explain(
    rule: Annotated[str, typer.Argument(help="规则的名字，见 portal rules。", metavar="RULE")],
) -> None:
    """说明一条规则：查什么、依据、反例和正例、误报怎样豁免。"""
    from checks.rules import BY_ID

    if rule not in BY_ID:
        import difflib

        near = difflib.get_close_matches(rule, BY_ID, 1)
        hint = f"，是否要写 {near[0]}？" if near else "，portal rules 列出全部规则"
        raise ConfigError("portal explain", f"没有规则 {rule}{hint}")
    module = BY_ID[rule]
    print(f"{rule}：{(module.__doc__ or '').strip()}\n")
    if clause := getattr(module, "CLAUSE", ""):
        print(f"依据  {clause}\n")
    print(
        "误报怎么办  在 content/quality/waivers.toml 里写一条豁免，有理由、申请人、批准人和最后一天：\n\n"
        f'    [[waivers]]\n    rule = "{rule}"\n    path = "content/…/稿件.md"\n    text = "被指出的原文"\n'
        '    reason = "为什么不是错"\n    who = "申请人"\n    approver = "批准人"\n    until = 2026-12-31'
    )
