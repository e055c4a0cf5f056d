"""The four formats of a report say the same, open, and come out the same twice."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn

from checks.report.as_html import html
from checks.report.as_pdf import pdf
from checks.report.as_sheets import sheets
from checks.report.as_word import word
from checks.report.charts import bars, heat, lines
from checks.report.document import Block, Chart, Column, Document, Heading, Paragraph, Table, chinese

LINKS = Table(
    "打不开的链接",
    (Column("页面", 3), Column("链接", 4), Column("次数", 1, number=True)),
    tuple((f"/zwgk/tzgg/2026/{n}.html", f"https://example.org/很长的地址/{'a' * 60}/{n}", f"{n}") for n in range(1, 41)),
    marks=("bad",) * 40,
)  # fmt: skip
BLOCKS: tuple[Block, ...] = (
    Heading(1, "总体情况"),
    Paragraph("本月网站检查合格，无单项否决。", "verdict"),
    Heading(2, "得分"),
    Paragraph("按检查指标计分，扣分见下表。" + "一二三四五六七八九十" * 9),
    lines("近三个月问题数", ("9月", "10月", "11月"), (("死链", (3, None, 1)), ("错别字", (5, 2, 0)))),
    Heading(1, "存在问题"),
    LINKS,
    bars("各部门发稿", (("办公室", 12), ("运输管理处", 7))),
    heat("栏目更新", (("交通要闻", 3, 14), ("通知公告", 200, 183))),
    Table("敏感词", (Column("词"),), ()),
    Paragraph("注：带标记的分值待确认。", "note"),
)
REPORT = Document(
    title="网站监测月报", issuer="示例运维单位", recipient="示例单位", dated=date(2026, 1, 5),
    blocks=BLOCKS, annex=(LINKS, Table("含[非法]字符的表名", (Column("公式"),), (("=1+1",), ("正常",)))),
)  # fmt: skip


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def html_text() -> str:
    reader = Texts()
    reader.feed(html(REPORT))
    return "".join(reader.texts)


def word_text() -> str:
    paper = docx.Document(io.BytesIO(word(REPORT)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in paper.paragraphs] + cells)


def pdf_text() -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(REPORT))).pages)


@pytest.mark.parametrize("read", [html_text, word_text, pdf_text])
def test_each_format_says_everything(read: Callable[[], str]) -> None:
    text = "".join(read().split())

    for words in (
        "网站监测月报",
        "一、总体情况",
        "（一）得分",
        "二、存在问题",
        "敏感词：无。",
        "2026年1月5日",
        "示例运维单位",
    ):
        assert words in text
    assert all(f"/2026/{n}.html" in text for n in range(1, 41))


@pytest.mark.parametrize("printer", [word, pdf, sheets], ids=["word", "pdf", "sheets"])
def test_the_same_report_is_the_same_bytes(printer: Callable[[Document], bytes]) -> None:
    assert printer(REPORT) == printer(REPORT)


def test_pdf_pages_are_a4_with_embedded_chinese_fonts() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf(REPORT)))
    fonts = [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    descendants = [row.get_object() for font in fonts for row in font.get("/DescendantFonts", [])]

    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert descendants
    assert all({"/FontFile2", "/FontFile3"} & row["/FontDescriptor"].keys() for row in descendants)


def test_word_follows_the_layout_standard() -> None:
    paper = docx.Document(io.BytesIO(word(REPORT)))
    section = paper.sections[0]
    margins = [
        round(side.mm)
        for side in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    ]  # type: ignore[union-attr]
    fonts = {
        name: paper.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Heading 1", "Heading 2", "Body Text")
    }

    assert margins == [37, 35, 28, 26]
    assert fonts == {"Title": "方正小标宋简体", "Heading 1": "黑体", "Heading 2": "楷体", "Body Text": "仿宋"}
    assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "578"
    assert len(paper.inline_shapes) == 3


def test_word_charts_carry_their_facts_in_words() -> None:
    with zipfile.ZipFile(io.BytesIO(word(REPORT))) as archive:
        body = archive.read("word/document.xml").decode()

    assert "办公室 12，运输管理处 7" in body


def test_the_annex_filters_and_runs_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets(REPORT)))

    assert book.sheetnames == ["打不开的链接", "含非法字符的表名"]
    assert book["打不开的链接"].auto_filter.ref == "A1:C41"
    assert book["打不开的链接"]["C2"].value == 1
    assert book["含非法字符的表名"]["A2"].value == "'=1+1"


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    chart = lines("趋势", ("1", "2", "3", "4"), (("甲", (1, 2, None, 4)),))

    assert chart.svg.count("<polyline") == 1
    assert "3 无数据" in chart.description


def test_charts_escape_what_they_print() -> None:
    chart: Chart = bars("<表>", (("甲&乙", 1),))

    assert "甲&amp;乙" in chart.svg
    assert "<表>" not in chart.svg


def test_a_table_with_a_short_row_is_refused() -> None:
    with pytest.raises(ValueError, match="2 列，这一行有 1 格"):
        Table("坏表", (Column("甲"), Column("乙")), (("只有一格",),))


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (34, "三十四")]
)
def test_headings_count_in_chinese(number: int, text: str) -> None:
    assert chinese(number) == text
