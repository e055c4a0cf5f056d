"""What monitoring tells goes through the same outbox: durable before the answer, each key once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mailbox_api.errors import Invalid
from mailbox_api.notices import Channel, Notice, to_each
from mailbox_api.service import feedback
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, limits, outbox, people
from mailbox_api.store.people import Crew, Staff

LEVELS = ("veto", "error", "warning", "info")
ADMINISTRATORS = "administrators"
MOST = 200
LONGEST = 500
KEEP_KEYS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    key: str
    level: str
    audience: str  # `administrators` or a department's id
    subject: str
    text: str
    found: datetime | None = None  # when monitoring found it; None: just now


def read(mailbox: Mailbox, raw: Any) -> list[Alert]:
    """Check the body's `notices`. Raises Invalid naming the row."""
    if not isinstance(raw, list) or len(raw) > MOST:
        raise Invalid({"notices": f"notices 应为列表，最多{MOST}条"})
    return [_alert(mailbox, number, row) for number, row in enumerate(raw)]


def _alert(mailbox: Mailbox, number: int, row: Any) -> Alert:
    fields = ("key", "level", "audience", "subject", "text")
    where = f"notices/{number}"
    if not isinstance(row, Mapping) or any(not isinstance(row.get(name), str) for name in fields):
        raise Invalid({where: f"每条应有文字字段 {'、'.join(fields)}"})
    if any("\0" in row[name] for name in fields):
        raise Invalid({where: "文字里不能有空字符"})
    alert = Alert(**{name: row[name] for name in fields}, found=_moment(row.get("found"), where))
    if not 1 <= len(alert.key) <= 300:
        raise Invalid({f"{where}/key": "key 应有1到300个字符"})
    if alert.level not in LEVELS:
        raise Invalid({f"{where}/level": f"level 应为：{'、'.join(LEVELS)}"})
    if alert.audience != ADMINISTRATORS and alert.audience not in mailbox.departments:
        raise Invalid({f"{where}/audience": f"audience 应为 {ADMINISTRATORS} 或处室代号"})
    return alert


def _moment(raw: Any, where: str) -> datetime | None:
    if raw in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise Invalid({f"{where}/found": "found 应为时间，例 2026-11-25T10:00:00+08:00"}) from error
    if at.tzinfo is None:
        raise Invalid({f"{where}/found": "found 应写明时区，例 2026-11-25T10:00:00+08:00"})
    return at


def take(mailbox: Mailbox, alerts: Sequence[Alert]) -> tuple[int, int]:
    """Store them; (new ones, ones whose key was known)."""
    now, new = mailbox.clock(), 0
    with mailbox.database.write() as connection:
        crew = people.crew(connection, mailbox.keys)
        for alert in alerts:
            if not _is_new(mailbox, connection, alert, now):
                continue
            new += 1
            if not feedback.take(mailbox, connection, alert, now):
                outbox.add(connection, mailbox.keys, _notices(mailbox, crew, alert, now), now)
        audit.record(connection, now, "monitor", "notices.take", "", {"new": new, "known": len(alerts) - new})
    mailbox.wake.set()
    return new, len(alerts) - new


def _is_new(mailbox: Mailbox, connection: Connection, alert: Alert, now: datetime) -> bool:
    digest = mailbox.keys.digest("notice", alert.key)
    if not limits.claim_key(connection, digest, now, KEEP_KEYS):
        return False
    return not outbox.has_subject(connection, "monitor", alert.key)


def _notices(mailbox: Mailbox, crew: Crew, alert: Alert, now: datetime) -> list[Notice]:
    channels = (Channel.WECHAT, Channel.SMS) if alert.level in ("veto", "error") else (Channel.WECHAT,)
    urgent = alert.level == "veto" or feedback.cannot_wait(mailbox, alert, now)
    return to_each(
        tuple(person.recipient for person in audience(crew, alert.audience)),
        channels,
        subject=("monitor", alert.key),
        rung="alert",
        template="alert",
        values={"title": alert.subject[:60], "detail": alert.text[:LONGEST]},
        at=now if urgent else mailbox.rules.quiet.next_allowed(now),
        urgent=urgent,
    )


def audience(crew: Crew, name: str) -> list[Staff]:
    """The administrators and the contractor, or an office's handlers."""
    administrators = crew.with_role("admin", "contractor")
    if name == ADMINISTRATORS:
        return administrators
    return [p for p in crew.with_role("handler") if p.department == name] or administrators
