"""What in a citizen's words may point at a person, found eagerly, for a second person judges every copy.

`bureau.personal_data` asks each number for its own check, and so passes over an ID number with a typing error or a
mobile in Chinese numerals; here both are found. What is in NEVER is published under no circumstances
(个人信息保护法第二十五条，政府信息公开条例第十五条), whatever anybody says.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bureau import personal_data
from bureau.personal_data import Kind

NAME, OTHER_NAME, ACCOUNT = "来信人姓名", "姓名", "网络账号"
NEVER = frozenset({Kind.MOBILE, Kind.ID_CARD})

_WIDE = {0xFF01 + n: chr(0x21 + n) for n in range(94)} | {0x3000: " "}
_NUMERAL = "〇零○⓪一幺壹①二两贰②三叁③四肆④五伍⑤六陆⑥七柒⑦八捌⑧九玖⑨"
_NUMERALS = str.maketrans(_NUMERAL, "000011112222333444555666777888999")
_COMPOUND = "欧阳|上官|司马|诸葛|尉迟|皇甫|司徒|夏侯"
_SURNAMES = (
    f"{_COMPOUND}|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文普角]"
)

_GAP = r"[ \t\-—–―_~·•.*/()]{0,2}"  # what people put between the digits of one number
_BEGIN, _END = r"(?<![0-9A-Za-z])(?<!\d\.)", r"(?![0-9A-Za-z]|\.\d)"
_NO_DATE = r"(?!(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./])"  # 1998-12-03 103路 is no number of eleven digits


def _spread(*pieces: str) -> str:
    return _GAP.join(pieces)


def _digits(count: int) -> list[str]:
    return [r"\d"] * count


_MOBILE = _spread("1", "[3-9]", *_digits(9))
_LOCAL = rf"{_NO_DATE}{_spread('[2-9]', *_digits(6))}(?:{_GAP}\d)?(?:\s?(?:转|分机|-)\s?\d{{1,5}})?"
_AREA = _spread("0", "[1-9]", r"\d") + rf"(?:{_GAP}\d)?"
_BORN = _spread(rf"(?:1{_GAP}9|2{_GAP}0)", *_digits(2), rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2])", rf"[0-3]{_GAP}\d")
_ID = _spread("[1-9]", *_digits(5), _BORN, *_digits(3), "[0-9Xx×]")
_SPOKEN = rf"[一幺壹](?:[\s,、。]{{0,2}}[{_NUMERAL}]){{10}}(?![{_NUMERAL}])"
_CARD = _spread("[3-69]", *_digits(14)) + rf"(?:{_GAP}\d){{1,4}}"

_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_SIGNS = r"[ ·•.\-—]{0,2}"
_LETTER = "[A-HJ-NP-Za-hj-np-z]"
_COUNT = r"(?:\d+|[一二三四五六七八九十百]+|[A-Za-z])"
_UNIT = rf"(?:{_COUNT}\s?(?:号楼|栋|幢|座|单元|室|户|层|组|社)\s?)"
_ESTATE = "(?:小区|花园|公寓|家园|新村|社区|宿舍|大院|苑|城|庭|府|坊|湾|轩|阁|村|号)"
_WORDS = r"[^\s。、,;:()]"


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]  # its group `it` is what is covered; without one, all of it
    holds: Callable[[str], bool] = lambda _: True

    def spans(self, plain: str) -> Iterator[tuple[int, int]]:
        group = "it" if "it" in self.pattern.groupindex else 0
        return (match.span(group) for match in self.pattern.finditer(plain) if self.holds(match[group]))


def all_digits(text: str) -> str:
    """Every digit of a text in a row, in whatever writing: what a patient reader would collect."""
    return re.sub(r"\D", "", text.translate(_WIDE).translate(_NUMERALS))


def _rule(kind: str, pattern: str, holds: Callable[[str], bool] = lambda _: True) -> _Rule:
    return _Rule(kind, re.compile(pattern), holds)


_OF_NUMBERS = (  # asked of the text in half-width characters, and again with Chinese numerals as digits
    _rule(Kind.ID_CARD, rf"{_BEGIN}{_ID}{_END}"),
    _rule(Kind.ID_CARD, rf"(?:身份证|证件|证号)[^\d\n]{{0,8}}(?P<it>{_spread('[1-9]', *_digits(14))}(?:{_GAP}[\dXx×]){{0,3}}){_END}"),
    _rule(Kind.MOBILE, rf"{_BEGIN}{_NO_DATE}(?:\+?8{_GAP}6{_GAP})?{_MOBILE}{_END}"),
    _rule(Kind.MOBILE, _SPOKEN),
    _rule(Kind.BANK_CARD, rf"(?:卡|账号|帐号|账户|帐户)[^\d\n]{{0,10}}(?P<it>{_CARD}){_END}"),
    _rule(Kind.BANK_CARD, rf"{_BEGIN}{_CARD}{_END}", lambda text: personal_data.luhn(all_digits(text))),
    _rule(Kind.LANDLINE, rf"{_BEGIN}(?:[(]{_AREA}[)]{_GAP}|{_AREA}{_GAP}){_LOCAL}{_END}"),
    _rule(Kind.LANDLINE, rf"(?:电话|座机|固话|致电|联系方式|打)[^\d\n]{{0,6}}(?P<it>{_LOCAL}){_END}"),
)  # fmt: skip
_OF_WORDS = (
    _rule(
        Kind.PLATE,
        rf"[{_PROVINCES}]{_SIGNS}{_LETTER}{_SIGNS}(?:[A-Za-z0-9]{_SIGNS}){{4,5}}[A-Za-z0-9挂学警港澳]{_END}",
        lambda text: len(all_digits(text)) >= 3,
    ),
    _rule(Kind.PLATE, rf"(?:车牌|车号|牌照)(?:号码?)?[^A-Za-z0-9\n]{{0,4}}(?P<it>{_LETTER}{_SIGNS}[A-Za-z0-9]{{5,6}}){_END}"),
    _rule(Kind.EMAIL, r"(?<![A-Za-z0-9._+-])[A-Za-z0-9][A-Za-z0-9._+-]{0,63}\s?(?:@|[\[(]at[\])]|\sat\s|#|艾特)\s?[A-Za-z0-9-]{1,63}(?:\s?[.点]\s?[A-Za-z0-9-]{1,63}){1,4}"),
    _rule(ACCOUNT, r"(?:微信|威信|薇信|VX|vx|Vx|QQ|qq|扣扣)(?!公众|小程序|支付)[^A-Za-z0-9\n]{0,5}(?P<it>[A-Za-z0-9][A-Za-z0-9_-]{4,19})"),
    _rule(Kind.ADDRESS, rf"(?:住址?|家(?:住|在)|居住|地址|户籍)(?:在|于|地|所在地)?[为是：:]?\s*(?P<it>{_WORDS}{{2,24}}?{_COUNT}\s?(?:号|栋|幢|座|单元|室|组|户|社)(?:{_WORDS}{{0,10}}?(?:号|栋|幢|座|单元|室|楼|户))*(?:\d{{2,4}})?)"),
    _rule(Kind.ADDRESS, rf"(?:{_WORDS}{{1,16}}?{_ESTATE}\s?{_UNIT}+|{_UNIT}{{2,}})(?:\d{{2,4}}(?:号|室|户)?)?"),
    _rule(OTHER_NAME, rf"(?:我叫|我名叫|本人叫|名叫|(?:姓名|联系人)(?:是|为)?:?)\s?(?P<it>(?:{_SURNAMES})[\u4e00-\u9fff]{{1,2}}?)(?=[，。；、,;\s(]|$|电话|手机)"),
)  # fmt: skip
_HOUSE_NUMBER = re.compile(
    r"[\d０-９]+|[一二三四五六七八九十百]+(?=\s?(?:号|栋|幢|座|单元|室|组|楼|层|户|社))|[A-Za-zＡ-Ｚ](?=\s?[栋座幢])"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that may point at a person, at its place in the text."""

    kind: str
    start: int
    end: int
    text: str
    is_whole: bool = True  # not what another trace leaves of it

    @property
    def covered(self) -> str:
        """Enough to follow the story, too little to find the person."""
        if not self.is_whole:
            return "*" * len(self.text)
        if self.kind in (NAME, OTHER_NAME):
            return f"{self.text[0]}**"
        if self.kind == ACCOUNT:
            return "***"
        if self.kind == Kind.EMAIL:
            return f"{self.text[0]}***"
        if self.kind == Kind.ADDRESS:
            return _HOUSE_NUMBER.sub("**", self.text)
        return personal_data.cover(Kind(self.kind), self.text)


