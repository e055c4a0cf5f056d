"""The prober against a server that misbehaves in every way met in the wild."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bureau.config import Links, SiteConfig
from checks.links import online, probe
from checks.links.answers import Answer, Failure, State
from checks.links.judging import judge
from checks.links.register import Register

NOW = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
MANNERS = Links(timeout_seconds=0.6, per_host=4, host_delay_seconds=0, retries=1, allow_private=True)
HTML = "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n{more}\r\n"


def _answer(body: str, status: str = "200 OK", more: str = "", encoding: str = "utf-8") -> bytes:
    content = body.encode(encoding)
    return HTML.format(status=status, length=len(content), more=more).encode() + content


PAGES: dict[str, bytes] = {
    "/": _answer("<title>首页</title>" + "办事" * 200),
    "/well": _answer("<title>通知</title>正文"),
    "/gone": _answer("没有了", "404 Not Found"),
    "/error": _answer("", "500 Oops"),
    "/forbidden": _answer("", "403 Forbidden"),
    "/limited": _answer("", "429 Too Many Requests"),
    "/firewall": _answer("", "521 Origin Down"),
    "/precondition": _answer("", "412 Precondition Failed"),
    "/moved": _answer("", "301 Moved", "Location: /well\r\n"),
    "/chinese": _answer("", "302 Found", "Location: /%E9%80%9A%E7%9F%A5\r\n"),
    "/%E9%80%9A%E7%9F%A5": _answer("<title>通知</title>"),
    "/loop": _answer("", "302 Found", "Location: /loop2\r\n"),
    "/loop2": _answer("", "302 Found", "Location: /loop\r\n"),
    "/old/7.html": _answer("", "302 Found", "Location: /\r\n"),
    "/cn": _answer("", "302 Found", "Location: /\r\n"),
    "/index.html": _answer("", "302 Found", "Location: /\r\n"),
    "/inside": _answer("", "302 Found", "Location: http://127.0.0.2/well\r\n"),
    "/cookie": _answer("", "302 Found", "Set-Cookie: seen=1; Path=/\r\nLocation: /cookie\r\n"),
    "/soft": _answer("<title>提示</title><p>抱歉，您访问的页面不存在</p>"),
    "/about404": _answer("<title>关于加强网站管理的通知</title>" + "对页面不存在等问题要及时整改。" * 30),
    "/parked": _answer("<title>该域名出售</title>"),
    "/bet": _answer("<title>真人百家乐注册送彩金</title>"),
    "/gbk": _answer("<meta charset=gbk><title>页面不存在</title>", encoding="gbk"),
    "/wall": _answer("<title>Just a moment...</title>"),
    "/old": b"HTTP/1.0 200 OK\r\n\r\n<title>old</title>",
    "/short": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n<title>x",
    "/chunks": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "/garbage": b"\x00\x01 nothing like http\r\n\r\n",
    "/mail": _answer("", "302 Found", "Location: mailto:a@b.cn\r\n"),
    "/reset": b"RESET",
    "/slow": b"SLOW",
    "/huge": b"HUGE",
}
HEAD_REFUSED = frozenset(["/nohead"])
PAGES["/nohead"] = _answer("<title>好</title>")


class Server:
    """Raw sockets, so that every kind of rudeness can be had."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.asked, self.sent, self.talking, self.most = list[str](), 0, 0, 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection as stream:
                line = stream.recv(65536).decode("latin-1")
                method, address, _ = line.split("\r\n")[0].split(" ")
                path = address.partition("?")[0]
                self.asked.append(f"{method} {address}")
                self.talking += 1
                self.most = max(self.most, self.talking)
                page = "/well" if "seen=1" in line else path
                self._reply(stream, method, PAGES.get(page, PAGES["/gone"]), path)
                self.talking -= 1
        except OSError:
            self.talking -= 1  # the other side hung up, as it may

    def _reply(self, stream: socket.socket, method: str, answer: bytes, path: str) -> None:
        if answer == b"RESET":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return
        if answer == b"SLOW":
            threading.Event().wait(3)
            return
        if answer == b"HUGE":
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>big</title>")
            for _ in range(2000 if method == "GET" else 0):
                stream.sendall(b"x" * 65536)
                self.sent += 65536
            return
        if path in HEAD_REFUSED and method == "HEAD":
            answer = _answer("", "405 Method Not Allowed")
        stream.sendall(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else answer)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.socket.close()


