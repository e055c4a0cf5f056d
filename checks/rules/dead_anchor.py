"""链接指向的页内位置必须存在。

带 # 的链接要跳到目标页面里的某个标题或位置；目标页面里没有这个位置，点了就停在页首。

反例  [第三条](/zwgk/1.html#第三条)     那一页没有“第三条”这个位置
正例  [返回顶部](#top)
"""

from collections.abc import Iterator

from checks.finding import Finding
from checks.links.resolver import Broken, Reason
from checks.rules import _broken_links
from checks.site_view import Site

ID = "dead-anchor"
CLAUSE = _broken_links.CLAUSE


def concerns(one: Broken) -> bool:
    return one.verdict.reason in (Reason.ANCHOR, Reason.ANCHOR_CASE)


def check_site(site: Site) -> Iterator[Finding]:
    yield from _broken_links.findings(site, ID, "改成页内已有的标题位置，或去掉 # 及其后面的部分", concerns)
