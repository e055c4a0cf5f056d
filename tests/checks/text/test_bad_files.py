"""Files that cannot be read as they should: each is a finding or stands under "unchecked", never a crash, never silence."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pypdf
import pytest
import weasyprint
from pypdf import PdfWriter

from checks.finding import Severity

HEAD = '---\nid: "1"\ntitle: 甲\ndate: 2026-01-05 09:30\nsource: 本局\ndepartment: bgs\n---\n'


def written(work: Callable[[BytesIO], Any]) -> bytes:
    buffer = BytesIO()
    work(buffer)
    return buffer.getvalue()


def scan() -> bytes:
    """A page that is only a picture."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    return written(writer.write)


def locked_pdf() -> bytes:
    text = weasyprint.HTML(string="<p>布署</p>").write_pdf()
    writer = PdfWriter(clone_from=pypdf.PdfReader(BytesIO(text)))
    writer.encrypt("秘密")
    return written(writer.write)


def bomb() -> bytes:
    """A small docx whose text unpacks to 300 MB."""
    document = docx.Document()
    plain = written(document.save)
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(plain)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
        with new.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "有密码", id="有密码的 docx"),
        pytest.param("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "有密码", id="有密码的 xlsx"),
        pytest.param("a.docx", bomb, "没有展开", id="压缩炸弹"),
        pytest.param("a.docx", lambda: b"PK\x03\x04" + bytes(100), "a.docx", id="坏的 docx"),
        pytest.param("a.pdf", scan, "没有文字", id="扫描件"),
        pytest.param("a.pdf", locked_pdf, "有密码", id="有密码的 pdf"),
        pytest.param("a.txt", lambda: b"\x7fELF\0\0\0\1" * 50, "不是文本文件", id="二进制的 txt"),
        pytest.param("a.txt", lambda: b"\xff\xff\xff\xfe\x80", "GB18030", id="说不出编码的 txt"),
        pytest.param("a.md", lambda: f"{HEAD}布署".encode("gb18030"), "GB18030", id="GBK 的稿件"),
        pytest.param("a.md", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", "不是文本文件", id="图片改名的稿件"),
        pytest.param("a.md", lambda: f"{HEAD}布署".encode("utf-16"), "不是文本文件", id="UTF-16 的稿件"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(
    check: Any, name: str, content: Callable[[], bytes], reason: str
) -> None:
    outcome = check({f"content/xwzx/2026/{name}": content()})

    (told,) = [why for rule, why in outcome.unchecked if rule == "*"]
    assert f"content/xwzx/2026/{name}：" in told
    assert reason in told
    assert outcome.exit_code() in (1, 3)


@pytest.mark.parametrize(
    "head",
    ["---\ntitle: [甲\n---\n", "---\ntitle: 甲\n\tid: 1\n---\n", "---\ntitle: 甲\n", "---\n- 甲\n---\n"],
)
def test_a_broken_head_is_a_finding_and_its_text_is_still_read(check: Any, head: str) -> None:
    outcome = check({"content/xwzx/2026/a.md": f"{head}要布署。\n"})

    rules = {one.rule for one in outcome.findings if one.severity is Severity.ERROR}
    assert "front-matter" in rules


def test_a_head_that_yaml_refuses_does_not_hide_the_text_below(check: Any) -> None:
    outcome = check({"content/xwzx/2026/a.md": "---\ntitle: [甲\n---\n要布署。\n"})

    assert [(one.place.line, one.place.column) for one in outcome.findings if one.text == "布署"] == [(4, 2)]
