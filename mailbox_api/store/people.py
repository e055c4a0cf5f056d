"""Staff, their sessions and the duty roster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from mailbox_api.errors import NotFound
from mailbox_api.keys import KeyRing
from mailbox_api.notices import Channel, Recipient
from mailbox_api.store import tables
from mailbox_api.store.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    login: str
    name: str
    department: str
    roles: frozenset[str]
    mobile: str
    wechat: str
    active: bool
    totp_confirmed: bool

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def recipient(self) -> Recipient:
        return Recipient(name=self.login, addresses={Channel.SMS: self.mobile, Channel.WECHAT: self.wechat})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    password_hash: str
    totp: str  # base32; empty when none is set
    totp_confirmed: bool
    totp_last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    login: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    id: int
    login: str
    first: date
    last: date


def add(connection: Connection, keys: KeyRing, person: Staff, password_hash: str, at: datetime) -> None:
    connection.execute(
        insert(tables.staff).values(
            login=person.login,
            name=person.name,
            department=person.department,
            roles=sorted(person.roles),
            mobile_ct=keys.seal(person.mobile, _bound(person.login, "mobile")),
            wechat=person.wechat,
            password_hash=password_hash,
            totp_confirmed=False,
            totp_last_step=0,
            active=person.active,
            created_at=at,
        )
    )


def save(connection: Connection, keys: KeyRing, person: Staff) -> None:
    table = tables.staff
    connection.execute(
        update(table)
        .where(table.c.login == person.login)
        .values(
            name=person.name,
            department=person.department,
            roles=sorted(person.roles),
            mobile_ct=keys.seal(person.mobile, _bound(person.login, "mobile")),
            wechat=person.wechat,
            active=person.active,
        )
    )


def find(connection: Connection, keys: KeyRing, login: str) -> Staff | None:
    row = connection.execute(select(tables.staff).where(tables.staff.c.login == login)).one_or_none()
    return None if row is None else _staff(keys, row)


def get(connection: Connection, keys: KeyRing, login: str) -> Staff:
    if (person := find(connection, keys, login)) is None:
        raise NotFound(f"没有登录名为{login}的工作人员")
    return person


def everyone(connection: Connection, keys: KeyRing) -> list[Staff]:
    rows = connection.execute(select(tables.staff).order_by(tables.staff.c.login))
    return [_staff(keys, row) for row in rows]


def with_role(connection: Connection, keys: KeyRing, *roles: str) -> list[Staff]:
    return [person for person in everyone(connection, keys) if person.active and person.has(*roles)]


def credentials(connection: Connection, keys: KeyRing, login: str) -> Credentials | None:
    table = tables.staff
    row = connection.execute(select(table).where(table.c.login == login, table.c.active)).one_or_none()
    if row is None:
        return None
    return Credentials(
        password_hash=row.password_hash,
        totp=keys.open(row.totp_ct, _bound(login, "totp")) if row.totp_ct else "",
        totp_confirmed=row.totp_confirmed,
        totp_last_step=row.totp_last_step,
    )


def set_password(connection: Connection, login: str, password_hash: str) -> None:
    table = tables.staff
    connection.execute(update(table).where(table.c.login == login).values(password_hash=password_hash))


def set_totp(connection: Connection, keys: KeyRing, login: str, secret: str) -> None:
    """A new secret, which counts once it is confirmed by a first code; empty removes it."""
    table = tables.staff
    sealed = keys.seal(secret, _bound(login, "totp")) if secret else None
    connection.execute(
        update(table)
        .where(table.c.login == login)
        .values(totp_ct=sealed, totp_confirmed=False, totp_last_step=0)
    )


def use_totp_step(connection: Connection, login: str, step: int) -> bool:
    """Spend a time step, so that a code works once."""
    table = tables.staff
    done = connection.execute(
        update(table)
        .where(table.c.login == login, table.c.totp_last_step < step)
        .values(totp_last_step=step, totp_confirmed=True)
    )
    return done.rowcount == 1


def set_recovery_codes(connection: Connection, login: str, digests: Sequence[bytes]) -> None:
    table = tables.recovery_code
    connection.execute(delete(table).where(table.c.login == login))
    for digest in digests:
        connection.execute(insert(table).values(login=login, code_hmac=digest))


def use_recovery_code(connection: Connection, login: str, digest: bytes, at: datetime) -> bool:
    table = tables.recovery_code
    done = connection.execute(
        update(table)
        .where(table.c.login == login, table.c.code_hmac == digest, table.c.used_at.is_(None))
        .values(used_at=at)
    )
    return done.rowcount == 1


def add_session(connection: Connection, token_hmac: bytes, session: Session) -> None:
    connection.execute(
        insert(tables.session).values(
            token_hmac=token_hmac,
            login=session.login,
            csrf=session.csrf,
            created_at=session.created_at,
            seen_at=session.seen_at,
            address=session.address,
            agent=session.agent,
        )
    )


def session(connection: Connection, token_hmac: bytes) -> Session | None:
    table = tables.session
    row = connection.execute(select(table).where(table.c.token_hmac == token_hmac)).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    values.pop("token_hmac")
    return Session(**values)


def touch_session(connection: Connection, token_hmac: bytes, at: datetime) -> None:
    table = tables.session
    connection.execute(update(table).where(table.c.token_hmac == token_hmac).values(seen_at=at))


def end_session(connection: Connection, token_hmac: bytes) -> None:
    connection.execute(delete(tables.session).where(tables.session.c.token_hmac == token_hmac))


def end_sessions(connection: Connection, login: str) -> None:
    connection.execute(delete(tables.session).where(tables.session.c.login == login))


def roster(connection: Connection, since: date) -> list[Duty]:
    table = tables.duty
    rows = connection.execute(
        select(table).where(table.c.last >= since).order_by(table.c.first, table.c.login)
    )
    return [Duty(**row._mapping) for row in rows]


def add_duty(connection: Connection, login: str, first: date, last: date) -> None:
    connection.execute(insert(tables.duty).values(login=login, first=first, last=last))


def remove_duty(connection: Connection, duty_id: int) -> bool:
    return connection.execute(delete(tables.duty).where(tables.duty.c.id == duty_id)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Crew:
    """Everyone in office and the roster, read once for a round of decisions."""

    everyone: tuple[Staff, ...]
    duties: tuple[Duty, ...]

    def with_role(self, *roles: str) -> list[Staff]:
        return [person for person in self.everyone if person.has(*roles)]

    def find(self, login: str) -> Staff | None:
        return next((person for person in self.everyone if person.login == login), None)

    def on_duty(self, day: date) -> list[Staff]:
        """Those on the roster that day; without an entry, everyone who accepts letters."""
        logins = {duty.login for duty in self.duties if duty.first <= day <= duty.last}
        accepting = self.with_role("registrar", "admin")
        return [person for person in accepting if person.login in logins] or accepting


_STAFF = Prepared(lambda _: select(tables.staff).order_by(tables.staff.c.login))
_ROSTER = Prepared(lambda _: select(tables.duty).order_by(tables.duty.c.first, tables.duty.c.login))
_last: tuple[tuple[KeyRing, list[Any], list[Any]], Crew] | None = None


def crew(connection: Connection, keys: KeyRing) -> Crew:
    """Read every time, since other processes may have changed it; put together only when it has changed."""
    global _last
    known, read = _last, (keys, _STAFF.each(connection, [{}]), _ROSTER.each(connection, [{}]))
    if known is None or known[0] != read:
        active = tuple(person for person in everyone(connection, keys) if person.active)
        known = _last = read, Crew(active, tuple(roster(connection, date.min)))
    return known[1]


def _bound(login: str, field: str) -> str:
    return f"staff|{login}|{field}"


def _staff(keys: KeyRing, row: Row[tuple[object, ...]]) -> Staff:
    values = row._mapping
    return Staff(
        login=values["login"],
        name=values["name"],
        department=values["department"],
        roles=frozenset(values["roles"]),
        mobile=keys.open(values["mobile_ct"], _bound(values["login"], "mobile"))
        if values["mobile_ct"]
        else "",
        wechat=values["wechat"],
        active=values["active"],
        totp_confirmed=values["totp_confirmed"],
    )
