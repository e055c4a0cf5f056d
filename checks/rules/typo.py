"""错别字：词表里写明的错误写法，以及由上下文看出的错字。

词表里的是确定的；由上下文看出的，把握很大才拦发布，其余只作提醒，请人看一眼。

反例  各单位要认真布署防汛工作            “布署”应为“部署”
反例  加强安全生产监督管里                由上下文看出：“管里”疑似“管理”
正例  各单位要认真部署防汛工作
反例  防洪渡汛、高度重示                   常用搭配里错了一个字
反例  修建的的路面、加强加强监管          多了一个“的”、“加强”
反例  全面加強                           “強”是繁体字
不报  身体状况与是否有关健康有待研究      “关健”后面是“康”
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from checks.finding import Finding, Severity
from checks.source import Source, Surroundings
from checks.text import context, words
from checks.text.blocks import Block

if TYPE_CHECKING:  # what loads numpy is loaded only when a text is read
    from checks.text.collocations import Slip

ID = "typo"


# 截止 + a date, then a result: 截至. “报名于 6 月 30 日截止” and “截止日期” are right.
_UNTIL = re.compile(
    r"(?<![名交稿日间请保件于])截止[到至]?(?=(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日|底|末|初|上旬|中旬|下旬|\d{1,2}月份?)?"
    r"(?:[，,]|共|已|累计|全[市省县区]|我[市省县区局]))(?=\d)"
)
# Written like that in names of people and places: standard characters again since the table of 2013.
_STANDARD_AGAIN = frozenset("昇甦氾闇陞濛讎剋")


@cache
def _traditional_run() -> re.Pattern[str]:
    from checks.text import folding

    return re.compile(f"[{''.join(folding.traditional().keys() - _STANDARD_AGAIN)}]+")


def depends(around: Surroundings) -> str:
    return f"{words.fingerprint(around)} {context.fingerprint()}"


def read_ahead(sources: Sequence[Source]) -> None:
    words.read_ahead(sources)
    context.read_ahead(source.blocks for source in sources)


def check_source(source: Source) -> Iterator[Finding]:
    listed = list(words.found(source, ID))
    for word in listed:
        right = word.entry.replacement
        yield Finding(
            rule=ID,
            severity=word.severity,
            place=word.place,
            text=word.text,
            message=f"“{word.text}”{word.complaint}{word.entry.advice}",
            suggestion=right,
            clause=word.entry.basis,
            fixable=word.severity is Severity.ERROR and bool(right),
        )
    told = {(id(word.block), at) for word in listed for at in range(word.start, word.end)}
    again = words.doubled(source)
    told |= {(id(block), at) for block, start, end in again for at in range(2 * start - end, end)}
    yield from (_doubled(*one) for one in again)
    slips = [(block, slip) for block, slip in words.slips(source) if (id(block), slip.at) not in told]
    told |= {(id(block), slip.at) for block, slip in slips}
    yield from (_slip(*one) for one in slips)
    yield from _until(source)
    yield from _traditional(source)
    for doubt in context.doubts(source.blocks):
        if told.isdisjoint((id(doubt.block), at) for at in range(doubt.start, doubt.end)):
            yield _doubtful(doubt)


def _until(source: Source) -> Iterator[Finding]:
    for block in source.blocks:
        for found in _UNTIL.finditer(block.text) if "截止" in block.text else ():
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=block.place(*found.span()),
                text=found[0],
                message=f"“{found[0]}”后面是日期和结果，应为“截至”",
                suggestion="截至",
                clause="《现代汉语词典》：截至，停止于某个期限；截止，到期停止",
            )


def _slip(block: Block, slip: "Slip") -> Finding:
    written = block.text[slip.start : slip.end]
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        place=block.place(slip.start, slip.end),
        text=written,
        message=f"“{written}”疑似“{slip.right}”之误",
        suggestion=slip.right,
        clause="公文与交通运输行业的常用搭配，请对照原文核实",
    )


def _doubled(block: Block, start: int, end: int) -> Finding:
    again = block.text[start:end]
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        place=block.place(start, end),
        text=again,
        message=f"“{again}”连写了两次，疑似多了一个",
        clause="衍文，请对照原文核实",
    )


def _traditional(source: Source) -> Iterator[Finding]:
    from checks.text import folding

    simplified = folding.traditional()
    for block in source.blocks:
        for found in _traditional_run().finditer(block.text):
            right = "".join(simplified[char] for char in found[0])
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=block.place(*found.span()),
                text=found[0],
                message=f"“{found[0]}”是繁体字，应为“{right}”",
                suggestion=right,
                clause="《国家通用语言文字法》第三条；第十七条所列情形（姓氏、文物古迹、书法篆刻等）可以保留",
            )


def _doubtful(doubt: context.Doubt) -> Finding:
    text = doubt.block.text
    wrong = text[doubt.start : doubt.end]
    around = text[max(0, doubt.start - 6) : doubt.start], text[doubt.end : doubt.end + 6]
    return Finding(
        rule=ID,
        severity=Severity.ERROR if doubt.certain else Severity.WARNING,
        place=doubt.block.place(doubt.start, doubt.end),
        text=wrong,
        message=f"由上下文看，“{around[0]}【{wrong}】{around[1]}”里疑似应为“{doubt.right}”（把握 {doubt.probability:.0%}）",
        suggestion=doubt.right,
        clause="由官方文本统计得出，请对照原文核实",
    )
