"""The one pass over a text finds what a plain search finds that knows no arrays."""

import random
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.text import folding, phrases, words
from checks.text.characters import points
from checks.text.collocations import Collocations
from checks.text.compiled import Hit, Lexicon, OnePass, Spans
from checks.text.folding import HAN, INVISIBLE, NOISE, STRANGE
from checks.text.needles import Needles
from checks.text.phrases import NearMiss, Phrases
from checks.text.reach import AROUND
from tests.checks.text.test_lexicon import TODAY, compiled, row

BREAK = re.compile(rf"(?<=[{HAN}])[ \t]*\r?\n[ \t>]*(?=[{HAN}])")


def places(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def folded(text: str) -> Iterator[list[tuple[str, int]]]:
    """Around every changed character: what is left of the text there, and where each character stands."""
    broken = {at for gap in BREAK.finditer(text) for at in range(*gap.span())}
    changed = {at for at, char in enumerate(text) if char in INVISIBLE_SET or folding._table().get(ord(char))}
    for place in sorted(changed | broken):
        span = range(max(0, place - AROUND), min(len(text), place + AROUND + 1))
        yield [
            (text[at].translate(folding._table()), at)
            for at in span
            if text[at] not in INVISIBLE_SET and at not in broken
        ]


def denoised(text: str) -> Iterator[list[tuple[str, int]]]:
    """Around every mark that hides a word."""
    marks, strange, han = (re.compile(f"[{charset}]") for charset in (NOISE, STRANGE, HAN))

    def is_of(charset: re.Pattern[str], at: int) -> bool:
        return 0 <= at < len(text) and charset.match(text[at]) is not None

    for place in range(len(text)):
        between = is_of(han, place + 1) and (is_of(han, place - 1) or is_of(marks, place - 1))
        twice = is_of(marks, place + 2) or (is_of(han, place + 2) and is_of(marks, place + 3))
        if between and (is_of(strange, place) or (is_of(marks, place) and twice)):
            span = range(max(0, place - AROUND), min(len(text), place + AROUND + 1))
            yield [(text[at].translate(folding._table()), at) for at in span if not is_of(marks, at)]


INVISIBLE_SET = {chr(code) for code in range(0x10000) if re.match(f"[{INVISIBLE}]", chr(code))}


class PlainLexicon(Lexicon):
    def scan(self, text: str) -> list[Hit]:
        spans: Spans = {(at, at + len(form)): form for form in self.forms for at in places(form, text)}
        for pieces, noisy in ((folded(text), False), (denoised(text), True)):
            for piece in pieces:
                shown = "".join(char for char, _ in piece)
                for form in self.forms:
                    rows = self._entries_of[form]
                    if all("exact" in one.manners for one in rows) or (
                        noisy and not any("noise" in one.manners for one in rows)
                    ):
                        continue
                    for at in places(form, shown):
                        start, end = piece[at][1], piece[at + len(form) - 1][1] + 1
                        if text[start:end] != form:
                            spans[start, end] = form
        return list(self._hits(text, spans))


class PlainPhrases(Phrases):
    def scan(self, text: str) -> list[NearMiss]:
        right, missed = set(), set()
        for piece, number, offset in zip(self.pieces, self._phrase_of, self._offset_of, strict=True):
            phrase = self._texts[number]
            for at in places(piece, text):
                first = int(at - offset)
                if first >= 0 and text.startswith(phrase, first):
                    right.add((first, first + len(phrase)))
                    missed |= self._doubled(text, phrase, first)
                elif span := (
                    phrases._forwards(text, phrase, first)
                    if offset == 0
                    else phrases._backwards(text, phrase, first)
                ):
                    missed.add((*span, phrase))
        spans = np.array(sorted(right), np.intp).reshape(-1, 2)
        return list(self._told(text, spans[:, 0], np.maximum.accumulate(spans[:, 1]), missed))

    def _doubled(self, text: str, phrase: str, first: int) -> set[tuple[int, int, str]]:
        end = first + len(phrase)
        return {
            span
            for span, char, is_word in (
                ((first, end + 1, phrase), text[end : end + 1] == phrase[-1], phrases.segmentation.begins_word(text, end)),
                ((first - 1, end, phrase), first > 0 and text[first - 1] == phrase[0], phrases.segmentation.ends_word(text, first)),
            )
            if char and not is_word
        }  # fmt: skip


ROWS = (
    row("赌博网站", scope="noise"),
    row("赌博"),
    row("布署", "部署", **{"except-after": "图"}),
    row("中华民國", scope="exact"),
    row("bet365", scope="noise"),
    row("口交"),
    row("路口交通", severity="allow"),
    row("𠮷祥", "吉祥"),
)
PIECES = st.sampled_from(
    ["赌", "博", "网站", "賭博網站", "布署", "布", "署", "中华民國", "bet365", "ｂｅｔ", "365", "路口交通", "口", "交",
     "𠮷祥", "😀", "*", " ", "·", "\n", "\r\n", "\n > ", "\t\n", "\u200b", "\ufeff", "图", "。", "天地人", "　", "＊"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=40).map("".join)


@cache
def lexicons() -> tuple[Lexicon, PlainLexicon]:
    current = compiled(*ROWS)
    return current, PlainLexicon(
        [*current.entries, *(one for one in words.lexicon.parse("\n".join([words_header(), *ROWS]), "w") if one.severity is None)],
        TODAY,
    )  # fmt: skip


def words_header() -> str:
    return "\t".join(words.lexicon.COLUMNS)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_words_are_those_of_a_plain_search(text: str) -> None:
    fast, plain = lexicons()

    assert fast.scan(text) == plain.scan(text)


@cache
def some_phrases() -> tuple[Phrases, PlainPhrases]:
    chosen = random.Random(7).sample(sorted(phrases.shipped().by_text.values(), key=lambda one: one.text), 12)
    return Phrases(chosen), PlainPhrases(chosen)


@st.composite
def phrase_texts(draw: st.DrawFn) -> str:
    known = sorted(some_phrases()[0].by_text)
    edited = [variant for phrase in known for variant in phrases.variants(phrase)]
    part = st.one_of(
        st.sampled_from(known), st.sampled_from(edited), st.text("的了，。国党会主义𠮷", max_size=4)
    )
    return "".join(draw(st.lists(part, max_size=12)))


@settings(deadline=None, max_examples=300)
@given(phrase_texts())
def test_near_misses_are_those_of_a_plain_search(text: str) -> None:
    fast, plain = some_phrases()

    assert fast.scan(text) == plain.scan(text)


@settings(deadline=None, max_examples=100)
@given(st.one_of(TEXTS, phrase_texts()), st.one_of(TEXTS, phrase_texts()))
def test_looking_for_both_together_finds_the_same(before: str, after: str) -> None:
    text = before + after
    fast, some = lexicons()[0], some_phrases()[0]

    together = OnePass(fast, (some, Phrases(())), Collocations(()))
    assert together.scan(text) == (fast.scan(text), some.scan(text), [])


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text("天地人𠮷ab", min_size=2, max_size=5), unique=True, max_size=30),
    st.text("天地人𠮷ab", max_size=60),
)
def test_every_needle_is_found_wherever_it_stands(needles: list[str], text: str) -> None:
    which, starts = Needles(needles).scan(points(text))

    told = sorted(zip(which.tolist(), starts.tolist(), strict=True))
    assert told == sorted(
        (number, at) for number, needle in enumerate(needles) for at in places(needle, text)
    )
