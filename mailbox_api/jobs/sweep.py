"""Every five minutes: recreate missing rungs, today's overdue reminders, the heartbeat; forget what expired."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, delete

from mailbox_api.deadlines import BEIJING, at_local
from mailbox_api.jobs import backup, keeping
from mailbox_api.notices import Channel, Notice, Recipient, State, to_each
from mailbox_api.service import clocks, feedback, ladder, monthly, otp
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, letters, limits, outbox, people, settings, tables, tickets
from mailbox_api.store.outbox import Outgoing

GROUP = Recipient(name="group", addresses={Channel.WECHAT: "group"})
KEEP_OTP = timedelta(hours=24)
GRACE = timedelta(days=1)  # before the last sweep; a missing rung older than this is not made up for
AT_ONCE = 500  # rows in a transaction: writers get their turn
SWEPT = "swept"

Policy = Callable[[Mailbox, Connection, datetime], Iterable[Notice]]


def letters_policy(mailbox: Mailbox, connection: Connection, now: datetime) -> Iterator[Notice]:
    """From the last sweep on, however long ago, until the moments that are near."""
    crew = people.crew(connection, mailbox.keys)
    since = min(now, settings.moment(connection, SWEPT) or now) - GRACE
    for letter in letters.open_letters(connection):
        yield from ladder.schedule(mailbox, crew, letter, since=since, until=now + ladder.AHEAD)
        yield from ladder.overdue(mailbox, crew, letter, mailbox.today)


def heartbeat(mailbox: Mailbox, connection: Connection, now: datetime) -> list[Notice]:
    """Each working day at nine, also when nothing is open: its absence is the alarm."""
    today, calendar = mailbox.today, mailbox.calendar
    if not calendar.is_workday(today) or now < at_local(today, 9):
        return []
    open_ = letters.open_letters(connection)
    seq, head = audit.head(connection)
    next_year = today.year + 1
    missing = today.month >= 11 and not calendar.is_known(next_year)
    values = {
        "open": str(len(open_)),
        "due": str(sum(letter.due == today for letter in open_)),
        "overdue": str(sum(letter.due < today for letter in open_)),
        "dead": str(outbox.counts(connection).get(State.DEAD, 0)),
        "seq": str(seq),
        "head": head[:16],
        "warning": f"{next_year}年放假安排还没有录入，跨年期限为暂定。" if missing else "",
    }
    return to_each(
        (GROUP,),
        (Channel.WECHAT,),
        subject=("heartbeat", str(today)),
        rung="heartbeat",
        template="heartbeat",
        values=values,
        at=now,
    )


def tickets_policy(mailbox: Mailbox, connection: Connection, now: datetime) -> list[Notice]:
    return feedback.reminders(mailbox, connection, now - GRACE)


def codes_policy(mailbox: Mailbox, connection: Connection, now: datetime) -> Iterator[Notice]:
    """Half of the SMS budget is gone, or codes are sent that nobody types in: once a day each."""
    told = administrators(mailbox, connection)
    for limit in otp.EVERYONE:
        used = limits.count(connection, "otp-all", limit, now)
        if used * 2 >= limit.most:
            yield from alarm(
                told,
                key=f"otp-budget:{limit.seconds}:{mailbox.today}",
                title="验证码用量过半",
                detail=f"{limit.seconds // 3600}小时内已发{used}条，上限{limit.most}条",
                now=now,
            )
    if otp.is_pumped(connection, now):
        sent, verified = otp.used_lately(connection, now)
        yield from alarm(
            told,
            key=f"otp-pumped:{mailbox.today}",
            title="验证码疑似被盗刷",
            detail=f"近两小时发出{sent}条，只有{verified}条通过验证，已收紧限额",
            now=now,
        )


def backup_policy(mailbox: Mailbox, connection: Connection, now: datetime) -> list[Notice]:
    """A copy is due every five minutes from the first one on; told once a day."""
    last = backup.last_at(connection)
    if last is None or now - last <= backup.LATE:
        return []
    return alarm(
        administrators(mailbox, connection),
        key=f"backup:{mailbox.today}",
        title="信箱备份停了",
        detail=f"最近一次备份在{last.astimezone(BEIJING):%m-%d %H:%M}，请看 portal-backup.timer 和磁盘空间",
        now=now,
    )


def retention_policy(mailbox: Mailbox, connection: Connection, now: datetime) -> list[Notice]:
    """Personal data whose time is over: once a month, at nine."""
    if not timedelta() <= now - at_local(mailbox.today, 9) < timedelta(hours=1):
        return []
    numbers = keeping.expired(mailbox, connection)
    if not numbers:
        return []
    return alarm(
        administrators(mailbox, connection),
        key=f"purge:{mailbox.today:%Y-%m}",
        title="个人信息到期",
        detail=f"{len(numbers)}封来信办结已满{mailbox.rules.purge_months}个月，请执行 portal mailbox purge",
        now=now,
    )


POLICIES: tuple[Policy, ...] = (
    letters_policy,
    tickets_policy,
    codes_policy,
    backup_policy,
    retention_policy,
    heartbeat,
)


def run(mailbox: Mailbox, now: datetime, policies: tuple[Policy, ...] = POLICIES) -> int:
    """The number of rows that were missing."""
    with mailbox.database.write() as connection:
        mailbox.calendars.refresh(connection)
        settle_provisional(mailbox, connection, now)
        feedback.settle(mailbox, connection, now)
        monthly.freeze(mailbox, connection, now)
        forget(connection, now)
    with mailbox.database.read() as connection:  # the long look holds up no writer
        wanted = chain.from_iterable(policy(mailbox, connection, now) for policy in policies)
        missing = list(outbox.missing(connection, wanted))
    added = 0
    for start in range(0, len(missing), AT_ONCE):
        with mailbox.database.write() as connection:
            waiting = still_open(connection, missing[start : start + AT_ONCE])
            outbox.add(connection, mailbox.keys, waiting, now)
            added += len(waiting)
    with mailbox.database.write() as connection:
        settings.keep_moment(connection, SWEPT, now)
    return added


def still_open(connection: Connection, told: list[Notice]) -> list[Notice]:
    """Without the reminders of what was answered between the look and now; what is open stays so till the commit."""
    waiting = letters.still_open(connection, {one.subject_id for one in told if one.subject == "letter"})
    open_tickets = {ticket.number: ticket for ticket in tickets.open_tickets(connection)}

    def is_wanted(notice: Notice) -> bool:
        if notice.subject == "ticket":
            return clocks.is_still_wanted(notice, open_tickets.get(notice.subject_id))
        return notice.subject != "letter" or notice.subject_id in waiting

    return [notice for notice in told if is_wanted(notice)]


def settle_provisional(mailbox: Mailbox, connection: Connection, now: datetime) -> None:
    """Recompute due dates that were counted before the year's notice came."""
    terms, calendar = mailbox.rules.terms, mailbox.calendar
    for letter in letters.provisional(connection):
        accept = terms.accept_due(letter.received_at, calendar)
        due = terms.reply_due(letter.category, letter.received_at, calendar, letter.extended_days)
        if accept.provisional or due.provisional:
            continue
        outbox.cancel(connection, "letter", letter.number, rung_prefix="due-")
        settled = letters.save(
            connection, replace(letter, accept_due=accept.day, due=due.day, provisional=False)
        )
        audit.record(connection, now, "system", "letter.due-settled", letter.number, {"due": settled.due})


