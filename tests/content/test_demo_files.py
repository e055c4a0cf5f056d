"""The attachments and pictures are real files, say what their articles say, and come from the script."""

import io
import re
from pathlib import Path

import pypdf
import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image, ImageChops, ImageStat

from bureau import channels, front_matter
from portal import demo_files
from portal.demo_canvas import MOST_BYTES
from portal.demo_pdf import Leaflet, leaflet_bytes
from portal.demo_pictures import SCENES

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
REFERENCE = re.compile(r"/(?:files|images)/[^\s)}\"',]+")
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


def attached(suffix: str) -> list[Path]:
    return sorted((CONTENT / "files").rglob(f"*{suffix}"))


def articles() -> dict[str, front_matter.FrontMatter]:
    parsed = (front_matter.parse(path, path.read_text("utf-8")) for path in CONTENT.rglob("*.md"))
    return {str(head.values["id"]): head for head in parsed}


def test_every_file_and_picture_that_an_article_names_is_there() -> None:
    named = {
        reference
        for path in CONTENT.rglob("*.md")
        for reference in REFERENCE.findall(path.read_text("utf-8"))
    }
    assert len(named) >= 28
    assert [address for address in sorted(named) if not (CONTENT / address.removeprefix("/")).is_file()] == []


def test_every_kind_of_channel_has_an_article() -> None:
    tree = channels.load(CONTENT)
    filled = {"/".join(path.relative_to(CONTENT).parts[:-2]) for path in CONTENT.rglob("*.md")}
    kinds = {channel.kind for channel in tree if channel.path in filled}
    groups = {"disclosure", "interaction"}  # channels that only hold other channels
    assert {channel.kind for channel in tree} - groups <= kinds


def test_documents_and_their_interpretations_name_each_other() -> None:
    by_id = articles()
    pairs = {(id_, other) for id_, head in by_id.items() for other in head.values.get("interprets", ())}
    back = {(other, id_) for id_, head in by_id.items() for other in head.values.get("interpreted_by", ())}
    assert len(pairs) >= 7
    assert pairs == back
    assert {head.values["validity"] for head in by_id.values() if "validity" in head.values} == {
        "有效",
        "失效",
        "废止",
    }


def test_there_are_attachments_of_each_format_with_chinese_names() -> None:
    for suffix, least in ((".docx", 4), (".xlsx", 4), (".pdf", 4)):
        files = attached(suffix)
        assert len(files) >= least
        assert all(re.search(r"[\u4e00-\u9fff]", file.name) for file in files)


@pytest.mark.parametrize("file", attached(".docx"), ids=lambda file: file.stem)
def test_word_forms_open(file: Path) -> None:
    assert Document(str(file)).paragraphs[0].text.startswith(file.stem)


@pytest.mark.parametrize("sheet", demo_files.SHEETS, ids=lambda sheet: sheet.title)
def test_workbooks_open_and_hold_their_rows(sheet: demo_files.Sheet) -> None:
    page = load_workbook(CONTENT / "files/2026" / sheet.file).active
    assert page is not None
    rows = [tuple("" if value is None else value for value in row) for row in page.values]
    assert rows == [tuple(sheet.heads), *(tuple(row) for row in sheet.rows)]


@pytest.mark.parametrize("leaflet", demo_files.LEAFLETS, ids=lambda leaflet: leaflet.title)
def test_pdf_is_one_page_whose_chinese_can_be_read(leaflet: Leaflet) -> None:
    file = CONTENT / "files/2026" / leaflet.file
    assert file.read_bytes() == leaflet_bytes(leaflet)

    document = pypdf.PdfReader(file, strict=True)
    assert len(document.pages) == 1
    assert document.metadata is not None
    assert document.metadata.title == leaflet.title
    text = re.sub(r"\s", "", document.pages[0].extract_text())
    assert all(re.sub(r"\s", "", part.removeprefix("# ")) in text for part in leaflet.paragraphs)


def test_a_leaflet_too_long_for_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="一页放不下"):
        leaflet_bytes(Leaflet("太长", ("道路运输" * 20,) * 60))


@pytest.mark.parametrize("title", [sheet.title for sheet in demo_files.SHEETS])
def test_figures_of_an_article_table_are_those_of_its_workbook(title: str) -> None:
    """What both name in the first column must have the same numbers beside it."""
    sheet = next(row for row in demo_files.SHEETS if row.title == title)
    address = f"/files/2026/{sheet.file}"
    (head,) = (
        head
        for head in articles().values()
        if address in [row["file"] for row in head.values.get("attachments", ())]
    )
    kept = {str(row[0]): {f"{value}" for value in row[1:]} for row in sheet.rows}
    for line in head.body.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] in kept:
            shown = {cell.replace(",", "") for cell in cells[1:] if FIGURE.fullmatch(cell)}
            assert shown <= kept[cells[0]], f"{title}：{cells[0]}"


@pytest.mark.parametrize("name", SCENES)
def test_pictures_are_light_and_drawn_by_the_script(name: str) -> None:
    data = (CONTENT / f"images/2026/{name}.jpg").read_bytes()
    assert len(data) <= MOST_BYTES
    kept = Image.open(io.BytesIO(data))
    assert kept.size == (1280, 720)

    drawn = Image.open(io.BytesIO(SCENES[name]().jpeg()))
    difference = ImageStat.Stat(ImageChops.difference(kept, drawn)).mean
    assert max(difference) < 2  # the JPEG coder may differ from machine to machine, the picture not


def test_all_pictures_and_attachments_stay_small() -> None:
    files = [
        path for folder in ("files", "images") for path in (CONTENT / folder).rglob("*") if path.is_file()
    ]
    assert sum(path.stat().st_size for path in files) < 6_000_000
