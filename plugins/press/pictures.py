"""Pictures in running text get their size in pixels, so that nothing moves when they arrive (CLS 0)."""

import re
from collections.abc import Callable
from io import BytesIO
from xml.etree.ElementTree import ParseError, fromstring

Size = tuple[int, int]  # pixels; (0, 0) where it cannot be told

_PICTURE = re.compile(r'<img src="(/[^"]+)"([^>]*?)\s*/?>')
_ADDRESS = re.compile(r'(?:!\[[^\]]*\]\(|<img[^>]+?src=")(/[^\s)"]+)')
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*$")
_FIRST_IS_SOON_SEEN = 'decoding="async"'
_LATER = 'loading="lazy" decoding="async"'


def addresses(body: str) -> tuple[str, ...]:
    """The site's own pictures that a Markdown body shows, each once, in order."""
    return tuple(dict.fromkeys(_ADDRESS.findall(body))) if "![" in body or "<img" in body else ()


def measure(data: bytes) -> Size:
    """Width and height of a picture file: PNG, JPEG, WebP, GIF, AVIF or SVG."""
    if data.lstrip()[:5] in (b"<?xml", b"<svg ", b"<svg>", b"<!--"):
        return _measure_svg(data)
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError):
        return 0, 0  # that the file is no picture is the checks' business


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


def sized(html: str, size_of: Callable[[str], Size]) -> str:
    """`html` with width, height and loading on each of the site's own pictures that has none yet."""
    if "<img" not in html:
        return html
    seen = 0

    def dress(found: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        address, rest = found[1], found[2]
        if " width=" in rest:
            return found[0]
        width, height = size_of(address)
        size = f' width="{width}" height="{height}"' if width and height else ""
        return f'<img src="{address}"{rest}{size} {_FIRST_IS_SOON_SEEN if seen == 1 else _LATER}>'

    return _PICTURE.sub(dress, html)
