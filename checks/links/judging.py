"""What an answer means. Dead is said only where it is certain; everything that may be a guard is not."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from checks.links.answers import Answer, Failure, State

# 401, 403, 407: a login or a ban on robots; 412, 521: Chinese web firewalls; 429: we asked too often.
_GUARDED = frozenset(
    [400, 401, 402, 403, 405, 406, 407, 408, 409, 412, 418, 421, 423, 425, 426, 429, 451, 501, 567, 999]
)
_FEW = 300  # characters of a page that says little
_WALL = re.compile(
    r"just a moment|attention required|access denied|安全验证|人机验证|访问验证|请完成验证|验证码|正在进行安全检查"
    r"|captcha|robot check|web应用防火墙|请求存在风险|创宇盾|网站防火墙",
    re.I,
)
_THING = r"(?:页面|网页|文章|内容|信息|稿件|文件|栏目|资源)"
_SORRY = r"(?:抱歉|对不起|很遗憾|提示|错误)?[，,：:！!\s]*(?:您|你)?(?:要|所|想)?(?:访问|查看|请求|寻找|找|浏览)?的?(?:当前|该|此)?"
_NOT_FOUND = (
    rf"{_SORRY}{_THING}(?:可能)?(?:已经|已|被|暂时)*(?:不存在|找不到|未找到|无法找到|删除|下线|走丢|丢失)了?"
    rf"|(?:找不到|未找到|没有找到)(?:您|你)?(?:要|所|想)?(?:访问|查看|请求|找)?的?{_THING}"
    r"|(?:http\s*)?(?:错误|error|status)?\s*404\b.{0,40}|404\s*(?:错误|页面|not found)|(?:page|file)? ?not found"
)
_PARKED = (
    r"(?:此|该|本|您访问的)?(?:网站|站点)(?:已经|已|被|暂时)*(?:关闭|停用|停止服务|到期|过期|暂停|不存在)(?:服务|访问)?"
    r"|(?:此|该|本|您访问的)?域名(?:正在|已经|已|可|未)*(?:出售|转让|停放|过期|到期|绑定|抢注|备案)中?"
    r"|恭喜[，,！!]?\s*站点创建成功|没有找到站点|welcome to nginx|.*(?:buy this domain|domain (?:name )?(?:is )?(?:for sale|parked|expired)).*"
)
_SEGMENTS = re.compile(r"\s*[-_|–—·。！!]+\s*")  # a title is what the page is, then whose
_HOME = re.compile(r"/*(?:(?:index|default|home|main)(?:\.\w+)?)?/?", re.I)
_ENTRY = re.compile(r"/[A-Za-z]+/?")  # /portal, /cn/: perhaps the home page's other name
_FAILURES = {
    Failure.DNS: "域名解析不了",
    Failure.CONNECTION: "连接不上",
    Failure.TIMEOUT: "超时",
    Failure.LOOP: "跳转没有尽头",
    Failure.BROKEN: "回答不完整",
    Failure.ADDRESS: "跳转到不是网址的地方",
}

_CERTIFICATES = {  # what OpenSSL says of a certificate that no browser takes
    "expired": "已过期",
    "not yet valid": "尚未生效",
    "hostname mismatch": "与域名不符",
    "ip address mismatch": "与域名不符",
    "self-signed": "自签名",
    "wrong version number": "对方没有加密",
}


def judge(answer: Answer, planted: Callable[[str], str]) -> tuple[State, str]:
    """State and reason. `planted` names the kind of planted words in a title, or says nothing."""
    if answer.failure is Failure.PRIVATE:
        return State.NOT_ASKED, f"指向内部网络 {answer.detail}，没有访问"
    if answer.failure is Failure.TLS:
        return _certificate(answer.detail)
    if answer.failure:
        return State.DEAD, _FAILURES[answer.failure]
    if 200 <= answer.status < 300 and (kind := planted(answer.title)):
        return State.HIJACKED, f"落地页标题{kind}：{answer.title}"
    if answer.status in _GUARDED or 520 <= answer.status <= 530 or _is_wall(answer):
        return State.UNCERTAIN, f"对方拒绝自动访问（{answer.status}）"
    if answer.status >= 400:
        return State.DEAD, f"返回码 {answer.status}"
    if answer.status < 200 or answer.status >= 300:
        return State.UNCERTAIN, f"返回码 {answer.status}"
    return _soft(answer)


def _is_wall(answer: Answer) -> bool:
    return bool(_WALL.search(answer.title)) or (len(answer.text) < _FEW and bool(_WALL.search(answer.text)))


def _soft(answer: Answer) -> tuple[State, str]:
    """Dead though the answer says 200."""
    said = (answer.title or answer.text)[:40]
    if _says(_NOT_FOUND, answer):
        return State.DEAD, f"打开是“{said}”"
    if _says(_PARKED, answer):
        return State.DEAD, f"域名停放或网站已停：{said}"
    asked, final = urlsplit(answer.url), urlsplit(answer.final or answer.url)
    if answer.chain and _HOME.fullmatch(final.path) and not final.query:
        if _ENTRY.fullmatch(asked.path) and not asked.query:
            return State.UNCERTAIN, "跳到了首页，或许就是首页的另一个地址"
        if asked.query or not _HOME.fullmatch(asked.path):
            return State.DEAD, "跳到了首页"
    return State.WELL, ""


def _says(what: str, answer: Answer) -> bool:
    """A part of the title says just this, or a page with few words says it somewhere."""
    if any(re.fullmatch(what, part, re.I) for part in _SEGMENTS.split(answer.title.strip())):
        return True
    parts = _SEGMENTS.split(answer.text) if len(answer.text) < _FEW else ()
    return any(
        re.fullmatch(what, word.strip("，,；;、（）() "), re.I)
        for part in parts
        for word in [part, *part.split()]
    )


def _certificate(detail: str) -> tuple[State, str]:
    """Dead where every browser refuses; browsers fetch missing links of a chain and know more authorities."""
    said = detail.lower().replace("_", " ")
    for words, meaning in _CERTIFICATES.items():
        if words in said and "in certificate chain" not in said:
            return State.DEAD, f"证书有问题：{meaning}"
    return State.UNCERTAIN, f"证书校验不过（{detail}），浏览器里或许打得开"
