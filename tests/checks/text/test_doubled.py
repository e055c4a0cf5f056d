"""Words set twice by mistake, told from those that only meet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.text import doubled
from checks.text.characters import points
from checks.text.words import BREAK


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("修建的的路面", ["的"]),
        ("加强加强监管", ["加强"]),
        ("道路运输经营许可证道路运输经营许可证", []),  # nine characters: a heading and its text, not a slip
        ("交通运输局交通运输局印发", ["交通运输局"]),
        ("实实在在，以营利为目的的，一件一件办，新增博士博士后", []),
        ("哈哈哈哈", []),
        ("", []),
    ],
)
def test_only_what_was_set_twice_is_told(text: str, again: list[str]) -> None:
    assert [text[start:end] for start, end in doubled.doubled(text)] == again


@given(st.text("的交通", max_size=24), st.integers(1, 6))
def test_repetitions_are_those_that_a_plain_search_finds(text: str, size: int) -> None:
    same = [text[at] == text[at + size] for at in range(len(text) - size)]
    runs = [run.span() for run in re.finditer("1+", "".join("01"[one] for one in same))]

    expected = [start for start, end in runs if end - start == size]

    assert doubled._repeated(points(text), size).tolist() == expected


@given(st.lists(st.text("的交通建\n", max_size=14), max_size=5))
def test_texts_laid_end_to_end_say_what_each_says_alone(texts: list[str]) -> None:
    alone, begin = list[tuple[int, int]](), 0
    for text in texts:
        alone += [(begin + start, begin + end) for start, end in doubled.doubled(text)]
        begin += len(text) + len(BREAK)

    assert sorted(doubled.doubled(BREAK.join(texts))) == sorted(alone)