def traces(text: str, name: str = "") -> list[Trace]:
    """In order of place; `name` is the sender's, known in its usual disguises."""
    wide = text.translate(_WIDE)
    spans = [
        *((rule.kind, span) for rule in (*_OF_NUMBERS, *_OF_WORDS) for span in rule.spans(wide)),
        *((rule.kind, span) for rule in _OF_NUMBERS for span in rule.spans(wide.translate(_NUMERALS))),
        *((NAME, match.span()) for pattern in _name_patterns(name, wide) for match in pattern.finditer(wide)),
        *((one.kind, (one.start, one.end)) for one in personal_data.find(text)),
    ]
    return sorted(_apart(text, spans), key=lambda trace: trace.start)


def _apart(text: str, spans: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[Trace]:
    """Where they overlap, what is never published comes before the rest, and longer before shorter; of the later
    ones what still lies open remains a trace of its own."""
    taken = bytearray(len(text))
    for kind, (start, end) in sorted(spans, key=lambda row: (row[0] not in NEVER, row[1][0] - row[1][1])):
        at = start
        for is_taken, run in groupby(taken[start:end]):
            until = at + len(list(run))
            if not is_taken:
                yield Trace(kind, at, until, text[at:until], is_whole=until - at == end - start)
            at = until
        taken[start:end] = bytes([1]) * (end - start)


def _name_patterns(name: str, text: str) -> Iterator[re.Pattern[str]]:
    """The name with signs between its characters; the given name alone, if it has two; the pinyin."""
    if len(name) < 2 or not name.strip():
        return
    family = match[0] if (match := re.match(_COMPOUND, name)) and len(name) > 2 else name[0]
    given, gap = name[len(family) :], r"[\s·•.\-_*]{0,2}"
    yield re.compile(gap.join(map(re.escape, name)))
    if len(given) >= 2:
        yield re.compile(gap.join(map(re.escape, given)))
    if re.search("[A-Za-z]{2}", text) and re.fullmatch(r"[\u4e00-\u9fff]+", name):
        from pypinyin import lazy_pinyin  # 57 MB, for the few texts that have Latin letters

        first, last = "".join(lazy_pinyin(family)), r"[\s\-']?".join(lazy_pinyin(given))
        gap = r"[\s,.\-_]{0,2}"
        yield re.compile(rf"(?<![a-z])(?:{first}{gap}{last}|{last}{gap}{first})(?![a-z])", re.I)


def redacted(text: str, name: str = "") -> str:
    """A first copy for the clerk."""
    pieces, at = [], 0
    for one in traces(text, name):
        pieces += [text[at : one.start], one.covered]
        at = one.end
    return "".join([*pieces, text[at:]])
