"""The SMS code proves a mobile: six digits, five minutes, five tries; what is left is a permit."""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbox_api.errors import Invalid, TooMany
from mailbox_api.letter import read_mobile
from mailbox_api.notices import Channel, Notice
from mailbox_api.service.parts import Mailbox
from mailbox_api.store import limits, outbox
from mailbox_api.store.limits import Limit

PURPOSES = ("letter", "recover")
LIFE = timedelta(minutes=5)
PERMIT_LIFE = timedelta(minutes=30)
TRIES = 5

HOUR, DAY = 3600, 86400
RESEND = Limit(1, 60)
PER_MOBILE = (Limit(5, HOUR), Limit(10, DAY))
PER_ADDRESS = (Limit(10, HOUR), Limit(30, DAY))
EVERYONE = (Limit(300, HOUR), Limit(2000, DAY))
WITHOUT_PROOF = (Limit(20, HOUR),)  # the path without JavaScript
PUMPED_FROM, PUMPED_SHARE = (
    50,
    0.5,
)  # of so many codes sent, fewer than this share came back: sent for the sending
PUMPED = (Limit(60, HOUR),)  # for everyone, until the share is right again
VERIFIED = Limit(0, HOUR)  # only counted
VERIFY_PER_ADDRESS = (Limit(30, HOUR),)
FAILURES_PER_MOBILE = (Limit(20, DAY),)

BUSY = "现在获取验证码的人较多，请稍后再试，或在浏览器里启用脚本"
NO_PERMIT = "手机号还没有通过短信验证，或验证已过期，请重新获取验证码"
WRONG = "验证码不对或已经过期，请核对短信，或重新获取"


def send(mailbox: Mailbox, mobile_text: str, purpose: str, address: str, *, nonce: str) -> None:
    """Send a code. `nonce` is the used proof of work, or empty on the path without JavaScript.

    The answer never tells whether the mobile is known here.
    """
    mobile = require_mobile(mobile_text)
    if purpose not in PURPOSES:
        raise Invalid({"purpose": f"用途应为：{'、'.join(PURPOSES)}"})
    now = mailbox.clock()
    blind = mailbox.keys.blind(mobile)
    with mailbox.database.write() as connection:
        if nonce and not limits.use_nonce(connection, nonce, now + timedelta(hours=1)):
            raise Invalid({"altcha": "这次人机验证已经用过，请重新获取"})
        _spend_limits(mailbox, connection, blind, address, now, with_proof=bool(nonce))
    code = f"{secrets.randbelow(10**6):06d}"
    otp_id = secrets.token_hex(8)
    with mailbox.database.write() as connection:
        limits.add_otp(
            connection,
            id=otp_id,
            mobile_bi=blind,
            purpose=purpose,
            code_hmac=_code_digest(mailbox, otp_id, purpose, mobile, code),
            created_at=now,
            expires_at=now + LIFE,
        )
        outbox.add(connection, mailbox.keys, [_sms(otp_id, mobile, code, now)], now)
    mailbox.wake.set()


def _spend_limits(
    mailbox: Mailbox,
    connection: Connection,
    blind: bytes,
    address: str,
    now: datetime,
    *,
    with_proof: bool,
) -> None:
    last = limits.last_otp_at(connection, blind)
    if last is not None and now - last < timedelta(seconds=RESEND.seconds):
        wait = RESEND.seconds - int((now - last).total_seconds())
        raise TooMany(f"验证码刚刚发送过，请{wait}秒后再试", wait=wait)
    mobile = blind.hex()
    if is_pumped(connection, now):
        limits.check(connection, "otp-all", PUMPED if with_proof else (Limit(0, HOUR),), now, BUSY)
    limits.check(
        connection, f"otp-fail/{mobile}", FAILURES_PER_MOBILE, now, "这个号码输错次数过多，请明天再试"
    )
    if not with_proof:
        limits.spend(
            connection,
            "otp-plain",
            WITHOUT_PROOF,
            now,
            BUSY,
        )
    limits.spend(connection, f"otp/{mobile}", PER_MOBILE, now, "这个号码获取验证码过于频繁，请稍后再试")
    limits.spend(
        connection, f"otp-from/{address}", PER_ADDRESS, now, "您所在的网络获取验证码过于频繁，请稍后再试"
    )
    limits.spend(connection, "otp-all", EVERYONE, now, BUSY)


