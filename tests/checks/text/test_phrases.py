"""Near misses of set phrases: every single edit is found, right texts are left alone."""

import random

import pytest

from checks.text import enumerations, phrases, roster

SHIPPED = phrases.shipped()
BREAK = "\u2029"


def test_there_are_enough_phrases() -> None:
    assert len(SHIPPED.by_text) >= 300


def edits(entry: phrases.Phrase) -> list[str]:
    """All texts one edit away that are not right themselves."""
    return [
        one
        for one in dict.fromkeys(phrases.variants(entry.text))
        if one not in SHIPPED.by_text and not any(one in allowed for allowed in entry.allowed)
    ]


def unfound(wrong: list[str], before: str, after: str) -> list[str]:
    """Those that are not found where they stand; all are looked through at once."""
    text = "".join(f"{before}{variant}{after}{BREAK}" for variant in wrong)
    misses = [(miss.start, miss.end) for miss in SHIPPED.scan(text)]
    left, at, number = [], len(before), 0
    for variant in wrong:
        end = at + len(variant)
        while number < len(misses) and misses[number][1] <= at:
            number += 1
        if number == len(misses) or misses[number][0] >= end:
            left.append(variant)
        at = end + len(after) + len(BREAK) + len(before)
    return left


@pytest.mark.parametrize(("before", "after"), [("我们要", "，认真落实。"), ("", ""), ("“", "”")])
def test_every_single_edit_of_every_phrase_is_found_where_it_stands(before: str, after: str) -> None:
    chance = random.Random(5)
    wrong = [
        variant
        for entry in SHIPPED.by_text.values()
        for known in [edits(entry)]
        for variant in chance.sample(known, min(12, len(known)))
    ]

    assert unfound(wrong, before, after) == []


@pytest.mark.soak
@pytest.mark.parametrize(("before", "after"), [("要：", "，认真落实。"), ("", "")])
def test_really_every_single_edit_is_found(before: str, after: str) -> None:
    wrong = [variant for entry in SHIPPED.by_text.values() for variant in edits(entry)]

    assert len(wrong) > 100_000
    assert unfound(wrong, before, after) == []


def test_right_phrases_and_their_allowed_neighbours_are_left_alone() -> None:
    for phrase, entry in SHIPPED.by_text.items():
        for right in (phrase, *entry.allowed):
            if right in SHIPPED.by_text:
                assert SHIPPED.scan(f"关于{right}。") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("“四个自信”即道路自信、制度自信、理论自信、文化自信", "次序不对", id="次序"),
        pytest.param("“四个自信”即道路自信、理论自信、制度自信", "缺少“文化自信”", id="缺一项"),
        pytest.param("新发展理念是创新、协调、绿色、共享、开放", "次序不对", id="新发展理念"),
        pytest.param("富强、民主、文明、和谐，自由、平等、公正、法治，爱国、诚信、敬业、友善", "次序不对", id="价值观"),
        pytest.param("马克思列宁主义、毛泽东思想、邓小平理论、科学发展观、“三个代表”重要思想", "次序不对", id="指导思想"),
        pytest.param("严守政治纪律、廉洁纪律、组织纪律、群众纪律", "次序不对", id="六项纪律"),
        pytest.param("进行伟大斗争、伟大事业、伟大工程、伟大梦想", "次序不对", id="四个伟大"),
        pytest.param("立足新发展阶段、构建新发展格局、贯彻新发展理念、推动高质量发展", "次序不对", id="三新一高"),
        pytest.param("必须坚持人民至上、必须坚持守正创新、必须坚持自信自立", "次序不对", id="六个必须坚持"),
        pytest.param("学习党史、改革开放史、新中国史、社会主义发展史", "次序不对", id="四史"),
        pytest.param("严以修身、严以律己、严以用权", "次序不对", id="三严三实"),
        pytest.param("“六稳”即稳就业、稳金融、稳外贸、稳外资、稳预期", "缺少“稳投资”", id="六稳缺一项"),
        pytest.param("“四好农村路”要建好、护好、管好、运好", "次序不对", id="四好农村路"),
        pytest.param("不能腐、不敢腐、不想腐", "次序不对", id="三不腐"),
    ],
)  # fmt: skip
def test_lists_with_a_fixed_order_are_checked(text: str, problem: str) -> None:
    assert [slip.problem for slip in enumerations.slips(text)] == [problem]


@pytest.mark.parametrize(
    "text",
    [
        "马克思列宁主义、毛泽东思想、邓小平理论、“三个代表”重要思想、科学发展观、习近平新时代中国特色社会主义思想",
        "富强、民主、文明、和谐，自由、平等、公正、法治，爱国、敬业、诚信、友善",
        "统筹推进经济建设、政治建设、文化建设、社会建设、生态文明建设",
        "推动绿色、创新发展，开放共享数据",
        "自由、平等的主体",
    ],
)
def test_right_lists_are_left_alone(text: str) -> None:
    assert list(enumerations.slips(text)) == []


def test_a_name_of_the_roster_is_looked_for_with_its_post() -> None:
    names = roster.names("张三丰\t局长;党组书记\n")

    assert [miss.phrase for miss in names.scan("局长张三风出席")] == ["局长张三丰"]
    assert names.scan("市民张三风反映") == []
    assert names.scan("局长张三丰出席") == []


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("增强“四个意识”、坚定“五个自信”", "五个自信", "四个自信"),
        ("坚持四个意识、五个自信，做到三个维护", "三个维护", "两个维护"),
        ("“两个代表”重要思想", "两个代表”重要思想", "三个代表”重要思想"),
        ("统筹推进“六位一体”总体布局", "六位一体”总体布局", "五位一体”总体布局"),
    ],
)
def test_a_set_phrase_with_a_wrong_number(text: str, wrong: str, right: str) -> None:
    found = {text[slip.start : slip.end]: slip.right for slip in enumerations.miscounts(text)}
    assert found[wrong] == right


@pytest.mark.parametrize(
    "text",
    [
        "“三个自信”是当年的提法", "增强服务、责任、法治五个意识", "两个代表团参加主题教育", "第五个自信的理由",
        "“六位一体”为企服务体系", "“八个必须坚持”", "三十四个意识形态案例，从严治党", "坚持“两个务必”",
    ],
)  # fmt: skip
def test_other_numbers_that_are_right(text: str) -> None:
    assert list(enumerations.miscounts(text)) == []
