"""An office document (docx) as Markdown with its pictures and tables.

mammoth reads the document by its styles, turbohtml writes the Markdown. A table whose cells are joined
stays an HTML table, because Markdown has no such thing.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import mammoth
import turbohtml

from bureau.errors import ConfigError
from bureau.front_matter import BLANK

# WPS and Word write the names of built-in styles in English or in Chinese.
STYLES = "\n".join(
    [
        *(f"p[style-name='{name}'] => h1:fresh" for name in ("Title", "标题")),
        *(f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 6)),
        *(f"p[style-name='{name}'] => p.caption:fresh" for name in ("caption", "题注")),
        "p[style-name='right'] => p.right:fresh",
    ]
)
_LIST_STYLE = re.compile(r"(?:List Bullet|List Number|列表项目符号|列表编号) ([2-5])")
_ALIGNED = "\ue000{}\ue001"  # stands for what Markdown has no way to say
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、[^。；]{1,40}$")
_SUBSECTION = re.compile(r"（[一二三四五六七八九十]{1,3}）[^。；]{1,40}$")
_ESCAPED_UNDERSCORE = re.compile(r"(?<=\w)\\_(?=\w)")
_ESCAPED_NUMBER = re.compile(r"^(\d+)\\\.(?=\S)", re.M)  # 1.储备: no list without a space
_ITEM = re.compile(r" *(?:-|\d+\.) ")
_BOLD = re.compile(r"</?(?:strong|b)>")


@dataclass(slots=True)
class Imported:
    markdown: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)  # file name -> content
    remarks: list[str] = field(default_factory=list)  # what an editor should look at


def read(path: Path, title: str, picture_stem: str, picture_url: str) -> Imported:
    """Pictures get names `<picture_stem>-<n>` and addresses below `picture_url`.

    Raises ConfigError where the file is not a docx.
    """
    imported = Imported()

    def keep(image: Any) -> dict[str, str]:
        return _keep_picture(imported, image, picture_stem, picture_url)

    try:
        with path.open("rb") as file:
            html = mammoth.convert_to_html(
                file,
                style_map=STYLES,
                convert_image=mammoth.images.img_element(keep),
                transform_document=mammoth.transforms.paragraph(_by_looks),
            ).value
    except OSError as error:
        raise ConfigError(path, f"读不到文件：{error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ConfigError(path, "不是 docx 文件；.doc 或 .wps 请先另存为 .docx") from error
    imported.markdown = _markdown(html, title)
    if not imported.markdown.strip():
        imported.remarks.append("文档里没有读到文字，请核对原文件。")
    return imported


def _by_looks(paragraph: Any) -> Any:
    """What mammoth does not see: the level that is in a style's name only, and what stands at the right."""
    level = _LIST_STYLE.fullmatch(paragraph.style_name or "")
    if level and paragraph.numbering:
        numbering = mammoth.documents.numbering_level(int(level[1]) - 1, paragraph.numbering.is_ordered)
        return paragraph.copy(numbering=numbering)
    if paragraph.alignment in ("right", "end") and not paragraph.numbering:
        return paragraph.copy(style_id="right", style_name="right")
    return paragraph


def _keep_picture(imported: Imported, image: Any, stem: str, url: str) -> dict[str, str]:
    number = len(imported.pictures) + 1
    ending = PICTURES.get(image.content_type)
    if ending is None:
        imported.remarks.append(
            f"第 {number} 幅图片的格式（{image.content_type}）浏览器打不开，没有导入，请另存为 PNG。"
        )
        return {"src": "", "alt": f"（第 {number} 幅图片没有导入）"}
    name = f"{stem}-{number}.{ending}"
    with image.open() as content:
        imported.pictures[name] = content.read()
    if not image.alt_text:
        imported.remarks.append(f"图片 {name} 没有文字说明，请在方括号里写明图上是什么。")
    return {"src": f"{url}/{name}", "alt": image.alt_text or BLANK}


def _markdown(html: str, title: str) -> str:
    document = turbohtml.parse(html)
    _drop_title(document, title)
    _mark_sections(document)
    _lower_headings(document)
    aligned = _take_out_aligned(document)
    text = document.to_markdown(turbohtml.Markdown(tables=turbohtml.Markdown.Tables(cell_blocks="text")))
    text = re.sub(r"!\[（第 \d+ 幅图片没有导入）\]\(\)", "", text)
    text = _ESCAPED_NUMBER.sub(r"\1.", _ESCAPED_UNDERSCORE.sub("_", text))
    for number, html in enumerate(aligned):
        text = text.replace(_ALIGNED.format(number), html)
    return "\n".join(map(_plain_bold, _indented(text.strip().split("\n")))) + "\n"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    """Every level of a list by four spaces: with fewer, one of the two engines sees no level."""
    open_levels: list[int] = []  # how deep their items stand now
    for line in lines:
        depth = len(line) - len(line.lstrip(" "))
        if _ITEM.match(line):
            open_levels = [*(level for level in open_levels if level < depth), depth]
            yield f"{' ' * 4 * (len(open_levels) - 1)}{line.lstrip(' ')}"
        elif line and depth and open_levels:
            yield f"{' ' * 4 * len(open_levels)}{line.lstrip(' ')}"
        else:
            open_levels = open_levels if not line else []
            yield line


def _take_out_aligned(document: turbohtml.Document) -> list[str]:
    """Paragraphs at the right, signatures and dates as a rule, stay HTML; what is bold in them is not kept."""
    blocks = [block for block in document.select("body > p.right") if block.text.strip()]
    aligned = [f'<p class="right">{escape(block.text.strip(), quote=False)}</p>' for block in blocks]
    for number, block in enumerate(blocks):
        block.set_text(_ALIGNED.format(number))
    return aligned


def _plain_bold(line: str) -> str:
    """turbohtml writes a tag where strict CommonMark knows no bold beside Chinese punctuation; ours does."""
    return line if line.startswith("<table") else _BOLD.sub("**", line)


def _drop_title(document: turbohtml.Document, title: str) -> None:
    """The page shows the title by itself."""
    for block in document.select("h1, p")[:3]:
        if re.sub(r"\s", "", block.text) == re.sub(r"\s", "", title):
            block.decompose()
            return


def _mark_sections(document: turbohtml.Document) -> None:
    """Official documents number their sections 一、（一） and seldom use heading styles."""
    for block in document.select("body > p"):
        text = block.text.strip()
        level = "h2" if _SECTION.match(text) else "h3" if _SUBSECTION.match(text) else ""
        if level:
            block.tag = level
            block.set_text(text)


def _lower_headings(document: turbohtml.Document) -> None:
    """h1 belongs to the title of the page; where the document uses it, everything moves down one level."""
    if not document.select("h1"):
        return
    for level in range(5, 0, -1):
        for heading in document.select(f"h{level}"):
            heading.tag = f"h{level + 1}"
