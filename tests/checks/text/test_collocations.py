"""Collocations with one wrong character: found in every place of every one, and nothing else is."""

from pathlib import Path

import pytest

from bureau.errors import ConfigError
from checks.text import collocations
from checks.text.characters import points
from checks.text.collocations import Slip


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
