"""HTTPS that does not hold: what no browser takes is dead and says why, the rest is uncertain. IPv6 too."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bureau.config import Links
from checks.links.answers import Answer, State
from checks.links.judging import judge
from checks.links.probe import Prober

NOW = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
MANNERS = Links(timeout_seconds=3, host_delay_seconds=0, retries=0, allow_private=True)
LOCAL = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("::1")))
ELSEWHERE = (x509.DNSName("www.example.org"),)


class Authority:
    """Signs certificates; `None` as authority means that a certificate signs itself."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = _sign(self.name, self.key, self.name, self.key, (), (-30, 30), is_authority=True)


def _sign(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    by: ec.EllipticCurvePrivateKey,
    names: tuple[x509.GeneralName, ...],
    days: tuple[int, int],
    *,
    is_authority: bool = False,
) -> x509.Certificate:
    today = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=days[0]))
        .not_valid_after(today + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(by, hashes.SHA256())


def _server_context(
    folder: Path, authority: Authority | None, names: tuple[x509.GeneralName, ...], days: tuple[int, int]
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    issuer, by = (authority.name, authority.key) if authority else (subject, key)
    certificate = _sign(subject, key, issuer, by, names, days)
    file = folder / "server.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "<title>通知</title>正文".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


class Local(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us hangs up, as it should."""


class Local6(Local):
    address_family = socket.AF_INET6


@contextmanager
def _serving(
    context: ssl.SSLContext | None, kind: type[Local] = Local, host: str = "127.0.0.1"
) -> Iterator[int]:
    with kind((host, 0), Page) as server:
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("known")


def _ask(url: str, authority: Authority, manners: Links = MANNERS) -> Answer:
    trusted = ssl.create_default_context(
        cadata=authority.certificate.public_bytes(serialization.Encoding.PEM).decode()
    )

    async def one() -> Answer:
        prober = Prober(manners, "test", trusted)
        try:
            return await prober.ask(url, NOW)
        finally:
            await prober.close()

    return asyncio.run(one())


@pytest.mark.parametrize(
    ("signed", "names", "days", "state", "reason"),
    [
        pytest.param("known", LOCAL, (-5, 5), State.WELL, "", id="good"),
        pytest.param("known", LOCAL, (-9, -5), State.DEAD, "证书有问题：已过期", id="expired"),
        pytest.param("known", LOCAL, (5, 9), State.DEAD, "证书有问题：尚未生效", id="future"),
        pytest.param("known", ELSEWHERE, (-5, 5), State.DEAD, "证书有问题：与域名不符", id="wrong host"),
        pytest.param("itself", LOCAL, (-5, 5), State.DEAD, "证书有问题：自签名", id="self-signed"),
        pytest.param("unknown", LOCAL, (-5, 5), State.UNCERTAIN, "证书校验不过", id="unknown authority"),
    ],
)
def test_certificates_are_told_apart(
    tmp_path: Path,
    authority: Authority,
    signed: str,
    names: tuple[x509.GeneralName, ...],
    days: tuple[int, int],
    state: State,
    reason: str,
) -> None:
    signer = {"known": authority, "unknown": Authority("unknown"), "itself": None}[signed]
    with _serving(_server_context(tmp_path, signer, names, days)) as port:
        answer = _ask(f"https://localhost:{port}/", authority)

    found, why = judge(answer, lambda title: "")
    assert found is state
    assert why.startswith(reason)


def test_a_server_that_does_not_encrypt_is_dead(authority: Authority) -> None:
    with _serving(None) as port:
        answer = _ask(f"https://localhost:{port}/", authority)

    assert judge(answer, lambda title: "") == (State.DEAD, "证书有问题：对方没有加密")


@pytest.mark.parametrize("encrypted", [False, True])
def test_ipv6_is_asked_like_ipv4(tmp_path: Path, authority: Authority, encrypted: bool) -> None:
    context = _server_context(tmp_path, authority, LOCAL, (-5, 5)) if encrypted else None
    try:
        with _serving(context, Local6, "::1") as port:
            url = f"{'https' if encrypted else 'http'}://[::1]:{port}/"
            answer = _ask(url, authority)
            private = _ask(url, authority, Links(host_delay_seconds=0))
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")

    assert judge(answer, lambda title: "")[0] is State.WELL
    assert judge(private, lambda title: "")[0] is State.NOT_ASKED
