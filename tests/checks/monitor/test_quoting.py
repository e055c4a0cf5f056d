"""The words of a finding in their line, and the address of its page."""

from pathlib import Path

import pytest

from checks.built_site import BuiltSite, Page
from checks.finding import Finding, Place, Severity
from checks.monitor.quoting import marked, shown

LONG = "昆明市交通运输局今天召开会议，要求各单位做好设备按装和验收工作，确保春运期间道路畅通、秩序良好、群众满意。"


@pytest.mark.parametrize(
    ("line", "column", "words", "expected"),
    [
        ("设备按装完毕。", 3, "按装", "设备【按装】完毕。"),
        (
            LONG,
            LONG.index("按装") + 1,
            "按装",
            "…今天召开会议，要求各单位做好设备【按装】和验收工作，确保春运期间道路畅通、秩序良好、群众…",
        ),
        (
            "设备按装完毕。",
            1,
            "按装",
            "设备【按装】完毕。",
        ),  # the column belongs to another state of the line
        ("设备安装完毕。", 3, "按装", "【按装】"),
        ("", 0, "", ""),
    ],
    ids=["short", "long", "moved", "gone", "nothing"],
)
def test_the_words_are_marked_in_their_line(line: str, column: int, words: str, expected: str) -> None:
    assert marked(line, Place("a.md", 1, column), words) == expected


def test_source_page_and_attachment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("content").mkdir()
    Path("content/a.md").write_text("---\n---\n设备按装完毕。\n", "utf-8")
    page = Page(url="/a.html", file="/a.html", source="content/a.md")
    site = BuiltSite(root=Path("build/site"), stamps={}, folders=frozenset(), pages=(page,))

    def finding(path: str, fingerprint: str) -> Finding:
        return Finding(
            rule="typo", severity=Severity.ERROR, place=Place(path, 3, 3), text="按装", message="错",
            fingerprint=fingerprint,
        )  # fmt: skip

    found = shown(
        [finding("content/a.md", "s"), finding("build/site/a.html", "p"), finding("content/a.pdf", "f")],
        site,
        "example.gov.cn",
    )

    assert [found[key].url for key in "spf"] == ["https://example.gov.cn/a.html"] * 2 + [""]
    assert [found[key].quote for key in "spf"] == ["设备【按装】完毕。", "【按装】", "【按装】"]
