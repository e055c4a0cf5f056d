"""Word lists: rows, guards, folding, and the longest right word."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import ConfigError
from checks.finding import Severity
from checks.text import folding, lexicon, words
from checks.text.compiled import Lexicon
from checks.text.lexicon import COLUMNS

TODAY = date(2026, 11, 25)
HEADER = "\t".join(COLUMNS)


def row(wrong: str, right: str = "", **cells: str) -> str:
    values = {"wrong": wrong, "right": right, "severity": "error", "class": "typo", "basis": "试", **cells}
    return "\t".join(values.get(column, "") for column in COLUMNS)


def compiled(*rows: str, today: date = TODAY) -> Lexicon:
    return Lexicon(lexicon.parse("\n".join([HEADER, *rows]), "words.tsv"), today)


def found(current: Lexicon, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in current.scan(text)]


@pytest.mark.parametrize(
    ("rows", "line", "complaint"),
    [
        pytest.param([row("")], 2, "是空的", id="没有写词"),
        pytest.param([row("字")], 2, "2 至", id="只有一个字"),
        pytest.param([row("布署", "布署")], 2, "相同", id="改了等于没改"),
        pytest.param([row("布署", "部署"), row("布署", "部署")], 3, "第 2 行重复", id="重复"),
        pytest.param([row("布署", "部署", **{"class": "x"})], 2, "class 不认识", id="不认识的类"),
        pytest.param([row("布署", "部署", severity="bad")], 2, "severity 不认识", id="不认识的级别"),
        pytest.param([row("布署", "部署", basis="")], 2, "缺少 basis", id="没有依据"),
        pytest.param([row("布署", "部署", scope="页脚")], 2, "scope 不认识", id="不认识的范围"),
        pytest.param([row("引渡", "遣返", scope="near:两岸|")], 2, "空的一项", id="空的同句词"),
        pytest.param([row("布署", "部署", **{"from": "2026年"})], 2, "2026-01-31", id="日期写法"),
        pytest.param(
            [row("布署", "部署", **{"from": "2026-02-01", "until": "2026-01-01"})],
            2,
            "永远不会生效",
            id="先止后起",
        ),
        pytest.param(
            [row("关健", "关键", **{"except-after": "康|康复"})], 2, "永远用不到", id="防护被另一个包括"
        ),
        pytest.param([row("关健", "关键", **{"except-after": "康||"})], 2, "空的一项", id="空的防护"),
        pytest.param([row("布署") + "\t多一列"], 2, "多于", id="列太多"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(rows: list[str], line: int, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(*rows)

    assert caught.value.line == line
    assert complaint in caught.value.message


def test_a_file_without_the_column_names_is_refused() -> None:
    with pytest.raises(ConfigError, match="第一行应是列名"):
        lexicon.parse(row("布署", "部署"), "words.tsv")


def test_guards_look_at_what_stands_beside() -> None:
    current = compiled(
        row("关健", "关键", **{"except-after": "康"}), row("己经", "已经", **{"except-before": "自"})
    )

    assert found(current, "有关健康的关健问题") == ["关健"]
    assert found(current, "自己经营，己经办结") == ["己经"]


def test_a_row_may_ask_for_or_forbid_words_of_the_same_sentence() -> None:
    current = compiled(
        row("引渡", "遣返", scope="near:两岸|台湾"), row("工商局", "市场监管局", scope="unless:原|改革")
    )

    assert found(current, "两岸商定引渡事宜。中国与泰国缔结引渡条约。") == ["引渡"]
    assert found(current, "中国与泰国引渡条约。台湾") == []
    assert found(current, "到工商局办照。机构改革前的工商局") == ["工商局"]


def test_a_longer_right_word_wins_wherever_it_overlaps() -> None:
    current = compiled(row("口交"), row("路口交通", severity="allow"), row("文革", "“文革”"))

    assert found(current, "路口交通灯") == []
    assert found(current, "口交") == ["口交"]
    assert found(current, "“文革”时期与文革时期") == ["文革"]


def test_of_words_inside_one_another_the_longest_is_told() -> None:
    assert found(compiled(row("赌博"), row("赌博网站")), "赌博网站与赌博") == ["赌博网站", "赌博"]


@pytest.mark.parametrize(
    "text",
    ["賭博網站", "赌\u200b博网站", "赌博\n网站", "赌\ufeff博网\u00ad站", "赌*博*网*站", "赌 博 网 站"],
)
def test_disguises_do_not_hide_a_word(text: str) -> None:
    current = compiled(row("赌博网站", scope="noise"))

    assert found(current, f"见{text}。") == [text]


def test_exact_and_plain_words_are_not_found_through_disguises_they_did_not_ask_for() -> None:
    current = compiled(row("中华民國", scope="exact"), row("布署", "部署"))

    assert found(current, "中华民國") == ["中华民國"]
    assert found(current, "中华民国") == []
    assert found(current, "布*署") == []


def test_latin_words_are_whole_tokens_in_either_case() -> None:
    current = compiled(row("bet365"))

    assert found(current, "上BET365，bet3650，Ｂｅｔ３６５") == ["BET365", "Ｂｅｔ３６５"]


def test_a_row_holds_between_its_dates() -> None:
    dated = row("旧提法", "新提法", **{"from": "2026-01-01", "until": "2026-12-31"})

    assert found(compiled(dated, today=date(2025, 12, 31)), "旧提法") == []
    assert found(compiled(dated, today=date(2026, 12, 31)), "旧提法") == ["旧提法"]


NEUTRAL = st.text(alphabet="天地人一二三，。；𠮷😀ａＢ　\u200b\n國東", max_size=40)


@given(NEUTRAL, NEUTRAL, st.sampled_from(["布署", "赌博网站"]))
def test_a_word_is_found_at_its_exact_place_in_any_surroundings(before: str, after: str, word: str) -> None:
    current = compiled(row("布署", "部署"), row("赌博网站"))

    assert [(hit.start, hit.end) for hit in current.scan(before + word + after)] == [
        (len(before), len(before) + len(word))
    ]


@given(NEUTRAL)
def test_folding_knows_where_every_character_stands(text: str) -> None:
    pieces = folding.fold(text).folded
    for folded, offset in zip(pieces.text, pieces.offsets, strict=True) if pieces else ():
        alone = folding.fold(text[offset]).folded
        assert folded == text[offset] or (alone and alone.text == folded)


def test_the_shipped_lists_are_sound_and_large() -> None:
    entries = words.shipped()

    assert {entry.kind for entry in entries} <= lexicon.CLASSES.keys()
    assert sum(entry.kind == "typo" for entry in entries) >= 150


@pytest.mark.parametrize(
    ("right", "replacement", "advice"),
    [
        ("部署", "部署", "，应为“部署”"),
        ("台湾当局；台湾方面", "", "，应为“台湾当局”或“台湾方面”"),
        ("（2月没有30日）", "", "（2月没有30日）"),
        ("芒市（原潞西市）", "", "，应为“芒市”（原潞西市）"),
        ("“四个意识”", "“四个意识”", "，应为“四个意识”"),
        ("", "", ""),
    ],
)
def test_only_a_plain_text_replaces(right: str, replacement: str, advice: str) -> None:
    entry = lexicon.Entry(wrong="错", right=right, severity=Severity.ERROR, kind="typo")
    assert (entry.replacement, entry.advice) == (replacement, advice)
