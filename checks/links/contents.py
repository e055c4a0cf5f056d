"""Does a file hold what its extension says? Told by its first bytes."""

from collections.abc import Callable, Mapping
from posixpath import splitext

HEAD = 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
# Extension -> what such a file begins with. WPS saves .doc and .xls also as RTF, HTML-free OLE or ZIP.
_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".docx": _ZIP,
    ".xlsx": _ZIP,
    ".pptx": _ZIP,
    ".ofd": _ZIP,
    ".zip": _ZIP,
    ".wps": _OLE + _ZIP,
    ".et": _OLE + _ZIP,
    ".doc": (*_OLE, b"{\\rtf", *_ZIP),
    ".xls": _OLE + _ZIP,
    ".ppt": _OLE + _ZIP,
    ".rar": (b"Rar!\x1a\x07",),
    ".7z": (b"7z\xbc\xaf\x27\x1c",),
    ".gz": (b"\x1f\x8b",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".bmp": (b"BM",),
    ".webp": (b"RIFF",),
    ".ico": (b"\x00\x00\x01\x00",),
    ".woff": (b"wOFF",),
    ".woff2": (b"wOF2",),
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}
_NOT_EMPTY = frozenset(_BEGINNINGS) | {".html", ".htm", ".svg", ".mp4", ".xml", ".txt", ".csv"}


def problem(file: str, size: int, head: Callable[[], bytes]) -> str:
    """What is wrong with the file, or an empty text. `head` gives its first bytes and is asked only when needed."""
    suffix = splitext(file)[1].lower()
    if suffix not in _NOT_EMPTY:
        return ""
    if size == 0:
        return "文件是空的"
    beginnings = _BEGINNINGS.get(suffix)
    if beginnings is None:
        return ""
    first = head().lstrip(b"\xef\xbb\xbf\r\n ") if suffix == ".pdf" else head()
    if suffix == ".pdf" and beginnings[0] in first[:HEAD]:
        return ""  # readers accept some bytes before the mark
    return "" if first.startswith(beginnings) else f"内容不是 {suffix[1:]} 文件"
