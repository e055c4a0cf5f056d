"""D22 and C2 count an address once for each page that has it, on the home page and on others."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks import built_site
from checks.engine import Outcome
from checks.finding import Finding, Place, Severity
from checks.monitor.evidence import Evidence
from checks.monitor.measures import found
from checks.scoring import Counted, Unjudged

FRAME = '<header><a href="/none/">栏目</a></header><main>{}</main>'
MANIFEST = {
    "pages": [
        {"url": "/", "file": "index.html", "kind": "home"},
        {"url": "/a.html", "file": "a.html", "source": "content/a.md", "kind": "article"},
        {"url": "/b.html", "file": "b.html", "source": "content/b.md", "kind": "article"},
    ]
}
FILES: dict[str, str | bytes] = {
    "index.html": FRAME.format('<img src="/images/none.png"><a href="/a.html#x">甲</a>'),
    "a.html": FRAME.format(
        '<h1 id="h">甲</h1><img src="/images/none.png"><a href="gone.html">一</a><a href="/gone.html">二</a>'
        '<a href="https://jtysj.km.gov.cn/gone.html">三</a><a href="/files/empty.pdf">附件</a>'
    ),
    "b.html": FRAME.format("乙"),
    "files/empty.pdf": b"",
    "content/a.md": "![图](/images/none.png)\n\n[一](gone.html)\n[二](/gone.html)\n[三](https://jtysj.km.gov.cn/gone.html)\n",
    "content/b.md": "乙",
}


def _evidence(outcome: Outcome, config: Any, **changes: Any) -> Evidence:
    site = built_site.load(Path("site"), Path("manifest.json"))
    return replace(
        Evidence(
            today=outcome.site.today if outcome.site else config.contract.year_start,
            config=config,
            channels=(),
            articles=(),
            pages=site.pages,
            html=lambda file: "",
            findings=outcome.findings,
        ),
        **changes,
    )


def _counts(evidence: Evidence) -> tuple[Decimal, Decimal]:
    home, other = found.dead_links_home(evidence), found.dead_links_other(evidence)
    assert isinstance(home, Counted)
    assert isinstance(other, Counted)
    return home.count, other.count


def test_an_address_counts_once_for_each_page_that_has_it(check: Any, config: Any) -> None:
    evidence = _evidence(check(FILES, manifest=MANIFEST), config)

    # home: /none/, the picture, the place in a.html; others: /none/ twice, picture, gone.html, attachment
    assert _counts(evidence) == (3, 5)


def test_what_the_crawl_finds_again_is_not_counted_again(check: Any, config: Any) -> None:
    outcome = check(FILES, manifest=MANIFEST)
    base = config.identity.base_url
    again, new = (
        Finding(
            rule="live-link", severity=Severity.ERROR, place=Place(page), text=f"{base}{path}", message="", pages=(page,)
        )
        for page, path in (("/a.html", "/gone.html"), ("/index.html", "/lost.html"))
    )  # fmt: skip

    evidence = _evidence(outcome, config, findings=(*outcome.findings, again, new))

    assert _counts(evidence) == (4, 5)


def test_what_is_waived_is_not_counted(check: Any, config: Any) -> None:
    waiver = (
        '[[waivers]]\nrule = "missing-asset"\npath = "content/a.md"\ntext = "/images/none.png"\n'
        'reason = "稍后补"\nwho = "甲"\napprover = "乙"\nuntil = 2026-12-31\n'
    )
    outcome = check(FILES | {"content/quality/waivers.toml": waiver}, manifest=MANIFEST)

    assert _counts(_evidence(outcome, config)) == (2, 4)


@pytest.mark.parametrize("rule", found.ASKED)
def test_nothing_found_where_not_everything_was_asked_is_unjudged(check: Any, config: Any, rule: str) -> None:
    outcome = check({"index.html": "<p>首页"}, manifest={"pages": MANIFEST["pages"][:1]})

    evidence = _evidence(outcome, config, findings=(), unchecked={rule: "没有网络"})

    measure = found.dead_links_home(evidence)
    assert isinstance(measure, Unjudged)
    assert measure.reason.endswith("没有查成：没有网络")
