"""The ledger of removed links as a workbook, with the columns that inspections ask for."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from checks.links.register import Removed

_COLUMNS = (
    ("编号", 6),
    ("稿件", 46),
    ("行", 6),
    ("链接文字", 24),
    ("不可用链接", 46),
    ("原因", 36),
    ("返回码与跳转", 36),
    ("首次发现", 17),
    ("最近发现", 17),
    ("处理时间", 17),
    ("处理人", 10),
    ("处理方式", 20),
    ("放回时间", 17),
    ("放回人", 10),
)


def write(rows: Iterable[Removed], path: Path) -> None:
    import openpyxl
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "死链台账"
    sheet.append([name for name, _ in _COLUMNS])
    for row in rows:
        sheet.append(
            [
                row.id,
                row.path,
                row.line,
                row.text,
                row.url,
                row.reason,
                " → ".join(row.chain),
                _time(row.first_seen),
                _time(row.last_seen),
                _time(row.removed_at),
                row.removed_by,
                row.how,
                _time(row.restored_at),
                row.restored_by,
            ]
        )
    for number, (_, width) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.cell(1, number).font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
    sheet.freeze_panes = "A2"
    book.save(path)


def _time(at: datetime | None) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""
