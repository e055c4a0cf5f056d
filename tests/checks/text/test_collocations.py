"""Collocations with one wrong character: found in every place of every one, and nothing else is."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import ConfigError
from checks.text import collocations
from checks.text.characters import points
from checks.text.collocations import Collocations, Slip
from checks.text.phrases import confusable


def slips(text: str) -> list[Slip]:
    shipped = collocations.shipped()
    written = points(text)
    return shipped.scan(text, written)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("综合治里", "综合治理"),
        ("严历打击", "严厉打击"),
        ("高度重示", "高度重视"),
        ("投标保正金", "投标保证金"),
        ("有口皆卑", "有口皆碑"),
        ("盛气临人", "盛气凌人"),
        ("防洪渡汛", "防洪度汛"),
    ],
)
def test_a_character_that_sounds_alike_is_told(written: str, right: str) -> None:
    assert [(one.start, one.end, one.right) for one in slips(f"要{written}。")] == [
        (1, 1 + len(written), right)
    ]
    assert [written[one.at] != right[one.at] for one in slips(written)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "综合治水、综合治疗",
        "下大力气持续解决",
        "交通运输平稳有序",
        "建强物流园枢纽功能",
        "综合治理，统筹兼顾",
        "",
    ],
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert slips(text) == []


def test_an_idiom_is_told_even_where_its_wrong_character_makes_a_word() -> None:
    text = "要循序渐近地推进"
    plain = Collocations(("循序渐进",)).scan(text, points(text))
    idiom = Collocations(("循序渐进",), ("循序渐进",)).scan(text, points(text))

    assert (plain, idiom) == ([], [Slip("循序渐进", 1, 5, 4)])


def test_an_idiom_written_as_another_dictionary_word_is_left_alone() -> None:
    text = "满山遍野"

    assert Collocations(("漫山遍野",), ("漫山遍野",)).scan(text, points(text)) == []


def test_no_collocation_is_a_slip_of_another() -> None:
    assert slips("。".join(text for path in collocations.FILES for text in collocations.read(path))) == []


def test_a_bad_list_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "collocations.txt"
    path.write_text("# 表\n综合治理 专项整治\n综合治理\n", "utf-8")
    with pytest.raises(ConfigError, match="重复") as told:
        collocations.read(path)
    assert told.value.line == 3

    path.write_text("整治\n", "utf-8")
    with pytest.raises(ConfigError, match="少于"):
        collocations.read(path)


def plainly(known: Collocations, text: str) -> list[Slip]:
    """What comparing every collocation with every place finds."""

    def found() -> Iterator[Slip]:
        for right in known._texts:
            for start in range(len(text) - len(right) + 1):
                wrong = [at for at, char in enumerate(right) if text[start + at] != char]
                if len(wrong) == 1 and confusable(right[wrong[0]], text[start + wrong[0]]):
                    slip = known._slip(text, start, right)
                    yield from [slip] if slip else []

    longest_last = sorted(found(), key=lambda slip: (slip.at, len(slip.right), slip.start, slip.right))
    return list({slip.at: slip for slip in longest_last}.values())


FEW = Collocations(("综合治理", "合理整治", "综合整治", "综合执法检查", "理论联系实际工作", "检查整治"))


@given(st.text("综合治里理整执法检查验论联系实际工作智制", max_size=40))
def test_all_that_comparing_every_place_finds_is_found(text: str) -> None:
    written = points(text)
    assert FEW.scan(text, written) == plainly(FEW, text)


def test_every_one_is_found_whichever_character_is_wrong_in_a_text_of_several_pieces() -> None:
    chance = random.Random(3)
    shipped = collocations.shipped()
    right = chance.sample(shipped._texts, 300)
    text, wanted = "", []
    for one in right:
        at = chance.randrange(len(one))
        other = chance.choice(
            sorted(char for char in "里力事时是实试制只之治经机" if confusable(one[at], char)) or "口"
        )
        start = len(text) + 1
        text += f"。{one[:at]}{other}{one[at + 1 :]}" + "，" * chance.randrange(900)
        slip = shipped._slip(text, start, one) if confusable(one[at], other) else None
        wanted += [slip] if slip else []

    found = slips(text)

    assert len(text) > collocations._AT_ONCE
    assert len(wanted) > 40
    assert {slip.at for slip in wanted} - {slip.at for slip in found} == set()
