"""Punctuation: what spares a paragraph a pattern spares it nothing that the pattern finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.rules import punctuation

PIECES = st.sampled_from(
    [
        *"、，。；：？！…“”《》（）()[]【】〔〕-～~%％.,;:?!0123456789一二三十百千万亿年月日号等多余几",
        *("附件1：", "百分之", "星期", "礼拜", "周", "正月", "农历", "季度", "倍", "减少", "约", "超过", "左右", "公里", "12%", "--"),
        *("第一", "首先", "会议", "部门", "半年", "2024年", "令", "第", "天", "个", "个百分点", "个部门", "\n", "要"),
    ]
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_paragraph_with_a_match_has_a_character_of_the_hint(text: str) -> None:
    for pattern in punctuation.PATTERNS:
        if pattern.hint and (not pattern.beside or pattern.beside.search(text)):
            found = pattern.wrong.search(text)
            assert found is None or not pattern.hint.isdisjoint(text), (pattern.name, found)
