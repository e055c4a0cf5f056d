# ruff: noqa: SIM905 - lists of words read better as text
"""Articles for measuring: made up, the same for every tool, different at every number.

Each article has 200 to 1,500 characters of Chinese prose in paragraphs, with headings, emphasis, links, tables,
lists and pictures in the shares in which a bureau's portal has them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

SEED = 20261122
PICTURES, DOCUMENTS = 20, 40  # files that articles speak of, by number
COLUMNS = {
    "xwdt": ("新闻动态", {"zwyw": "政务要闻", "bmdt": "部门动态", "xzdt": "乡镇动态", "tzgg": "通知公告"}),
    "zwgk": ("政务公开", {"zcwj": "政策文件", "zcjd": "政策解读", "rsxx": "人事信息", "czxx": "财政信息"}),
    "zwfw": ("政务服务", {"bszn": "办事指南", "bmfw": "便民服务", "xzxk": "行政许可", "jgcx": "结果查询"}),
    "hdjl": ("互动交流", {"zxft": "在线访谈", "mydc": "民意调查", "xfhf": "信访回复", "ywzs": "要闻直播"}),
    "zdly": ("重点领域", {"aqsc": "安全生产", "hjbh": "环境保护", "sbjy": "社保就业", "ylws": "医疗卫生"}),
    "ghjh": ("规划计划", {"fzgh": "发展规划", "ndjh": "年度计划", "zxgh": "专项规划", "gzzj": "工作总结"}),
    "tjsj": ("统计数据", {"tjgb": "统计公报", "jdsj": "季度数据", "tjfx": "统计分析", "tjnj": "统计年鉴"}),
    "zfcg": ("政府采购", {"cggg": "采购公告", "zbgg": "中标公告", "htgs": "合同公示", "gzgg": "更正公告"}),
    "xxgk": ("信息公开", {"gkzn": "公开指南", "gkzd": "公开制度", "gknb": "公开年报", "ysqgk": "依申请公开"}),
    "zjbd": ("走进本地", {"lswh": "历史文化", "lyzx": "旅游资讯", "tzhj": "投资环境", "xzqh": "行政区划"}),
}
_WHO = "市交通运输局 各县区 有关单位 客运企业 养护单位 公交公司 建设单位 执法支队 行业协会 施工班组".split()
_HOW = "认真贯彻 统筹推进 持续深化 扎实做好 切实加强 全面提升 严格规范 加快完善 稳步实施 着力破解".split()
_WHAT = (
    "农村公路养护 线路优化调整 安全隐患排查 出租汽车管理 客运站场建设 节假日运输保障 超限超载治理 信用考核评价 "
    "水上交通监管 新能源车推广 驾驶员培训 桥梁隧道检测 轨道交通衔接 政务服务改革 防汛抢险演练 绿色出行宣传"
).split()
_SO = "取得阶段性成效 工作机制更加健全 群众满意度提高 办理时限压缩 整改按期销号 短板加快补齐 责任层层压实".split()
_WHEN = "今年以来， 会议指出， 据介绍， 截至目前， 下一步， 与此同时， 按照年度安排， 对照任务清单，".split()
_WHERE = "青云 临江 白石 永安 南湖 西城 东山 北塘 长桥 龙泉 双溪 平湖 石门 新安 松林 河口 金沙 古城".split()
_FORM = "实施方案 工作要点 管理办法 专题会议 培训班 督查检查 公告 通知 指导意见 现场推进会 年度报告".split()
_HEADS = "总体要求 主要目标 重点任务 保障措施 组织领导 进度安排 监督考核 适用范围 办理流程 申请条件".split()
_SOURCES = "本站原创 市融媒体中心 部门供稿 县区供稿 市政府办公室".split()


@dataclass(frozen=True, slots=True)
class Article:
    column: str
    sub: str
    id: str
    date: datetime
    title: str
    source: str
    summary: str
    body: str

    @property
    def path(self) -> str:
        return f"{self.column}/{self.sub}"


def articles(count: int, seed: int = SEED) -> Iterator[Article]:
    """From the oldest to the newest, over fourteen years; news and disclosure get the most."""
    chance = random.Random(seed)
    start = datetime.fromisoformat("2012-01-03 08:00")
    step = (datetime.fromisoformat("2026-10-30") - start) / count
    subs = [(column, sub) for column, (_, children) in COLUMNS.items() for sub in children]
    weights = [8 if column in ("xwdt", "zwgk") else 2 for column, _ in subs]
    for number, (column, sub) in enumerate(chance.choices(subs, weights, k=count)):
        date = start + number * step + timedelta(minutes=chance.randrange(10))
        title = _title(chance, date)
        body = _body(chance)
        yield Article(
            column, sub, f"{date:%Y%m%d}-{number:06d}", date.replace(second=0, microsecond=0), title,
            chance.choice(_SOURCES), f"{title}。{body[:40].split('*')[0].split('[')[0]}".replace("\n", ""), body,
        )  # fmt: skip


def _title(chance: random.Random, date: datetime) -> str:
    place, what, form = chance.choice(_WHERE), chance.choice(_WHAT), chance.choice(_FORM)
    return chance.choice(
        (
            f"{place}{chance.choice(_HOW)}{what}{chance.choice(_SO)}",
            f"关于{what}的{form}（{date.year}年第{chance.randrange(1, 99)}号）",
            f"{date.year}年{place}{what}情况{form}",
        )
    )


def _sentence(chance: random.Random) -> str:
    pick = chance.choice
    what = pick(_WHAT)
    return pick(
        (
            f"{pick(_WHEN)}{pick(_WHO)}{pick(_HOW)}{what}，{pick(_SO)}。",
            f"{pick(_WHERE)}{pick(_HOW)}{what}，完成投资{chance.randrange(1, 400)}.{chance.randrange(10)}亿元，{pick(_SO)}。",
            f"共受理各类事项{chance.randrange(100, 9999)}件，涉及{what}、{pick(_WHAT)}等方面，{pick(_SO)}。",
            f"{pick(_WHEN)}**{what}**{pick(_SO)}，{pick(_WHO)}要{pick(_HOW)}{pick(_WHAT)}。",
        )
    )


def _paragraph(chance: random.Random, size: int) -> str:
    text = ""
    while len(text) < size:
        text += _sentence(chance)
    return text


def _body(chance: random.Random) -> str:
    target = int(chance.triangular(200, 1500, 500))
    blocks = [_paragraph(chance, 80)]
    written = len(blocks[0])
    while written < target:
        kind = chance.random()
        if kind < 0.15:
            blocks.append(f"## {chance.choice(_HEADS)}")
        elif kind < 0.22:
            blocks.append(_table(chance))
        elif kind < 0.30:
            blocks.append("\n".join(f"{n}. {_sentence(chance)}" for n in range(1, chance.randrange(3, 6))))
        elif kind < 0.36:
            blocks.append(f"![现场图片](/images/p{chance.randrange(PICTURES):02d}.jpg)")
        elif kind < 0.44:
            blocks.append(
                f"详见[{chance.choice(_WHAT)}{chance.choice(_FORM)}](/files/d{chance.randrange(DOCUMENTS):02d}.pdf)。"
            )
        else:
            blocks.append(_paragraph(chance, chance.randrange(80, 260)))
        written += len(blocks[-1])
    return "\n\n".join(blocks) + "\n"


def _table(chance: random.Random) -> str:
    rows = ["| 序号 | 单位 | 事项 | 数量 |", "|---|---|---|---:|"]
    rows += [
        f"| {n} | {chance.choice(_WHO)} | {chance.choice(_WHAT)} | {chance.randrange(1, 5000)} |"
        for n in range(1, chance.randrange(4, 12))
    ]
    return "\n".join(rows)
