"""Addresses that lead out of the site: which there are, and whose they are."""

from array import array
from collections.abc import Iterator, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.built_site import BuiltSite
from checks.links.addresses import Kind, parse
from checks.links.index import Table
from checks.references import HINT


@dataclass(frozen=True, slots=True)
class Outward:
    files: tuple[str, ...]  # the pages that have it
    reference: str  # kind + address as written
    url: str
    host: str

    @property
    def file(self) -> str:
        return self.files[0]

    @property
    def pages(self) -> int:
        return len(self.files)

    @property
    def kind(self) -> str:
        return self.reference[0]


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def is_below(host: str, domain: str) -> bool:
    """The domain itself or a name below it."""
    domain = domain.lower().strip(".")
    return host == domain or host.endswith(f".{domain}")


def outward(site: BuiltSite, table: Table, kinds: str) -> Iterator[Outward]:
    """Every outward address of these kinds once, with the pages that have it."""
    wanted: dict[int, str] = {}
    for number, reference in enumerate(table.addresses):
        if reference[0] in kinds and reference[0] != HINT and ("//" in reference or "\\" in reference):
            address = parse(reference[1:], "/", site.hosts)
            if address.kind is Kind.OUTSIDE:
                wanted[number] = address.url
    if not wanted:
        return
    for number, having in sorted(pages_with(table, wanted.keys()).items()):
        url = wanted[number]
        yield Outward(tuple(having), table.addresses[number], url, host_of(url))


def pages_with(table: Table, numbers: Set[int]) -> dict[int, list[str]]:
    """For each of these addresses the pages that have it."""
    of_piece = [numbers & set(array("I", piece.references)) for piece in table.pieces]
    files: dict[int, list[str]] = {}
    for file in sorted(table.pages):
        for number in {number for piece in table.pages[file].pieces for number in of_piece[piece]}:
            files.setdefault(number, []).append(file)
    return files
