"""portal desk: service tickets at the command line."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bureau.errors import ConfigError
from portal.commands.mailbox import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailbox_api.service.parts import Mailbox
    from mailbox_api.service_ticket import Ticket
    from mailbox_api.store.people import Staff

    Change = Callable[[Mailbox, Staff, int], Ticket]

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="工单编号，例 GD2026-0001。")]
By = Annotated[str, typer.Option(help="谁办的（登录名或姓名），记入审计。")]
Text = Annotated[str, typer.Option(help="说明。")]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="desk")


@app.callback()
def desk() -> None:
    """工单：故障、协助上传、诊断、现场、局部调整、培训、不可抗力、监测反馈。"""


@app.command("open")
def open_ticket(
    kind: Annotated[
        str,
        typer.Argument(
            help="fault 故障、upload 协助上传、diagnosis 远程诊断、on-site 现场、adjustment 局部调整、training 培训、force-majeure 不可抗力。"
        ),
    ],
    title: Annotated[str, typer.Argument(help="一句话说清是什么。")],
    text: Text,
    by: By,
    started: Annotated[
        str | None, typer.Option(help="发生时间，不写为现在。", metavar="'2026-11-25 09:30'")
    ] = None,
    department: Annotated[str, typer.Option(help="处室代号（site.toml）。")] = "",
) -> None:
    """提出一张工单，时限从现在（或 --started）起算。"""
    from mailbox_api.service import desk as tickets

    with told():
        ticket = tickets.open_ticket(
            _mailbox(),
            tickets.console(by),
            kind=kind,
            title=title,
            text=text,
            started_at=_moment(started),
            department=department,
        )
    print(ticket.number)
    _say_clocks(ticket)


@app.command("list")
def list_tickets(
    state: Annotated[
        str, typer.Option(help="open 在办，opened 待响应，handled 待确认，ended 已结束。")
    ] = "open",
) -> None:
    """列出工单，在办的写明时限还剩多少。"""
    from mailbox_api.service import desk as tickets
    from mailbox_api.store import tickets as store
    from mailbox_api.web.tickets import left_text

    mailbox = _mailbox()
    if state not in tickets.STATES:
        raise ConfigError("--state", f"应为 {'、'.join(tickets.STATES)}，现为 {state}")
    with mailbox.database.read() as connection:
        rows = store.listing(connection, statuses=tuple(tickets.STATES[state][1]))
    for row in rows:
        clock, broken = row.next_clock, row.broken(mailbox.clock())
        left = f"  {left_text(clock, mailbox.clock())}" if clock else ""
        late = "  超过合同时限" if broken else ""
        print(f"{row.number}  {row.kind.text}  {row.status.text}  {row.title}{left}{late}")


@app.command()
def show(number: Number) -> None:
    """一张工单的时限与经过。"""
    from mailbox_api.service import desk as tickets
    from mailbox_api.service.clocks import local
    from mailbox_api.web.names import ENTRY_NAMES

    with told():
        opened = tickets.read(_mailbox(), tickets.console("console"), number)
    ticket = opened.ticket
    print(f"{ticket.number}  {ticket.kind.text}  {ticket.status.text}  {ticket.title}")
    _say_clocks(ticket)
    for entry in opened.timeline:
        print(f"{local(entry.at)}  {entry.author}  {ENTRY_NAMES[entry.kind]}  {entry.body}")
    for file in opened.files:
        print(f"附件  {file.name}（{file.size} 字节）")


@app.command()
def answer(number: Number, text: Text, by: By) -> None:
    """响应（合同：2 小时内）。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.answer(m, s, number, v, text))


@app.command()
def tell(
    number: Number,
    text: Text,
    by: By,
    promised: Annotated[
        str | None, typer.Option(help="预计处理好的时间。", metavar="'2026-11-26 12:00'")
    ] = None,
) -> None:
    """告知甲方：发现了什么、发生了什么，或 8 小时内处理不完（须在 8 小时之前）。"""
    from mailbox_api.service import desk as tickets

    moment = _moment(promised)
    _act(number, by, lambda m, s, v: tickets.tell(m, s, number, v, text, moment))


@app.command()
def acknowledge(number: Number, by: By, text: Text = "") -> None:
    """甲方确认知悉。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.acknowledge(m, s, number, v, text))


@app.command()
def handle(number: Number, text: Text, by: By) -> None:
    """处理完毕，等甲方确认。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.handle(m, s, number, v, text))


@app.command()
def close(number: Number, by: By, text: Text = "") -> None:
    """甲方确认，办结。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.close(m, s, number, v, text))


@app.command()
def reopen(number: Number, reason: Annotated[str, typer.Option(help="还有什么问题。")], by: By) -> None:
    """甲方退回，重新计 8 小时。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.reopen(m, s, number, v, reason))


@app.command()
def withdraw(number: Number, reason: Annotated[str, typer.Option(help="为什么撤销。")], by: By) -> None:
    """撤销提错的工单。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.withdraw(m, s, number, v, reason))


@app.command()
def consent(
    number: Number,
    given_by: Annotated[str, typer.Option(help="甲方哪一位同意的。")],
    how: Annotated[str, typer.Option(help="怎样同意的：书面、电话、会议。")],
    by: By,
) -> None:
    """登记甲方同意远程诊断。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.consent(m, s, number, v, given_by, how))


