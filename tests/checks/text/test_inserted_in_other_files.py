"""A wrong word put anywhere into what readers see of built pages and attachments is found at exactly that place."""

import random
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
import weasyprint

from bureau import config
from checks import reading
from checks.rules import typo
from checks.source import Source, Surroundings
from checks.text.places import Lines

ROOT = Path(__file__).parents[3]
WRONG = "布署"
PARAGRAPHS = (
    "各区县交通运输局要按照职责分工抓好落实。",
    "二〇二六年一月五日，全市农村公路养护现场会在东川召开，𠮷林代表参加。",
    "联系人：办公室；电话见门户网站。Ｗeb 地址请看通知。",
    "一、提高认识，二、加强检查，三、及时报送。",
)
HTML = """<!DOCTYPE html><html lang="zh"><head><title>农村公路养护</title>
<style>p { color: red }</style><script>var text = "各单位要认真落实";</script></head>
<body class="页面">
<h1 data-note="标题">农村公路&nbsp;养护</h1>
<p>各区县<b>交通运输局</b>要按照职责分工，<a href="/通知.html" title="看通知">抓好</a>落实&amp;检查。</p>\r
<table><tr><td>单位</td><td>数量<br>（公里）</td></tr></table>
<img src="/a.jpg" alt="养护现场的照片"><p>𠮷祥如意<!-- 各单位注意 -->，Ｗeb 全角</p>
</body></html>
"""


@cache
def around() -> Surroundings:
    return Surroundings(config.load(ROOT / "site.toml"), (), date(2026, 11, 25))


def told(source: Source) -> set[tuple[int, int]]:
    return {(one.place.line, one.place.column) for one in typo.check_source(source) if one.text == WRONG}


@pytest.mark.parametrize(
    "disguise", [str, lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")]
)
def test_in_every_visible_place_of_a_built_page(disguise: Callable[[str], str]) -> None:
    text = disguise(HTML)
    lines = Lines(text)
    source = reading.read("site/a.html", text.encode(), around())
    places = [
        lines.offset(*block.locate(at))
        for block in source.blocks
        for at in range(1, len(block.text))
        if text[lines.offset(*block.locate(at))] == block.text[at]
        and lines.offset(*block.locate(at)) == lines.offset(*block.locate(at - 1)) + 1
    ]
    assert len(places) > 45
    for offset in places:
        changed = text[:offset] + WRONG + text[offset:]

        assert told(reading.read("site/a.html", changed.encode(), around())) == {Lines(changed).at(offset)}


def test_in_no_place_that_readers_do_not_see() -> None:
    for hidden in ("red", "各单位要认真", "页面", '标题"', "/通知", "各单位注意"):
        changed = HTML.replace(hidden, f"{WRONG}{hidden}")

        assert told(reading.read("site/a.html", changed.encode(), around())) == set(), hidden


def _docx(rows: Sequence[str]) -> bytes:
    """Each paragraph in runs of one character: what a word processor leaves after edits."""
    document = docx.Document()
    for row in rows:
        paragraph = document.add_paragraph()
        for char in row:
            paragraph.add_run(char)
    return _saved(document.save)


def _xlsx(rows: Sequence[str]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for row in rows:
        book.active.append([7, row])
    return _saved(book.save)


def _pptx(rows: Sequence[str]) -> bytes:
    """One slide a row; python-pptx is not needed for so little."""
    drawn = "http://schemas.openxmlformats.org/drawingml/2006/main"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for number, row in enumerate(rows, 1):
            runs = "".join(f"<a:r><a:t>{char}</a:t></a:r>" for char in row)
            slide = f'<p:sld xmlns:p="p" xmlns:a="{drawn}"><a:p>{runs}</a:p></p:sld>'
            package.writestr(f"ppt/slides/slide{number}.xml", slide)
    return buffer.getvalue()


def _saved(save: Callable[[BytesIO], object]) -> bytes:
    buffer = BytesIO()
    save(buffer)
    return buffer.getvalue()


KINDS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "a.docx": _docx,
    "a.xlsx": _xlsx,
    "a.pptx": _pptx,
    "utf8.txt": lambda rows: "\n".join(rows).encode(),
    "bom.txt": lambda rows: "\r\n".join(rows).encode("utf-8-sig"),
    "gbk.txt": lambda rows: "\r\n".join(rows).encode("gb18030"),
    "utf16.txt": lambda rows: "\r\n".join(rows).encode("utf-16"),
}


@pytest.mark.parametrize("name", KINDS)
def test_in_every_place_of_an_attachment(name: str) -> None:
    chance = random.Random(name)
    for _ in range(25):
        row = chance.randrange(len(PARAGRAPHS))
        at = chance.randrange(len(PARAGRAPHS[row]) + 1)
        rows = [*PARAGRAPHS]
        rows[row] = rows[row][:at] + WRONG + rows[row][at:]

        source = reading.read(f"content/{name}", KINDS[name](rows), around())

        assert told(source) == {(row + 1, at + 1)}


def test_on_its_page_of_a_pdf() -> None:
    """A PDF keeps no lines of text as they were written: the page is the place."""
    chance = random.Random(3)
    for _ in range(3):
        page, at = chance.randrange(len(PARAGRAPHS)), chance.randrange(4, 10)
        rows = [*PARAGRAPHS]
        rows[page] = rows[page][:at] + WRONG + rows[page][at:]
        html = "".join(f'<p style="page-break-after: always">{row}</p>' for row in rows)

        source = reading.read("content/a.pdf", weasyprint.HTML(string=html).write_pdf(), around())

        assert {line for line, _ in told(source)} == {page + 1}
