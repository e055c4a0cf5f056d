"""The weekly inspection: at least twelve items read here, and each one's failing state is reported."""

import http.server
import os
import shutil
import socket
import sqlite3
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bureau.config import Inspection as Limits
from bureau.config import WatchedService
from checks.server import inspection, machine, safekeeping, services
from checks.server.reading import Reading, State

NOW = datetime.now(UTC)


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers 200 on /, 500 on /broken, the mailbox's numbers on /stats; the Date header is an hour off on /late."""

    def do_GET(self) -> None:
        self.send_response_only(500 if self.path == "/broken" else 200)
        at = datetime.now(UTC) - timedelta(hours=self.path == "/late")
        self.send_header("Date", f"{at:%a, %d %b %Y %H:%M:%S GMT}")
        self.end_headers()
        if self.path == "/stats":
            self.wfile.write(b'{"sms_balance": 40}')

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def furnish(folder: Path) -> Path:
    """A machine's root with a database, a backup that restores and a quiet log."""
    for name in ("var/backups", "var/log"):
        (folder / name).mkdir(parents=True)
    with closing(sqlite3.connect(folder / "var/mailbox.db")) as connection:
        connection.execute("CREATE TABLE letter (id INTEGER)")
        connection.commit()
    with tarfile.open(folder / "var/backups/mailbox.tar.gz", "w:gz") as archive:
        archive.add(folder / "var/mailbox.db", "mailbox.db")
    (folder / "var/log/portal.log").write_text("一切正常\n", "utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return furnish(tmp_path)


@pytest.fixture(scope="module")
def inspected(tmp_path_factory: pytest.TempPathFactory, server: str) -> inspection.Inspection:
    """One real inspection of this machine; one of its hosts is written wrongly."""
    limits = Limits(
        backup_min_bytes=10, time_url=server, databases=("var/mailbox.db",), tls_hosts=("localhost:不是端口",),
        services=(WatchedService(name="portal", url=server),), stats_url=f"{server}/stats",
    )  # fmt: skip
    return inspection.inspect(furnish(tmp_path_factory.mktemp("machine")), limits, NOW)


def by_item(readings: tuple[Reading, ...]) -> dict[str, Reading]:
    return {reading.item: reading for reading in readings}


def test_twelve_items_return_values_on_any_machine(inspected: inspection.Inspection) -> None:
    read = {reading.item for reading in inspected.readings if reading.state is not State.UNREAD}

    assert len(read) >= 12, [reading.value for reading in inspected.unread]
    assert by_item(inspected.readings)["backup-restore"].state is State.GOOD


def test_a_probe_that_breaks_is_an_unread_item(inspected: inspection.Inspection) -> None:
    assert any("不是端口" in reading.value for reading in inspected.unread)


FULL = Limits(disk_percent=0, inode_percent=0, memory_percent=0, load_per_core=-1)


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(lambda root: machine.disk(root, FULL), id="磁盘"),
        pytest.param(lambda root: machine.inodes(root, FULL), id="节点"),
        pytest.param(lambda root: machine.memory(FULL), id="内存"),
        pytest.param(lambda root: machine.load(FULL), id="负载"),
        pytest.param(lambda root: safekeeping.backup_age(root / "none", Limits(), NOW), id="没有备份"),
        pytest.param(lambda root: safekeeping.backup_age(root / "var/backups", Limits(), NOW + timedelta(days=9)), id="旧备份"),
        pytest.param(lambda root: safekeeping.backup_restores(root / "var/backups", Limits(backup_min_bytes=10**9)), id="小备份"),
        pytest.param(lambda root: machine.judge_ports([(22, "0.0.0.0"), (3306, "0.0.0.0")], Limits()), id="端口"),
        pytest.param(lambda root: machine.judge_updates("Inst openssl [1] (2 Debian-Security:12/stable)", Limits()), id="更新"),
        pytest.param(lambda root: machine.judge_logins("Failed password for root from 192.0.2.7 port 1\n" * 51, Limits()), id="登录"),
    ],
)  # fmt: skip
def test_each_failing_item_is_reported_bad_with_advice(root: Path, reading: object) -> None:
    assert callable(reading)
    result = reading(root)

    assert result.state is State.BAD
    assert result.advice


