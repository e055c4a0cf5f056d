"""Pictures: their size in pixels, so that nothing moves when they arrive (CLS 0), and smaller WebP copies
of photographs, so that a phone does not fetch what fills a desk's screen.

The name of a copy holds the hash of its original: one that this program has put into the site is the right one.
"""

import re
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import ParseError, fromstring

from plugins.press import kept

Size = tuple[int, int]  # pixels; (0, 0) where it cannot be told

WIDTHS = (480, 960, 1600)
QUALITY, METHOD = 78, 2  # of WebP
_MANNER = f"{QUALITY}-{METHOD}"
CACHE = Path("var/cache/pictures")
_PHOTOGRAPHS = ("jpg", "jpeg", "png", "webp")
_TURNED = range(5, 9)  # EXIF orientations that change places of width and height
_PICTURE = re.compile(r'<img src="(/[^"]+)"([^>]*?)\s*/?>')
_ADDRESS = re.compile(r'(?:!\[[^\]]*\]\(|<img[^>]+?src=")(/[^\s)"]+)')
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*$")
_SIZES = "(min-width: 64rem) 50rem, 100vw"  # of the running text, theme/static/site.css


class Facts(NamedTuple):
    """What a page says of a picture; `srcset` is empty where there are no smaller copies."""

    width: int = 0
    height: int = 0
    srcset: str = ""


class Copy(NamedTuple):
    """A smaller copy of a picture."""

    file: str  # below the site's root
    width: int


def addresses(body: str) -> tuple[str, ...]:
    """The site's own pictures that a Markdown body shows, each once, in order."""
    return tuple(dict.fromkeys(_ADDRESS.findall(body))) if "![" in body or "<img" in body else ()


def measure(data: bytes) -> Size:
    """Width and height of a picture file as it is shown: PNG, JPEG, WebP, GIF, AVIF or SVG."""
    if data.lstrip()[:5] in (b"<?xml", b"<svg ", b"<svg>", b"<!--"):
        return _measure_svg(data)
    from PIL import ExifTags, Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as picture:
            width, height = picture.size
            turned = picture.getexif().get(ExifTags.Base.Orientation) in _TURNED
    except (UnidentifiedImageError, OSError, ValueError):
        return 0, 0  # that the file is no picture is the checks' business
    return (height, width) if turned else (width, height)


def _measure_svg(data: bytes) -> Size:
    try:
        root = fromstring(data)  # noqa: S314
    except ParseError:
        return 0, 0
    lengths = [_LENGTH.match(root.get(name, "")) for name in ("width", "height")]
    if lengths[0] and lengths[1]:
        return round(float(lengths[0][1])), round(float(lengths[1][1]))
    box = root.get("viewBox", "").replace(",", " ").split()
    try:
        return (round(float(box[2])), round(float(box[3]))) if len(box) == 4 else (0, 0)
    except ValueError:
        return 0, 0


def copies(file: str, sha256: str, width: int) -> list[Copy]:
    """The copies that a picture gets: none where it is small or drawn in lines."""
    stem, _, ending = file.rpartition(".")
    if ending.lower() not in _PHOTOGRAPHS or width <= WIDTHS[0]:
        return []
    widths = sorted({*(step for step in WIDTHS if step < width), min(width, WIDTHS[-1])})
    return [Copy(f"{stem}-{step}.{sha256[:10]}.webp", step) for step in widths]


def srcset(rows: Sequence[Copy]) -> str:
    return ", ".join(f"/{quote(row.file)} {row.width}w" for row in rows)


def shrunk(root: Path, sha256: str, data: bytes, width: int) -> bytes:
    """A copy `width` pixels wide, from the cache where it was made before. What cannot be read stays as it is."""
    from PIL import __version__

    place = root / CACHE / f"{sha256}-{width}-{_MANNER}-{__version__}"
    if known := kept.load(place):
        return known
    try:
        made = _shrink(data, width)
    except (OSError, ValueError):
        return data
    kept.save(place, made)
    return made


def _shrink(data: bytes, width: int) -> bytes:
    from PIL import Image, ImageOps

    file = BytesIO()
    with Image.open(BytesIO(data)) as picture:
        picture.draft("RGB", (width, width))  # a JPEG is read at about the size that is wanted
        upright = ImageOps.exif_transpose(picture)
        height = max(1, round(upright.height * width / upright.width))
        mode = "RGBA" if upright.mode in ("RGBA", "LA", "P") else "RGB"
        small = upright.convert(mode).resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.save(file, "WEBP", quality=QUALITY, method=METHOD)
    return file.getvalue()


def sized(html: str, facts_of: Callable[[str], Facts]) -> str:
    """`html` where each of the site's own pictures has its size, its copies, and waits until it is near."""
    if "<img" not in html:
        return html
    seen = 0

    def dress(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        address, rest = found[1], found[2]
        if " width=" in rest:
            return found[0]
        facts = facts_of(address)
        size = f' width="{facts.width}" height="{facts.height}"' if facts.width and facts.height else ""
        choice = f' srcset="{facts.srcset}" sizes="{_SIZES}"' if facts.srcset else ""
        wait = "" if seen == 1 else ' loading="lazy"'  # the first one is soon seen
        return f'<img src="{address}"{rest}{size}{choice}{wait} decoding="async">'

    return _PICTURE.sub(dress, html)
