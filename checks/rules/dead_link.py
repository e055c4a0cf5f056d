"""站内链接必须打得开。

检查每个页面的链接、表单、框架、跳转、订阅源和网站地图：要去的页面或文件必须在构建结果里，
大小写、中文编码、末尾斜杠都要对得上；网址的写法（协议、邮箱、电话）也要对。

反例  [旧闻](/zwgk/old.html)        构建结果里没有这个文件
反例  [办法](/files/BanFa.PDF)      文件名是 banfa.pdf，大小写不同
正例  [通知](/zwgk/zcwj/2026/1.html)
"""

from collections.abc import Iterator

from checks.finding import Finding
from checks.links.resolver import Broken
from checks.references import FORM, FRAME, NAVIGATE
from checks.rules import _broken_links, dead_anchor
from checks.site_view import Site

ID = "dead-link"
CLAUSE = _broken_links.CLAUSE


def concerns(one: Broken) -> bool:
    return one.kind in (NAVIGATE, FORM, FRAME) and not dead_anchor.concerns(one)


def check_site(site: Site) -> Iterator[Finding]:
    yield from _broken_links.findings(site, ID, "改成现有页面的地址，或删去这个链接", concerns)
