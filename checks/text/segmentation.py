"""What jieba knows about words. It is slow (1 MB/s), so it is asked only about sentences already in doubt."""

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import IO, Any

from checks.text import dictionary

_SENTENCE_END = re.compile(r"[。！？；\n\u2029]")
_NO_WORD = re.compile(r"[。！？；：，、（）《》“”\n\u2029]")  # jieba looks for no word across these
CACHE = Path("var/cache")
_NAMES = ("nr", "ns")  # jieba's tags of persons and places
_LONGEST = 60  # characters looked at on each side
_LONGEST_WORD = 16  # characters, of the dictionary's words
_WORD_BESIDE = 2  # characters: a word as long as most
COMMON = 10  # the dictionary has some hundred thousand words that it saw three times, most of them chance


@contextmanager
def _without(name: str) -> Iterator[None]:
    """As if the module were not installed."""
    modules: dict[str, Any] = sys.modules  # None stands for a module that is not there
    kept = {name: modules[name]} if name in modules else {}
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]
        modules.update(kept)


@cache
def _tokenizer() -> Any:
    with warnings.catch_warnings(), _without("pkg_resources"):
        warnings.simplefilter("ignore")  # jieba 0.42 has unescaped regular expressions
        import jieba  # without pkg_resources it opens its files itself, a third of a second earlier

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.dt
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = _words(), _words().total, True
    return tokenizer


@cache
def _words() -> dictionary.Words:
    return dictionary.load(_source(), CACHE)


@cache
def _source() -> Path:
    package = find_spec("jieba")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("jieba")
    return Path(package.origin).with_name("dict.txt")


@lru_cache(maxsize=4096)
def borders(sentence: str) -> frozenset[int]:
    """Offsets at which a word begins or ends."""
    at, ends = 0, {0}
    for word in _tokenizer().cut(sentence):
        at += len(word)
        ends.add(at)
    return frozenset(ends)


def frequency(word: str) -> int:
    """How often the dictionary saw the word; 0 when it does not have it."""
    return _words().get(word, 0)


def is_name(word: str) -> bool:
    """Whether the dictionary has the word as a person's or a place's name."""
    return _words().tag(word).startswith(_NAMES)


def short_words() -> dict[str, int]:
    """The dictionary's words of two to four characters and how often it saw them."""
    return {
        word: often
        for word, often, _ in dictionary.rows(_source())
        if often >= 3 and 2 <= len(word) <= 4 and all("\u4e00" <= char <= "\u9fff" for char in word)
    }


@lru_cache(maxsize=4096)
def names(sentence: str) -> frozenset[int]:
    """Offsets of characters that belong to names of people and places."""
    at, found = 0, set[int]()
    for pair in _tagger().cut(sentence):
        if pair.flag.startswith(_NAMES):
            found.update(range(at, at + len(pair.word)))
        at += len(pair.word)
    return frozenset(found)


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jieba import posseg

    class Tagger(posseg.POSTokenizer):  # type: ignore[misc]  # jieba is untyped
        def load_word_tag(self, f: IO[bytes]) -> None:
            """The tags are in our dictionary already; reading them again takes a sixth of a second."""
            f.close()
            self.word_tag_tab = _Tags()

    return Tagger(_tokenizer())


class _Tags:
    """The dictionary's tags under the name that jieba asks for."""

    def get(self, word: str, default: str) -> str:
        return _words().tag(word, default)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] begins and ends where words do."""
    first, clause = sentence_around(text, start, end, _NO_WORD)
    return _stands_alone(clause, start - first, end - first)


@lru_cache(maxsize=1 << 13)
def _stands_alone(clause: str, start: int, end: int) -> bool:
    low, high = _window(clause, start, end)
    found = borders(clause[low:high])
    if not _is_cut_alike(clause[low:high], found, at_start=low == 0, at_end=high == len(clause)):
        low, found = 0, borders(clause)
    return start - low in found and end - low in found


def _window(clause: str, start: int, end: int) -> tuple[int, int]:
    """What is around clause[start:end] up to places that no word of the dictionary spans."""
    low, high = start - _WORD_BESIDE, end + _WORD_BESIDE
    while low > 0 and _is_spanned(clause, low):
        low -= 1
    while high < len(clause) and _is_spanned(clause, high):
        high += 1
    return max(low, 0), min(high, len(clause))


def _is_spanned(clause: str, at: int) -> bool:
    """Whether a word may begin before and end behind the place: the dictionary has the beginnings of words."""
    words = _words()
    return any(clause[first : at + 1] in words for first in range(at - 1, max(-1, at - _LONGEST_WORD), -1))


def _is_cut_alike(part: str, found: frozenset[int], *, at_start: bool, at_end: bool) -> bool:
    """Whether the part of a clause is cut as in the whole: unknown words may be made of single characters beyond it.

    Not so where dictionary words stand at its ends that are likelier than their characters one by one.
    """
    ends = sorted(found)
    first, last = part[: ends[1]], part[ends[-2] :]
    return (at_start or _is_firm(first)) and (at_end or _is_firm(last))


@lru_cache(maxsize=4096)
def _is_firm(word: str) -> bool:
    words = _words()
    singles = prod(max(words.get(char, 0), 1) / words.total for char in word)
    return len(word) > 1 and words.get(word, 0) / words.total > singles


def in_word(text: str, start: int, end: int) -> bool:
    """Whether all of text[start:end] belongs to words of two or more characters."""
    first, sentence = sentence_around(text, start, end)
    found = borders(sentence)
    return not any(at in found and at + 1 in found for at in range(start - first, end - first))


def word_at(text: str, start: int, end: int) -> tuple[int, str]:
    """The word, or the words, to which text[start:end] belongs, and where it begins."""
    first, sentence = sentence_around(text, start, end)
    ends = borders(sentence)
    low = max(at for at in ends if at <= start - first)
    high = min(at for at in ends if at >= end - first)
    return first + low, sentence[low:high]


def begins_word(text: str, at: int) -> bool:
    """Whether a common word of two or more characters begins at the offset."""
    return any(frequency(text[at : at + size]) >= COMMON for size in (2, 3, 4) if at + size <= len(text))


def ends_word(text: str, at: int) -> bool:
    """Whether a common word of two or more characters ends before the offset."""
    return any(frequency(text[at - size : at]) >= COMMON for size in (2, 3, 4) if at >= size)


def sentence_around(
    text: str, start: int, end: int, stops: re.Pattern[str] = _SENTENCE_END
) -> tuple[int, str]:
    """The sentence with text[start:end] in it (or what lies between other stops), and its offset."""
    low, high = max(0, start - _LONGEST), min(len(text), end + _LONGEST)
    last = _until_last(stops).match(text, low, start)
    first = last.end() if last else low
    stop = stops.search(text, end, high)
    return first, text[first : stop.start() if stop else high]


@cache
def _until_last(stops: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f".*{stops.pattern}", re.S)
