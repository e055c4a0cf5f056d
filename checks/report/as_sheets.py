"""The annex as a workbook: one sheet a table, filters on, head row fixed."""

import io
from math import ceil

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from checks.report.archive import normalised
from checks.report.document import Column, Document, Table

WRAP, WRAPPED_ROWS = (
    Alignment(wrap_text=True, vertical="top"),
    500,
)  # styling more is slow and nobody reads it
LINE, MOST_LINES = 15.0, 12  # points
ONE_PAGE = 220  # characters of width that are still read on a landscape A4
HEAD = PatternFill("solid", fgColor="DDE3EA")
FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\")


def sheets(document: Document) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for table in document.annex or (Table("附表", (), ()),):
        _fill(workbook.create_sheet(_sheet_name(table.title, workbook.sheetnames)), table)
    properties = workbook.properties
    properties.creator, properties.title = document.issuer, document.title
    raw = io.BytesIO()
    workbook.save(raw)
    return normalised(raw.getvalue())


def _sheet_name(title: str, taken: list[str]) -> str:
    """At most 31 characters, none that the format forbids, none twice."""
    name = title.translate(FORBIDDEN_IN_NAMES)[:28] or "附表"
    return name if name not in taken else f"{name}{len(taken)}"


def _fill(sheet: Worksheet, table: Table) -> None:
    sheet.append([column.title for column in table.columns])
    if not table.rows:
        sheet.append([table.empty])
    for row in table.rows:
        sheet.append([_cell(value, column.number) for column, value in zip(table.columns, row, strict=True)])
    for number, column in enumerate(table.columns, 1):
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), HEAD
        sheet.column_dimensions[get_column_letter(number)].width = _width(column)
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_row=min(sheet.max_row, WRAPPED_ROWS)), 2):
        for cell in cells:
            cell.alignment = WRAP
        most = max(_lines(cell.value, column) for cell, column in zip(cells, table.columns, strict=False))
        sheet.row_dimensions[number].height = LINE * most  # not every program finds it by itself
    sheet.freeze_panes = "A2"
    if table.columns:
        sheet.auto_filter.ref = sheet.dimensions
    _lay_out(sheet, sum(map(_width, table.columns)))


def _width(column: Column) -> int:
    """In characters, a Chinese one being two."""
    return 4 + 6 * column.width


def _lines(value: object, column: Column) -> int:
    """How many lines the text takes in its column."""
    length = sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(value or ""))
    return min(max(ceil(1.1 * length / _width(column)), 1), MOST_LINES)


def _lay_out(sheet: Worksheet, width: int) -> None:
    """For whoever prints it: landscape, the head on every page, all columns on one page's width or on two."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1 if width <= ONE_PAGE else 2, 0
    sheet.print_title_rows = "1:1"


def _cell(value: str, number: bool) -> str | float:
    """Numbers as numbers; text that a spreadsheet would run as a formula gets an apostrophe."""
    if number:
        try:
            return float(value.replace(",", "").rstrip("%"))
        except ValueError:
            return value
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
