"""What jieba knows about words. It is slow (1 MB/s), so it is asked only about sentences already in doubt."""

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_SENTENCE_END = re.compile(r"[。！？；\n\u2029]")
_NO_WORD = re.compile(r"[。！？；：，、（）《》“”\n\u2029]")  # jieba looks for no word across these
CACHE = Path("var/cache")
_LONGEST = 60  # characters looked at on each side
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
    CACHE.mkdir(parents=True, exist_ok=True)
    jieba.dt.tmp_dir = str(CACHE)  # its own choice is a file in /tmp that anyone may have written
    jieba.dt.initialize()
    return jieba.dt


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
    return int(_tokenizer().FREQ.get(word, 0))


def dictionary() -> dict[str, int]:
    """The dictionary's words of two to four characters and how often it saw them."""
    return {
        word: often
        for word, often in _tokenizer().FREQ.items()
        if often >= 3 and 2 <= len(word) <= 4 and all("\u4e00" <= char <= "\u9fff" for char in word)
    }


@lru_cache(maxsize=4096)
def names(sentence: str) -> frozenset[int]:
    """Offsets of characters that belong to names of people and places."""
    at, found = 0, set[int]()
    for pair in _tagger().cut(sentence):
        if pair.flag[:2] in ("nr", "ns"):
            found.update(range(at, at + len(pair.word)))
        at += len(pair.word)
    return frozenset(found)


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jieba import posseg

    return posseg.POSTokenizer(_tokenizer())


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] begins and ends where words do."""
    first, sentence = sentence_around(text, start, end, _NO_WORD)
    found = borders(sentence)
    return start - first in found and end - first in found


def in_word(text: str, start: int, end: int) -> bool:
    """Whether all of text[start:end] belongs to words of two or more characters."""
    first, sentence = sentence_around(text, start, end)
    found = borders(sentence)
    return not any(at in found and at + 1 in found for at in range(start - first, end - first))


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
    first = max((stop.end() for stop in stops.finditer(text, low, start)), default=low)
    stop = stops.search(text, end, high)
    return first, text[first : stop.start() if stop else high]