def forget(connection: Connection, now: datetime) -> None:
    """Codes after a day, spent permits and proofs when they expire."""
    gone = (
        tables.otp.c.created_at < now - KEEP_OTP,
        tables.permit.c.expires_at < now,
        tables.pow_seen.c.expires_at < now,
        tables.idempotency.c.created_at < now - KEEP_OTP,
        tables.rate.c.expires_at < now,
    )
    for condition in gone:
        connection.execute(delete(condition.left.table).where(condition))
    box = tables.outbox
    connection.execute(delete(box).where(box.c.subject == "otp", box.c.created_at < now - KEEP_OTP))


def alert(
    mailbox: Mailbox, connection: Connection, *, key: str, title: str, detail: str, now: datetime
) -> list[Notice]:
    """Something is wrong with the machinery: to the administrators, on every channel they have."""
    return alarm(administrators(mailbox, connection), key=key, title=title, detail=detail, now=now)


def administrators(mailbox: Mailbox, connection: Connection) -> tuple[Recipient, ...]:
    admins = people.with_role(connection, mailbox.keys, "admin")
    return (*(person.recipient for person in admins), GROUP)


def alarm(
    recipients: tuple[Recipient, ...], *, key: str, title: str, detail: str, now: datetime
) -> list[Notice]:
    return to_each(
        recipients,
        (Channel.WECHAT, Channel.SMS),
        subject=("monitor", key),
        rung="alert",
        template="alert",
        values={"title": title, "detail": detail},
        at=now,
        urgent=True,
    )


def dead(mailbox: Mailbox, connection: Connection, row: Outgoing, now: datetime) -> list[Notice]:
    """A notice that cannot be delivered is told on the other channel, once a letter and channel."""
    if row.subject == "monitor":
        return []
    what = f"来信{row.subject_id}的通知" if row.subject == "letter" else "一条通知"
    key = f"dead:{row.subject}:{row.subject_id if row.subject != 'otp' else mailbox.today}:{row.channel}"
    told = alert(
        mailbox,
        connection,
        key=key,
        title="通知未送达",
        detail=f"{what}未能送达（{row.last_code or '无回执'}），请在后台“通知”页处理",
        now=now,
    )
    other = Channel.WECHAT if row.channel is Channel.SMS else Channel.SMS
    return [notice for notice in told if notice.channel is other]
