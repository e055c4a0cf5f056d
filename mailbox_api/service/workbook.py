"""The service register as a workbook: one sheet each for tickets, adjustments, trainings and inspections."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from mailbox_api.deadlines import BEIJING
from mailbox_api.service.register import Register, minutes, span
from mailbox_api.service_ticket import Term, Ticket

Cell = str | int | float | None
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would compute instead of show


def workbook(register: Register) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "工单", TICKET_COLUMNS, (_ticket(row, register) for row in register.tickets))
    _sheet(
        book,
        "局部调整",
        (("编号", 8), ("申请日期", 12), ("申请", 24), ("批准", 16), ("生效", 12), ("结束", 12), ("内容", 60)),
        (
            (row.number, str(row.requested), row.requested_by, row.approved_by, str(row.effective_from),
             str(row.effective_until or "长期"), row.summary)
            for row in register.adjustments
        ),
    )  # fmt: skip
    _sheet(
        book,
        "培训",
        (("工单", 14), ("日期", 12), ("地点", 20), ("学时", 8), ("人数", 8), ("材料", 60)),
        (
            (row.number, row.facts["held_on"], row.facts["place"], row.facts["hours"], row.facts["attendees"],
             "；".join(row.facts["materials"]))
            for row in register.trainings
        ),
    )  # fmt: skip
    _sheet(
        book,
        "巡检",
        (("日期", 12), ("项目", 8), ("异常", 8), ("未读到", 8)),
        ((str(row.on), row.items, row.bad, row.unread) for row in register.inspections),
    )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


TICKET_COLUMNS = (
    ("编号", 14), ("类型", 12), ("事项", 50), ("状态", 16), ("提出", 17), ("响应用时", 12), ("告知用时", 12),
    ("处理用时", 12), ("超过的合同时限", 24),
)  # fmt: skip


def _ticket(ticket: Ticket, register: Register) -> tuple[Cell, ...]:
    moments = (ticket.answered_at, ticket.told_at, ticket.handled_at)
    return (
        ticket.number,
        ticket.kind.text,
        ticket.title,
        ticket.status.text,
        f"{ticket.opened_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        *(span(minutes(ticket.started_at, moment)) for moment in moments),
        "、".join(Term(name).text for name in ticket.broken(register.now)),
    )


def _sheet(
    book: Workbook, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]
) -> None:
    sheet = book.create_sheet(name)
    sheet.append([title for title, _ in columns])
    for row in rows:
        sheet.append([_shown(cell) for cell in row])
    for index, (_, width) in enumerate(columns, 1):
        sheet.cell(1, index).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = width
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _shown(cell: Cell) -> Cell:
    """Text that begins like a formula stays text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