def is_pumped(connection: Connection, now: datetime) -> bool:
    """Whether codes are asked for that nobody types in: somebody earns by the SMS or floods strangers with them."""
    sent, verified = used_lately(connection, now)
    return sent >= PUMPED_FROM and verified < sent * PUMPED_SHARE


def used_lately(connection: Connection, now: datetime) -> tuple[int, int]:
    """Codes sent, and codes typed in right, in this hour and the one before."""
    hours = (now - timedelta(hours=1), now)
    sent = sum(limits.count(connection, "otp-all", EVERYONE[0], hour) for hour in hours)
    return sent, sum(limits.count(connection, "otp-verified", VERIFIED, hour) for hour in hours)


def _sms(otp_id: str, mobile: str, code: str, now: datetime) -> Notice:
    return Notice(
        dedupe_key=f"otp:{otp_id}",
        subject="otp",
        subject_id=otp_id,
        rung="otp",
        channel=Channel.SMS,
        recipient="citizen",
        address=mobile,
        template="otp",
        vars={"code": code, "minutes": str(int(LIFE.total_seconds()) // 60)},
        due_at=now,
        urgent=True,
    )


def verify(mailbox: Mailbox, mobile_text: str, purpose: str, code: str, address: str) -> str:
    """The permit for a right code. Raises Invalid; the spent try is committed before the code is compared."""
    mobile = require_mobile(mobile_text)
    if purpose not in PURPOSES:
        raise Invalid({"purpose": f"用途应为：{'、'.join(PURPOSES)}"})
    if not code.strip():
        raise Invalid({"code": "请填写短信验证码"})
    now, keys = mailbox.clock(), mailbox.keys
    blind = keys.blind(mobile)
    with mailbox.database.write() as connection:
        limits.spend(
            connection,
            f"verify-from/{address}",
            VERIFY_PER_ADDRESS,
            now,
            "您所在的网络验证过于频繁，请稍后再试",
        )
        limits.check(
            connection,
            f"otp-fail/{blind.hex()}",
            FAILURES_PER_MOBILE,
            now,
            "这个号码输错次数过多，请明天再试",
        )
        living = limits.try_otp(connection, blind, purpose, now, TRIES)
    otp_id, expected = living or ("", bytes(32))
    right = hmac.compare_digest(expected, _code_digest(mailbox, otp_id, purpose, mobile, code.strip()))
    if living is None or not right:
        with mailbox.database.write() as connection:
            limits.add(connection, f"otp-fail/{blind.hex()}", FAILURES_PER_MOBILE[0], now)
        raise Invalid({"code": WRONG})
    token = secrets.token_urlsafe(32)
    with mailbox.database.write() as connection:
        if not limits.use_otp(connection, otp_id, now):
            raise Invalid({"code": WRONG})
        limits.add(connection, "otp-verified", VERIFIED, now)
        limits.add_permit(
            connection,
            token_hmac=keys.digest("permit", token),
            mobile_ct=keys.seal(mobile, f"permit|{token}"),
            mobile_bi=blind,
            purpose=purpose,
            expires_at=now + PERMIT_LIFE,
        )
    return token


def spend_permit(mailbox: Mailbox, connection: Connection, token: str, purpose: str, now: datetime) -> str:
    """The mobile that the permit proves. Raises Invalid when it proves none."""
    digest = mailbox.keys.digest("permit", token)
    sealed = limits.permits(connection, [digest], purpose, now).get(digest)
    if sealed is None or not limits.use_permits(connection, [digest], now):
        raise Invalid({"permit": NO_PERMIT})
    return mailbox.keys.open(sealed, f"permit|{token}")


def require_mobile(text: str) -> str:
    if not text.strip():
        raise Invalid({"mobile": "请填写手机号"})
    mobile = read_mobile(text)
    if mobile is None:
        raise Invalid({"mobile": "手机号应为11位的中国大陆手机号码"})
    return mobile


def _code_digest(mailbox: Mailbox, otp_id: str, purpose: str, mobile: str, code: str) -> bytes:
    return mailbox.keys.digest("otp", otp_id, purpose, mobile, code)
