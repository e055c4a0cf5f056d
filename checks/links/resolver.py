"""Is there something at the other end? Judges every link of a site against the files that it consists of."""

import re
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import unquote

from checks.built_site import BuiltSite
from checks.links.addresses import Address, Kind, is_relative, parse
from checks.links.index import Table, anchors_of
from checks.references import HINT, NAVIGATE

_WITH_ANCHORS = (".html", ".htm", ".svg")
_DEEPEST = 10  # redirects followed
_SPECIAL = re.compile(r"[%?#\\]")  # an address with none of these is the path of its file as written
_TAIL = re.compile("[?#].*", re.S)
_PAGE_ITSELF = re.compile(r"\?[^#\\]*")  # as it is shown in another way


class Reason(StrEnum):
    MISSING = "missing"
    CASE = "case"
    SLASH = "slash"
    FOLDER = "folder"
    ENCODING = "encoding"
    LOOP = "loop"
    ANCHOR = "anchor"
    ANCHOR_CASE = "anchor-case"
    MALFORMED = "malformed"
    EMPTY = "empty"
    GONE = "gone"
    OUTWARD = "outward"  # outside, and found dead by asking
    HIJACKED = "hijacked"


def _name(path: str) -> str:
    """The last part of a path."""
    return path.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an address; `hint` is what was probably meant."""

    reason: Reason
    target: str  # the path that was looked for, or the address itself when it is malformed
    hint: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    file: str  # the page that has the link
    reference: str  # kind + address as written
    verdict: Verdict

    @property
    def kind(self) -> str:
        return self.reference[0]

    @property
    def href(self) -> str:
        return self.reference[1:]


class Resolver:
    def __init__(self, site: BuiltSite, table: Table, served: tuple[str, ...] = ()) -> None:
        self._site, self._table = site, table
        self._served = tuple(prefix.rstrip("/") for prefix in served)
        self._paths: dict[str, str | Verdict] = {}

    def broken(self) -> Iterator[Broken]:
        """Every broken link once a page, in the order of the pages."""
        verdicts, depending = self._judge_independent()
        suspicious = verdicts.keys() | depending
        quiet: set[int] = set()  # pieces without anything suspicious
        for file in sorted(self._table.pages):
            page = self._table.pages[file]
            numbers: set[int] = set()
            for piece in page.pieces:
                if piece not in quiet:
                    references = array("I", self._table.pieces[piece].references)
                    if suspicious.isdisjoint(references):
                        quiet.add(piece)
                    else:
                        numbers.update(suspicious.intersection(references))
            for number in sorted(numbers):
                reference = self._table.addresses[number]
                if reference[1:2] == "#" and anchors_of(self._table, page)(reference[2:]):
                    continue  # told without taking the address apart: most pages have such links to themselves
                verdict = verdicts.get(number) or self.judge(reference, file, page.base)
                if verdict:
                    yield Broken(file, reference, verdict)

    def pages_leading_to(self, files: Collection[str]) -> dict[str, list[str]]:
        """The pages that have a link to one of these files, in their order."""
        names = {_name(file.removesuffix("/index.html")) for file in files} | set(map(_name, files))
        likely = {
            number
            for number, reference in enumerate(self._table.addresses)
            if reference[0] != HINT and _name(unquote(_TAIL.sub("", reference[1:]))) in names
        }
        found: dict[str, list[str]] = {file: [] for file in files}
        for file, page in sorted(self._table.pages.items()) if likely else ():
            for piece in page.pieces:
                for number in likely.intersection(array("I", self._table.pieces[piece].references)):
                    path = self._address(self._table.addresses[number], file, page.base).path
                    leads = found.get(str(self.find(path)) if path else file)
                    if leads is not None and file not in leads[-1:]:
                        leads.append(file)
        return found

    def _judge_independent(self) -> tuple[dict[int, Verdict], set[int]]:
        """Verdicts on addresses that mean the same on every page, and the numbers of those that do not."""
        verdicts: dict[int, Verdict] = {}
        depending = set()
        for number, reference in enumerate(self._table.addresses):
            if reference[0] == HINT or self.leads(reference[1:]) or _PAGE_ITSELF.fullmatch(reference, 1):
                continue
            if is_relative(reference[1:]):
                depending.add(number)
            elif verdict := self.judge(reference, "/", None):
                verdicts[number] = verdict
        return verdicts, depending

    def leads(self, href: str) -> bool:
        """Told without taking the address apart: it is the name of a file, behind the site's own or alone."""
        for prefix in self._prefixes:
            if href.startswith(prefix):
                href = href[len(prefix) :]
                break
        return href in self._files and not _SPECIAL.search(href)

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(f"https://{host}" for host in self._site.hosts)

    @cached_property
    def _files(self) -> Collection[str]:
        """Paths that lead to what they name: neither led on nor withdrawn."""
        gone = {page.file for page in self._site.pages if page.kind == "gone"}
        led_on = self._site.redirects.keys() | gone
        return self._site.stamps.keys() - led_on if led_on else self._site.stamps

    def judge(self, reference: str, file: str, base: str | None) -> Verdict | None:
        href, address = reference[1:], self._address(reference, file, base)
        if address.kind is Kind.MALFORMED:
            return Verdict(Reason.MALFORMED, href, problem=address.problem)
        if address.kind is not Kind.INSIDE:
            return None
        if not href.strip() and reference[0] != NAVIGATE and reference[0] != "o":
            return Verdict(Reason.EMPTY, href)
        return self._inside(address, file)

    def _address(self, reference: str, file: str, base: str | None) -> Address:
        start = file if base is None else parse(base, file, self._site.hosts).path or file
        return parse(reference[1:], start, self._site.hosts)

    def _inside(self, address: Address, file: str) -> Verdict | None:
        if not address.path:
            found: str | Verdict = file
        else:
            found = self.find(address.path)
        if isinstance(found, Verdict):
            return found
        if address.fragment and found.endswith(_WITH_ANCHORS):
            return self._anchor(found, address)
        return None

    def find(self, path: str) -> str | Verdict:
        """The file that is served under a path, "" for one that a program serves, or why there is none."""
        found = self._paths.get(path)
        if found is None:
            found = self._paths[path] = self._find(path, 0)
        return found

    def _find(self, path: str, depth: int) -> str | Verdict:
        site = self._site
        if (onward := site.redirects.get(path)) is not None:
            address = parse(onward, path, site.hosts)
            if depth >= _DEEPEST:
                return Verdict(Reason.LOOP, path)
            return self._find(address.path, depth + 1) if address.kind is Kind.INSIDE and address.path else ""
        if path in site.stamps and not path.endswith("/"):
            page = site.page_by_file.get(path)
            return Verdict(Reason.GONE, path) if page and page.kind == "gone" else path
        folder = path if path.endswith("/") else f"{path}/"
        if folder in site.folders and (index := f"{folder}index.html") in site.stamps:
            return index
        if any(path == served or path.startswith(f"{served}/") for served in self._served):
            return ""
        return self._why_not(path, folder)

    def _why_not(self, path: str, folder: str) -> Verdict:
        if folder in self._site.folders:
            return Verdict(Reason.FOLDER, path)
        if path.rstrip("/") in self._site.stamps:
            return Verdict(Reason.SLASH, path, hint=path.rstrip("/"))
        if written := self._in_other_case(path.lower()):
            return Verdict(Reason.CASE, path, hint=written)
        try:
            chinese = path.encode("utf-8", "surrogateescape").decode("gb18030")
        except UnicodeError:
            chinese = path
        if chinese != path and chinese in self._site.stamps:
            return Verdict(Reason.ENCODING, path, hint=chinese)
        return Verdict(Reason.MISSING, path)

    def _in_other_case(self, lower: str) -> str:
        if lower in self._site.stamps or lower in self._site.folders:
            return lower
        return self._with_capitals.get(lower, "")

    @cached_property
    def _with_capitals(self) -> dict[str, str]:
        names = [*self._site.folders, *self._site.stamps]
        return {lower: name for name in names if (lower := name.lower()) != name}

    def _anchor(self, file: str, address: Address) -> Verdict | None:
        wanted = [anchor.partition(":~:")[0] for anchor in address.anchors]
        anchor = wanted[-1]
        page = self._table.pages.get(file)
        if not anchor or anchor.lower() == "top" or page is None or anchor.startswith("svgView("):
            return None
        if any(map(anchors_of(self._table, page), wanted)):
            return None
        for piece in page.pieces:
            names = self._table.pieces[piece].anchors.split("\0")
            near = next((name for name in names if name.lower() == anchor.lower()), None)
            if near is not None:
                return Verdict(Reason.ANCHOR_CASE, f"{file}#{anchor}", hint=near)
        return Verdict(Reason.ANCHOR, f"{file}#{anchor}")
