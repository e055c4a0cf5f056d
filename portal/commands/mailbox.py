"""portal mailbox …"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bureau.errors import ConfigError

DEMO_MOBILE = "13800000000"

mailbox = typer.Typer(no_args_is_help=True, help="领导信箱：开通、运行、人员。")
staff = typer.Typer(no_args_is_help=True, help="工作人员账号。")
mailbox.add_typer(staff, name="staff")


def register(app: typer.Typer) -> None:
    app.add_typer(mailbox, name="mailbox")


@contextmanager
def told() -> Iterator[None]:
    """What the mailbox refuses is a wrong use of the command, told in its own words."""
    from mailbox_api.errors import MailboxError

    try:
        yield
    except MailboxError as error:
        raise ConfigError("portal mailbox", error.message) from error


@mailbox.command()
def init(
    login: Annotated[str, typer.Option(help="第一个管理员的登录名。")] = "admin",
    name: Annotated[str, typer.Option(help="第一个管理员的姓名。")] = "管理员",
    mobile: Annotated[str, typer.Option(help="接收通知的手机号；演示网站可以不写。")] = "",
) -> None:
    """生成密钥、建立（或升级）数据库和第一个管理员。"""
    from mailbox_api.start import first_start

    with told():
        for line in first_start(Path(), login=login, name=name, mobile=mobile, demo_mobile=DEMO_MOBILE):
            print(line)


@mailbox.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口。")] = 8001,
    demo: Annotated[bool, typer.Option("--demo", help="允许在本机以外的地址上把通知写进文件。")] = False,
) -> None:
    """只运行信箱（网页和通知在一个进程）。"""
    _serve(host, port, demo=demo, dispatches=True)


@mailbox.command()
def web(
    host: Annotated[str, typer.Option(help="监听的地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听的端口。")] = 8001,
    demo: Annotated[bool, typer.Option("--demo", help="允许在本机以外的地址上把通知写进文件。")] = False,
) -> None:
    """只运行网页，通知由 portal mailbox dispatch 发送（要用 PostgreSQL）。"""
    _serve(host, port, demo=demo, dispatches=False)


def _serve(host: str, port: int, *, demo: bool, dispatches: bool) -> None:
    import uvicorn

    from mailbox_api.start import refuse_open_demo, standalone
    from portal.commands.serve import listen

    refuse_open_demo(Path(), host, demo=demo)
    app = standalone(Path(), dispatches=dispatches)
    listening = listen(host, port)
    print(f"信箱：http://{host}:{port}/mailbox/new  （按 Ctrl-C 结束）", file=sys.stderr)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none")
    uvicorn.Server(config).run([listening])


@mailbox.command()
def dispatch() -> None:
    """只发送通知，可以开几个（要用 PostgreSQL）。"""
    from mailbox_api.start import dispatch_forever

    print("正在发送通知（按 Ctrl-C 结束）", file=sys.stderr)
    dispatch_forever(Path())


@mailbox.command("verify-audit")
def verify_audit() -> None:
    """重新计算审计链，有一处改动就指出来。"""
    from mailbox_api.setup import open_mailbox
    from mailbox_api.store import audit

    verdict = audit.verify(open_mailbox(Path()).database)
    print(f"审计记录{verdict.checked}条，链尾 {verdict.head[:16]}")
    if verdict.broken_at is not None:
        print(f"从第{verdict.broken_at}条起被改动过", file=sys.stderr)
        raise typer.Exit(1)


@mailbox.command()
def stats(month: Annotated[str, typer.Argument(help="月份，例如 2026-11；不写为本月。")] = "") -> None:
    """某月的统计（JSON）。"""
    import json

    from mailbox_api.service import monthly
    from mailbox_api.setup import open_mailbox

    mailbox = open_mailbox(Path())
    with told():
        chosen = monthly.Month.read(month) if month else monthly.Month.of(mailbox.today)
        print(json.dumps(monthly.of_month(mailbox, chosen), ensure_ascii=False, indent=2))


@mailbox.command("publish-replies")
def publish_replies(
    author: Annotated[str, typer.Option(help="提交用的署名。")] = "领导信箱 <mailbox@localhost>",
) -> None:
    """把批准公开的来信写进 content/，把撤销的换成“已撤下”，并提交。

    撤销的来信同时从留着的每个版本和它的搜索里抹掉，退回旧版本也不会再出现。
    """
    from functools import partial

    from mailbox_api.jobs import publish
    from mailbox_api.setup import open_mailbox
    from portal import purging
    from portal.releases import Shelf
    from portal.search import index

    root, shelf = Path(), Shelf(Path("releases"))
    with shelf.lock():
        done = publish.run(
            open_mailbox(root),
            root,
            author,
            lambda files: purging.purge(shelf.all(), files, publish.WITHDRAWN, partial(index.unlist, root)),
        )
    for path in done:
        print(path)
    if not done:
        print("没有要公开或撤下的来信", file=sys.stderr)


@mailbox.command()
def backup(
    folder: Annotated[Path, typer.Option(help="备份放在哪里。")] = Path("var/backups"),
) -> None:
    """在线备份数据库（密钥不在里面，要另外保管）；每五分钟运行一次，最多丢五分钟。"""
    from mailbox_api.jobs import backup
    from mailbox_api.setup import open_mailbox

    print(backup.make(open_mailbox(Path()), folder))


@mailbox.command()
def restore(copy: Annotated[Path, typer.Argument(help="备份文件。")]) -> None:
    """把备份恢复到空的位置；先放好保管的密钥文件，解不开就不动手。"""
    from mailbox_api import keys
    from mailbox_api.jobs import backup
    from mailbox_api.setup import database_url, key_folder
    from mailbox_api.store.database import Database

    ring = keys.load(key_folder(Path()))
    count = backup.restore(Database(database_url(Path())), copy, ring)
    print(f"已恢复，共{count}封来信。请执行 portal mailbox verify-audit 核对后再启动服务")


@mailbox.command()
def rekey(
    retire: Annotated[bool, typer.Option("--retire", help="换完后从密钥文件里去掉旧密钥。")] = False,
) -> None:
    """换一把新密钥，把所有密文重写一遍（先停下服务）。"""
    from mailbox_api import keys
    from mailbox_api.jobs import keeping
    from mailbox_api.setup import key_folder, open_mailbox
    from mailbox_api.store.database import ServerLock

    mailbox = open_mailbox(Path())
    ServerLock(mailbox.database).take()
    old, ring = mailbox.keys.current, mailbox.keys.with_new_key()
    keys.save(ring, key_folder(Path()))
    print(f"已换成密钥 {ring.current}，重写{keeping.rekey(mailbox, ring)}处。请重新抄送一份密钥文件离线保管")
    if retire and (waiting := keeping.in_use(mailbox, old)):
        raise ConfigError("--retire", f"还有{waiting}条一天内的临时记录用着旧密钥，请明天再去掉")
    if retire:
        keys.save(ring.only_current(), key_folder(Path()))
        print("旧密钥已去掉；更早的备份要用旧的密钥文件才能解开，请一并保管")


@mailbox.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出，不清除。")] = False,
) -> None:
    """清除办结已久的来信里的个人信息，只留统计（期限见 site.toml 的 purge_months）。"""
    from mailbox_api.jobs import keeping
    from mailbox_api.setup import open_mailbox

    numbers = keeping.purge(open_mailbox(Path()), dry_run=dry_run)
    for number in numbers:
        print(number)
    print(f"{'将' if dry_run else '已'}清除{len(numbers)}封来信的个人信息", file=sys.stderr)


@staff.command("add")
def add_staff(
    login: Annotated[str, typer.Argument(help="登录名。")],
    name: Annotated[str, typer.Option(help="姓名。")],
    roles: Annotated[str, typer.Option(help="角色，用逗号分开，例如 registrar,handler。")],
    department: Annotated[str, typer.Option(help="处室代号（site.toml）；空着表示不限处室。")] = "",
    mobile: Annotated[str, typer.Option(help="接收短信的手机号。")] = "",
    wechat: Annotated[str, typer.Option(help="企业微信账号。")] = "",
) -> None:
    """增加一名工作人员，口令显示一次。"""
    from mailbox_api.service import office
    from mailbox_api.setup import open_mailbox

    with told():
        password = office.add_staff(
            open_mailbox(Path()),
            "console",
            login=login,
            name=name,
            roles=[role.strip() for role in roles.split(",") if role.strip()],
            department=department,
            mobile=mobile,
            wechat=wechat,
        )
    print(f"已增加 {login}，口令（只显示这一次）：{password}")


@staff.command("reset")
def reset_staff(login: Annotated[str, typer.Argument(help="登录名。")]) -> None:
    """重设口令并去掉动态口令，新口令显示一次。"""
    from mailbox_api.service import office
    from mailbox_api.setup import open_mailbox

    with told():
        print(f"新口令（只显示这一次）：{office.reset(open_mailbox(Path()), 'console', login)}")


@staff.command("list")
def list_staff() -> None:
    """列出工作人员。"""
    from mailbox_api.service import office
    from mailbox_api.setup import open_mailbox

    for line in office.listing(open_mailbox(Path())):
        print(line)
