"""Today at a glance: what monitoring last left in its file, and the mailbox's and the desk's own numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailbox_api.deadlines import BEIJING
from mailbox_api.notices import State
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.register import Register, of_year
from mailbox_api.service_ticket import Ticket
from mailbox_api.store import letters, outbox, tickets

STALE = timedelta(hours=36)  # a daily run that is older was missed


@dataclass(frozen=True, kw_only=True)
class Overview:
    now: datetime
    monitored: Mapping[str, Any]  # the section `site`; empty when there is none
    inspected: Mapping[str, Any]
    probed: Mapping[str, Any]
    problem: str  # why monitoring has nothing to show, or that it is old
    letters: Mapping[str, int]
    oldest_letter_days: int | None
    tickets: tuple[Ticket, ...]  # open, the next to end first
    notices_dead: int
    register: Register


def look(mailbox: Mailbox) -> Overview:
    now, today = mailbox.clock(), mailbox.today
    state, problem = read_state(mailbox.desk.state, now)
    with mailbox.database.read() as connection:
        open_ = letters.open_letters(connection)
        oldest = letters.oldest_open(connection)
        running = tickets.open_tickets(connection)
        dead = outbox.counts(connection).get(State.DEAD, 0)
        register = of_year(mailbox, connection)
    return Overview(
        now=now,
        monitored=state.get("site", {}),
        inspected=state.get("inspection", {}),
        probed=state.get("probe", {}),
        problem=problem,
        letters={
            "在办来信": len(open_),
            "今天到期": sum(row.due == today for row in open_),
            "已超期": sum(row.due < today for row in open_),
        },
        oldest_letter_days=None if oldest is None else (today - oldest).days,
        tickets=tuple(sorted(running, key=_ends)),
        notices_dead=dead,
        register=register,
    )


def _ends(ticket: Ticket) -> tuple[bool, datetime]:
    clock = ticket.next_clock
    return clock is None, clock.due if clock else ticket.opened_at


def read_state(path: Path, now: datetime) -> tuple[Mapping[str, Any], str]:
    """The file of monitoring, and what is wrong with it in a sentence."""
    try:
        state = json.loads(path.read_text("utf-8"))
        at = datetime.fromisoformat(state["site"]["at"]) if "site" in state else None
    except FileNotFoundError:
        return {}, "监测还没有运行过（portal monitor daily）。"
    except (OSError, ValueError, KeyError, TypeError):
        return {}, f"监测的状态文件 {path.name} 读不了，请重新执行 portal monitor daily。"
    if at is None:
        return state, "每日监测还没有运行过（portal monitor daily）。"
    if now - at > STALE:
        return state, f"每日监测已中断，最后一次是 {at.astimezone(BEIJING):%Y-%m-%d %H:%M}。"
    return state, ""
