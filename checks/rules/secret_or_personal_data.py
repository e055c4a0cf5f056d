"""不公开涉密标志和个人信息：密级、手机号、身份证号、银行卡号、车牌、护照、住址。

号码要过各自的校验（身份证校验位、银行卡 Luhn），不只看位数；办公电话不报。

反例  联系人李某，手机 13800000000        个人手机号
反例  机密★一年                            密级标志
正例  咨询电话：0871-00000000（工作日 9:00—17:00）
"""

import re
from collections.abc import Iterator

from bureau import personal_data
from bureau.personal_data import Kind
from checks.finding import Finding, Severity
from checks.source import Source
from checks.text.blocks import Block

ID = "secret-or-personal-data"
PRIVACY = "《个人信息保护法》；《政府信息公开条例》第十五条"
SECRECY = "《保守国家秘密法》；《政府信息公开条例》第十四条"
GRAVE = frozenset({Kind.ID_CARD, Kind.BANK_CARD, Kind.PASSPORT})
KINDS = frozenset(Kind) - {Kind.LANDLINE}
_SECRET = re.compile(
    r"(?<![不非去])(?:绝密|机密|秘密)\s*[★☆*＊]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3}|长期)?\s*(?:年|个?月|长期)?"
    r"|内部(?:资料|文件|材料)[，、\s]*(?:注意保存|请勿外传|不得外传|严禁外传|妥善保管)|此件不(?:予)?公开"
)
_OFFICE_MAIL = re.compile(
    r"@(?:[\w-]+\.)*(?:gov\.cn|edu\.cn)$|^(?:service|info|admin|webmaster|bgs|office)", re.I
)


def check_source(source: Source) -> Iterator[Finding]:
    for block in source.blocks:
        for secret in _SECRET.finditer(block.text):
            yield _finding(
                block, *secret.span(), Severity.ERROR, f"出现涉密或内部标志“{secret[0].strip()}”", SECRECY
            )
        for one in personal_data.find(block.text, KINDS):
            if one.kind is Kind.EMAIL and _OFFICE_MAIL.search(one.text):
                continue
            severity = Severity.ERROR if one.kind in GRAVE else _severity(one.kind)
            yield _finding(
                block, one.start, one.end, severity, f"出现{one.kind.value} {one.covered}", PRIVACY
            )


def _severity(kind: Kind) -> Severity:
    return Severity.INFO if kind in (Kind.EMAIL, Kind.PLATE) else Severity.WARNING


def _finding(block: Block, start: int, end: int, severity: Severity, message: str, clause: str) -> Finding:
    return Finding(
        rule=ID,
        severity=severity,
        place=block.place(start, end),
        text=block.text[start:end],
        message=message,
        suggestion="核实后删去或遮盖；确需公开的，写入 content/quality/waivers.toml",
        clause=clause,
    )
