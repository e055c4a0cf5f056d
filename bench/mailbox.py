"""The mailbox under load: letters a second and their slowest hundredth, one server process on one core.

Every acknowledged letter is on disk (SQLite: synchronous=FULL; PostgreSQL: fsync, on the cores that are left).
The client has the other cores. The ceiling is the same parsing and checking without a database. Letters in a
second of processor time say what the program costs, whatever else the machine does.
"""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import psutil

from bench import postgres
from mailbox_api import start
from mailbox_api.jobs import backup
from mailbox_api.letter import NOTICE_VERSION
from mailbox_api.setup import open_mailbox
from mailbox_api.store import limits

PROJECT = Path(__file__).parents[1]
LETTERS, RATES, CONNECTIONS = 2000, (200, 400, 1000), (8, 32)
PORT = 18765
SQLITE = "sqlite:///var/mailbox.db"
LETTER = {
    "name": "张三丰",
    "title": "公交站台夜间照明",
    "category": "咨询",
    "publish_consent": True,
    "notice_version": NOTICE_VERSION,
}
CEILING = """
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from mailbox_api.letter import read_submission
from mailbox_api.web.api import answer
from mailbox_api.web.requests import read_json
async def submit(request):
    body = await read_json(request)
    await run_in_threadpool(read_submission, body)
    return answer({"number": "2026-000001", "query_code": "0000-0000-00000", "received_at": "", "due": "", "provisional": False}, 201)
async def healthz(request):
    return answer({"status": "ok"})
app = Starlette(routes=[Route("/api/v1/letters", submit, methods=["POST"]), Route("/healthz", healthz)])
"""


def main() -> int:
    print("| 什么 | 封/秒 | 封/处理器秒 | p50 毫秒 | p99 毫秒 | 启动 秒 | 内存 MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with office(SQLITE) as root:
        asyncio.run(measure(root, "上限：同样的解析与校验，没有数据库", "ceiling:app", connections=8))
    on_each("SQLite", lambda: SQLITE)
    with postgres.cluster() as cluster:
        if cluster:
            on_each("PostgreSQL", cluster.empty_database)
        else:
            print("PostgreSQL 没有安装，没有测（deploy/setup.sh test）", file=sys.stderr)
    return 0


def on_each(name: str, empty: Callable[[], str]) -> None:
    app = "mailbox_api.asgi:app"
    for connections in CONNECTIONS:
        with office(empty()) as root:
            asyncio.run(measure(root, f"{name}，{connections} 个连接不停地投", app, connections=connections))
    for rate in RATES:
        with office(empty()) as root:
            asyncio.run(measure(root, f"{name}，每秒 {rate} 封", app, rate=rate))
            told = backup_of(root)
    print(f"| {name}，{LETTERS} 封来信的备份：{told} | | | | | | |")


def backup_of(root: Path) -> str:
    mailbox, began = open_mailbox(root), time.perf_counter()
    copy = backup.make(mailbox, root / "backups")
    seconds = time.perf_counter() - began
    mailbox.database.close()
    return f"{copy.stat().st_size / 1e6:.1f} MB，{seconds:.2f} 秒"


@contextmanager
def office(database: str) -> Iterator[Path]:
    """A folder right after `portal mailbox init`, on an empty database."""
    root = Path(tempfile.mkdtemp(prefix="bench-mailbox-"))
    os.environ["MAILBOX_DATABASE"] = database
    try:
        shutil.copy(PROJECT / "site.toml", root)
        (root / "ceiling.py").write_text(CEILING, "utf-8")
        list(start.first_start(root, login="admin", name="管理员", mobile="", demo_mobile="13800000000"))
        yield root
    finally:
        shutil.rmtree(root)


async def measure(root: Path, name: str, app: str, *, connections: int = 0, rate: int = 0) -> None:
    """`connections` that send without pause, or letters that are due at a `rate` a second."""
    bodies, began = requests_of(root, LETTERS), time.perf_counter()
    command = [sys.executable, "-m", "uvicorn", app, f"--port={PORT}", "--log-level=error", "--no-access-log"]
    environment = os.environ | {
        "PYTHONPATH": f"{PROJECT}:{root}",
        "MALLOC_ARENA_MAX": "2",
    }  # as portal.service
    server = subprocess.Popen(
        command, cwd=root, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, {0})
    )
    process = psutil.Process(server.pid)
    try:
        while not await answers():
            await asyncio.sleep(0.01)
        started = time.perf_counter() - began
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)) - {0} or {0})
        began, used = time.perf_counter(), sum(process.cpu_times()[:2])
        took = await (open_loop(bodies, rate) if rate else closed_loop(bodies, connections))
        seconds, used = time.perf_counter() - began, sum(process.cpu_times()[:2]) - used
        memory, cuts = process.memory_info().rss / 1e6, quantiles(took, n=100)
        print(
            f"| {name} | {len(took) / seconds:.0f} | {len(took) / used:.0f} | {cuts[49] * 1e3:.1f} "
            f"| {cuts[98] * 1e3:.1f} | {started:.2f} | {memory:.0f} |",
            flush=True,
        )
    finally:
        server.kill()
        server.wait()


def requests_of(root: Path, count: int) -> list[bytes]:
    """So many letters of so many proven mobiles, as bytes on the wire."""
    mailbox, made = open_mailbox(root), []
    with mailbox.database.write() as connection:
        for _ in range(count):
            mobile, token = f"139{secrets.randbelow(10**8):08d}", secrets.token_urlsafe(16)
            limits.add_permit(
                connection,
                token_hmac=mailbox.keys.digest("permit", token),
                mobile_ct=mailbox.keys.seal(mobile, f"permit|{token}"),
                mobile_bi=mailbox.keys.blind(mobile),
                purpose="letter",
                expires_at=mailbox.clock().replace(year=2100),
            )
            body = json.dumps(
                LETTER | {"permit": token, "content": f"{token}：站台晚上没有灯，请派人看看。"}
            ).encode()
            made.append(
                b"POST /api/v1/letters HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                + f"Idempotency-Key: {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
    mailbox.database.close()
    return made


async def answers() -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    except OSError:
        return False
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return b" 200 " in line


async def closed_loop(bodies: list[bytes], connections: int) -> list[float]:
    """Each connection sends its next letter as soon as the last is answered."""
    waiting, took = list(bodies), []

    async def work(send: Callable[[bytes], Awaitable[None]]) -> None:
        while waiting:
            body, began = waiting.pop(), time.perf_counter()
            await send(body)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*[connected(work) for _ in range(connections)])
    return took


async def open_loop(bodies: list[bytes], rate: int) -> list[float]:
    """A letter is due every 1/rate seconds; time counts from when it was due, not from when it was sent."""
    queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    took: list[float] = []

    async def work(send: Callable[[bytes], Awaitable[None]]) -> None:
        while (item := await queue.get()) is not None:
            await send(item[1])
            took.append(time.perf_counter() - item[0])

    workers = [asyncio.create_task(connected(work)) for _ in range(64)]
    began = time.perf_counter()
    for number, body in enumerate(bodies):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        queue.put_nowait((due, body))
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    return took


async def connected(work: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)

    async def send(request: bytes) -> None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(body.decode())

    try:
        await work(send)
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
