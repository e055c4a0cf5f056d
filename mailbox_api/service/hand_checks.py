"""The checklist of monitoring as staff fill it in: what no machine can judge, with a name, a day and evidence.

What there is to judge stands in the file that monitoring leaves for the dashboard; what was judged is asked
for by monitoring over `GET /internal/v1/checklist`, in the keys of `content/quality/checklist.toml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mailbox_api.errors import Invalid
from mailbox_api.letter import clean
from mailbox_api.service.overview import read_state
from mailbox_api.service.parts import Mailbox
from mailbox_api.service.roles import require
from mailbox_api.store import audit, hand_checks
from mailbox_api.store.hand_checks import HandCheck
from mailbox_api.store.people import Staff

BOARDS = ("国务院问题曝光台", "省政府问题曝光台")
ACTIONS = {"row": "checklist.fill", "board": "checklist.fill", "confirmation": "checklist.confirm"}
KEPT = timedelta(days=400)  # how far back monitoring may ask: the yearly table looks at a year
MOST, LONGEST = 9999, 300


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What there is to judge, and the last word on each."""

    rows: Sequence[Mapping[str, str]]  # id, table, name, text of each indicator
    vetoes: Sequence[Mapping[str, str]]  # suspected ones
    last: Mapping[tuple[str, str], HandCheck]  # (kind, subject) -> line
    problem: str  # why monitoring has left no list


def sheet(mailbox: Mailbox) -> Sheet:
    state, problem = read_state(mailbox.desk.state, mailbox.clock())
    site = state.get("site", {})
    with mailbox.database.read() as connection:
        lines = hand_checks.since(connection, mailbox.today - KEPT)
    return Sheet(
        rows=site.get("by_hand", ()),
        vetoes=[row for row in site.get("vetoes", ()) if row.get("state") == "stands"],
        last={(line.kind, line.subject): line for line in lines},
        problem=problem,
    )


def fill(mailbox: Mailbox, person: Staff, kind: str, fields: Mapping[str, str]) -> None:
    """One line. Raises Invalid naming the field, Forbidden for whoever may not."""
    if kind not in ACTIONS:
        raise Invalid({"kind": "没有这种检查"})
    require(person, ACTIONS[kind])
    check = _read(mailbox, person, kind, fields)
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        hand_checks.add(connection, check, now)
        facts = {"kind": kind, "day": str(check.day)} | (
            {"count": check.facts["count"]} if kind == "row" else {}
        )
        audit.record(connection, now, person.login, ACTIONS[kind], check.subject, facts)


def _read(mailbox: Mailbox, person: Staff, kind: str, fields: Mapping[str, str]) -> HandCheck:
    current, problems = sheet(mailbox), {}
    known = {
        "row": {row["id"] for row in current.rows},
        "board": set(BOARDS),
        "confirmation": {row["id"] for row in current.vetoes},
    }[kind]
    subject = fields.get("subject", "")
    if subject not in known:
        problems["subject"] = "请从列表里选一项"
    words = {name: clean(fields.get(name, "")).strip() for name in ("note", "result", "evidence")}
    wanted = {"row": ("note",), "board": ("result", "evidence"), "confirmation": ()}[kind]
    titles = {"note": "依据", "result": "结果", "evidence": "证据"}
    for name in wanted:
        if not 2 <= len(words[name]) <= LONGEST:
            problems[name] = f"{titles[name]}应为2到{LONGEST}个字"
    facts: dict[str, Any] = {name: words[name] for name in wanted}
    if kind == "row":
        facts["count"] = _count(fields.get("count", ""), problems)
    day = _day(fields.get("day", ""), mailbox.today, problems)
    if problems:
        raise Invalid(problems)
    return HandCheck(kind=kind, subject=subject, facts=facts, login=person.login, name=person.name, day=day)


def _count(text: str, problems: dict[str, str]) -> int:
    if text.isdecimal() and len(text) <= 4 and int(text) <= MOST:
        return int(text)
    problems["count"] = f"处数应为0到{MOST}的整数"
    return 0


def _day(text: str, today: date, problems: dict[str, str]) -> date:
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        problems["day"] = "日期应写成 2026-12-01"
        return today
    if not today - timedelta(days=31) <= day <= today:
        problems["day"] = "日期应在最近一个月之内，不能在今天之后"
    return day


def for_monitoring(mailbox: Mailbox) -> dict[str, list[dict[str, Any]]]:
    """The lines in the keys of the checklist's file."""
    with mailbox.database.read() as connection:
        lines = hand_checks.since(connection, mailbox.today - KEPT)
    tables: dict[str, list[dict[str, Any]]] = {"rows": [], "boards": [], "confirmations": []}
    for line in lines:
        signed = {"by": line.name, "on": str(line.day)}
        if line.kind == "board":
            tables["boards"].append({"board": line.subject, **line.facts, **signed})
        else:
            table = "rows" if line.kind == "row" else "confirmations"
            tables[table].append({"indicator": line.subject, **line.facts, **signed})
    return tables
