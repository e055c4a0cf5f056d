"""Personal data in running text: where it stands, what kind it is, how to cover it.

Numbers are told from other digits by their own checks (the ID card's check digit, Luhn for bank cards),
never by length alone. Full-width digits and the usual separators are understood.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    ID_CARD = "身份证号"
    BANK_CARD = "银行卡号"
    MOBILE = "手机号"
    LANDLINE = "固定电话"
    PLATE = "车牌号"
    EMAIL = "电子邮箱"
    PASSPORT = "护照号"
    ADDRESS = "住址"


@dataclass(frozen=True, slots=True)
class PersonalData:
    kind: Kind
    start: int
    end: int
    text: str

    @property
    def covered(self) -> str:
        return cover(self.kind, self.text)


_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X", ord("－"): "-", ord("＠"): "@"}
_ALONE, _END = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z]|\.\d)"
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_PATTERNS = (
    (Kind.ID_CARD, rf"{_ALONE}[1-9]\d{{5}}[ -]?(?:19|20)\d{{6}}[ -]?\d{{3}}[\dXx]{_END}"),
    (Kind.ID_CARD, rf"(?:身份证|证件)[^\d\n]{{0,8}}(?P<number>[1-9]\d{{14}}){_END}"),  # before 2013, fifteen digits
    (Kind.BANK_CARD, rf"{_ALONE}[3-69]\d{{3}}(?:[ -]?\d{{4}}){{2}}[ -]?\d{{1,4}}(?:[ -]?\d{{1,3}})?{_END}"),
    (Kind.MOBILE, rf"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}{_END}"),
    (Kind.LANDLINE, rf"{_ALONE}(?:[（(]0\d{{2,3}}[）)] ?|0\d{{2,3}}[ -—]{{0,2}})[2-9]\d{{2,3}}[ -]?\d{{4}}(?:-\d{{1,5}})?{_END}"),
    (Kind.EMAIL, r"(?<![A-Za-z0-9._+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    (Kind.PLATE, rf"[{_PROVINCES}][A-HJ-NP-Z][·• .-]?(?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]|[DF][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[DF]){_END}"),
    (Kind.PASSPORT, rf"护照[^\d\n]{{0,6}}(?P<number>[EDSPG][A-Z]?\d{{7,8}}){_END}"),
    (
        Kind.ADDRESS,
        r"(?:住址?|住在|家住|居住(?:在|于|地)?|家庭住址)[为是：:]?\s*(?P<number>[^\s，。；、]{2,24}?"
        r"(?:(?:路|街|巷|道|弄|村|组|小区|花园|社区)[^\s，。；、]{0,14}?)?(?:\d+|[一二三四五六七八九十]+)(?:号|栋|幢|单元|室|组)"
        r"(?:[^\s，。；、]{0,10}?(?:号|栋|幢|单元|室))*)",
    ),
)  # fmt: skip
_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_HINT = re.compile(r"\d{4}|@|住|护照")


def find(text: str, kinds: frozenset[Kind] = frozenset(Kind)) -> Iterator[PersonalData]:
    """In order of place; of those that overlap the one whose own check is the strictest."""
    plain = text.translate(_WIDE)
    if not _HINT.search(plain):
        return
    taken: list[tuple[int, int]] = []
    found = []
    for kind, pattern in _RULES:
        if kind not in kinds:
            continue
        for match in pattern.finditer(plain):
            start, end = match.span("number" if "number" in pattern.groupindex else 0)
            if _holds(kind, plain[start:end]) and not any(
                start < last and first < end for first, last in taken
            ):
                taken.append((start, end))
                found.append(PersonalData(kind, start, end, text[start:end]))
    yield from sorted(found, key=lambda one: one.start)


def anonymised(text: str, kinds: frozenset[Kind] = frozenset(Kind)) -> str:
    """The text with all personal data covered."""
    pieces, at = [], 0
    for one in find(text, kinds):
        pieces += [text[at : one.start], one.covered]
        at = one.end
    return "".join([*pieces, text[at:]])


def cover(kind: Kind, text: str) -> str:
    """Enough to know it again, not enough to use it."""
    if kind is Kind.EMAIL:
        name, _, host = text.replace("＠", "@").partition("@")
        return f"{name[0]}***@{host}"
    if kind is Kind.ADDRESS:
        return re.sub(r"[\d０-９一二三四五六七八九十]+(?=号|栋|幢|单元|室|组)", "**", text)
    head, tail = {Kind.ID_CARD: (3, 2), Kind.MOBILE: (3, 4), Kind.BANK_CARD: (4, 4), Kind.PLATE: (2, 1)}.get(
        kind, (3, 2)
    )
    return text[:head] + "*" * max(1, len(text) - head - tail) + text[len(text) - tail :]


def _holds(kind: Kind, text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    if kind is Kind.ID_CARD:
        return is_id_card(digits)
    if kind is Kind.BANK_CARD:
        return 16 <= len(digits) <= 19 and not is_id_card(digits) and luhn(digits)
    return True


def is_id_card(number: str) -> bool:
    """GB 11643: a date of birth that exists and, in eighteen digits, the check digit."""
    number = number.upper()
    if len(number) == 15 and number.isdigit():
        return _is_date(f"19{number[6:12]}")
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number) or not _is_date(number[6:14]):
        return False
    total = sum(int(digit) << (17 - place) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0 and len(set(digits)) > 2


def _is_date(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= 1900
    except ValueError:
        return False
