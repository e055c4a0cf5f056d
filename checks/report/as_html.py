"""A report as one self-contained web page; the PDF is printed from the same page."""

from html import escape
from pathlib import Path

from checks.report.document import Block, Chart, Document, Heading, Paragraph, Table, numbered

STYLE = Path(__file__).with_name("report.css")


def html(document: Document) -> str:
    body = "\n".join(_block(block) for block in numbered(document.blocks))
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(document.title)}</title>
<style>
{STYLE.read_text("utf-8")}</style>
</head>
<body>
<h1>{escape(document.title)}</h1>
<p class="recipient">{escape(document.recipient)}：</p>
{body}
<p class="signature">{escape(document.issuer)}</p>
<p class="signature">{escape(document.dated_text)}</p>
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level + 1}>{escape(text)}</h{level + 1}>"
        case Paragraph(text, kind):
            mark = "" if kind == "body" else f' class="{kind}"'
            return f"<p{mark}>{escape(text)}</p>"
        case Table():
            return _table(block)
        case Chart(title=title, svg=svg):
            return f"<figure><figcaption>{escape(title)}</figcaption>{svg}</figure>"


def _table(table: Table) -> str:
    if not table.rows:
        return f"<p>{escape(table.title)}：{escape(table.empty)}。</p>"
    share = sum(column.width for column in table.columns)
    columns = "".join(f'<col style="width:{100 * column.width / share:.1f}%">' for column in table.columns)
    head = "".join(f"<th{_number(column.number)}>{escape(column.title)}</th>" for column in table.columns)
    marks = table.marks or ("",) * len(table.rows)
    rows = "\n".join(
        f"<tr{f' class={chr(34)}{mark}{chr(34)}' if mark else ''}>"
        + "".join(
            f"<td{_number(column.number)}>{escape(cell)}</td>"
            for column, cell in zip(table.columns, row, strict=True)
        )
        + "</tr>"
        for row, mark in zip(table.rows, marks, strict=True)
    )
    return (
        f'<div class="wide"><table><caption>{escape(table.title)}</caption><colgroup>{columns}</colgroup>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"
    )


def _number(yes: bool) -> str:
    return ' class="number"' if yes else ""
