"""国名、机构名、固定提法和港澳台等表述一个字也不能错。

国名与机构全称、重要提法差一个字（漏字、多字、换位、同音、形近）就报“疑似单项否决”，由人确认。
枚举的项数和次序要对（“四个意识”等）。本单位的领导人名录放在 content/quality/roster.tsv（姓名、职务），
不随软件分发；姓名写错一个字也报。

反例  中共人民共和国           国名错字
反例  扫黑险恶专项斗争         应为“扫黑除恶”
反例  台湾总统府               台湾当局领导人幕僚机构
反例  “四个意识”（大局意识、政治意识、核心意识、看齐意识）   次序不对
正例  中华人民共和国；铸牢中华民族共同体意识；台湾当局领导人
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from checks.finding import Finding, Place, Severity
from checks.source import Source, Surroundings
from checks.text import enumerations, words

ID = "grave-wording"
CLAUSE = "国办函〔2019〕19号单项否决：严重表述错误"


def depends(around: Surroundings) -> str:
    return words.fingerprint(around)


def read_ahead(sources: Sequence[Source]) -> None:
    words.read_ahead(sources)


def check_source(source: Source) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
    misses = words.near_misses(source)
    for word in words.found(source, ID):
        if any(_says_more(miss, word) for miss in misses):
            continue
        told |= {(id(word.block), at) for at in range(word.start, word.end)}
        yield Finding(
            rule=ID,
            severity=word.severity,
            place=word.place,
            text=word.text,
            message=f"{word.name}表述：“{word.text}”{word.entry.advice or '，请核实'}",
            suggestion=word.entry.replacement,
            clause=word.entry.basis,
        )
    for miss in misses:
        block, near = miss.block, miss.near
        if told.isdisjoint((id(block), at) for at in range(miss.start, miss.end)):
            severity = Severity.VETO if near.inside else Severity.WARNING
            yield _finding(block.place(miss.start, miss.end), block.text[miss.start : miss.end], severity,
                           f"疑似“{near.phrase}”之误", near.phrase)  # fmt: skip
    for block in source.blocks:
        for slip in chain(enumerations.slips(block.text), enumerations.miscounts(block.text)):
            yield _finding(block.place(slip.start, slip.end), block.text[slip.start : slip.end], Severity.ERROR,
                           f"“{slip.name}”{slip.problem}", slip.right)  # fmt: skip


def _says_more(miss: words.Miss, word: words.Word) -> bool:
    """Whether the near miss of a whole phrase (社会主意核心价值观) has the word (社会主意) inside it."""
    return (
        miss.near.inside
        and miss.block is word.block
        and miss.start <= word.start
        and word.end <= miss.end
        and word.end - word.start < miss.end - miss.start
    )


def _finding(place: Place, text: str, severity: Severity, message: str, suggestion: str) -> Finding:
    return Finding(
        rule=ID,
        severity=severity,
        place=place,
        text=text,
        message=message,
        suggestion=suggestion,
        clause=CLAUSE,
    )
