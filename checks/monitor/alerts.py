"""What monitoring has to tell goes through the mailbox's outbox; while the mailbox is down it waits in a folder.

Each notice is written to the spool before it is sent and leaves it only when the mailbox has answered
that it is stored there. Its key makes a second delivery harmless, so nothing is lost and nothing comes twice.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

SPOOL = Path("var/spool/notices")
BATCH = 100
TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`audience` is `administrators` or a department's id; `key` names the occasion and is sent once."""

    key: str
    level: str  # veto, error, warning, info
    audience: str
    subject: str
    text: str
    found: str = ""  # when (ISO 8601): the four hours for feedback begin here, however long the notice waited


@dataclass(frozen=True, slots=True)
class Delivery:
    delivered: tuple[Alert, ...]
    waiting: int
    reason: str = ""  # why some are waiting


def post(alerts: Iterable[Alert], url: str, token: str, spool: Path = SPOOL) -> Delivery:
    """Spool these alerts, then send all that is in the spool, oldest first."""
    for alert in alerts:
        _spool(alert, spool)
    waiting = _waiting(spool)
    delivered: list[Alert] = []
    reason = "" if url else "没有配置 [monitor] mailbox_url"
    while url and waiting and not reason:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        reason = _send([alert for _, alert in batch], url, token)
        if not reason:
            delivered += [alert for _, alert in batch]
            for path, _ in batch:
                path.unlink(missing_ok=True)
    return Delivery(tuple(delivered), len(_waiting(spool)), reason)


def _spool(alert: Alert, spool: Path) -> None:
    """Durable under a name that its key decides, so that the same occasion waits once."""
    spool.mkdir(parents=True, exist_ok=True)
    path = spool / f"{hashlib.sha256(alert.key.encode()).hexdigest()[:32]}.json"
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(alert), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _waiting(spool: Path) -> list[tuple[Path, Alert]]:
    """Whole notices in the order of their writing; a damaged file is set aside, never dropped."""
    rows = []
    for path in sorted(spool.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name)):
        try:
            rows.append((path, Alert(**json.loads(path.read_text("utf-8")))))
        except (ValueError, TypeError):
            path.rename(path.with_suffix(".damaged"))
    return rows


def bearer(token: str) -> dict[str, str]:
    """The mailbox's internal addresses ask for it; without a token there is no header at all."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def _send(alerts: list[Alert], url: str, token: str) -> str:
    """Empty when the mailbox has stored them, otherwise why not."""
    try:
        answer = httpx.post(
            f"{url.rstrip('/')}/internal/v1/notices",
            json={"notices": [asdict(alert) for alert in alerts]},
            headers=bearer(token),
            timeout=TIMEOUT,
        )
    except httpx.HTTPError as error:
        return f"信箱没有应答（{type(error).__name__}）"
    return "" if answer.status_code == 202 else f"信箱返回 {answer.status_code}"
