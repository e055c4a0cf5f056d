"""An address as a browser and the web server understand it. Nothing here knows which files there are."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes, urlsplit

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_SPACE = re.compile(r"[\t\n\r]")
# Schemes that lead nowhere on the web server and are nobody's mistake.
_SILENT = frozenset(
    [
        "javascript", "data", "blob", "about", "urn", "chrome", "view-source", "cid", "mid", "intent", "market",
        "sms", "smsto", "callto", "skype", "sip", "sips", "xmpp", "weixin", "alipays", "mqq", "mqqapi", "tencent",
        "geo", "magnet", "thunder", "ed2k", "bitcoin", "webcal", "feed", "news", "nntp", "irc", "ircs", "gopher",
        "ftp", "ftps", "sftp", "ssh", "telnet", "git", "svn", "rsync", "ldap", "ldaps", "ws", "wss", "mms", "rtsp",
        "rtmp",
    ]
)  # fmt: skip
_MAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>.]+(?:\.[^\s@,;<>.]+)+")
_PHONE = re.compile(r"[+(]?[\d(][\d().\-\s]*(?:[;,].*)?")


class Kind(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    SILENT = "silent"  # javascript:, data: and the like
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Address:
    kind: Kind
    path: str = (
        ""  # of inside ones: percent-decoded, with dots resolved, below the root; "" is the page itself
    )
    fragment: str = ""  # as written; "" where there is none
    url: str = ""  # of outside ones
    problem: str = ""  # what is wrong with a malformed one
    plain: bool = False  # `http:` to the own site

    @property
    def anchors(self) -> tuple[str, ...]:
        """The ids that it may mean, in a browser's order: as written, then percent-decoded."""
        if "%" not in self.fragment:
            return (self.fragment,)
        decoded = unquote_to_bytes(self.fragment).decode("utf-8", "surrogateescape")
        return (self.fragment, decoded) if decoded != self.fragment else (self.fragment,)


_SILENT_ADDRESS = Address(Kind.SILENT)


def parse(href: str, base: str, hosts: frozenset[str]) -> Address:
    """`base` is the path of the page, or what its <base> says; `hosts` are the site's own names."""
    href = _trimmed(href)
    scheme = _SCHEME.match(href)
    if scheme and not href.startswith("//"):
        name = scheme[1].lower()
        if name in ("http", "https"):
            return _absolute(href, name, hosts)
        return _special(href, name)
    if href.startswith(("//", "\\\\", "/\\", "\\/")):
        return _absolute("https:" + href, "https", hosts)
    return _inside(href, base)


def is_relative(href: str) -> bool:
    """What it means depends on the page that it stands on."""
    href = _trimmed(href)
    return not href.startswith(("/", "\\")) and not _SCHEME.match(href)


def _trimmed(href: str) -> str:
    return _SPACE.sub("", href.strip(" \t\n\r\f\v\x00"))


def _absolute(href: str, scheme: str, hosts: frozenset[str]) -> Address:
    rest = (
        href[len(scheme) + 1 :].replace("\\", "/")
        if "\\" in href.split("?", 1)[0]
        else href[len(scheme) + 1 :]
    )
    if not rest.startswith("//"):
        return Address(Kind.MALFORMED, problem="协议后面应当是 //")
    try:
        parts = urlsplit(f"{scheme}:{rest}")
        host, _ = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return Address(Kind.MALFORMED, problem="网址里的主机名或端口不对")
    if not host or " " in host or "%" in host or ".." in host:
        return Address(Kind.MALFORMED, problem="网址里没有正确的主机名")
    if host in hosts:
        path = rest[2:]
        cut = min((i for i in map(path.find, "/?#") if i >= 0), default=len(path))
        address = _inside(path[cut:] if path[cut : cut + 1] == "/" else "/" + path[cut:], "/")
        if scheme == "http":
            return Address(address.kind, address.path or "/", address.fragment, plain=True)
        return address
    return Address(Kind.OUTSIDE, url=f"{scheme}:{rest}")


def _special(href: str, scheme: str) -> Address:
    rest = href[len(scheme) + 1 :]
    if scheme in _SILENT:
        return _SILENT_ADDRESS
    if scheme == "mailto":
        people = unquote_to_bytes(rest.partition("?")[0]).decode("utf-8", "replace")
        wrong = [one for one in people.split(",") if not _MAIL.fullmatch(one.strip())]
        if wrong and not (people == "" and "to=" in rest.lower()):
            return Address(Kind.MALFORMED, problem="邮箱地址不对")
        return _SILENT_ADDRESS
    if scheme == "tel":
        number = unquote_to_bytes(rest).decode("utf-8", "replace").strip()
        if not _PHONE.fullmatch(number) or sum(map(str.isdigit, number)) < 3:
            return Address(Kind.MALFORMED, problem="电话号码不对")
        return _SILENT_ADDRESS
    if scheme == "file":
        return Address(Kind.MALFORMED, problem="这是写稿人电脑上的文件，别人打不开")
    return Address(Kind.MALFORMED, problem=f"不认识的协议 {scheme}:")


def _inside(href: str, base: str) -> Address:
    href, _, fragment = href.partition("#")
    path = href.partition("?")[0]
    if not path:
        return Address(Kind.INSIDE, "", fragment)
    if "\\" in path:
        path = path.replace("\\", "/")
    if path[0] != "/":
        path = base[: base.rfind("/") + 1] + path
    if "%" in path:
        path = unquote_to_bytes(path).decode("utf-8", "surrogateescape")
    if "/." in path or "//" in path:
        path = _without_dots(path)
    return Address(Kind.INSIDE, path, fragment)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    parts = path.split("/")[1:]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "..":
            if kept:
                kept.pop()
        elif part not in (".", "") or last:
            kept.append("" if part == "." else part)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)
