"""The database fails, and with it the outbox: that is told straight through the gateways."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbox_api.gateways import Accepted, Answer, Gateway, Message, Refused, Unknown, Why
from mailbox_api.jobs import sweep
from mailbox_api.jobs.adapters import Adapters
from mailbox_api.notices import Notice, Recipient, render
from mailbox_api.service.parts import Mailbox

log = logging.getLogger("mailbox.dispatch")

EVERY = timedelta(hours=1)


@dataclass(kw_only=True)
class Alarm:
    mailbox: Mailbox
    adapters: Adapters
    administrators: tuple[Recipient, ...] = (sweep.GROUP,)  # known also while the database is away
    told_at: datetime | None = None

    def learn(self) -> None:
        with self.mailbox.database.read() as connection:
            self.administrators = sweep.administrators(self.mailbox, connection)

    def tell(self) -> None:
        """What the database last said when it failed: at once, then at most hourly."""
        database, now = self.mailbox.database, self.mailbox.clock()
        trouble, database.trouble = database.trouble, ""
        if not trouble or (self.told_at is not None and abs(now - self.told_at) < EVERY):
            return
        told = sweep.alarm(
            self.administrators,
            key="database",
            title="信箱数据库故障",
            detail=f"来信暂时存不进去，请检查磁盘空间和数据库（{trouble}）",
            now=now,
        )
        answers = [self._send(notice, now) for notice in told]
        if any(isinstance(answer, Accepted) for answer in answers):
            self.told_at = now

    def _send(self, notice: Notice, now: datetime) -> Answer:
        gateway = self.adapters.choose(notice.channel, now)
        if gateway is None:
            return Refused(Why.CONFIGURATION, "no-gateway")
        message = Message(
            out_id=f"alarm{now:%Y%m%d%H%M%S}",
            channel=notice.channel,
            to=notice.address,
            template=notice.template,
            vars=notice.vars,
            text=render(notice.template, notice.vars, self.mailbox.sign),
            at=now,
            first_try_at=now,
        )
        return send(gateway, message)


def send(gateway: Gateway, message: Message) -> Answer:
    """A gateway's own mistake must not stop the others."""
    try:
        return gateway.send(message)
    except Exception as error:
        log.error("gateway %s failed: %s", gateway.name, type(error).__name__)
        return Unknown(type(error).__name__)
