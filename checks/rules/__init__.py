"""The rules, in the order of the report. A rule is a module; its docstring is its page of the manual.

It has `ID`, `SEVERITY` and one of
    check_source(source: Source) -> Iterator[Finding]             one file that people wrote
    check_page(page: Page, site: Site) -> Iterator[Finding]       one built page
    check_site(site: Site) -> Iterator[Finding]                   the whole
The first two are pure per item: results are remembered by the item's content and the rules' own.
What else they depend on (words in force today) a rule tells by `depends(around: Surroundings) -> str`.
"""
