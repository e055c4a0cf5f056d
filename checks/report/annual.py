"""《政府网站工作年度报表》 (国办函〔2018〕12号): prefilled from the site and the mailbox, the rest by hand.

What people fill in stands in `content/quality/annual-<year>.toml`, one key a line; a key that is not
there is printed as 待填, so that nobody mistakes a prefilled table for a finished one.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bureau.config import SiteConfig
from bureau.errors import ConfigError
from checks.built_site import ChannelRow, Page
from checks.monitor.evidence import Article
from checks.report.document import Block, Column, Document, Heading, Paragraph, Table

TO_FILL = "待填"
FOLDER = Path("content/quality")
NEWS, DISCLOSURE = (
    ("news",),
    ("notice", "policy", "plan", "personnel", "budget", "enforcement", "safety", "proposal", "project"),
)
OVERVIEW_TYPES = ("概况信息", "机构职能", "负责人信息")

# What only people know: key -> (part of the table, label).
BY_HAND: Mapping[str, tuple[str, str]] = {
    "visitors": ("访问量", "独立用户访问总量（个）"),
    "visits": ("访问量", "网站总访问量（次）"),
    "hot_topics_answered": ("解读回应", "回应公众关注热点或重大舆情数量（次）"),
    "media_comments": ("解读回应", "媒体评论文章（篇）"),
    "service_catalogue": ("办事服务", "是否发布服务事项目录"),
    "registered_users": ("办事服务", "注册用户数（个）"),
    "online_services": ("办事服务", "可全程在线办理政务服务事项数（项）"),
    "cases": ("办事服务", "办件量总数（件）"),
    "cases_persons": ("办事服务", "其中：自然人办件量（件）"),
    "cases_bodies": ("办事服务", "其中：法人办件量（件）"),
    "uniform_platform": ("互动交流", "是否使用统一平台"),
    "survey_opinions": ("互动交流", "征集调查：收到意见数量（条）"),
    "interview_questions": ("互动交流", "在线访谈：网民留言数量（条）"),
    "interview_answers": ("互动交流", "在线访谈：答复网民提问数量（条）"),
    "smart_answers": ("互动交流", "是否提供智能问答"),
    "security_checks": ("安全防护", "安全检测评估次数（次）"),
    "security_problems": ("安全防护", "发现问题数量（个）"),
    "security_mended": ("安全防护", "问题整改数量（个）"),
    "security_alarm": ("安全防护", "是否建立安全监测预警机制"),
    "security_drill": ("安全防护", "是否开展应急演练"),
    "security_person": ("安全防护", "是否明确网站安全责任人"),
    "new_media": ("移动新媒体", "移动新媒体名称、信息发布量、关注量"),
    "innovation": ("创新发展", "创新发展（搜索即服务、多语言、无障碍浏览、千人千网、其他）"),
    "head": ("签署", "单位负责人"),
    "reviewer": ("签署", "审核人"),
    "filled_by": ("签署", "填报人"),
    "phone": ("签署", "联系电话"),
    "filled_on": ("签署", "填报日期"),
}
PARTS = ("基本信息", "访问量", "信息发布", "专栏专题", "解读回应", "办事服务", "互动交流", "安全防护", "移动新媒体", "创新发展", "签署")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    part: str
    label: str
    value: str
    by_hand: bool = False


def read_by_hand(path: Path) -> dict[str, str]:
    """Raises ConfigError for a key that the table does not have."""
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"年度报表的手填项读不了：{error}") from error
    if unknown := sorted(raw.keys() - BY_HAND.keys()):
        raise ConfigError(path, f"有不认识的键 {unknown[0]}，可用：{'、'.join(BY_HAND)}")
    return {
        key: "是" if value is True else "否" if value is False else str(value) for key, value in raw.items()
    }


def entries(
    year: int,
    config: SiteConfig,
    channels: Iterable[ChannelRow],
    pages: Iterable[Page],
    articles: Iterable[Article],
    mailbox: Mapping[str, Any] | None,
    by_hand: Mapping[str, str],
) -> list[Entry]:
    """Every field of the table, in its order."""
    channels = list(channels)
    of_year = [row for row in articles if row.published.year == year]
    rows = [*_basic(year, config), *_published(year, channels, pages), *_topics(channels, of_year)]
    rows += [
        *_interpretations(channels, of_year),
        *_services(channels, articles),
        *_interaction(channels, of_year),
    ]
    rows += _letters(year, mailbox)
    rows += [Entry(part, label, by_hand.get(key, TO_FILL), True) for key, (part, label) in BY_HAND.items()]
    return sorted(rows, key=lambda row: PARTS.index(row.part))


def _basic(year: int, config: SiteConfig) -> list[Entry]:
    identity = config.identity
    values = {
        "填报单位": identity.organizer, "年度": f"{year}年度", "网站名称": identity.name,
        "首页网址": f"{identity.base_url}/", "主办单位": identity.organizer, "网站类型": "部门网站",
        "政府网站标识码": identity.id_code, "ICP备案号": identity.icp, "公安机关备案号": identity.police_record,
    }  # fmt: skip
    return [Entry("基本信息", label, value) for label, value in values.items()]


def _published(year: int, channels: list[ChannelRow], pages: Iterable[Page]) -> list[Entry]:
    kinds = {row.path: row.kind for row in channels}
    types = {row.path: row.type for row in channels}
    counts: Counter[str] = Counter()
    for page in pages:
        if page.kind == "article" and page.published.startswith(f"{year}-"):
            counts["总数"] += 1
            counts["概况"] += types.get(page.channel) in OVERVIEW_TYPES
            counts["动态"] += kinds.get(page.channel) in NEWS
            counts["目录"] += kinds.get(page.channel) in DISCLOSURE
    labels = {
        "总数": "信息发布总数（条）", "概况": "概况类信息更新量（条）", "动态": "政务动态信息更新量（条）",
        "目录": "信息公开目录信息更新量（条）",
    }  # fmt: skip
    return [Entry("信息发布", label, str(counts[key])) for key, label in labels.items()]


def _topics(channels: list[ChannelRow], of_year: list[Article]) -> list[Entry]:
    topics = [row for row in channels if row.kind == "topic" and row.level > 1]
    kept = [row for row in topics if not row.archived]
    moved = {row.channel for row in of_year}
    return [
        Entry("专栏专题", "维护数量（个）", str(len(kept))),
        Entry("专栏专题", "本年有更新的专题（个）", str(sum(row.path in moved for row in topics))),
    ]


def _interpretations(channels: list[ChannelRow], of_year: list[Article]) -> list[Entry]:
    paths = {row.path for row in channels if row.kind == "interpretation"}
    rows = [row for row in of_year if row.channel in paths]
    plain = [row for row in rows if row.head.get("form", "文字") == "文字"]
    return [
        Entry("解读回应", "解读信息发布总数（条）", str(len(rows))),
        Entry("解读回应", "其中：解读材料数量（条）", str(len(plain))),
        Entry("解读回应", "其中：解读产品数量（个）", str(len(rows) - len(plain))),
    ]


def _services(channels: list[ChannelRow], articles: Iterable[Article]) -> list[Entry]:
    paths = {row.path for row in channels if row.kind == "service"}
    count = sum(row.channel in paths and bool(row.service) for row in articles)
    return [Entry("办事服务", "政务服务事项数（项）", str(count))]


def _interaction(channels: list[ChannelRow], of_year: list[Article]) -> list[Entry]:
    kinds = {row.path: row.kind for row in channels}
    asked = [row for row in of_year if kinds.get(row.channel) == "consultation" and row.head.get("closes")]
    talks = [row for row in of_year if kinds.get(row.channel) == "interview"]
    return [
        Entry("互动交流", "征集调查：期数（期）", str(len(asked))),
        Entry(
            "互动交流",
            "征集调查：公布结果期数（期）",
            str(sum(bool(row.head.get("result")) for row in asked)),
        ),
        Entry("互动交流", "在线访谈：期数（期）", str(len(talks))),
    ]


def _letters(year: int, mailbox: Mapping[str, Any] | None) -> list[Entry]:
    labels = {
        "received": "留言：收到数量（条）", "answered": "留言：办结数量（条）", "published": "留言：公开答复数量（条）",
    }  # fmt: skip
    months = None if mailbox is None else mailbox.get("months")
    if months is None:
        return [
            Entry("互动交流", label, "信箱统计没有读到")
            for label in (*labels.values(), "留言：平均办理时间（天）")
        ]
    rows = [figures for month, figures in months.items() if month.startswith(f"{year}-")]
    found = [
        Entry("互动交流", label, str(sum(row.get(key) or 0 for row in rows))) for key, label in labels.items()
    ]
    done = sum(row.get("answered") or 0 for row in rows)
    days = sum((row.get("mean_natural_days") or 0) * (row.get("answered") or 0) for row in rows)
    mean = f"{days / done:.1f}" if done else "—"
    return [*found, Entry("互动交流", "留言：平均办理时间（天）", mean)]


def compose(year: int, rows: list[Entry], config: SiteConfig, dated: date) -> Document:
    blocks: list[Block] = []
    for part in PARTS:
        mine = [row for row in rows if row.part == part]
        if mine:
            blocks.append(Heading(1, part))
            blocks.append(
                Table(
                    part,
                    (Column("项目", 5), Column("内容", 4)),
                    tuple((row.label, row.value) for row in mine),
                )
            )
    left = [row.label for row in rows if row.value == TO_FILL]
    if left:
        blocks.append(
            Paragraph(f"还有 {len(left)} 项待填：写进 {FOLDER}/annual-{year}.toml 后重新生成。", "note")
        )
    return Document(
        title=f"政府网站工作年度报表（{year}年度）",
        issuer=config.identity.organizer,
        recipient="社会公众",
        dated=dated,
        blocks=tuple(blocks),
    )
