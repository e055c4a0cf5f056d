"""Texts of office files, PDF and plain text, with paragraph, row or page."""

from io import BytesIO

import docx
import openpyxl
import pytest

from checks.text import attachments


def _docx() -> bytes:
    document = docx.Document()
    document.add_paragraph("第一段")
    document.add_table(1, 1).cell(0, 0).text = "表里的字"
    document.sections[0].header.paragraphs[0].text = "页眉"
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    book.active.append(["名称", 12])
    book.active.append([None, "备注"])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_word_files_give_paragraphs_tables_and_headers() -> None:
    blocks = attachments.read("甲.docx", _docx())

    assert [(block.text, block.locate(0)) for block in blocks] == [
        ("第一段", (1, 1)),
        ("表里的字", (2, 1)),
        ("页眉", (3, 1)),
    ]


def test_excel_files_give_cells_with_their_rows() -> None:
    blocks = attachments.read("甲.xlsx", _xlsx())

    assert [(block.text, block.locate(1)) for block in blocks] == [("名称", (1, 2)), ("备注", (2, 2))]


def test_plain_text_is_read_in_the_encodings_in_use() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        blocks = attachments.read("甲.txt", "一行\n二行".encode(encoding))
        assert [(block.text, block.locate(0)[0]) for block in blocks] == [("一行", 1), ("二行", 2)]


@pytest.mark.parametrize("name", ["甲.docx", "甲.xlsx", "甲.pdf", "甲.DOCX"])
def test_a_damaged_file_is_said_to_be_unreadable(name: str) -> None:
    with pytest.raises(attachments.UnreadableError):
        attachments.read(name, b"PK\x03\x04 not really")
