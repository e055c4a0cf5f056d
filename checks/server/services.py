"""What should answer: services by HTTP or TCP, certificates, the SMS account."""

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from bureau.config import Inspection, WatchedService
from checks.monitor.alerts import bearer
from checks.server.reading import Reading, State, at_least, unread

TIMEOUT = 10.0  # seconds


def answering(service: WatchedService) -> Reading:
    """Good when the service answers: a 2xx or 3xx over HTTP, an accepted connection over TCP."""
    try:
        answer = _ask(service.url)
    except (OSError, httpx.HTTPError) as error:
        answer = f"没有应答（{type(error).__name__}）"
    good = answer == "正常"
    return Reading(
        item=f"service:{service.name}",
        name=f"服务 {service.name}",
        state=State.GOOD if good else State.BAD,
        value=answer,
        number=1.0 if good else 0.0,
        limit="应当应答",
        advice="" if good else f"查看日志并重启：systemctl status {service.unit or service.name}",
    )


def _ask(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), TIMEOUT):
            return "正常"
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT)
            connection.connect(parts.path)
            return "正常"
    status = httpx.get(url, timeout=TIMEOUT).status_code
    return "正常" if status < 400 else f"返回 {status}"


def certificate(address: str, limits: Inspection, now: datetime, cafile: str | None = None) -> Reading:
    """Days until the TLS certificate of `host` or `host:port` ends."""
    host, _, written = address.partition(":")
    port = int(written or 443)
    item, name = f"tls:{host}", f"证书 {host}"
    advice = "续签证书并重载 nginx"
    try:
        context = ssl.create_default_context(cafile=cafile)
        with (
            socket.create_connection((host, port), TIMEOUT) as raw,
            context.wrap_socket(raw, server_hostname=host) as connection,
        ):
            peer = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Reading(
            item=item, name=name, state=State.BAD, value=f"证书无效：{error.verify_message}", advice=advice
        )
    except OSError as error:
        return unread(item, name, f"连不上 {host}:{port}（{error}）")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(peer["notAfter"])), UTC)
    return at_least(item, name, (ends - now).days, limits.tls_days, unit="天", advice=advice)


def sms_balance(stats_url: str, token: str, limits: Inspection) -> Reading:
    """Messages left at the SMS gateway, where the mailbox's internal statistics tell it."""
    name = "短信余量"
    try:
        answer = httpx.get(stats_url, headers=bearer(token), timeout=TIMEOUT)
        balance = answer.raise_for_status().json().get("sms_balance")
    except (httpx.HTTPError, ValueError) as error:
        return unread("sms", name, f"信箱统计读不到（{type(error).__name__}）")
    if balance is None:
        return unread("sms", name, "短信网关没有提供余量")
    return at_least("sms", name, float(balance), limits.sms_left, unit="条", advice="向短信服务商续费")
