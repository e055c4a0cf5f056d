"""One-page PDF leaflets in Chinese for the demo content.

The font is STSong-Light, one of the standard Chinese fonts that every reader supplies itself, so nothing is
embedded; a ToUnicode map lets the text be searched, copied and read aloud.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595, 842, 72
LEADING = 1.7
_SPACES = " \u3000"
_NO_LINE_START = "，。；：、！？）》”％%"
_CMAP_HEAD = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Chinese-to-Unicode def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange"""
_CMAP_TAIL = "endcmap CMapName currentdict /CMap defineresource pop end end"


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What stands on the page: a title, then paragraphs; a paragraph that starts with `# ` is a heading."""

    title: str
    paragraphs: Sequence[str]

    @property
    def file(self) -> str:
        return f"{self.title}.pdf"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: int
    left: float
    baseline: float


def leaflet_bytes(leaflet: Leaflet) -> bytes:
    """The leaflet as a PDF file; raises ValueError when it does not fit on one page."""
    lines = tuple(_lines(leaflet))
    if lines[-1].baseline < MARGIN:
        raise ValueError(f"{leaflet.title}：一页放不下，请删减文字")
    text = "".join(line.text for line in lines)
    return _file(
        b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) /ViewerPreferences << /DisplayDocTitle true >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT),
        _stream("\n".join(_drawn(line) for line in lines)),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 8 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        _stream(_to_unicode(text)),
        b"<< /Title <%s> /Producer (portal.demo_files) >>"
        % f"\ufeff{leaflet.title}".encode("utf-16-be").hex().encode(),
    )


def _lines(leaflet: Leaflet) -> Iterator[_Line]:
    """Every line with its place, from the top of the page down."""
    room, baseline = PAGE_WIDTH - 2 * MARGIN, float(PAGE_HEIGHT - MARGIN)
    for text in _wrapped(leaflet.title, room, 20):
        yield _Line(text, 20, (PAGE_WIDTH - _width(text, 20)) / 2, baseline)
        baseline -= 20 * LEADING
    for paragraph in leaflet.paragraphs:
        heading = paragraph.startswith("# ")
        size, shown = (15, paragraph[2:]) if heading else (12, f"\u3000\u3000{paragraph}")
        baseline -= size * 0.8 if heading else 0
        for text in _wrapped(shown, room, size):
            yield _Line(text, size, MARGIN, baseline)
            baseline -= size * LEADING


def _wrapped(text: str, room: float, size: int) -> Iterator[str]:
    """The text in lines of at most `room` points; closing punctuation may hang over by one character."""
    line = ""
    for character in text:
        if line and _width(line + character, size) > room and character not in _NO_LINE_START:
            yield line
            line = "" if character in _SPACES else character
        else:
            line += character
    yield line


def _width(text: str, size: int) -> float:
    return sum(0.5 if character.isascii() else 1.0 for character in text) * size


def _drawn(line: _Line) -> str:
    place = f"1 0 0 1 {line.left:.1f} {line.baseline:.1f} Tm"
    return f"BT /F1 {line.size} Tf {place} <{line.text.encode('utf-16-be').hex()}> Tj ET"


def _to_unicode(text: str) -> str:
    """A map of the characters used, at most a hundred in a block as the format asks."""
    codes = sorted({f"<{ord(character):04x}>" for character in text})
    blocks = (codes[start : start + 100] for start in range(0, len(codes), 100))
    maps = (
        f"{len(block)} beginbfchar\n" + "\n".join(f"{code} {code}" for code in block) + "\nendbfchar"
        for block in blocks
    )
    return "\n".join((_CMAP_HEAD, *maps, _CMAP_TAIL))


def _stream(text: str) -> bytes:
    data = text.encode("ascii")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _file(*objects: bytes) -> bytes:
    """The objects, numbered from 1 (the catalog first, the document's information last), with their table."""
    out = bytearray(b"%PDF-1.5\n%\xe4\xb8\xad\n")
    starts = []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (size, size - 1)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
