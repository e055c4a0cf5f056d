"""A report as PDF, printed by WeasyPrint from the web page, its Chinese fonts embedded."""

import logging
import shutil
import subprocess

from bureau.errors import ConfigError
from checks.report.as_html import html
from checks.report.document import Document


def pdf(document: Document) -> bytes:
    """Raises ConfigError when the machine has no Chinese font: a PDF full of boxes is no report."""
    _demand_chinese_font()
    from weasyprint import HTML  # slow to import, needed here alone

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    identifier = f"{document.title}/{document.dated.isoformat()}".encode()
    printed: bytes = HTML(string=html(document)).write_pdf(pdf_identifier=identifier)
    return printed


def _demand_chinese_font() -> None:
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return
    fonts = subprocess.run([fc_list, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    if not fonts.stdout.strip():
        raise ConfigError("PDF 报告", "这台机器没有中文字体，请执行 apt-get install fonts-noto-cjk")
