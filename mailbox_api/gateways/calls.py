"""One careful HTTP call: what was surely not taken, what may have been."""

from collections.abc import Mapping
from typing import Any

import httpx

from mailbox_api.gateways import Message, Refused, Unknown, Why

TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # all of it well below the outbox' lease
LONGEST_VALUE = 20  # characters that vendors take for one template variable


def client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)


def ask(http: httpx.Client, request: httpx.Request) -> Mapping[str, Any] | Refused | Unknown:
    """The JSON object answered; Refused when nothing left this machine, Unknown when nobody can say."""
    try:
        answer = http.send(request)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Refused(Why.TRANSIENT, type(error).__name__)
    except httpx.HTTPError as error:
        return Unknown(type(error).__name__)
    if answer.status_code == 429:
        return Refused(Why.TRANSIENT, "429", wait=60)
    try:
        body = answer.json()
    except ValueError:
        return Unknown(f"HTTP {answer.status_code}")
    return body if isinstance(body, dict) else Unknown(f"HTTP {answer.status_code}")


def template_of(templates: Mapping[str, str], message: Message) -> str | Refused:
    """The vendor's id of one of our texts."""
    found = templates.get(message.template)
    return found or Refused(Why.CONFIGURATION, f"no template for {message.template}")


def verdict(code: str, errors: Mapping[str, Why]) -> Refused | Unknown:
    """What a vendor's code means; one that is not listed is an answer nobody can rely on."""
    return Refused(errors[code], code) if code in errors else Unknown(code or "no code")


def short(value: str) -> str:
    """Vendors refuse a message when one variable is too long; a cut one still says where to look."""
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
