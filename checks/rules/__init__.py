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

from types import ModuleType

from checks.rules import (
    adjustment_quota,
    consultation_result,
    dead_anchor,
    dead_link,
    document_logic,
    empty_channel,
    front_matter,
    grave_wording,
    hidden_link,
    missing_asset,
    missing_label,
    outward_link,
    punctuation,
    secret_or_personal_data,
    sensitive_word,
    spelling,
    stale_channel,
    stale_waiver,
    typo,
    unapproved_domain,
    unknown_script,
    vague_guide,
    vanished_address,
)

RULES: tuple[ModuleType, ...] = (
    front_matter,
    grave_wording,
    sensitive_word,
    secret_or_personal_data,
    typo,
    spelling,
    punctuation,
    document_logic,
    vague_guide,
    dead_link,
    dead_anchor,
    missing_asset,
    outward_link,
    vanished_address,
    hidden_link,
    unknown_script,
    unapproved_domain,
    missing_label,
    stale_channel,
    empty_channel,
    consultation_result,
    adjustment_quota,
    stale_waiver,
)
BY_ID = {rule.ID: rule for rule in RULES}
