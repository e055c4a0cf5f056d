"""Whether a word stands alone: told from its neighbourhood as from the whole clause."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.text import segmentation

PARTS = st.sampled_from(
    [
        *"习近平总书记会常务委员议表学贯彻张三丰工作的了在上海中国人民一二2A%。，",
        *(
            "委员会",
            "常务",
            "学习",
            "贯彻",
            "人民代表大会",
            "会议",
            "表决",
            "发展中国家",
            "研究生命",
            "王小明",
            "应当",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, min_size=2, max_size=16).map("".join), st.data())
def test_the_neighbourhood_tells_what_the_clause_tells(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 4)))
    first, clause = segmentation.sentence_around(text, start, end, segmentation._NO_WORD)
    whole = segmentation.borders(clause)

    assert segmentation.stands_alone(text, start, end) == (start - first in whole and end - first in whole)


@pytest.mark.parametrize(
    ("text", "word", "alone"),
    [
        ("常务委员会常务会议", "会常", False),
        ("深入学习贯彻落实", "习贯", False),
        ("改掉这个习惯", "习惯", True),
        ("查处卖淫行为", "卖淫", True),
    ],
)
def test_words_cut_out_of_two_others_do_not(text: str, word: str, alone: bool) -> None:
    start = text.index(word)
    assert segmentation.stands_alone(text, start, start + len(word)) == alone
