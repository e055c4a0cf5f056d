"""Lists whose members, number and order are fixed (四个意识, 新发展理念, 社会主义核心价值观)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    members: tuple[str, ...]
    others: tuple[str, ...] = ()  # may stand in older texts in place of a member


SERIES = (
    Series("四个意识", ("政治意识", "大局意识", "核心意识", "看齐意识")),
    Series("四个自信", ("道路自信", "理论自信", "制度自信", "文化自信")),
    Series("五位一体", ("经济建设", "政治建设", "文化建设", "社会建设", "生态文明建设")),
    Series("四个全面", ("全面建设社会主义现代化国家", "全面深化改革", "全面依法治国", "全面从严治党"), ("全面建成小康社会",)),
    Series("指导思想", ("马克思列宁主义", "毛泽东思想", "邓小平理论", "“三个代表”重要思想", "科学发展观", "习近平新时代中国特色社会主义思想")),
    Series("社会主义核心价值观", ("富强", "民主", "文明", "和谐", "自由", "平等", "公正", "法治", "爱国", "敬业", "诚信", "友善")),
    Series("政治三力", ("政治判断力", "政治领悟力", "政治执行力")),
    Series("党的自我革命能力", ("自我净化", "自我完善", "自我革新", "自我提高")),
    Series("法治原则", ("科学立法", "严格执法", "公正司法", "全民守法")),
    Series("四风", ("形式主义", "官僚主义", "享乐主义", "奢靡之风")),
)  # fmt: skip
# Members that are common words only count beside one another, and only under the series' own name.
_NAMED = (
    Series("新发展理念", ("创新", "协调", "绿色", "开放", "共享")),
    Series("社会主义核心价值观", SERIES[5].members),
)
_BETWEEN = r"[、，,和与及]{1,2}(?:坚持|牢固树立|增强|坚定)?"


@dataclass(frozen=True, slots=True)
class Slip:
    name: str
    start: int
    end: int
    problem: str
    right: str


def slips(text: str) -> Iterator[Slip]:
    """Lists that are out of order, doubled or, under their own name, incomplete."""
    if "、" not in text and "，" not in text:
        return
    for series in SERIES:
        if sum(member in text for member in series.members) >= 2:
            for found in _list(series).finditer(text):
                yield from _judged(series, found, complete=_is_named(text, series.name, found))
    for series in _NAMED[:1]:
        if series.name in text:
            for found in _list(series).finditer(text):
                if found[0].count("、") >= 3:
                    yield from _judged(series, found, complete=True)


def _judged(series: Series, found: re.Match[str], *, complete: bool) -> Iterator[Slip]:
    told = re.findall(_member(series), found[0])
    places = [series.members.index(one) if one in series.members else -1 for one in told]
    if len(told) < 3 and not complete:
        return
    known = [place for place in places if place >= 0]
    right = "、".join(series.members)
    if len(set(told)) < len(told):
        yield Slip(series.name, *found.span(), "有一项写了两次", right)
    elif known != sorted(known):
        yield Slip(series.name, *found.span(), "次序不对", right)
    elif complete and len(told) < len(series.members):
        missing = [member for member in series.members if member not in told]
        if len(missing) <= 2 and not any(one in series.others for one in told):
            yield Slip(series.name, *found.span(), f"缺少“{'、'.join(missing)}”", right)


def _is_named(text: str, name: str, found: re.Match[str]) -> bool:
    around = text[max(0, found.start() - 14) : found.start()] + "…" + text[found.end() : found.end() + 14]
    return name in around


@cache
def _member(series: Series) -> str:
    return "|".join(sorted(map(re.escape, (*series.members, *series.others)), key=len, reverse=True))


@cache
def _list(series: Series) -> re.Pattern[str]:
    return re.compile(f"(?:{_member(series)})(?:{_BETWEEN}(?:{_member(series)}))+")
