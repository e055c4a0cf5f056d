"""Outward addresses of the whole site: asked by `portal check --online` and by the monitoring runs."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bureau.config import Links
from checks import engine
from checks.engine import Scope
from checks.links import online, register
from checks.links.answers import State
from checks.links.online import Round
from checks.links.register import Register
from checks.rules import outward_link


def ask(
    scope: Scope,
    cache: Path | None,
    now: datetime,
    register_file: Path = register.FILE,
    *,
    all_due: bool = True,
) -> Scope:
    """The scope with what was answered now or lately, or with the reason why nothing was.

    `all_due`: whatever was not asked for some days; otherwise only what seemed dead and waits to be settled.
    """
    if not all_due and not register_file.exists():
        return scope
    site = engine.site_of(scope, cache=cache)
    urls = [link.url for link in site.outward(outward_link.KINDS)] if site else []
    planted = online.planted_words(scope.around)
    told = online.run(
        urls, scope.around.config, Register(register_file), now, planted, _progress(), all_due=all_due
    )
    if told.requests or told.unchecked or all_due:
        print(*(told.unchecked or (_summary(told, scope.around.config.links),)), file=sys.stderr)
    unchecked = tuple((outward_link.ID, reason) for reason in told.unchecked)
    return replace(scope, answers=told.asked, unchecked=scope.unchecked + unchecked)


def _summary(told: Round, manners: Links) -> str:
    states = [one.state for one in told.asked.values()]
    waiting = sum(
        one.state is State.DEAD and not one.is_dead(manners.agree_hours) for one in told.asked.values()
    )
    return (
        f"站外地址 {len(told.asked)} 个：访问 {told.requests} 个，正常 {states.count(State.WELL)}，"
        f"不确定 {states.count(State.UNCERTAIN)}，内部网络未访问 {states.count(State.NOT_ASKED)}；"
        f"第一次打不开、{manners.agree_hours:g} 小时后复查才下结论的 {waiting} 个。"
    )


def _progress() -> Callable[[int, int], None]:
    if not sys.stderr.isatty():
        return lambda done, of: None
    return lambda done, of: print(
        f"\r访问站外地址 {done}/{of}", end="\n" if done == of else "", file=sys.stderr
    )
