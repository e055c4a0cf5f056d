"""办事指南不说含糊话。

申请条件、办理材料、办理流程要一次说清：要几样、是什么、几份。“其他相关材料”让人跑第二趟。
法律法规原文里的兜底条款，写出条款的名称和它指的具体材料。

反例  materials: [{name: 其他相关材料, …}]     到底是什么材料，没有说
反例  conditions: 符合有关规定                 什么规定，没有说
正例  materials: [{name: 车辆购置税完税证明, form: 复印件, medium: 纸质, copies: 1}]
"""

import re
from collections.abc import Iterator
from typing import Any

from checks.finding import Finding, Severity
from checks.source import Source

ID = "vague-guide"
CLAUSE = "2019 检查指标 D13：办事指南不得有“其他材料”等含糊表述"
VAGUE = re.compile(r"其他(?:相关|有关)?材料|(?:相关|有关)(?:规定|材料)|等材料|其他证明(?:材料)?")
TOLD = ("conditions", "materials", "procedure")  # the elements that tell what to bring and to do


def check_source(source: Source) -> Iterator[Finding]:
    service = source.head.values.get("service") if source.head else None
    if not isinstance(service, dict):
        return
    told = set(texts([service.get(key) for key in TOLD]))
    for block in source.blocks:
        if block.key != "service" or block.text not in told:
            continue
        for found in VAGUE.finditer(block.text):
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=block.place(*found.span()),
                text=found[0],
                message=f"办事指南里的“{found[0]}”没有说清是什么",
                suggestion="逐项写出名称、原件或复印件、纸质或电子、份数，或写明是哪一条规定",
                clause=CLAUSE,
            )


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of the head, however deep; without the spaces at its end, as blocks have it."""
    if isinstance(value, str):
        yield value.rstrip()
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
