"""What only the running site tells: online services that answer, and IPv6 (D11, D29, C10)."""

import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from checks.monitor.availability import Probe, probe

Resolve = Callable[[str], bool]


def has_ipv6(host: str) -> bool:
    """Whether the name has an AAAA record. Raises OSError when the name cannot be asked at all."""
    try:
        socket.getaddrinfo(host, None, socket.AF_INET6)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise
        return False
    return True


def look(
    url: str,
    online_services: Sequence[str],
    at: datetime,
    *,
    limit: float = 15.0,
    resolve: Resolve = has_ipv6,
) -> dict[str, list[str]]:
    """What failed, by measure. A measure whose probe could not be made is left out and stays unjudged."""
    visits = [probe(service, at, limit=limit) for service in online_services]
    down = [f"{visit.url}：{visit.reason}" for visit in visits if not visit.ok]
    found = {"online-systems-down": down}
    if visits:
        found["no-online-service-entry"] = down if len(down) == len(visits) else []
    try:
        found["no-ipv6"] = _ipv6_failures(url, at, limit, resolve)
    except OSError:
        return found
    return found


def _ipv6_failures(url: str, at: datetime, limit: float, resolve: Resolve) -> list[str]:
    host = urlsplit(url).hostname or ""
    if not resolve(host):
        return [f"{host} 没有 IPv6 地址"]
    visit: Probe = probe(url, at, family="IPv6", limit=limit)
    return [] if visit.ok else [f"经 IPv6 打不开：{visit.reason}"]
