"""敏感词：赌博、色情、毒品、诈骗等被植入的内容，粗俗和禁用的说法，广告绝对化用语。

反例  点击进入真人百家乐，注册送彩金       被篡改的网页里常见
反例  赌*博*网*站、賭博網站               字间夹符号、用繁体字也要认出
正例  依法查处网络赌博案件                 谈论治理不是植入
"""

from collections.abc import Iterator, Sequence

from checks.finding import Finding, Severity
from checks.source import Source, Surroundings
from checks.text import words

ID = "sensitive-word"
SEVERITY = Severity.ERROR


def depends(around: Surroundings) -> str:
    return words.fingerprint(around)


def read_ahead(sources: Sequence[Source]) -> None:
    words.read_ahead(sources)


def check_source(source: Source) -> Iterator[Finding]:
    for word in words.found(source, ID):
        yield Finding(
            rule=ID,
            severity=word.severity,
            place=word.place,
            text=word.text,
            message=f"出现{word.name}“{word.text}”{word.entry.advice or '，请核实并删去'}",
            suggestion=word.entry.replacement,
            clause=word.entry.basis,
        )
