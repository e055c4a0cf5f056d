"""Lists whose members, number and order are fixed (四个意识, 新发展理念, 社会主义核心价值观).

Members and order: 《中国共产党章程》, the reports to the 18th–20th Party congresses, the documents that name a list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    members: tuple[str, ...]
    others: tuple[str, ...] = ()  # may stand in older texts in place of a member
    least: int = 3  # fewer members side by side are no list of this series


SERIES = (
    Series("四个意识", ("政治意识", "大局意识", "核心意识", "看齐意识")),
    Series("四个自信", ("道路自信", "理论自信", "制度自信", "文化自信")),
    Series("五位一体", ("经济建设", "政治建设", "文化建设", "社会建设", "生态文明建设")),
    Series("四个全面", ("全面建设社会主义现代化国家", "全面深化改革", "全面依法治国", "全面从严治党"), ("全面建成小康社会",)),
    Series("指导思想", ("马克思列宁主义", "毛泽东思想", "邓小平理论", "“三个代表”重要思想", "科学发展观", "习近平新时代中国特色社会主义思想")),
    Series("社会主义核心价值观", ("富强", "民主", "文明", "和谐", "自由", "平等", "公正", "法治", "爱国", "敬业", "诚信", "友善"), least=4),
    Series("政治三力", ("政治判断力", "政治领悟力", "政治执行力")),
    Series("党的自我革命能力", ("自我净化", "自我完善", "自我革新", "自我提高")),
    Series("法治原则", ("科学立法", "严格执法", "公正司法", "全民守法")),
    Series("四风", ("形式主义", "官僚主义", "享乐主义", "奢靡之风")),
    Series("六项纪律", ("政治纪律", "组织纪律", "廉洁纪律", "群众纪律", "工作纪律", "生活纪律")),
    Series("党的建设", ("政治建设", "思想建设", "组织建设", "作风建设", "纪律建设")),
    Series("中国式现代化", ("人口规模巨大的现代化", "全体人民共同富裕的现代化", "物质文明和精神文明相协调的现代化", "人与自然和谐共生的现代化", "走和平发展道路的现代化")),
    Series("四个伟大", ("伟大斗争", "伟大工程", "伟大事业", "伟大梦想")),
    Series("四史", ("党史", "新中国史", "改革开放史", "社会主义发展史")),
    Series("六稳", ("稳就业", "稳金融", "稳外贸", "稳外资", "稳投资", "稳预期")),
    Series("六保", ("保居民就业", "保基本民生", "保市场主体", "保粮食能源安全", "保产业链供应链稳定", "保基层运转")),
    Series("三严三实", ("严以修身", "严以用权", "严以律己", "谋事要实", "创业要实", "做人要实")),
    Series("两学一做", ("学党章党规", "学系列讲话", "做合格党员")),
    Series("六个必须坚持", ("必须坚持人民至上", "必须坚持自信自立", "必须坚持守正创新", "必须坚持问题导向", "必须坚持系统观念", "必须坚持胸怀天下")),
    Series("六个必须坚持", ("坚持人民至上", "坚持自信自立", "坚持守正创新", "坚持问题导向", "坚持系统观念", "坚持胸怀天下")),
    Series("三新一高", ("新发展阶段", "新发展理念", "新发展格局", "高质量发展")),
    Series("三去一降一补", ("去产能", "去库存", "去杠杆", "降成本", "补短板")),
    Series("三个务必", ("务必不忘初心、牢记使命", "务必谦虚谨慎、艰苦奋斗", "务必敢于斗争、善于斗争")),
    Series("全过程人民民主", ("民主选举", "民主协商", "民主决策", "民主管理", "民主监督")),
    Series("四个面向", ("面向世界科技前沿", "面向经济主战场", "面向国家重大需求", "面向人民生命健康")),
    Series("三不腐", ("不敢腐", "不能腐", "不想腐")),
    Series("三大攻坚战", ("防范化解重大风险", "精准脱贫", "污染防治")),
    Series("四下基层", ("宣传党的路线方针政策下基层", "调查研究下基层", "信访接待下基层", "现场办公下基层")),
    Series("三管三必须", ("管行业必须管安全", "管业务必须管安全", "管生产经营必须管安全")),
    Series("四不两直", ("不发通知", "不打招呼", "不听汇报", "不用陪同接待", "直奔基层", "直插现场")),
    Series("三个离不开", ("汉族离不开少数民族", "少数民族离不开汉族", "各少数民族之间也相互离不开")),
)  # fmt: skip
# Members that are common words only count beside one another, and only under the series' own name.
_NAMED = (
    Series("新发展理念", ("创新", "协调", "绿色", "开放", "共享")),
    Series("五个认同", ("伟大祖国", "中华民族", "中华文化", "中国共产党", "中国特色社会主义")),
    Series("四好农村路", ("建好", "管好", "护好", "运好"), ("运营好",)),
    Series("三会一课", ("党员大会", "支部委员会", "党小组会", "党课")),
)
_BETWEEN = (
    r"[、，,；和与及]{1,2}(?:坚持|全面贯彻|牢固树立|增强|坚定|立足|贯彻|构建|推动|推进|实现|做到|把握)?"
)


def _shared(series: Series) -> str:
    """The longest text that all members have in common (意识)."""
    first = min(series.members, key=len)
    pieces = (first[at:to] for at in range(len(first)) for to in range(at + 1, len(first) + 1))
    return max(
        (one for one in pieces if all(one in member for member in series.members)), key=len, default=""
    )


# most texts have not even what all members share, and that is asked first
_GATED = tuple((_shared(series), series) for series in SERIES)


# What a set phrase counts, and how many there are. A number in brackets was right in older texts or elsewhere.
_COUNTS = {
    "个意识": "四（三）", "个自信": "四（三）", "个维护": "两", "个确立": "两", "个全面": "四", "位一体总体布局": "五（四）",
    "位一体”总体布局": "五（四）", "个伟大": "四", "个认同": "五", "个离不开": "三", "个务必": "三（两）", "个毫不动摇": "两",
    "个一百年": "两", "个代表”重要思想": "三", "个代表重要思想": "三", "项基本原则": "四（五六八）", "个服从": "四", "严三实": "三", "学一做": "两",
    "会一课": "三", "重一大": "三", "去一降一补": "三", "下基层": "四（三）", "管三必须": "三", "不两直": "四",
    "个面向": "四（三）", "个结合": "两（三四五）", "大发展理念": "五（新）",
}  # fmt: skip
_NUMERALS = "一二两三四五六七八九十"
_COUNTED = re.compile(f"(?<![{_NUMERALS}第百])(?P<number>[{_NUMERALS}])(?P<what>{'|'.join(_COUNTS)})")
_NEAR = 24  # characters around in which another set phrase shows what is meant
_COMPANY = re.compile(
    r"[两三四五六八九]个(?:意识|自信|维护|确立|全面)|位一体|总体布局|重要思想|党的建设|主题教育|从严治党"
)


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
    for shared, series in _GATED:
        if shared and text.count(shared) < 2:
            continue
        if sum(member in text for member in series.members) >= 2:
            for found in _list(series).finditer(text):
                yield from _judged(series, found, complete=_is_named(text, series.name, found))
    for series in _NAMED:
        if series.name in text:
            for found in _list(series).finditer(text):
                if found[0].count("、") >= min(3, len(series.members) - 2):
                    yield from _judged(series, found, complete=True)


def miscounts(text: str) -> Iterator[Slip]:
    """Set phrases with a wrong number (“五个自信”): in quotation marks, or beside another set phrase."""
    for found in _COUNTED.finditer(text):
        right, _, others = _COUNTS[found["what"]].rstrip("）").partition("（")
        if found["number"] in right + others:
            continue
        start, end = found.span()
        is_quoted = text[start - 1 : start] == "“" and text[end : end + 1] == "”"
        others_near = f"{text[max(0, start - _NEAR) : start]}…{found['what']}{text[end : end + _NEAR]}"
        if is_quoted or _COMPANY.search(others_near):
            yield Slip(f"{right}{found['what']}", start, end, "的数目不对", f"{right}{found['what']}")


def _judged(series: Series, found: re.Match[str], *, complete: bool) -> Iterator[Slip]:
    told = re.findall(_member(series), found[0])
    places = [series.members.index(one) if one in series.members else -1 for one in told]
    if len(told) < series.least and not complete:
        return
    known = [place for place in places if place >= 0]
    right = "、".join(series.members)
    if len(set(told)) < len(told):
        yield Slip(series.name, *found.span(), "有一项写了两次", right)
    elif known != sorted(known):
        yield Slip(series.name, *found.span(), "次序不对", right)
    elif complete and len(told) < len(series.members):
        missing = [member for member in series.members if member not in told]
        if len(missing) <= max(1, len(series.members) // 3) and not any(one in series.others for one in told):
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
