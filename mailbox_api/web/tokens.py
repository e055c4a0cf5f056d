"""Signed form tokens (age known, once a submission) and the proof of work before any SMS."""

import base64
import hmac
import json
import secrets
import time
from datetime import UTC, datetime, timedelta

import altcha

from mailbox_api.errors import Invalid
from mailbox_api.keys import KeyRing

ALGORITHM, COST, PREFIX = "PBKDF2/SHA-256", 1000, "00"
CHALLENGE_LIFE = 600
MAX_PROOF = 4096
FORM_AGE = timedelta(seconds=5)  # without JavaScript: nobody fills the form faster
FORM_LIFE = timedelta(hours=24)
STALE_FORM = "页面停留太久，请刷新后重新提交（填写的内容会保留）"


def challenge(keys: KeyRing) -> dict[str, object]:
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        key_prefix=PREFIX,
        expires_at=int(time.time()) + CHALLENGE_LIFE,
        hmac_secret=keys.secret("proof-of-work"),
    )
    return dict(made.to_dict())


def solved_nonce(keys: KeyRing, proof: str) -> str:
    """The nonce of a valid proof, to be used once. Raises Invalid."""
    if not proof:
        raise Invalid({"altcha": "请先完成人机验证"})
    bad = Invalid({"altcha": "人机验证没有通过或已过期，请重试"})
    if len(proof) > MAX_PROOF:
        raise bad
    try:
        nonce = json.loads(base64.b64decode(proof))["challenge"]["parameters"]["nonce"]
        result = altcha.verify_solution(proof, keys.secret("proof-of-work"))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise bad from error
    if not result.verified or not isinstance(nonce, str):
        raise bad
    return nonce


def form_token(keys: KeyRing, now: datetime) -> str:
    body = f"{int(now.timestamp())}.{secrets.token_urlsafe(12)}"
    return f"{body}.{_signature(keys, body)}"


def token_age(keys: KeyRing, token: str, now: datetime) -> timedelta | None:
    """None for a token that is not ours or too old."""
    body, _, signature = token.rpartition(".")
    if not body or not hmac.compare_digest(signature.encode(), _signature(keys, body).encode()):
        return None
    age = now - datetime.fromtimestamp(int(body.partition(".")[0]), UTC)
    return age if timedelta() <= age + FORM_AGE and age <= FORM_LIFE else None


def _signature(keys: KeyRing, body: str) -> str:
    return keys.digest("form", body).hex()[:32]
