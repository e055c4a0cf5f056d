"""The contextual model: its tables, what it sees, what it leaves alone, and how it learns."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.errors import ConfigError
from checks.text import context
from checks.text.contextual import checker, counting, model
from checks.text.contextual.alphabet import Alphabet, key
from checks.text.contextual.counts import STEPS, Counts


@pytest.fixture(scope="module")
def shipped() -> model.Model:
    return model.load(context.SHIPPED)


NUMBERS = st.dictionaries(st.integers(1, 2**50), st.integers(1, 60_000), min_size=1, max_size=300)


def keys_of(numbers: dict[int, int]) -> np.ndarray:
    return np.array(list(numbers), np.uint64)


@given(NUMBERS)
def test_a_count_comes_back_as_its_nearest_step(numbers: dict[int, int]) -> None:
    counts = Counts.of(keys_of(numbers), np.array(list(numbers.values())))

    found = counts.count(keys_of(numbers))

    assert set(found.tolist()) <= set(STEPS.tolist())
    near = [0.43 < got / number < 2.32 for got, number in zip(found, numbers.values(), strict=True)]
    assert near.count(False) <= 2  # one key in some thousand is taken for another


@given(NUMBERS, NUMBERS)
def test_counts_added_later_are_found_beside_the_old_ones(old: dict[int, int], new: dict[int, int]) -> None:
    both = Counts.of(keys_of(old), np.array(list(old.values()))).plus(
        keys_of(new), np.array(list(new.values())), None
    )

    assert (both.count(keys_of(old)) > 0).all()
    assert (both.count(keys_of(new)) > 0).all()
    assert both.members(1, 12).has(keys_of(new)).all()


@given(NUMBERS, st.integers(0, 12), st.sampled_from(STEPS.tolist()))
def test_the_table_of_members_answers_as_the_cells_do(
    numbers: dict[int, int], more: int, least: float
) -> None:
    counts = Counts.of(keys_of(numbers), np.array(list(numbers.values())))
    members = counts.members(least, counts.bits + more)
    few = np.array([*numbers, *range(1, 200)], np.uint64)
    slots = few[: max(1, len(counts.cells) // 8)]

    by_cells = [
        bool(counts.members(least, counts.bits + more).has(few[at : at + 1])[0]) for at in range(len(few))
    ]
    members.has(np.tile(slots, 100))  # makes the table

    assert members.has(few).tolist() == by_cells


@given(st.text(max_size=60))
def test_position_i_of_the_codes_is_character_i_of_the_text(text: str) -> None:
    assert len(Alphabet("的一是").encode(text)) == len(text)


def test_keys_of_different_windows_differ() -> None:
    windows = np.array([[1, 2, 3], [3, 2, 1], [0, 1, 2]], np.int64)

    assert len(set(key(*windows.T).tolist())) == 3


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        pytest.param(
            "各级人民政府应当加强对安全生产工作的领到，建立健全安全生产责任制。", "到", "导", id="同音"
        ),
        pytest.param("国务院有关部门按照各自职责，负责相关的监督管里工作。", "里", "理", id="同音二"),
        pytest.param("县级以上人民攻府应当将所需经费列入本级财政预算。", "攻", "政", id="形近"),
    ],
)
def test_a_wrong_character_is_seen_from_its_context(
    shipped: model.Model, text: str, wrong: str, right: str
) -> None:
    reading = checker.read(shipped, text, checker.WARN)

    assert [(text[one.start : one.end], one.right) for one in reading.suspicions] == [(wrong, right)]


@pytest.mark.parametrize(
    "text",
    [
        "国务院有关部门按照各自职责，负责相关的监督管理工作。",
        "县级以上人民政府应当将所需经费列入本级财政预算，并加强监督检查。",
        "全面贯彻落实党的二十大精神，坚持稳中求进工作总基调，完整、准确、全面贯彻新发展理念。",
        "",
        "\n\n\n",
        "ABC 123，。！😀𠮷",
        "地" * 5000,
    ],
)
def test_right_and_odd_texts_are_left_alone(shipped: model.Model, text: str) -> None:
    assert checker.read(shipped, text, checker.BLOCK).suspicions == ()


def test_a_foreign_text_never_blocks(shipped: model.Model) -> None:
    verse = "床前明月光疑是地上霜举头望明月低头思故乡锄禾日当午汗滴禾下土谁知盘中餐粒粒皆辛苦" * 20

    reading = checker.read(shipped, verse, 0.1)

    assert not reading.may_block
    assert reading.least > checker.WARN


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failing_and_places_are_inside(shipped: model.Model, text: str) -> None:
    for one in checker.read(shipped, text, 0.1).suspicions:
        assert 0 <= one.start < one.end <= len(text)
        assert len(one.right) == one.end - one.start


def test_the_archive_makes_its_own_words_familiar(shipped: model.Model) -> None:
    text = "滇池航线的浮筒趸船由轮机值守班组逐项点检，渡工交接须在趸船栏杆旁签认。"
    before = checker.read(shipped, text * 10, 0.1).strangeness

    trained = counting.trained_with(shipped, [text] * 20)

    assert checker.read(trained, text * 10, 0.1).strangeness < before / 2


def test_a_model_is_saved_and_read_back_the_same(shipped: model.Model, tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    text = "各级人民政府应当加强对安全生产工作的领到，监督管里责任制。"

    model.save(shipped, path, thorough=False)

    assert checker.read(model.load(path), text, 0.1) == checker.read(shipped, text, 0.1)


def test_a_damaged_model_is_said_with_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(context.SHIPPED.read_bytes()[:100_000])

    with pytest.raises(ConfigError, match="portal lexicon train"):
        model.load(path)


def test_a_long_text_is_read_in_pieces_with_the_same_places(shipped: model.Model) -> None:
    wrong = "各级人民政府应当加强对安全生产工作的领到，建立健全安全生产责任制。"
    filler = "国务院有关部门按照各自职责，负责相关的监督管理工作。"
    text = filler * 3000 + wrong + filler * 100

    found = checker.read(shipped, text, checker.WARN).suspicions

    assert [(one.start, one.right) for one in found] == [(len(filler) * 3000 + wrong.index("到"), "导")]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                "各级人民政府应当加强对安全生产工作的领到。",
                "建立健全监督管里责任制",
                "",
                "滇池",
                "国务院有关部门按照各自职责，负责相关的监督管理工作。" * 400,
                "English only 2026",
            )
        ),
        max_size=12,
    )
)
def test_texts_read_together_say_what_each_says_alone(shipped: model.Model, texts: list[str]) -> None:
    assert checker.read_all(shipped, texts) == [checker.read(shipped, text) for text in texts]


def test_all_trees_agree_with_walking_them_down(shipped: model.Model) -> None:
    trees = shipped.trees
    assert trees is not None
    rows = (
        np.random.default_rng(7).normal(scale=3, size=(200, int(trees.feature.max()) + 1)).astype(np.float32)
    )

    def walked(row: np.ndarray) -> float:
        score = float(trees.base[0])
        for tree in range(len(trees.feature)):
            node = 0
            while trees.left[tree, node] != node:
                goes_left = row[trees.feature[tree, node]] <= trees.threshold[tree, node]
                node = int((trees.left if goes_left else trees.right)[tree, node])
            score += float(trees.value[tree, node])
        return score

    expected = 1 / (1 + np.exp(-np.array([walked(row) for row in rows])))
    assert np.abs(trees.probability(rows) - expected).max() < 1e-5


@pytest.mark.parametrize("space", ["", " ", "\u00a0"])
def test_spaces_set_beside_numbers_hide_nothing_and_alarm_nothing(shipped: model.Model, space: str) -> None:
    right = f"周一至周五{space}9:00{space}至{space}17:00，办公用房{space}30{space}至{space}300{space}平方米。"
    wrong = f"在{space}2026{space}年建立健全安全生产监督管里责任制。"

    assert checker.read(shipped, right, checker.WARN).suspicions == ()
    assert [wrong[one.start] for one in checker.read(shipped, wrong, checker.WARN).suspicions] == ["里"]
