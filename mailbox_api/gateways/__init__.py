"""Ways out of the house. A gateway says what it knows: accepted, refused and why, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one address; `out_id` is ours and comes back with receipts."""

    out_id: str
    channel: str
    to: str
    template: str
    vars: Mapping[str, str]
    text: str
    at: datetime
    first_try_at: datetime


class Why(StrEnum):
    """What a refusal means for the row and for the adapter."""

    ADDRESS = "address"  # this number will never work
    MESSAGE = "message"  # these words will never be taken
    THROTTLED = "throttled"  # this number, later
    TRANSIENT = "transient"  # not taken; again soon
    CONFIGURATION = "configuration"  # nothing will work until somebody mends it
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    why: Why
    code: str
    wait: int = 0  # seconds, where the gateway says so


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or one that cannot be trusted: it may have been sent."""

    code: str


Answer = Accepted | Refused | Unknown


class Fate(StrEnum):
    """What the gateway says of a message whose answer was lost."""

    DELIVERED = "delivered"
    TAKEN = "taken"
    FAILED = "failed"
    ABSENT = "absent"
    UNSURE = "unsure"  # cannot be asked, or not now


class Gateway(Protocol):
    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> Answer: ...

    def query(self, message: Message) -> Fate: ...
