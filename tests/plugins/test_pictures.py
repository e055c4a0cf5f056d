"""Sizes of pictures in running text."""

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from plugins.press import fingerprint, parallel, pictures
from plugins.press.pictures import Copy, Facts


def picture(kind: str, width: int = 640) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, 360)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_measured(kind: str) -> None:
    assert pictures.measure(picture(kind)) == (640, 360)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param(
            '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150px"/>', (300, 150), id="尺寸"
        ),
        pytest.param(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 450.4"/>', (800, 450), id="视框"
        ),
        pytest.param('<?xml version="1.0"?><svg width="100%" viewBox="0,0,80,40"/>', (80, 40), id="百分比"),
        pytest.param('<svg viewBox="0 0 a b"/>', (0, 0), id="数不对"),
        pytest.param("<svg ", (0, 0), id="残缺"),
    ],
)
def test_a_drawing_is_measured(text: str, size: pictures.Size) -> None:
    assert pictures.measure(text.encode()) == size


def test_a_photograph_taken_sideways_is_measured_as_it_is_shown() -> None:
    file, turn = io.BytesIO(), Image.Exif()
    turn[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (640, 360)).save(file, "JPEG", exif=turn)

    assert pictures.measure(file.getvalue()) == (360, 640)


@pytest.mark.parametrize(
    ("file", "width", "widths"),
    [
        pytest.param("images/a.jpg", 1280, [480, 960, 1280], id="照片"),
        pytest.param("images/a.PNG", 4000, [480, 960, 1600], id="大图"),
        pytest.param("images/a.jpg", 480, [], id="小图"),
        pytest.param("images/a.svg", 4000, [], id="线条图"),
    ],
)
def test_copies_are_smaller_than_their_original(file: str, width: int, widths: list[int]) -> None:
    assert [row.width for row in pictures.copies(file, "ab" * 32, width)] == widths


def test_addresses_of_copies_survive_chinese_names_and_commas() -> None:
    rows = [Copy("images/甲, 乙-480.ab.webp", 480), Copy("images/b-960.ab.webp", 960)]

    assert (
        pictures.srcset(rows)
        == "/images/%E7%94%B2%2C%20%E4%B9%99-480.ab.webp 480w, /images/b-960.ab.webp 960w"
    )


def test_a_copy_is_made_once_and_what_cannot_be_read_stays_as_it_is(tmp_path: Path) -> None:
    made = pictures.shrunk(tmp_path, "a", picture("JPEG"), 480)

    assert pictures.measure(made) == (480, 270)
    assert pictures.shrunk(tmp_path, "a", b"never looked at", 480) == made
    assert pictures.shrunk(tmp_path, "b", b"no picture", 480) == b"no picture"


def test_a_damaged_copy_in_the_cache_is_made_anew(tmp_path: Path) -> None:
    made = pictures.shrunk(tmp_path, "a", picture("JPEG"), 480)
    (file,) = (tmp_path / pictures.CACHE).iterdir()
    file.write_bytes(file.read_bytes()[:-9])

    assert pictures.shrunk(tmp_path, "a", picture("JPEG"), 480) == made


