"""Which links of an article leave the government's sites."""

import pytest

from plugins.press import outward


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("https://www.mot.gov.cn/", True),
        ("http://gov.cn", True),
        ("https://WWW.KM.GOV.CN/zwgk/", True),
        ("https://example.org/gov.cn", False),
        ("https://fake-gov.cn/", False),
        ("https://km.gov.cn.example.org/", False),
        ("https://[broken/", False),
    ],
)
def test_what_is_a_site_of_the_government(address: str, answer: bool) -> None:
    assert outward.is_government(address) is answer


def test_only_links_to_others_are_marked_and_only_once() -> None:
    html = '<a href="/zwgk/">甲</a><a href="https://www.gov.cn/">乙</a><a href="https://example.org/" title="题">丙</a>'
    marked = outward.marked(html)

    assert marked.count("rel=") == 1
    assert '<a href="https://example.org/" rel="external noopener noreferrer" title="题">丙</a>' in marked
    assert outward.marked(marked) == marked
