"""英文单词拼写正确；专名写进 content/quality/spelling.txt，一行一个。

只查小写或首字母大写的三个字母以上的单词；缩写、网址、代码、文件名不查。没有装 libenchant 时不查，并说明。

反例  Goverment Information        应为 Government
正例  Kunming Transport Bureau     专名在词表里
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from checks.finding import Finding, Severity
from checks.source import Source
from checks.text import english

ID = "spelling"
SITE_FILE = "spelling.txt"
_WORD = re.compile(r"(?<![\w@./:#&%=?-])[A-Z]?[a-z]{3,}(?:'[a-z]+)?(?![\w@/:=]|\.\w)")


def missing() -> str:
    """Why English cannot be checked here; empty when it can."""
    return english.missing()


def check_source(source: Source) -> Iterator[Finding]:
    if english.missing():
        return
    own = _own_words(source.around.quality.get(SITE_FILE, ""))
    for block in source.blocks:
        if block.scope == "meta" and block.key not in ("summary", "keywords", ""):
            continue
        for found in _WORD.finditer(block.text):
            word = found[0]
            if word.lower() in own or english.knows(word):
                continue
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=block.place(*found.span()),
                text=word,
                message=f"英文“{word}”疑似拼错",
                suggestion="、".join(english.suggestions(word)),
                clause="2019 检查指标：严重表述错误以外的文字差错",
            )


@lru_cache(maxsize=4)
def _own_words(text: str) -> frozenset[str]:
    return frozenset(line.strip().lower() for line in text.splitlines() if not line.startswith("#"))
