"""Pages that open and are yet dead, pages that only speak of such things, and titles that hijackers write."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from checks import scope
from checks.links import online
from checks.links.answers import Answer, State
from checks.links.judging import judge

NOW = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
LONG = "正文" * 300
DEAD = [
    ("404", ""), ("404 Not Found", ""), ("404错误_某局", ""), ("HTTP 404 - 未找到文件", ""), ("页面不存在", ""),
    ("页面不存在-某市某局", ""), ("未找到页面 | 某市人民政府", ""), ("抱歉，您访问的页面不存在", ""),
    ("文章已被删除 - 某报", ""), ("提示", "抱歉，您访问的页面不存在"), ("错误提示", "您要查看的信息已删除。 返回首页"),
    ("出错了", "对不起，您访问的页面不存在！ 返回首页"), ("", "404 Not Found nginx"), ("该域名出售", ""),
    ("域名已过期", ""), ("网站已关闭", ""), ("某网站", "该网站已停止服务 。请联系"), ("Welcome to nginx!", ""),
    ("example.cn is for sale", "buy this domain"),
]  # fmt: skip
WELL = [
    ("关于政府信息不存在如何答复的通知", LONG), ("政府信息不存在如何答复？", "政府信息不存在如何答复？ 视频"),
    ("关于规范域名转让管理的通知", "关于规范域名转让管理的通知 附件"), ("公路404国道通车", "404国道通车"),
    ("关于网站关闭的公告", "关于网站关闭的公告 因机构改革，本局网站关闭。"),
    ("关于加强网站管理的通知", "对页面不存在等问题要及时整改。"), ("G404线施工公告", ""), ("通知", "正文"),
]  # fmt: skip
HIJACKED = [
    "澳门新葡京官方网站", "六合彩开奖结果", "真人百家乐_注册送彩金", "北京赛车pk10", "开云体育app下载", "bet365体育投注",
    "日本AV在线观看", "威尼斯人娱乐城", "JDB电子游戏官网-注册送88", "皇冠体育投注平台", "欧美激情视频一区二区", "冰毒出售",
]  # fmt: skip
HONEST = [
    "市公安局严厉打击跨境赌博犯罪", "远离毒品 珍爱生命——国际禁毒日宣传", "网络赌博的危害", "福利彩票管理条例",
    "体育彩票销售网点名录", "关于整治色情低俗信息的公告", "严打网络赌博：警方端掉百家乐窝点", "棋牌室消防安全检查",
    "反诈宣传：真人荷官、博彩平台都是骗局", "六合区人民政府", "国家禁毒委员会办公室", "澳门特别行政区政府",
]  # fmt: skip


def _judge(title: str, text: str, **more: Any) -> State:
    given = {"url": "https://www.example.gov.cn/zwgk/2019/1.html", "at": NOW, "status": 200} | more
    return judge(Answer(title=title, text=text, **given), lambda _: "")[0]


@pytest.mark.parametrize(("title", "text"), DEAD)
def test_a_page_that_says_it_is_gone_is_dead(title: str, text: str) -> None:
    assert _judge(title, text) is State.DEAD


@pytest.mark.parametrize(("title", "text"), WELL)
def test_a_page_that_speaks_of_such_things_is_well(title: str, text: str) -> None:
    assert _judge(title, text) is State.WELL


@pytest.mark.parametrize(
    ("asked", "final", "state"),
    [
        ("/zwgk/2019/1.html", "/", State.DEAD),
        ("/news?id=1", "/index.shtml", State.DEAD),
        ("/index.html", "/", State.WELL),
        ("/", "/index.jsp", State.WELL),
        ("/portal/", "/", State.UNCERTAIN),
        ("/zwgk/2019/1.html", "/zwgk/2019/01/1.html", State.WELL),
    ],
)
def test_an_article_that_leads_to_the_home_page_is_dead(asked: str, final: str, state: State) -> None:
    base = "https://www.example.gov.cn"

    assert _judge("首页", LONG, url=base + asked, final=base + final, chain=("302",)) is state


def test_hijackers_titles_are_known_from_those_of_their_hunters(config: Any) -> None:
    planted = online.planted_words(scope.surroundings(config, date(2026, 1, 10)))

    assert [title for title in HIJACKED if not planted(title)] == []
    assert [title for title in HONEST if planted(title)] == []