def test_a_silent_or_broken_service_is_bad(server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answers = [
        services.answering(WatchedService(name=name, url=url)).state
        for name, url in [("ok", server), ("500", f"{server}/broken"), ("tcp", f"tcp://127.0.0.1:{port}")]
    ]

    assert answers == [State.GOOD, State.BAD, State.BAD]


def test_a_clock_an_hour_off_is_bad(server: str) -> None:
    assert machine.clock_skew(Limits(time_url=server), datetime.now(UTC)).state is State.GOOD
    assert machine.clock_skew(Limits(time_url=f"{server}/late"), datetime.now(UTC)).state is State.BAD


def test_few_messages_left_is_bad(server: str) -> None:
    assert services.sms_balance(f"{server}/stats", "t", Limits()).state is State.BAD
    assert services.sms_balance(f"{server}/stats", "t", Limits(sms_left=10)).state is State.GOOD
    assert services.sms_balance("http://127.0.0.1:9/", "t", Limits()).state is State.UNREAD


def test_a_damaged_backup_or_database_is_bad(root: Path) -> None:
    backup = root / "var/backups/mailbox.tar.gz"
    backup.write_bytes(backup.read_bytes()[:60] + b"\0" * 60)
    database = root / "var/mailbox.db"
    database.write_bytes(database.read_bytes()[:100] + os.urandom(4000))

    assert safekeeping.backup_restores(root / "var/backups", Limits(backup_min_bytes=10)).state is State.BAD
    assert safekeeping.database(database).state is State.BAD
    assert safekeeping.database(root / "none.db").state is State.UNREAD


def test_errors_in_the_log_count_only_since_the_last_inspection(root: Path) -> None:
    log = root / "var/log/portal.log"
    log.write_text("2026-11-01 ERROR 写不进数据库\n", "utf-8")

    assert safekeeping.log_errors([log], Limits(), NOW - timedelta(days=7)).state is State.BAD
    assert safekeeping.log_errors([log], Limits(), NOW + timedelta(days=1)).state is State.GOOD
    assert safekeeping.log_errors([], Limits(), NOW).state is State.UNREAD


class Unmoved(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us hangs up, as it should."""


@pytest.fixture(scope="module")
def tls_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A real TLS server whose certificate ends in ten days."""
    import ssl

    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Unmoved(("127.0.0.1", 0), Answer) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield httpd.server_port, str(cert)
        httpd.shutdown()


def test_a_certificate_is_counted_down(tls_port: tuple[int, str]) -> None:
    port, cafile = tls_port

    def read(days: int, ca: str | None) -> State:
        return services.certificate(f"localhost:{port}", Limits(tls_days=days), datetime.now(UTC), ca).state

    assert [read(3, cafile), read(8, cafile), read(21, cafile), read(3, None)] == [
        State.GOOD,
        State.WARNING,
        State.BAD,
        State.BAD,
    ]


def test_an_inspection_is_kept_whole_and_compared_with_the_one_before(
    inspected: inspection.Inspection, tmp_path: Path
) -> None:
    full = replace(
        inspected, at=NOW - timedelta(days=7), readings=(machine.disk(tmp_path, Limits(disk_percent=0)),)
    )
    inspection.save(full, tmp_path)
    (tmp_path / "20990101T000000Z.json").write_text("{", "utf-8")
    before = inspection.latest(tmp_path, NOW)

    assert before == full
    disk = next(trend for trend in inspection.trends(inspected, before) if trend.now.item == "disk")
    assert disk.recovered
    assert disk.change is not None
