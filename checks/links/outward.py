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


def outward(site: BuiltSite, table: Table) -> Iterator[Outward]:
    """Every outward address once, with the pages that have it."""
    wanted: dict[int, str] = {}
    own = tuple(f"https://{host}/" for host in site.hosts)
    for number, reference in enumerate(table.addresses):
        if reference.startswith(own, 1) or reference[0] == HINT:
            continue
        if "//" in reference or "\\" in reference:
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
    if not numbers:
        return {}
    numbers = frozenset(numbers)  # asked thousands of times
    of_piece: dict[int, Set[int]] = {}  # pieces with one of them: few
    for at, piece in enumerate(table.pieces):
        references = array("I", piece.references)
        if not numbers.isdisjoint(references):
            of_piece[at] = numbers & set(references)
    files: dict[int, list[str]] = {}
    for file, page in sorted(table.pages.items()):
        for number in {number for at in page.pieces if at in of_piece for number in of_piece[at]}:
            files.setdefault(number, []).append(file)
    return files
