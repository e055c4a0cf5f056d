"""Office files, PDF and plain text as blocks: the line is the paragraph, row or page, the column its character."""

import codecs
import logging
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO

from checks.text.blocks import Block, Run

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office files with a password, and those of before 2007
_LARGEST = 100_000_000  # bytes of XML; a hundred times the text of a long book
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


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


def _package(content: bytes) -> zipfile.ZipFile:
    """The parts of an Office file, none of which has been unpacked yet."""
    if content.startswith(_OLE):
        raise UnreadableError("文件有密码，或是 2007 年以前的格式；请去掉密码，另存为新格式")
    package = zipfile.ZipFile(BytesIO(content))
    size = sum(part.file_size for part in package.infolist() if part.filename.endswith((".xml", ".rels")))
    if size > _LARGEST:
        raise UnreadableError(
            f"解压后的文字部分有 {size // 1_000_000} MB，超过 {_LARGEST // 1_000_000} MB，没有展开"
        )
    return package


def _docx(content: bytes) -> Iterator[tuple[int, str]]:
    """Paragraphs in the order of the text, those in tables, headers and footers included."""
    import docx
    from docx.oxml.ns import qn

    _package(content)
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

    _package(content)
    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    try:
        number = 0
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                number += 1
                yield from ((number, cell) for cell in row if isinstance(cell, str))
    finally:
        book.close()


def _pptx(content: bytes) -> Iterator[tuple[int, str]]:
    """The paragraphs of all slides; the line is the slide's number."""
    from docx.oxml import parse_xml

    package = _package(content)
    slides = {int(found[1]): part for part in package.namelist() if (found := _SLIDE.fullmatch(part))}
    for number, part in sorted(slides.items()):
        for paragraph in parse_xml(package.read(part)).iter(f"{_DRAWN}p"):
            yield (
                number,
                "".join(
                    node.text or "" if node.tag == f"{_DRAWN}t" else "\n"
                    for node in paragraph.iter(f"{_DRAWN}t", f"{_DRAWN}br")
                ),
            )


def _pdf(content: bytes) -> Iterator[tuple[int, str]]:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is told by UnreadableError
    reader = pypdf.PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise UnreadableError("PDF 有密码")
    texts = [page.extract_text() for page in reader.pages]
    if not any(map(str.strip, texts)):
        raise UnreadableError("PDF 里没有文字（可能是扫描件），请换成有文字的 PDF 或人工核对")
    yield from enumerate(texts, 1)


def _plain(content: bytes) -> Iterator[tuple[int, str]]:
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in content and not has_mark:
        raise UnreadableError("不是文本文件（含二进制内容）")
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableError("既不是 UTF-8、UTF-16，也不是 GB18030 编码")
    yield from enumerate(text.splitlines(), 1)


READERS: Mapping[str, Callable[[bytes], Iterator[tuple[int, str]]]] = {
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".pptx": _pptx,
    ".pdf": _pdf,
    ".txt": _plain,
    ".csv": _plain,
}
