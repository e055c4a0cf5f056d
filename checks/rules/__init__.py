"""The rules, in the order of the report. A rule is a module; its docstring is its page of the manual.

It has `ID` and one of
    check_source(source: Source) -> Iterator[Finding]                          one file that people wrote
    check_page(page: OpenPage, around: Surroundings) -> Iterator[Finding]      one built page
    check_site(site: Site) -> Iterator[Finding]                                the whole
The first two are pure per item: results are remembered by the item's content and the rules' own.
What else they depend on (words in force today) a rule tells by `depends(around: Surroundings) -> str`.
`read_ahead(sources: Sequence[Source])` may do together what the next calls of check_source need.
`missing() -> str` tells what a rule lacks on this machine; it then stands under "unchecked".
`NEEDS_MANIFEST = True`: speaks of channels and articles, so foreign sites (`--site`) are not asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import overload

IDS = (
    "front-matter",
    "grave-wording",
    "sensitive-word",
    "secret-or-personal-data",
    "typo",
    "spelling",
    "punctuation",
    "document-logic",
    "vague-guide",
    "dead-link",
    "dead-anchor",
    "missing-asset",
    "outward-link",
    "vanished-address",
    "hidden-link",
    "unknown-script",
    "unapproved-domain",
    "missing-label",
    "stale-channel",
    "empty-channel",
    "consultation-result",
    "adjustment-quota",
    "stale-waiver",
)


class _ById(Mapping[str, ModuleType]):
    """A rule is loaded when it is first asked for: link checks need no word lists."""

    def __getitem__(self, rule: str) -> ModuleType:
        if rule not in IDS:
            raise KeyError(rule)
        return import_module(f"{__name__}.{rule.replace('-', '_')}")

    def __iter__(self) -> Iterator[str]:
        return iter(IDS)

    def __len__(self) -> int:
        return len(IDS)


class _InOrder(Sequence[ModuleType]):
    @overload
    def __getitem__(self, at: int) -> ModuleType: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ModuleType]: ...
    def __getitem__(self, at: int | slice) -> ModuleType | Sequence[ModuleType]:
        return BY_ID[IDS[at]] if isinstance(at, int) else tuple(BY_ID[rule] for rule in IDS[at])

    def __len__(self) -> int:
        return len(IDS)


BY_ID: Mapping[str, ModuleType] = _ById()
RULES: Sequence[ModuleType] = _InOrder()
