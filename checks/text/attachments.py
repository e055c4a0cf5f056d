"""Office files, PDF and plain text as blocks: the line is the paragraph, row or page, the column its character."""

import logging
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO

from checks.text.blocks import Block, Run


class UnreadableError(Exception):
    """The file is damaged, locked by a password, or not what its name says."""


def read(path: str, content: bytes) -> list[Block]:
    """Raises UnreadableError."""
    reader = READERS[path[path.rindex(".") :].lower()]
    try:
        rows = list(reader(content))
    except UnreadableError:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file makes them meet
        raise UnreadableError(f"{type(error).__name__}：{error}") from error
    return [Block(path, text, "attachment", (Run(0, line, 1),)) for line, text in rows if text.strip()]


def _docx(content: bytes) -> Iterator[tuple[int, str]]:
    """Paragraphs in the order of the text, those in tables, headers and footers included."""
    import docx
    from docx.oxml.ns import qn

    document = docx.Document(BytesIO(content))
    parts = [document.element.body]
    for section in document.sections:
        parts += [section.header._element, section.footer._element]
    number = 0
    for part in parts:
        for paragraph in part.iter(qn("w:p")):
            number += 1
            pieces = (
                "\n" if node.tag in (qn("w:br"), qn("w:tab")) else node.text or ""
                for node in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
            )
            yield number, "".join(pieces)


def _xlsx(content: bytes) -> Iterator[tuple[int, str]]:
    """One text a cell; the line is the row's number, counted on through the sheets."""
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    try:
        number = 0
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                number += 1
                yield from ((number, cell) for cell in row if isinstance(cell, str))
    finally:
        book.close()


def _pdf(content: bytes) -> Iterator[tuple[int, str]]:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by UnreadableError
    reader = pypdf.PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise UnreadableError("PDF 有密码")
    for number, page in enumerate(reader.pages, 1):
        yield number, page.extract_text()


def _plain(content: bytes) -> Iterator[tuple[int, str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableError("既不是 UTF-8，也不是 GB18030 编码")
    yield from enumerate(text.splitlines(), 1)


READERS: Mapping[str, Callable[[bytes], Iterator[tuple[int, str]]]] = {
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".pdf": _pdf,
    ".txt": _plain,
    ".csv": _plain,
}
