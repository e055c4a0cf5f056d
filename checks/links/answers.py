"""What comes of asking an outward address, and what that can mean."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Failure(StrEnum):
    """Why there was no answer."""

    DNS = "dns"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    TLS = "tls"
    LOOP = "loop"
    BROKEN = "broken"  # an answer that breaks off or is no HTTP
    PRIVATE = "private"  # leads into a network that is not public
    ADDRESS = "address"  # leads to something that is no web address


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking one address."""

    url: str
    at: datetime
    status: int = 0  # of the last answer; 0: none
    chain: tuple[str, ...] = ()  # "301 https://…" for every redirect
    final: str = ""  # the address that answered
    title: str = ""
    text: str = ""  # the beginning of what a reader sees
    failure: Failure | None = None
    detail: str = ""


class State(StrEnum):
    WELL = "well"
    DEAD = "dead"  # so it seems this time; two runs must agree
    UNCERTAIN = "uncertain"  # a login, a guard against robots, a limit
    HIJACKED = "hijacked"  # leads to gambling or pornography
    NOT_ASKED = "not-asked"  # in a network that is not public


BAD = (State.DEAD, State.HIJACKED)