def test_another_program_makes_the_copies_anew(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("content/images/a.jpg", picture("JPEG"))
    with monkeypatch.context() as earlier:
        earlier.setattr(fingerprint, "_code", lambda: "earlier")
        earlier.setattr(pictures, "_MANNER", "earlier")
        earlier.setattr(pictures, "_shrink", lambda data, width: b"earlier")
        project.build()
    assert b"earlier" in project.files("build/site/images").values()

    project.build()

    assert b"earlier" not in project.files("build/site/images").values()


def test_a_picture_of_a_list_that_is_exchanged_changes_the_list(project: Any) -> None:
    channels = project.read("content/channels.toml")
    project.write(
        "content/channels.toml", channels.replace('name = "要闻"', 'name = "要闻"\nlayout = "gallery"')
    )
    project.write("content/images/a.jpg", picture("JPEG"))
    project.article("xw/yw/2026/1003-tupian", title="有图的一篇", image="/images/a.jpg", image_alt="现场")
    project.build()

    project.write("content/images/a.jpg", picture("JPEG", width=800))
    project.build()

    assert 'width="800"' in project.read("build/site/xw/yw/index.html")
    before = project.files()
    project.build(full=True)
    assert project.files() == before


def test_what_is_no_picture_has_no_size() -> None:
    assert pictures.measure(b"") == (0, 0)
    assert pictures.measure(b"%PDF-1.7") == (0, 0)


def test_pictures_of_the_site_get_their_size_and_wait_until_they_are_near() -> None:
    html = '<p><img src="/images/a.png" alt="甲" /></p><img src="/images/b.png" alt="乙" title="丙" />'
    facts = {"/images/a.png": Facts(640, 360, "/a-480.webp 480w"), "/images/b.png": Facts(8, 4)}
    dressed = pictures.sized(html, facts.__getitem__)

    assert dressed == (
        '<p><img src="/images/a.png" alt="甲" width="640" height="360"'
        ' srcset="/a-480.webp 480w" sizes="(min-width: 64rem) 50rem, 100vw" decoding="async"></p>'
        '<img src="/images/b.png" alt="乙" title="丙" width="8" height="4" loading="lazy" decoding="async">'
    )
    assert pictures.sized(dressed, lambda _: Facts(1, 1)) == dressed


def test_a_picture_of_unknown_size_and_one_from_elsewhere_keep_what_they_have() -> None:
    assert (
        pictures.sized('<img src="/x.png" alt="" />', lambda _: Facts())
        == '<img src="/x.png" alt="" decoding="async">'
    )
    foreign = '<img src="https://example.org/x.png" alt="" />'
    assert pictures.sized(foreign, lambda _: Facts(1, 1)) == foreign


def test_the_pictures_of_a_body_are_found_once_each() -> None:
    body = '![甲](/images/a.png) 文字 ![乙](/images/b.png "题")\n<img alt="" src="/images/a.png"> [链接](/files/x.pdf)'

    assert pictures.addresses(body) == ("/images/a.png", "/images/b.png")


def test_a_picture_exchanged_for_one_of_another_size_changes_the_page(project: Any) -> None:
    project.write("content/images/a.png", picture("PNG"))
    project.article("xw/yw/2026/1003-tupian", "![图](/images/a.png)\n", title="有图的一篇")
    page = "build/site/xw/yw/2026/1003.html"
    project.build()
    assert 'width="640" height="360"' in project.read(page)

    project.write("content/images/a.png", picture("PNG", width=800))
    project.build()
    assert 'width="800" height="360"' in project.read(page)
    copies = sorted(path.name.partition(".")[0] for path in project.root.glob("build/site/images/*.webp"))
    assert copies == ["a-480", "a-800"]
    before = project.files()
    project.build(full=True)
    assert project.files() == before


def test_copies_made_by_several_processes_are_those_made_by_one(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        path = project.root / f"content/images/{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture("JPEG", 1000 + number))
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    project.build()
    several = project.files()
    shutil.rmtree(project.root / pictures.CACHE)
    monkeypatch.setattr(parallel, "cores", lambda: 1)

    project.build(full=True)

    assert project.files() == several
    assert sum(file.endswith(".webp") for file in several) == 15


def test_a_complaint_of_a_library_is_not_told_as_a_disk_that_cannot_be_written(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.build()
    before = project.files()

    def complain(*given: object) -> bytes:
        raise OSError("broken data stream")

    path = project.root / "content/images/a.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture("JPEG", 1000))
    monkeypatch.setattr(pictures, "shrunk", complain)

    with pytest.raises(OSError, match="broken data stream"):
        project.build()

    assert project.files() == before
