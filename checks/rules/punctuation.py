"""标点和数字的用法合乎国家标准，不用错、不连用、成对出现。

反例  1、加强领导，2、落实责任        阿拉伯数字序号后用“.”（GB/T 15834 附录 B.3）
反例  各单位要高度重视,抓好落实        中文里用全角逗号
反例  会议强调：“要抓好落实。          引号没有配对
反例  昆交规[2026]3号                  发文字号用六角括号〔2026〕
反例  百分之三十的线路、12%的车辆       同一段里百分数写法不一（N1）；二十五公里与 30km（N8）
反例  星期3、正月15、3千元、近200多人   定型词用汉字（N6），概数不叠用（N5）
正例  一、（一）1.（1）；《条例》《办法》；5%～10%；昆交规〔2026〕3号
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.finding import Finding, Severity
from checks.source import Source
from checks.text import units
from checks.text.blocks import Block

ID = "punctuation"
MARKS = "GB/T 15834—2011《标点符号用法》"
NUMBERS = "GB/T 15835—2011《出版物上数字用法》"
FORMAT = "GB/T 9704—2012《党政机关公文格式》"
HAN = "\u4e00-\u9fff"


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str  # P1–F1 of the office's tables
    hint: frozenset[str]  # one of these characters is in every paragraph that has it; empty: any may be
    wrong: re.Pattern[str]
    message: str
    severity: Severity
    clause: str
    mend: Callable[[re.Match[str]], str] | None = None  # when only one mend is right
    titles: bool = False  # only titles
    beside: re.Pattern[str] | None = None  # only in a paragraph that has this too


def _pattern(
    name: str, hint: str, wrong: str, message: str, severity: Severity, clause: str, mend: Callable[[re.Match[str]], str] | None = None, *, titles: bool = False, beside: str = ""
) -> Pattern:  # fmt: skip
    return Pattern(
        name,
        frozenset(hint),
        re.compile(wrong),
        message,
        severity,
        clause,
        mend,
        titles,
        re.compile(beside) if beside else None,
    )


_ABOUT = r"(?:将近|接近|大约|超过|近|约|超)"
_COUNT = r"(?:\d[\d.]*[十百千]?|[一二两三四五六七八九]?[十百千]+[一二三四五六七八九十百]*)[万亿]?"
_MEASURED = r"(?:公里|千米|万元|亿元|公顷|平方米|个百分点|万人次|万辆|万吨|吨|亩)"
_FULL_WIDTH = str.maketrans(",;:?!()", "，；：？！（）")
PATTERNS = (
    _pattern("P1", "、", r"(?:^|(?<=[\n。；：]))\d{1,2}、(?=\D)", "阿拉伯数字序号后用“.”，不用顿号", Severity.WARNING, f"{MARKS} 附录 B.3",
             lambda found: found[0].replace("、", ".")),
    _pattern("P2", "（(", rf"(?:^|(?<=\n))[（(][一二三四五六七八九十\d]{{1,3}}[）)][、.,，．](?=[{HAN}])", "带括号的序号后不加标点", Severity.WARNING, FORMAT,
             lambda found: found[0][:-1]),
    _pattern("P3", "、", r"(?<![^\s。；：，])(?:第[一二三四五六七八九十]{1,2}|首先|其次|再次|最后)、(?!第|其次|再次|最后)", "“第一”“首先”之后用逗号", Severity.WARNING, f"{MARKS} 附录 B.3",
             lambda found: found[0].replace("、", "，")),
    _pattern("P4", "、", r"(?<=》)、(?=《)|(?<=”)、(?=“)", "并列的书名号、引号之间不用顿号", Severity.INFO, f"{MARKS} 附录 A"),
    _pattern("P5", "….。", r"(?<!…)…(?!…)|\.{3,}(?!\w)|。{2,}|…{2}等|等(?:等)?…{1,2}", "省略号用六连点“……”，不与“等”连用", Severity.WARNING, MARKS),
    _pattern("P6", "-", r"(?<=\d)--(?=\d)", "数值范围用“—”或“～”，不用两个连字符", Severity.INFO, f"{MARKS} 4.13"),
    _pattern("P7", ",;?!:", rf"(?<=[{HAN}”》）])[,;?!](?![\w/])|(?<=[{HAN}”》）])[,;](?=[{HAN}“《（])|(?<=[{HAN}]):(?=[{HAN}“《])", "中文里用全角标点",
             Severity.WARNING, f"{MARKS} 5.1", lambda found: found[0].translate(_FULL_WIDTH)),
    _pattern("P9", "", r"([，。、；：])[，。、；：]+|[？！][，。、；：]|[，。、；：][？！]|[？！]{4,}", "标点不连用", Severity.ERROR, MARKS,
             lambda found: found[1] if found[1] and set(found[0]) == {found[1]} else ""),
    _pattern("P11", "附", r"(?<=[^。；，])[。；，、]$", "附件名称后不加标点", Severity.WARNING, f"{FORMAT} 7.3.4", beside=r"^附件(?:\d{0,2}[：:])[^。；，]{2,40}[。；，、]$"),
    _pattern("N1", "百", r"百分之(?!百)[一二三四五六七八九十百零点]+", "同一段里百分数有的用汉字、有的用阿拉伯数字，请统一（统计数用阿拉伯数字）", Severity.INFO, f"{NUMBERS} 4.1", beside=r"\d[%％]"),
    _pattern("N1", "公千万亿平个吨亩", rf"(?<!第)(?!两三|[一二三四五六七八][二三四五六七八九])[一二两三四五六七八九十百千]{{2,}}(?={_MEASURED})", "同一段里数量有的用汉字、有的用阿拉伯数字，请统一（计量用阿拉伯数字）", Severity.INFO, f"{NUMBERS} 4.1", beside=rf"\d{_MEASURED}"),
    _pattern("N1", "百千", r"(?<![\d.])[1-9]\d{0,2}[百千](?:多|余)?(?=[万亿]?[个人元名户辆家次件条册台套株棵])", "阿拉伯数字后不跟“百、千”，写出全数（3000 元）或全用汉字", Severity.INFO, f"{NUMBERS} 5.1"),
    _pattern("N1", "年", r"[二一][〇○零0-9一二三四五六七八九]{3}年(?=\d{1,2}月)|\d{4}年(?=[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?(?![度底初中]))", "年月日不混用汉字与阿拉伯数字", Severity.WARNING, f"{NUMBERS} 4.2"),
    _pattern("P10", "", r"[。：，；、]$", "标题末尾不用标点", Severity.INFO, FORMAT, lambda found: "", titles=True),
    _pattern("N2", "年", r"(?<![\d年~～—至-])(?:1\d|2[0-6])年(?=[前初上下]半年|[1-9]月|1[0-2]月|度)", "年份写四位数", Severity.INFO, f"{NUMBERS} 4.1"),
    _pattern("N3", "%％", r"(?<![\d.])\d+(?:\.\d+)?[~～—-](?=\d+(?:\.\d+)?[%％])", "百分比范围两头都写百分号，如 5%～10%", Severity.INFO, NUMBERS),
    _pattern("N4", "、几", r"(?<![\d.])\d、\d(?=[天个人次年月])|\d0几", "概数用汉字，如“三四天”“十几个”", Severity.INFO, f"{NUMBERS} 5.2"),
    _pattern("N5", "近约超左", rf"{_ABOUT}{_COUNT}(?:[多余]|[个人元名家户公里次项天辆座件吨亩米条万亿]{{0,2}}(?:左右|上下|以上))|(?<=[\d百千万亿倍个元人次年天])[多余](?:个|人|元|次|年|天|公里)?左右", "“近、约”与“左右、多、余”不叠用", Severity.INFO, "概数的写法"),
    _pattern("N5", "倍", r"(?:减少|下降|降低|缩短|缩小|跌)了?(?:到原来的)?(?:\d+(?:\.\d+)?|[一二两三四五六七八九十数几]+)倍", "“倍”只用于增加；减少写百分数或分数", Severity.WARNING, "《出版物上数字用法》；《现代汉语词典》“倍”条"),
    _pattern("N6", "星礼周", r"(?:星期|礼拜)[1-7](?!\d)|周[1-7](?=[至到—、，。；上下晚早）])", "星期几用汉字", Severity.INFO, f"{NUMBERS} 4.2"),
    _pattern("N6", "正腊冬农初", r"(?:正月|腊月|冬月|农历[一二三四五六七八九十]{1,2}月)(?:初?\d{1,2})|农历\d{1,2}月|(?<!年)初\d{1,2}(?=[日、，。至到）])", "夏历月日用汉字", Severity.INFO, f"{NUMBERS} 4.2"),
    _pattern("N6", "季", r"第[1-4]季度|(?<![\d第.])[1-4]季度", "季度用汉字，如“第三季度”", Severity.INFO, f"{NUMBERS} 4.2"),
    _pattern("N6", "二", r"(?<![\d一二三四五六七八九十百千零〇第])二(?=(?:个(?:人|小时|方面|部门|阶段|多)|辆|座|家|岸)(?!百))", "量词前用“两”", Severity.INFO, f"{NUMBERS} 4.2；《现代汉语八百词》“二、两”"),
    _pattern("N7", "：", r"(?<!\d)(?:[01]?\d|2[0-3])：[0-5]\d(?!\d)", "时刻用半角冒号，如 09:30", Severity.INFO, f"{NUMBERS} 4.2",
             lambda found: found[0].replace("：", ":")),
    _pattern("F1", "号", r"[\[【(（［]((?:19|20)\d{2})[\]】)）］](?=第?\d{1,4}号)", "发文字号的年份用六角括号〔〕", Severity.WARNING, FORMAT,
             lambda found: f"〔{found[1]}〕"),
    _pattern("F2", "〔", r"(?<!令)〔\d{4}〕(?:第0*|0+)(?=\d+号)", "发文字号的序号不加“第”、不编虚位", Severity.WARNING, f"{FORMAT} 7.2.5",
             lambda found: found[0][:6]),
    _pattern("F3", "月日", r"(?<=\d{4}年)0[1-9]月(?:0?\d{1,2}日)?|(?<=[\d年]\d月)0[1-9]日|(?<=年1[0-2]月)0[1-9]日", "月、日不编虚位，如 1月5日", Severity.INFO, f"{FORMAT} 7.3.5.4"),
    _pattern("F3", "日", r"\d{4}\.\d{1,2}\.\d{1,2}日", "日期写“年月日”，不与圆点混用", Severity.WARNING, f"{NUMBERS} 4.2"),
)  # fmt: skip
_ANY = re.compile(r"[,;:?!.…、，。；：？！\[【(（［〔\d”》-]|百分之|倍|二")
_CERTAIN = frozenset({"P1", "P2", "P7", "P9", "F1", "F2"})


def check_source(source: Source) -> Iterator[Finding]:
    for block in source.blocks:
        if block.scope == "meta" or not _ANY.search(block.text):
            continue
        chars = frozenset(block.text)
        for pattern in PATTERNS:
            if pattern.hint and pattern.hint.isdisjoint(chars):
                continue
            if not pattern.titles or block.scope == "title" or block.heading:
                yield from _found(block, pattern)
        if block.scope in ("body", "title"):
            yield from _unpaired(block)
    yield from _units(source)


def _found(block: Block, pattern: Pattern) -> Iterator[Finding]:
    if pattern.beside and not pattern.beside.search(block.text):
        return
    for found in pattern.wrong.finditer(block.text):
        if found.end() == found.start() or _in_address(block.text, found):
            continue
        mended = pattern.mend(found) if pattern.mend else ""
        certain = pattern.name in _CERTAIN and bool(mended)
        yield Finding(
            rule=ID,
            severity=pattern.severity,
            place=block.place(*found.span()),
            text=found[0],
            message=f"{pattern.message}（{pattern.name}）",
            suggestion=mended if certain else f"改为“{mended}”" if mended else "",
            clause=pattern.clause,
            fixable=certain,
        )


def _in_address(text: str, found: re.Match[str]) -> bool:
    """Inside a web address, a time or a number nothing is punctuation."""
    word = re.search(r"\S*$", text[: found.start()])
    return bool(word and re.search(r"(?:https?|ftp)://[\x21-\x7e]*$", word[0]))


def _units(source: Source) -> Iterator[Finding]:
    """N8. The units of a source: one way of writing through the whole of it."""
    blocks = [block for block in source.blocks if block.scope in ("body", "title", "attachment")]
    for slip in units.slips(block.text for block in blocks):
        block = blocks[slip.block]
        yield Finding(
            rule=ID,
            severity=Severity.INFO,
            place=block.place(slip.start, slip.end),
            text=block.text[slip.start : slip.end],
            message=f"{slip.problem}（N8）",
            suggestion=slip.right,
            clause="GB 3100—1993《国际单位制及其应用》；" + NUMBERS,
        )


_PAIRS = {
    "“": "”",
    "‘": "’",
    "《": "》",
    "〈": "〉",
    "（": "）",
    "【": "】",
    "〔": "〕",
    "「": "」",
    "『": "』",
}
_CLOSERS = {close: opener for opener, close in _PAIRS.items()}
_PAIRED = re.compile(f"[{''.join(_PAIRS)}{''.join(_CLOSERS)}]")


def _unpaired(block: Block) -> Iterator[Finding]:
    """P8. A quotation of several paragraphs opens in each of them and closes only in the last."""
    opened: list[tuple[str, int]] = []
    for found in _PAIRED.finditer(block.text):
        mark = found[0]
        if mark in _PAIRS:
            opened.append((mark, found.start()))
        elif opened and opened[-1][0] == _CLOSERS[mark]:
            opened.pop()
        elif mark not in "’）" or not re.search(r"(?:\w|^)$", block.text[: found.start()]):
            yield _lonely(block, found.start(), mark)
    for mark, at in opened:
        if not (mark == "“" and at == 0):
            yield _lonely(block, at, mark)


def _lonely(block: Block, at: int, mark: str) -> Finding:
    return Finding(
        rule=ID,
        severity=Severity.WARNING,
        place=block.place(at, at + 1),
        text=mark,
        message=f"“{mark}”没有配对（P8）",
        suggestion="补上另一半，或删去这一个",
        clause=MARKS,
    )
