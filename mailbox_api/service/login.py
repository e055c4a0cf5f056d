"""Signing in: argon2id, a delay that grows with failures (nobody can lock a colleague out), TOTP."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from mailbox_api.errors import Invalid, NotSignedIn, TooMany
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import audit, limits, people
from mailbox_api.store.limits import Limit
from mailbox_api.store.people import Credentials, Session, Staff

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=8)
TOUCH_EVERY = timedelta(minutes=1)
FAILURES = Limit(5, 900)
LONGEST_DELAY = 300
PASSWORD_MIN = 12
RECOVERY_CODES = 10
TOTP_STEP = 30
COMMON = ("123456", "password", "qwerty", "admin", "kunming", "111111", "000000", "jiaotong", "abcdef")

WRONG = "登录名、口令或动态口令不对"

_hasher = PasswordHasher()
_hashing = BoundedSemaphore(2)  # 64 MiB each
_nobody = _hasher.hash(secrets.token_urlsafe(16))  # so that an unknown login takes as long


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    person: Staff
    csrf: str
    token: str
    needs_totp: bool


def hash_password(password: str) -> str:
    if problem := password_problem(password):
        raise Invalid({"password": problem})
    with _hashing:
        return _hasher.hash(password)


def password_problem(password: str) -> str | None:
    if len(password) < PASSWORD_MIN:
        return f"口令至少{PASSWORD_MIN}个字符，现在{len(password)}个"
    if len(set(password)) < 5 or any(password.lower().startswith(word) for word in COMMON):
        return "口令太常见，请换一个"
    return None


def _matches(stored: str, password: str) -> bool:
    with _hashing:
        try:
            return _hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def sign_in(mailbox: Mailbox, login: str, password: str, code: str, address: str, agent: str) -> str:
    """The session's token. Every failure is counted and audited before it is told."""
    now, bucket = mailbox.clock(), f"login/{login[:100]}/{address}"
    with mailbox.database.read() as connection:
        _check_delay(connection, bucket, now)
        known = people.credentials(connection, mailbox.keys, login)
    right = _matches(known.password_hash if known else _nobody, password)
    if known is None or not right or not _second_factor(mailbox, login, known, code, now):
        with mailbox.database.write() as connection:
            limits.add(connection, bucket, FAILURES, now)
            audit.record(connection, now, login[:100], "login.failed", "", {"address": address})
        raise NotSignedIn(WRONG)
    token = secrets.token_urlsafe(32)
    session = Session(
        login=login,
        csrf=secrets.token_urlsafe(24),
        created_at=now,
        seen_at=now,
        address=address,
        agent=agent[:200],
    )
    with mailbox.database.write() as connection:
        limits.clear(connection, bucket)
        people.add_session(connection, mailbox.keys.digest("session", token), session)
        audit.record(connection, now, login, "login", "", {"address": address})
    return token


def _check_delay(connection: Connection, bucket: str, now: datetime) -> None:
    failed = limits.count(connection, bucket, FAILURES, now)
    last = limits.last_at(connection, bucket, FAILURES, now)
    if failed < FAILURES.most or last is None:
        return
    delay = min(LONGEST_DELAY, 5 * 2 ** (failed - FAILURES.most))
    left = delay - int((now - last).total_seconds())
    if left > 0:
        raise TooMany(f"失败次数过多，请{left}秒后再试", wait=left)


def _second_factor(mailbox: Mailbox, login: str, known: Credentials, code: str, now: datetime) -> bool:
    if not known.totp_confirmed:
        return True
    step = _totp_step(known.totp, code, now)
    with mailbox.database.write() as connection:
        if step is not None:
            return people.use_totp_step(connection, login, step)
        digest = mailbox.keys.digest("recovery", login, code.strip().lower())
        return people.use_recovery_code(connection, login, digest, now)


def _totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step the code belongs to: now, or one to either side."""
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // TOTP_STEP
    text = code.strip()
    for near in (step, step - 1, step + 1):
        if pyotp.utils.strings_equal(text, totp.at(datetime.fromtimestamp(near * TOTP_STEP, UTC))):
            return near
    return None


def session(mailbox: Mailbox, token: str) -> SignedIn:
    """Who is signed in with this token. Raises NotSignedIn when it ended or went idle."""
    now, digest = mailbox.clock(), mailbox.keys.digest("session", token)
    with mailbox.database.read() as connection:
        found = people.session(connection, digest)
        person = people.find(connection, mailbox.keys, found.login) if found else None
    if found is None or person is None or not person.active:
        raise NotSignedIn("请先登录")
    if now - found.seen_at > IDLE or now - found.created_at > ABSOLUTE:
        sign_out(mailbox, token)
        raise NotSignedIn("登录已过期，请重新登录")
    if now - found.seen_at > TOUCH_EVERY:
        with mailbox.database.write() as connection:
            people.touch_session(connection, digest, now)
    needs_totp = mailbox.rules.totp_required and not person.totp_confirmed
    return SignedIn(person=person, csrf=found.csrf, token=token, needs_totp=needs_totp)


def sign_out(mailbox: Mailbox, token: str) -> None:
    digest = mailbox.keys.digest("session", token)
    with mailbox.database.write() as connection:
        found = people.session(connection, digest)
        if found is not None:
            people.end_session(connection, digest)
            audit.record(connection, mailbox.clock(), found.login, "logout", "")


def begin_totp(mailbox: Mailbox, person: Staff) -> str:
    """A new secret, to be confirmed by its first code; gives the otpauth address."""
    secret = pyotp.random_base32()
    now = mailbox.clock()
    with mailbox.database.write() as connection:
        people.set_totp(connection, mailbox.keys, person.login, secret)
        audit.record(connection, now, person.login, "totp.begin", person.login)
    return pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=mailbox.sign)


def confirm_totp(mailbox: Mailbox, person: Staff, code: str) -> list[str]:
    """Switch TOTP on by a first right code; gives the recovery codes, shown once."""
    now = mailbox.clock()
    with mailbox.database.read() as connection:
        known = people.credentials(connection, mailbox.keys, person.login)
    step = _totp_step(known.totp, code, now) if known and known.totp else None
    if step is None:
        raise Invalid({"code": "动态口令不对，请核对手机时间后再输入"})
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    with mailbox.database.write() as connection:
        people.use_totp_step(connection, person.login, step)
        digests = [mailbox.keys.digest("recovery", person.login, text) for text in codes]
        people.set_recovery_codes(connection, person.login, digests)
        audit.record(connection, now, person.login, "totp.confirm", person.login)
    return codes


def change_password(mailbox: Mailbox, person: Staff, old: str, new: str) -> None:
    with mailbox.database.read() as connection:
        known = people.credentials(connection, mailbox.keys, person.login)
    if known is None or not _matches(known.password_hash, old):
        raise Invalid({"old": "原口令不对"})
    hashed, now = hash_password(new), mailbox.clock()
    with mailbox.database.write() as connection:
        people.set_password(connection, person.login, hashed)
        people.end_sessions(connection, person.login)
        audit.record(connection, now, person.login, "password.change", person.login)
