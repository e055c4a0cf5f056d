"""Starting the mailbox: the first time, alone, or as a dispatcher."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from types import FrameType

from starlette.applications import Starlette

from bureau import config, internal_token
from bureau.errors import ConfigError
from mailbox_api import keys
from mailbox_api.app import create_app
from mailbox_api.letter import read_mobile
from mailbox_api.service import office
from mailbox_api.setup import assemble, database_url, dispatcher_of, gateways_of, key_folder, open_mailbox
from mailbox_api.store import people
from mailbox_api.store.database import Database, ServerLock
from mailbox_api.web.shell import ShellFile

FIRST_ROLES = ("admin", "registrar", "handler", "reviewer", "publisher")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def first_start(root: Path, *, login: str, name: str, mobile: str, demo_mobile: str) -> Iterator[str]:
    """Keys, database, first administrator; what is there already stays. Yields what to tell."""
    site = config.load(root / "site.toml")
    folder = key_folder(root)
    database = Database(database_url(root))
    if not (folder / keys.FILE).exists():
        if database.exists():
            raise ConfigError(
                folder / keys.FILE,
                "数据库在而密钥文件不在，请放回保管的密钥文件；重新生成会使已有来信无法解开",
            )
        yield f"已生成密钥 {keys.save(keys.create(), folder)}：请立即抄送一份离线保管，丢失后已有来信无法解开"
    internal_token.make(root)
    ring = keys.load(folder)
    with closing(database):
        yield from _first_administrator(root, site, database, ring, login, name, mobile, demo_mobile)


def _first_administrator(
    root: Path,
    site: config.SiteConfig,
    database: Database,
    ring: keys.KeyRing,
    login: str,
    name: str,
    mobile: str,
    demo_mobile: str,
) -> Iterator[str]:
    database.upgrade()
    if database.is_sqlite:
        os.chmod(database.file, 0o600)
    mailbox = assemble(root, site, database, ring)
    with database.read() as connection:
        anyone = people.everyone(connection, ring)
    yield f"数据库已就绪：{database.url.render_as_string(hide_password=True)}"
    if anyone:
        yield f"已有工作人员{len(anyone)}名，没有改动"
        return
    number = mobile or (demo_mobile if site.identity.demo else "")
    if read_mobile(number) is None:
        raise ConfigError("--mobile", "请写第一个管理员的手机号，新来信的短信要发到这里")
    password = office.add_staff(mailbox, "console", login=login, name=name, roles=FIRST_ROLES, mobile=number)
    yield f"第一个管理员：登录名 {login}，口令 {password}（只显示这一次）"
    if not mobile:
        yield f"演示网站，通知写到占位号码 {number}，内容在 var/outbox/messages.jsonl"
    yield "下一步：portal serve，然后打开 /mailbox/new 写信、/staff/ 办理"


def is_initialised(root: Path) -> bool:
    with closing(Database(database_url(root))) as database:
        return database.exists()


def refuse_open_demo(root: Path, host: str, *, demo: bool) -> None:
    """The `file` gateway writes codes in the clear: only on this machine, or when it is said to be a demo."""
    files = any(gateway.name == "file" for row in gateways_of(root).values() for gateway in row)
    if files and host not in LOOPBACK and not demo:
        raise ConfigError(
            "MAILBOX_SMS",
            "短信还写在文件里，只能在本机（127.0.0.1）运行。请配置短信网关，或加 --demo 表明是演示",
        )


def standalone(root: Path, *, dispatches: bool = True) -> Starlette:
    shell = ShellFile(root / "releases/current/shell.html", root / "build/shell.html")
    return mount(root, shell, dispatches=dispatches)


def mount(root: Path, shell: Callable[[], str], *, dispatches: bool = True) -> Starlette:
    """The application for the portal's process; `shell()` gives the page around ours."""
    site, mailbox = config.load(root / "site.toml"), open_mailbox(root)
    if not dispatches and mailbox.database.is_sqlite:
        raise ConfigError(
            "MAILBOX_DATABASE", "SQLite 只能用 portal mailbox serve；网页与发送分开运行请改用 PostgreSQL"
        )
    lock = ServerLock(mailbox.database)
    lock.take()
    gc.freeze()  # the program itself is not looked through again and again: that holds up whoever waits
    return create_app(
        mailbox,
        dispatcher=dispatcher_of(mailbox, root) if dispatches else None,
        shell_text=shell,
        trusted_proxies=site.mailbox.trusted_proxies,
        demo=site.identity.demo,
        lock=lock,
        internal_token=internal_token.read(root),
        hook_secret=os.environ.get("MAILBOX_HOOK_SECRET", ""),
    )


def dispatch_forever(root: Path) -> None:
    mailbox = open_mailbox(root)
    if mailbox.database.is_sqlite:
        raise ConfigError(
            "MAILBOX_DATABASE", "SQLite 的通知由 portal mailbox serve 发送；单独发送请改用 PostgreSQL"
        )
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        mailbox.wake.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    dispatcher_of(mailbox, root).run(stop)
    mailbox.database.close()