def _ask(url: str, manners: Links = MANNERS) -> Answer:
    async def one() -> Answer:
        prober = probe.Prober(manners, "test")
        try:
            return await prober.ask(url, NOW)
        finally:
            await prober.close()

    return asyncio.run(one())


def _planted(title: str) -> str:
    return "涉赌" if "百家乐" in title else ""


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/well", State.WELL, ""),
        ("/moved", State.WELL, ""),
        ("/chinese", State.WELL, ""),
        ("/nohead", State.WELL, ""),
        ("/old", State.WELL, ""),
        ("/huge", State.WELL, ""),
        ("/about404", State.WELL, ""),
        ("/gone", State.DEAD, "404"),
        ("/error", State.DEAD, "500"),
        ("/loop", State.DEAD, "没有尽头"),
        ("/old/7.html", State.DEAD, "首页"),
        ("/cn", State.UNCERTAIN, "首页"),
        ("/index.html", State.WELL, ""),
        ("/cookie", State.WELL, ""),
        ("/soft", State.DEAD, "提示"),
        ("/gbk", State.DEAD, "页面不存在"),
        ("/parked", State.DEAD, "停放"),
        ("/reset", State.DEAD, ""),
        ("/slow", State.DEAD, "超时"),
        ("/short", State.DEAD, "不完整"),
        ("/chunks", State.DEAD, "不完整"),
        ("/garbage", State.DEAD, "不完整"),
        ("/mail", State.DEAD, "不是网址"),
        ("/forbidden", State.UNCERTAIN, "403"),
        ("/limited", State.UNCERTAIN, "429"),
        ("/precondition", State.UNCERTAIN, "412"),
        ("/firewall", State.UNCERTAIN, "521"),
        ("/wall", State.UNCERTAIN, ""),
        ("/bet", State.HIJACKED, "百家乐"),
    ],
)
def test_every_way_of_answering_is_told_apart(server: Server, path: str, state: State, reason: str) -> None:
    found, why = judge(_ask(server.url + path), _planted)

    assert found is state
    assert reason in why


def test_a_huge_page_is_not_read_to_its_end(server: Server) -> None:
    before = server.sent
    _ask(server.url + "/huge")

    assert server.sent - before < 20_000_000


def test_a_closed_port_and_a_name_that_is_none_are_dead() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    assert judge(_ask(f"http://127.0.0.1:{port}/"), _planted) == (State.DEAD, "连接不上")
    assert judge(_ask("http://no-such-host.invalid/"), _planted)[0] is State.DEAD


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254"]
)
def test_private_networks_are_not_asked(server: Server, host: str) -> None:
    port = server.url.rpartition(":")[2]
    before = len(server.asked)

    answer = _ask(f"http://{host}:{port}/well", replace(MANNERS, allow_private=False))

    assert judge(answer, _planted)[0] is State.NOT_ASKED
    assert len(server.asked) == before


