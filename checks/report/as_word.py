"""A report as Word, laid out by GB/T 9704-2012: fonts with East Asian names, margins, 22 lines of 28 characters.

The look stands in the styles of `template.docx`, which the office may restyle in WPS; `write_template`
makes it anew. Fonts are named, never shipped: 仿宋, 黑体, 楷体 and 小标宋 come with the office's machine.
"""

import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from checks.report.archive import normalised
from checks.report.document import Block, Chart, Document, Heading, Paragraph, Table, numbered

TEMPLATE = Path(__file__).with_name("template.docx")
TEXT_WIDTH = 156  # mm: A4 less 28 and 26
LINE = Pt(28.9)  # 225 mm over 22 lines

# style -> (font, size in points, bold, indent of two characters)
STYLES = {
    "Normal": ("仿宋", 16, False, False),  # the character grid counts from this size
    "Title": ("方正小标宋简体", 22, False, False),
    "Heading 1": ("黑体", 16, False, True),
    "Heading 2": ("楷体", 16, False, True),
    "Heading 3": ("仿宋", 16, True, True),
    "Body Text": ("仿宋", 16, False, True),
    "Intense Quote": ("黑体", 16, False, True),  # the verdict
    "Caption": ("黑体", 12, False, False),
    "List": ("仿宋", 16, False, False),  # recipient and signature
    "Body Text 2": ("宋体", 10.5, False, False),  # table cells and notes
}
KINDS = {"body": "Body Text", "verdict": "Intense Quote", "note": "Body Text 2"}


def word(document: Document) -> bytes:
    paper = docx.Document(str(TEMPLATE))
    paper.core_properties.title, paper.core_properties.author = document.title, document.issuer
    paper.add_paragraph(document.title, "Title")
    paper.add_paragraph(f"{document.recipient}：", "List")
    for block in numbered(document.blocks):
        _add(paper, block)
    for line in (document.issuer, document.dated_text):
        paragraph = paper.add_paragraph(line, "List")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(32)
    raw = io.BytesIO()
    paper.save(raw)
    return normalised(raw.getvalue())


def _add(paper: Any, block: Block) -> None:
    match block:
        case Heading(level, text):
            paper.add_paragraph(text, f"Heading {min(level, 3)}")
        case Paragraph(text, kind):
            paper.add_paragraph(text, KINDS[kind])
        case Table(rows=()):
            paper.add_paragraph(f"{block.title}：{block.empty}。", "Body Text")
        case Table():
            _add_table(paper, block)
        case Chart():
            _add_chart(paper, block)


def _add_table(paper: Any, table: Table) -> None:
    paper.add_paragraph(table.title, "Caption")
    grid = paper.add_table(1, len(table.columns), "Table Grid")
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    share = sum(column.width for column in table.columns)
    widths = [Mm(TEXT_WIDTH * column.width / share) for column in table.columns]
    _repeat_head(grid.rows[0])
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    rows = [grid.rows[0], *(grid.add_row() for _ in table.rows)]
    contents = (tuple(column.title for column in table.columns), *table.rows)
    for row, cells in zip(rows, contents, strict=True):
        _keep_whole(row)
        for cell, text, width, column in zip(row.cells, cells, widths, table.columns, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.style, paragraph.text = "Body Text 2", text
            if column.number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for cell in rows[0].cells:
        _shade(cell)
    paper.add_paragraph("", "Body Text 2")


def _repeat_head(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def _shade(cell: Any) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill="EEF1F5"))


def _add_chart(paper: Any, chart: Chart) -> None:
    from cairosvg import svg2png  # needs libcairo, wanted here alone

    picture = svg2png(bytestring=chart.svg.encode(), output_width=chart.width * 2)
    paper.add_paragraph(chart.title, "Caption")
    inline = paper.add_picture(io.BytesIO(picture), width=Mm(TEXT_WIDTH))
    inline._inline.docPr.set("descr", chart.description)
    paper.paragraphs[-1].style = "Caption"


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def write_template(path: Path = TEMPLATE) -> None:
    """Make the template anew: `python -m checks.report.as_word`."""
    paper = docx.Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is not None:
        section._sectPr.remove(grid)
    # 578 twips a line is 22 lines in 225 mm. The characters are fitted by spacing, not by a character
    # grid: word processors differ in what they do with a 16 pt character in a 15.8 pt cell.
    section._sectPr.append(_element("w:docGrid", type="lines", linePitch="578"))
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    for name, (font, size, bold, indent) in STYLES.items():
        _set_style(paper.styles[name], font, size, bold, indent)
    raw = io.BytesIO()
    paper.save(raw)
    path.write_bytes(normalised(raw.getvalue()))


def _set_style(style: Any, font: str, size: float, bold: bool, indent: bool) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = font, Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{key}"), font)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    language = fonts.getparent().find(qn("w:lang"))
    if language is None:
        language = _element("w:lang")
        fonts.getparent().append(language)
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(0), Pt(0)
    form.left_indent = form.right_indent = Pt(0)
    border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        style.element.pPr.remove(border)
    if style.name in ("Title", "Caption"):
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if style.name == "Title":
        form.space_after = LINE
    form.first_line_indent = Pt(2 * size) if indent else Pt(0)
    if size >= 16 and style.name != "Title":
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        fonts.getparent().append(_element("w:spacing", val="-5"))  # 16 - 0.25 pt: 28 characters in 156 mm
    else:
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
        style.element.get_or_add_pPr().append(_element("w:snapToGrid", val="0"))
    form.keep_with_next = style.name.startswith("Heading") or style.name == "Caption"


def _page_number(footer: Any, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 — in 4号宋体, one character from the outer edge (GB/T 9704 §7.5)."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    edge = paragraph.paragraph_format
    if side is WD_ALIGN_PARAGRAPH.RIGHT:
        edge.right_indent = Pt(14)
    else:
        edge.left_indent = Pt(14)
    _footer_run(paragraph, "— ")
    run = _footer_run(paragraph, "")
    for kind in ("begin", None, "end"):
        if kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
            continue
        code = OxmlElement("w:instrText")
        code.text = "PAGE"
        run._r.append(code)
    _footer_run(paragraph, " —")


def _footer_run(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(14), "宋体"
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    return run


if __name__ == "__main__":
    write_template()
