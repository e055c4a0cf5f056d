"""Write a report in its four formats, whole or not at all."""

import os
from pathlib import Path

from checks.report.as_html import html
from checks.report.as_pdf import pdf
from checks.report.as_sheets import sheets
from checks.report.as_word import word
from checks.report.document import Document


def write(document: Document, folder: Path, stem: str) -> list[Path]:
    """`<stem>.html`, `.docx`, `.pdf`, and `.xlsx` where there is an annex; older ones of that name are replaced.

    All formats are made before the first is written. Raises ConfigError when one cannot be made.
    """
    printed = {"html": html(document).encode(), "docx": word(document), "pdf": pdf(document)}
    if document.annex:
        printed["xlsx"] = sheets(document)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for ending, content in printed.items():
        path = folder / f"{stem}.{ending}"
        draft = folder / f".{stem}.{ending}.draft"
        draft.write_bytes(content)
        os.replace(draft, path)
        paths.append(path)
    return paths
