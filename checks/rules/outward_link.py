"""站外链接必须打得开，落地页不能是被劫持的内容。

用 portal check --online 或每月的监测去访问站外地址：先 HEAD 后 GET，每个网站同时只问两个，答得好的一周内不再问。
相隔一小时以上的两次都打不开才算死链；要登录、防爬虫、限流的算“不确定”，不报；落地页标题是赌博、色情
一类内容的，是疑似单项否决。

反例  [办法](https://www.example.gov.cn/old.html)      两次访问都是 404
反例  落地页变成了“域名出售”或跳到首页
正例  [登录](https://zwfw.example.gov.cn/)             返回 403，对方拒绝自动访问，不算死链
"""

from collections.abc import Iterator

from checks.finding import Finding, Severity
from checks.links.answers import State
from checks.links.register import Asked
from checks.links.resolver import Broken, Reason, Verdict
from checks.references import ASSET, FORM, FRAME, NAVIGATE, SCRIPT, STYLE
from checks.rules import _broken_links
from checks.site_view import Site

ID = "outward-link"
CLAUSE = "2019 检查指标 D22、V1.3；2015 普查 C2"
NEEDS_ANSWERS = True
KINDS = NAVIGATE + ASSET + SCRIPT + STYLE + FRAME + FORM


def check_site(site: Site) -> Iterator[Finding]:
    bad: list[Broken] = []
    hijacked: list[Broken] = []
    for link in site.outward(KINDS):
        answer = site.answers.get(link.url.partition("#")[0])
        verdict = _verdict(answer, site.around.config.links.agree_hours)
        if answer and verdict:
            found = hijacked if answer.state is State.HIJACKED else bad
            found += (Broken(file, link.reference, verdict) for file in link.files)
    advice = "换成有效的地址；没有了的，用 portal fix --rules outward-link 改成纯文字并记入台账"
    yield from _broken_links.of(site, ID, advice, bad)
    yield from _broken_links.of(site, ID, "立即删去这个链接", hijacked, Severity.VETO)


def _verdict(answer: Asked | None, hours: float) -> Verdict | None:
    if answer is None:
        return None
    if answer.state is State.HIJACKED:
        return Verdict(Reason.HIJACKED, answer.url, problem=answer.reason)
    if answer.is_dead(hours):
        return Verdict(Reason.OUTWARD, answer.url, problem=answer.reason)
    return None