def test_a_redirect_does_not_lead_into_a_private_network(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_is_public", lambda address: address == "127.0.0.1")

    answer = _ask(f"{server.url}/inside", replace(MANNERS, allow_private=False))

    assert judge(answer, _planted) == (State.NOT_ASKED, "指向内部网络 127.0.0.2，没有访问")


def test_a_name_that_changes_its_address_is_asked_where_it_was_looked_at(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: a public address for the look, a private one for the visit."""
    answers = iter(["127.0.0.1"])

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        address = next(answers, "127.0.0.2") if host == "rebind.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(probe, "_is_public", lambda address: address == "127.0.0.1")
    port, before = server.url.rpartition(":")[2], len(server.asked)

    answer = _ask(f"http://rebind.example:{port}/about.pdf", replace(MANNERS, allow_private=False))

    assert server.asked[before:] == ["HEAD /about.pdf"]
    assert answer.failure is Failure.PRIVATE  # the second look, for the GET


def test_a_host_is_asked_by_few_at_once_and_not_in_a_rush() -> None:
    manners = replace(MANNERS, per_host=2, host_delay_seconds=0.05)
    server = Server()

    async def many() -> None:
        async for _ in probe.ask_all((f"{server.url}/well?{n}" for n in range(8)), manners, "robot/1", NOW):
            pass

    start = time.monotonic()
    asyncio.run(many())
    server.socket.close()

    assert len(server.asked) == 16
    assert server.most <= 2
    assert time.monotonic() - start >= 15 * 0.05


def test_a_silent_host_is_not_waited_for_again_and_again(server: Server) -> None:
    before = len(server.asked)

    async def many() -> list[Answer]:
        urls = [f"{server.url}/slow?{n}" for n in range(8)]
        return [answer async for answer in probe.ask_all(urls, replace(MANNERS, per_host=1), "robot/1", NOW)]

    answers = asyncio.run(many())

    assert {answer.failure for answer in answers} == {Failure.TIMEOUT}
    assert len(server.asked) - before == 3 * (1 + 1 + MANNERS.retries) + 5


def _round(register: Register, urls: list[str], at: datetime, config: SiteConfig) -> online.Round:
    return online.run(urls, replace(config, links=MANNERS), register, at, _planted)


def test_dead_only_when_two_runs_an_hour_apart_agree(
    server: Server, tmp_path: Path, config: SiteConfig
) -> None:
    register = Register(tmp_path / "checks.db")
    url = f"{server.url}/gone"
    urls = [url, f"{server.url}/well"]

    first = _round(register, urls, NOW, config)
    soon = _round(register, urls, NOW + timedelta(minutes=20), config)
    later = _round(register, urls, NOW + timedelta(hours=2), config)

    assert not first.asked[url].is_dead(1)
    assert soon.requests == 0
    assert later.requests == 1
    assert later.asked[url].is_dead(1)


def test_an_address_that_recovers_starts_anew(server: Server, tmp_path: Path, config: SiteConfig) -> None:
    register = Register(tmp_path / "checks.db")
    url = f"{server.url}/later"
    _round(register, [url, f"{server.url}/well"], NOW, config)
    PAGES["/later"] = PAGES["/well"]
    try:
        recovered = _round(register, [url], NOW + timedelta(hours=2), config)
    finally:
        del PAGES["/later"]
    again = _round(register, [url, f"{server.url}/well"], NOW + timedelta(days=9), config)

    assert recovered.asked[url].state is State.WELL
    assert again.asked[url].state is State.DEAD
    assert not again.asked[url].is_dead(1)


def test_without_a_network_nothing_is_judged_and_nothing_kept(tmp_path: Path, config: SiteConfig) -> None:
    register = Register(tmp_path / "checks.db")

    told = _round(register, ["http://a.invalid/", "http://b.invalid/"], NOW, config)

    assert "没有接通" in told.unchecked[0]
    assert told.asked == {}
    assert register.asked() == {}


def test_where_all_is_silent_an_address_that_was_well_tells_whether_there_is_a_network(
    server: Server, tmp_path: Path, config: SiteConfig
) -> None:
    register = Register(tmp_path / "checks.db")
    lost, well = "http://a.invalid/", f"{server.url}/well"
    _round(register, [lost, well], NOW, config)

    settled = _round(register, [lost, well], NOW + timedelta(hours=2), config)

    assert settled.unchecked == ()
    assert settled.asked[lost].is_dead(1)


def test_between_the_monthly_runs_only_what_seemed_dead_is_asked(
    server: Server, tmp_path: Path, config: SiteConfig
) -> None:
    register = Register(tmp_path / "checks.db")
    gone, well, new = (f"{server.url}/{name}" for name in ("gone", "well", "moved"))
    _round(register, [gone, well], NOW, config)
    before = len(server.asked)

    later = online.run(
        [gone, well, new],
        replace(config, links=MANNERS),
        register,
        NOW + timedelta(days=8),
        _planted,
        all_due=False,
    )

    assert {line.split(" ")[1] for line in server.asked[before:]} == {"/gone"}
    assert later.asked.keys() == {gone, well}
