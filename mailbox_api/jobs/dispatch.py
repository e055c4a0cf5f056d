"""Take due rows from the outbox and hand them to a gateway.

The row is `sending` and committed before the call, no database connection is held during it, and an
answer that was lost makes the row `unknown`: the gateway is asked before anything is sent again.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy import Connection

from mailbox_api.errors import Unavailable
from mailbox_api.gateways import Accepted, Answer, Fate, Gateway, Message, Refused, Unknown, Why
from mailbox_api.jobs import sweep
from mailbox_api.jobs.adapters import REST, Adapters
from mailbox_api.jobs.trouble import Alarm, send
from mailbox_api.notices import Notice, State, render
from mailbox_api.service import otp
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import outbox
from mailbox_api.store.outbox import Outgoing, Settled

log = logging.getLogger("mailbox.dispatch")

BATCH = 200
POLL = 1.0
CARRY_EVERY = 1.0  # seconds: a short log is soon carried over
PACE = 0.1  # from one round to the next: many rows share a commit, and writers get their turn
FRESH = outbox.LEASE.total_seconds() / 2  # claimed longer ago, a row might be taken for lost
SWEEP_EVERY = timedelta(minutes=5)
BACKOFF = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 1800))  # then every half hour
MOST_TRIES = len(BACKOFF) + 3 * 48  # three days: an outage over a weekend loses nothing
MOST_FAILED = 3  # taken by the gateway, and not delivered
ASK_AGAIN = tuple(timedelta(seconds=s) for s in (60, 180, 600))
DIGEST_FROM = 4  # more than three for one person at once become one message


@dataclass(kw_only=True)
class Dispatcher:
    """One loop over the outbox; several may run on PostgreSQL."""

    mailbox: Mailbox
    adapters: Adapters
    swept_at: datetime | None = None
    alarm: Alarm = field(init=False)
    _settled: list[Settled] = field(default_factory=list)
    _carried_at: float = 0.0

    def __post_init__(self) -> None:
        self.alarm = Alarm(mailbox=self.mailbox, adapters=self.adapters)

    def tick(self) -> int:
        """One round; the number of rows that were handled."""
        mailbox, now = self.mailbox, self.mailbox.clock()
        if self.swept_at is None or abs(now - self.swept_at) >= SWEEP_EVERY:
            sweep.run(mailbox, now)
            self.alarm.learn()
            self.swept_at = now
        with mailbox.database.write() as connection:
            outbox.expire_leases(connection, now)
            quiet = not mailbox.rules.quiet.allow(now)
            claimed = outbox.claim(connection, mailbox.keys, now, BATCH, urgent_only=quiet)
            rows = self._fold(connection, claimed, now)
            lost = outbox.claim_unknown(connection, mailbox.keys, now, BATCH)
        began = time.monotonic()
        for row in rows:
            if time.monotonic() - began > FRESH:  # a slow gateway: the rest keeps its turn
                self._write(row, State.PENDING, due_at=row.due_at)
            else:
                self._send(row)
        for row in lost:
            self._ask(row)
        self._flush()
        return len(claimed) + len(lost)

    def _fold(self, connection: Connection, rows: list[Outgoing], now: datetime) -> list[Outgoing]:
        """Of several reminders of one letter or one clock only the highest goes; many letters become a digest."""
        kept, reminders = [], defaultdict(list)
        settled: list[Settled] = []
        for row in rows:
            if row.is_reminder:
                reminders[(row.subject, row.recipient, row.channel, row.urgent)].append(row)
            else:
                kept.append(row)
        for group in reminders.values():
            highest = {row.family: row for row in sorted(group, key=lambda row: (row.due_at, row.id))}
            chosen = list(highest.values())
            ids = {row.id for row in chosen}
            settled += [
                (row, State.CANCELLED, {"last_code": "superseded"}) for row in group if row.id not in ids
            ]
            if len(chosen) < DIGEST_FROM or chosen[0].subject != "letter":
                kept += chosen
                continue
            digest = _digest(chosen, now)
            outbox.add(connection, self.mailbox.keys, [digest], now)
            settled += [(row, State.FOLDED, {"last_code": digest.dedupe_key}) for row in chosen]
        outbox.settle(connection, settled)
        return kept

    def _send(self, row: Outgoing) -> None:
        now = self.mailbox.clock()
        if row.subject == "otp" and now - row.created_at > otp.LIFE:
            self._write(row, State.CANCELLED, last_code="expired")  # nobody can use this code any more
            return
        if not row.urgent and not self.mailbox.rules.quiet.allow(now):  # the round began before nightfall
            self._wait(row, timedelta(), row.last_code, tries=row.tries - 1)  # that was no try
            return
        gateway = self.adapters.choose(row.channel, now)
        if gateway is None:
            self._wait(row, REST, "no-gateway", tries=row.tries - 1)
            return
        answer = send(gateway, self._message(row))
        self._settle(row, gateway, answer)

    def is_stuck(self) -> bool:
        """No SMS gateway works: nobody can get a code."""
        return self.adapters.is_stuck(self.mailbox.clock())

    def _settle(self, row: Outgoing, gateway: Gateway, answer: Answer) -> None:
        now = self.mailbox.clock()
        facts: dict[str, object] = {"adapter": gateway.name}
        match answer:
            case Accepted(provider_id):
                self.adapters.took(gateway.name)
                facts |= {"provider_id": provider_id, "sent_at": now, "last_code": ""}
                self._write(row, State.SENT, **facts)
            case Refused(Why.ADDRESS | Why.MESSAGE, code):
                self._write(row, State.DEAD, last_code=code, **facts)
            case Refused(Why.CONFIGURATION | Why.MONEY, code):
                self.adapters.pause(gateway.name, now)
                self._tell_outage(gateway, code, now)
                self._write(row, State.PENDING, last_code=code, due_at=now, **facts)
            case Refused(why, code, wait):
                pause = timedelta(seconds=wait) if wait else BACKOFF[min(row.tries, len(BACKOFF)) - 1]
                if why is Why.THROTTLED:
                    pause = max(pause, timedelta(minutes=1))
                elif self.adapters.failed(gateway.name, now):
                    self._tell_outage(gateway, code, now)
                self._again(row, pause, code, facts)
            case Unknown(code):
                if self.adapters.failed(gateway.name, now):
                    self._tell_outage(gateway, code, now)
                self._write(row, State.UNKNOWN, last_code=code, due_at=now + ASK_AGAIN[0], **facts)

    def _again(
        self, row: Outgoing, pause: timedelta, code: str, facts: Mapping[str, object], most: int = MOST_TRIES
    ) -> None:
        if row.tries >= most:
            self._write(row, State.DEAD, last_code=code, **facts)
        else:
            self._wait(row, pause, code, **facts)

    def _wait(self, row: Outgoing, pause: timedelta, code: str, **facts: object) -> None:
        now = self.mailbox.clock()
        due = now + pause if row.urgent else self.mailbox.rules.quiet.next_allowed(now + pause)
        self._write(row, State.PENDING, last_code=code, due_at=due, **facts)

    def _tell_outage(self, gateway: Gateway, code: str, now: datetime) -> None:
        """Once a day and code, on every channel: one of them may still work."""
        log.error("gateway %s fails: %s", gateway.name, code)
        with self.mailbox.database.write() as connection:
            told = sweep.alert(
                self.mailbox,
                connection,
                key=f"gateway:{gateway.name}:{code}:{self.mailbox.today}",
                title="通知通道故障",
                detail=f"{gateway.name} 返回 {code}，请检查网络、配置与余额；没有发出的都留着，恢复后补发",
                now=now,
            )
            outbox.add(connection, self.mailbox.keys, told, now)

    def _ask(self, row: Outgoing) -> None:
        """The fate of a row whose answer was lost."""
        now, fate = self.mailbox.clock(), Fate.UNSURE
        gateway = self.adapters.to_ask(row.channel, row.adapter)
        if gateway is not None:
            try:
                fate = gateway.query(self._message(row))
            except Exception as error:  # as above: the row stays unknown and is asked for again
                log.error("gateway %s failed: %s", gateway.name, type(error).__name__)
        now = self.mailbox.clock()
        match fate:
            case Fate.DELIVERED:
                self._write(row, State.DELIVERED, sent_at=row.called_at)
            case Fate.TAKEN:
                self._write(row, State.SENT, sent_at=row.called_at)
            case Fate.FAILED:
                self._again(row, BACKOFF[min(row.tries, len(BACKOFF)) - 1], "failed", {}, MOST_FAILED)
            case Fate.ABSENT if row.queries >= self._absent_answers(row):
                self._write(row, State.PENDING, due_at=now, last_code="absent")
            case Fate.UNSURE if gateway is not None and self.adapters.is_failing(gateway.name):
                self._write(row, State.UNKNOWN, due_at=now + ASK_AGAIN[0], queries=row.queries - 1)
            case _ if row.queries > len(ASK_AGAIN):
                self._give_up(row)
            case _:
                again = ASK_AGAIN[min(row.queries, len(ASK_AGAIN)) - 1]
                self._write(row, State.UNKNOWN, due_at=now + again)

    def _absent_answers(self, row: Outgoing) -> int:
        """How often a gateway must say «never seen» before we believe it; a file does not lag."""
        return 1 if row.adapter in ("", "file") else 2

    def _give_up(self, row: Outgoing) -> None:
        """Nobody can say whether it went out: a second message is better than none, but only one."""
        if row.tries < 2:
            self._write(row, State.PENDING, due_at=self.mailbox.clock(), last_code="unsure")
        else:
            self._write(row, State.DEAD, last_code="unsure")

    def _write(self, row: Outgoing, state: State, **values: object) -> None:
        self._settled.append((row, state, values))

    def _flush(self) -> None:
        """One commit for a round: if it is lost, the leases run out and the gateway is asked."""
        settled, self._settled = self._settled, []
        if not settled:
            return
        with self.mailbox.database.write() as connection:
            outbox.settle(connection, settled)
            for row, state, _values in settled:
                if state is State.DEAD:
                    now = self.mailbox.clock()
                    told = sweep.dead(self.mailbox, connection, row, now)
                    outbox.add(connection, self.mailbox.keys, told, now)

    def _message(self, row: Outgoing) -> Message:
        now = self.mailbox.clock()
        return Message(
            out_id=row.out_id,
            channel=row.channel,
            to=row.address,
            template=row.template,
            vars=row.vars,
            text=render(row.template, row.vars, self.mailbox.sign),
            at=now,
            first_try_at=row.called_at or now,
        )

    def run(self, stop: Event) -> None:
        """Until `stop`; woken by `mailbox.wake`, else once a second."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                busy = self.tick()
            except Exception as error:  # the database may be away: keep trying, say so
                log.error("round failed: %s: %s", type(error).__name__, str(error).splitlines()[0][:200])
                busy = 0
            self.alarm.tell()
            self._carry_over(began)
            if not busy:
                self.mailbox.wake.wait(POLL)
            self.mailbox.wake.clear()
            stop.wait(began + PACE - time.monotonic())

    def _carry_over(self, now: float) -> None:
        if now - self._carried_at >= CARRY_EVERY:
            self._carried_at = now
            with suppress(Unavailable):  # told by whoever needs the database next
                self.mailbox.database.carry_over()

    def start(self, stop: Event) -> Thread:
        thread = Thread(target=self.run, args=(stop,), name="dispatcher", daemon=True)
        thread.start()
        return thread


def _digest(rows: list[Outgoing], now: datetime) -> Notice:
    first = rows[0]
    numbers = sorted({row.subject_id for row in rows})
    shown = "、".join(numbers[:10]) + ("等" if len(numbers) > 10 else "")
    ids = f"{min(row.id for row in rows)}-{max(row.id for row in rows)}"
    return Notice(
        dedupe_key=f"digest:{ids}:{first.channel}:{first.recipient}:{now.timestamp():.0f}",
        subject="digest",
        subject_id=first.recipient,
        rung="digest",
        channel=first.channel,
        recipient=first.recipient,
        address=first.address,
        template="digest",
        vars={"count": str(len(numbers)), "numbers": shown},
        due_at=now,
        urgent=first.urgent,
    )
