"""Every character of a block stands in the file where the block says."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.text import front_matter, markdown, web_page
from checks.text.blocks import Block
from checks.text.markdown import MASKED

WORD = st.text("甲乙丙丁安全abc1。，", min_size=1, max_size=6)
PIECE = st.one_of(
    WORD,
    WORD.map(lambda word: f"**{word}**"),
    WORD.map(lambda word: f"~~{word}~~"),
    WORD.map(lambda word: f"[{word}](/x/甲.html)"),
    WORD.map(lambda word: f"![{word}](/i.png)"),
    WORD.map(lambda word: f"<b>{word}</b>"),
    WORD.map(lambda word: f"`{word}`"),
    st.sampled_from(["&amp;", "\\*", "\\[", "&#20320;", "<https://a.example/甲>", "<br>", "，"]),
)
LINE = st.lists(PIECE, min_size=1, max_size=6).map("".join)
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3)


def _wrapped(lines: list[str]) -> st.SearchStrategy[str]:
    text = "\n".join(lines)
    return st.sampled_from(
        [
            text,
            "## " + lines[0],
            "\n".join(f"> {line}" for line in lines),
            "- " + "\n  ".join(lines),
            "1. " + "\n   ".join(lines),
            f"| 表头 | {lines[0].replace('|', '')} |\n|---|---|\n| {lines[-1]} | 末 |",
            f'<div class="甲" title="乙">\n{lines[0]}\n</div>',
        ]
    )


def _distinct(document: str) -> str:
    """No Chinese character stands twice, so that each has one right place."""
    numbers = itertools.count(0x5000)
    return re.sub("[甲乙丙丁安全]", lambda _: chr(next(numbers)), document)


DOCUMENT = st.lists(PARAGRAPH.flatmap(_wrapped), min_size=1, max_size=4).map("\n\n".join).map(_distinct)


def _at(lines: list[str], block: Block, offset: int) -> str:
    line, column = block.locate(offset)
    return (lines[line - 1] + "\n")[column - 1 :]


@settings(max_examples=250, deadline=None)
@given(DOCUMENT)
def test_each_shown_character_is_found_where_its_block_says(document: str) -> None:
    blocks, links, _ = markdown.read("a.md", document)

    lines = document.split("\n")
    for block in blocks:
        for offset, char in enumerate(block.text):
            written = _at(lines, block, offset)
            if char == MASKED:
                assert written[0] in "`<![ \n" or block.scope == "body"
            elif char == "你":
                assert written.startswith("&#20320;")
            elif char == "&":
                assert written.startswith("&amp;")
            elif char == "\n":
                assert written[0] in "\n<"
            else:
                assert written[0] == char
    for link in links:
        assert document[link.start] in "[<!"


def test_links_are_told_at_their_first_character_in_every_form() -> None:
    text = """见[甲](/a "题")、[乙][r]、[r]、<https://b.example>、![图](/i.png)和<a href="/h">丙</a>
| 表 |
|---|
| [丁](/t) |

[^1]: 注[戊](/f)
脚[^1]

[r]: /ref
"""
    _, links, _ = markdown.read("a.md", text)

    assert [(link.kind, link.href, f"{link.place}") for link in links] == [
        ("inline", "/a", "a.md:1:2"),
        ("reference", "/ref", "a.md:1:14"),
        ("reference", "/ref", "a.md:1:21"),
        ("autolink", "https://b.example", "a.md:1:25"),
        ("image", "/i.png", "a.md:1:45"),
        ("html", "/h", "a.md:1:58"),
        ("inline", "/t", "a.md:4:3"),
        ("inline", "/f", "a.md:6:8"),
    ]


@pytest.mark.parametrize(
    ("head", "shown", "line", "column"),
    [
        ("title: 平常的标题", "平常的标题", 2, 8),
        ('title: "带\\"引号\\"的"', '带"引号"的', 2, 9),
        ("keywords: [甲, 乙]", "乙", 2, 15),
        ("summary: >\n  折叠的\n  概要", "折叠的 概要", 3, 3),
        ("attachments:\n  - {file: /files/a.pdf, title: 申请表}", "申请表", 3, 33),
    ],
)
def test_values_of_the_head_are_found_where_they_are_written(
    head: str, shown: str, line: int, column: int
) -> None:
    written = f"---\n{head}\n---\n正文"

    blocks, _ = front_matter.read("a.md", written, written[: written.rindex("---")].count("\n") + 2)

    found = next(block for block in blocks if block.text == shown)
    assert found.locate(0) == (line, column)


def test_a_web_page_gives_its_texts_and_links_with_places() -> None:
    blocks, links, _ = web_page.read(
        "a.html", '<title>题</title><p>安<b>全</b>&amp;x\n<img src="/i" alt="图">'
    )

    assert [(block.text, block.scope, block.locate(0)) for block in blocks] == [
        ("题", "title", (1, 8)),
        ("图", "alt", (2, 20)),
        ("安全&x\n" + MASKED, "body", (1, 20)),
    ]
    assert [f"{link.place}" for link in links] == ["a.html:2:1"]
