"""What an answer means. Dead is said only where it is certain; everything that may be a guard is not."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from checks.links.answers import Answer, Failure, State

# 401, 403, 407: a login or a ban on robots; 412, 521: Chinese web firewalls; 429: we asked too often.
_GUARDED = frozenset(
    [400, 401, 402, 403, 405, 406, 407, 408, 409, 412, 418, 421, 423, 425, 426, 429, 451, 501, 567, 999]
)
_WALL = re.compile(
    r"just a moment|attention required|access denied|安全验证|人机验证|访问验证|请完成验证|验证码|正在进行安全检查"
    r"|captcha|robot check|web应用防火墙|请求存在风险|创宇盾|网站防火墙",
    re.I,
)
_NOT_FOUND = re.compile(
    r"(?:页面|网页|文章|内容|信息|稿件|文件|栏目|资源)(?:已)?(?:不存在|找不到|未找到|已删除|被删除|已下线|走丢|丢失)"
    r"|(?:找不到|未找到|没有找到)(?:您|你)?(?:要|所|想)?(?:访问|查看|请求|找)?的?(?:页面|网页|内容|文件|信息)"
    r"|\b(?:404|page not found|not found)\b|错误\s*404|404\s*错误|您访问的页面(?:不存在|出错)",
    re.I,
)
_PARKED = re.compile(
    r"域名(?:出售|转让|停放|已过期|到期|未绑定|抢注)|(?:此|该|本)域名|网站(?:已)?(?:关闭|停用|到期|暂停)|buy this domain"
    r"|domain (?:is )?(?:for sale|parked|expired)|this domain|站点创建成功|没有找到站点|welcome to nginx|未备案",
    re.I,
)
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
    return bool(_WALL.search(answer.title)) or (len(answer.text) < 300 and bool(_WALL.search(answer.text)))


def _soft(answer: Answer) -> tuple[State, str]:
    """Dead though the answer says 200."""
    short = len(answer.text) < 300
    if _NOT_FOUND.search(answer.title) or (short and _NOT_FOUND.search(answer.text)):
        return State.DEAD, f"打开是“{(answer.title or answer.text)[:40]}”"
    if _PARKED.search(answer.title) or (short and _PARKED.search(answer.text)):
        return State.DEAD, f"域名停放或网站已停：{(answer.title or answer.text)[:40]}"
    asked, final = urlsplit(answer.url), urlsplit(answer.final or answer.url)
    deep = asked.path.strip("/") != "" or asked.query != ""
    if answer.chain and deep and final.path.strip("/") in ("", "index.html") and not final.query:
        return State.DEAD, "跳到了首页"
    return State.WELL, ""


def _certificate(detail: str) -> tuple[State, str]:
    """Dead where every browser refuses; browsers fetch missing links of a chain and know more authorities."""
    said = detail.lower().replace("_", " ")
    for words, meaning in _CERTIFICATES.items():
        if words in said and "in certificate chain" not in said:
            return State.DEAD, f"证书有问题：{meaning}"
    return State.UNCERTAIN, f"证书校验不过（{detail}），浏览器里或许打得开"
