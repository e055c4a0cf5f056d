"""jieba's dictionary in a mapped file says what jieba's own says."""

from pathlib import Path

import jieba
import pytest
from jieba import posseg

from checks.text import dictionary, segmentation

TEXTS = [
    "各单位要认真贯彻落实会议精神，做好春运保障工作，滇池、阳宗海水域的船舶要配备救生衣。",
    "王小明同志主持会议，盘龙区、呈贡区交通运输局负责人参加。",
    "昆明绕城高速公路外环西北段12月建成，总投资186.5亿元，ETC车道共48条。",
    "魑魅魍魉𠮷野家，ＡＢＣ，鑫淼焱垚不成词。",
]


@pytest.fixture(scope="module")
def plain() -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def test_words_prefixes_counts_and_tags_are_those_of_jieba(plain: jieba.Tokenizer) -> None:
    words = segmentation._words()
    tags = {word: tag for word, _, tag in dictionary.rows(segmentation._source())}
    assert words.total == plain.total
    for word, count in list(plain.FREQ.items())[::37]:
        assert word in words
        assert words[word] == words.get(word) == count
        assert words.tag(word) == tags.get(word, "x")
    for absent in ("布暑", "魑魅魍魉魑", "", "\ud800"):
        assert absent not in words
        assert words.get(absent, 7) == 7
        with pytest.raises(KeyError):
            words[absent]


@pytest.mark.parametrize("text", TEXTS)
def test_borders_and_names_are_those_of_jieba(plain: jieba.Tokenizer, text: str) -> None:
    ends = [0]
    for word in plain.cut(text):
        ends.append(ends[-1] + len(word))
    assert segmentation.borders(text) == set(ends)

    at, names = 0, set[int]()
    for pair in posseg.POSTokenizer(plain).cut(text):
        if pair.flag[:2] in ("nr", "ns"):
            names.update(range(at, at + len(pair.word)))
        at += len(pair.word)
    assert segmentation.names(text) == names


def test_a_damaged_foreign_or_missing_file_is_made_again(tmp_path: Path) -> None:
    source, cache = tmp_path / "dict.txt", tmp_path / "cache"
    source.write_text("春运 85 n\n滇池 117 ns\n四个全面 3 n\n", "utf-8")
    assert dictionary.load(source, cache)["春运"] == 85
    made = cache / "dictionary.words"
    sound = made.read_bytes()
    for bad in (b"", sound[:-1], sound[:50] + b"\xff" + sound[51:], b"words 0\n" + sound[8:]):
        made.write_bytes(bad)
        words = dictionary.load(source, cache)
        assert (words["滇池"], words.tag("滇池"), words["四个"], words.total) == (117, "ns", 0, 205)
        assert made.read_bytes() == sound
    source.write_text("春运 86 n\n滇池 1170 ns\n", "utf-8")
    assert dictionary.load(source, cache)["滇池"] == 1170


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    source = tmp_path / "dict.txt"
    source.write_text("春运 85 n\n", "utf-8")
    (tmp_path / "cache").write_text("not a folder", "utf-8")
    assert dictionary.load(source, tmp_path / "cache")["春运"] == 85