@app.command()
def note(number: Number, text: Text, by: By) -> None:
    """记一条备注。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.note(m, s, number, v, text))


@app.command()
def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(help="文件。", exists=True, dir_okay=False)],
    by: By,
) -> None:
    """添加附件。"""
    from mailbox_api.service import desk as tickets

    _act(number, by, lambda m, s, v: tickets.attach(m, s, number, v, file.name, file.read_bytes()))


@app.command()
def training(
    number: Number,
    held_on: Annotated[str, typer.Option(help="哪天。", metavar="YYYY-MM-DD")],
    hours: Annotated[float, typer.Option(help="学时。")],
    attendees: Annotated[str, typer.Option(help="参加的人，用顿号分开。")],
    materials: Annotated[str, typer.Option(help="材料，用顿号分开。")],
    by: By,
    place: Annotated[str, typer.Option(help="地点。")] = "",
) -> None:
    """登记一次培训：签到与材料。"""
    from mailbox_api.service import desk as tickets

    day = _day(held_on)
    _act(
        number,
        by,
        lambda m, s, v: tickets.record_training(
            m, s, number, v,
            held_on=day, place=place, hours=hours, attendees=attendees, materials=materials,
        ),
    )  # fmt: skip


@app.command()
def adjust(
    number: Number,
    slug: Annotated[str, typer.Option(help="文件名里的英文短名，例 spring-festival。")],
    kind: Annotated[str, typer.Option(help="改什么：rename-channel、move-channel、animation 等。")],
    begin: Annotated[str, typer.Option("--from", help="从哪天起。", metavar="YYYY-MM-DD")],
    summary: Annotated[str, typer.Option(help="一句话说明。")],
    requested_by: Annotated[str, typer.Option(help="谁提出的。")],
    approved_by: Annotated[str, typer.Option(help="谁批准的。")],
    by: By,
    until: Annotated[str | None, typer.Option(help="到哪天止。", metavar="YYYY-MM-DD")] = None,
    put: Annotated[
        list[str] | None,
        typer.Option("--set", help="这种调整要写的键，例 channel=hdjl/myzj；列表用逗号分开。"),
    ] = None,
) -> None:
    """起草局部调整单 content/adjustments/NNNN-*.toml，占用本合同年十次中的一次。"""
    from bureau import adjustment_drafts, config
    from mailbox_api.service import desk as tickets
    from mailbox_api.service_ticket import Kind

    mailbox, person = _mailbox(), tickets.console(by)
    with told():
        ticket = tickets.read(mailbox, person, number).ticket
    if ticket.kind is not Kind.ADJUSTMENT or not ticket.status.is_open or "file" in ticket.facts:
        raise ConfigError(number, "不是在办的、还没有调整单的局部调整工单")
    draft = adjustment_drafts.Draft(
        slug=slug,
        requested=ticket.opened_at.astimezone().date(),
        requested_by=requested_by,
        approved_by=approved_by,
        effective_from=_day(begin),
        effective_until=_day(until) if until else None,
        summary=summary,
        change={"kind": kind, **dict(_pair(text) for text in put or [])},
    )
    taken, path = adjustment_drafts.write(Path("content"), config.load(Path("site.toml")).contract, draft)
    _act(
        number,
        by,
        lambda m, s, v: tickets.record_adjustment(m, s, number, v, adjustment=taken, file=path.name),
    )
    print(f"已写 {path}，发布后从 {begin} 起生效。")


@app.command("register")
def show_register(
    output: Annotated[Path, typer.Option(help="写到哪个文件。")] = Path("var/reports/register.xlsx"),
) -> None:
    """服务台账：本合同年的工单、调整、培训、巡检，写成 Excel。"""
    from mailbox_api.service import register
    from mailbox_api.service.workbook import workbook

    mailbox = _mailbox()
    with mailbox.database.read() as connection:
        year = register.of_year(mailbox, connection)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(workbook(year))
    print(output)
    print(
        f"合同年 {year.first} 至 {year.last}：工单 {len(year.tickets)} 件，超时限 {len(year.breached)} 件，"
        f"局部调整 {len(year.adjustments)}/{year.quota}，培训 {len(year.trainings)} 次，巡检 {len(year.inspections)} 次。"
    )


@app.command("sheet")
def attendance_sheet(
    number: Number, output: Annotated[Path, typer.Option(help="写到哪里。")] = Path("var/reports")
) -> None:
    """打印培训签到表和材料清单（Word、PDF）。"""
    from checks.report.printing import write
    from mailbox_api.service import desk as tickets
    from portal.training import sheet

    mailbox = _mailbox()
    with told():
        opened = tickets.read(mailbox, tickets.console("console"), number)
    for path in write(sheet(Path(), opened), output, f"training-{number}"):
        print(path)


def _mailbox() -> "Mailbox":
    from mailbox_api.setup import open_mailbox

    return open_mailbox(Path())


def _act(number: str, by: str, change: "Change") -> None:
    from mailbox_api.service import desk as tickets

    mailbox, person = _mailbox(), tickets.console(by)
    with told():
        ticket = change(mailbox, person, tickets.read(mailbox, person, number).ticket.version)
    print(f"{ticket.number}  {ticket.status.text}")
    _say_clocks(ticket)


def _say_clocks(ticket: "Ticket") -> None:
    from mailbox_api.service.clocks import local

    for clock in ticket.clocks():
        state = f"{local(clock.stopped)} 完成" if clock.stopped else "计时中"
        print(f"  {clock.term.text}：{local(clock.due)} 前，{state}")


def _moment(text: str | None) -> datetime | None:
    from mailbox_api.deadlines import BEIJING

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise ConfigError("时间", f"写成 2026-11-25 18:00，现为 {text}") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError("日期", f"写成 2026-11-25，现为 {text}") from error


def _pair(text: str) -> tuple[str, str | list[str]]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError("--set", f"写成 键=值，现为 {text}")
    return key.strip(), value.split(",") if key.strip() == "blocks" else value
