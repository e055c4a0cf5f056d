"""错别字：词表里写明的错误写法，以及由上下文看出的错字。

反例  各单位要认真布署防汛工作            “布署”应为“部署”
正例  各单位要认真部署防汛工作
不报  身体状况与是否有关健康有待研究      “关健”后面是“康”
"""

from collections.abc import Iterator

from checks.finding import Finding, Severity
from checks.source import Source, Surroundings
from checks.text import words

ID = "typo"
SEVERITY = Severity.ERROR


def depends(around: Surroundings) -> str:
    return words.fingerprint(around)


def check_source(source: Source) -> Iterator[Finding]:
    for word in words.found(source, ID):
        right = word.entry.right
        yield Finding(
            rule=ID,
            severity=word.severity,
            place=word.place,
            text=word.text,
            message=f"“{word.text}”{word.complaint}{f'，应为“{right}”' if right else ''}",
            suggestion=right,
            clause=word.entry.basis,
            fixable=word.severity is Severity.ERROR and bool(right),
        )
