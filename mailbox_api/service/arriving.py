"""A letter on its way in, and what its sender gets for it."""

from dataclasses import dataclass
from datetime import date, datetime

from mailbox_api.letter import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    number: str
    query_code: str
    received_at: datetime
    due: date
    provisional: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """A letter on its way in, and what became of it."""

    submission: Submission
    permit: str
    key: str
    key_hmac: bytes
    body_hmac: bytes
    outcome: Receipt | Exception | None = None
