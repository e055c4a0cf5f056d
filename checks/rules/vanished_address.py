"""发布过的地址不能消失。

上一个版本里有的页面和附件，这一次没有了，又没有跳转、没有撤下说明，别人收藏和引用的链接就全断了。
改了栏目、日期或编号都会换地址：在新稿件里写 redirect_from；确实要撤的，把 status 改成 withdrawn。

反例  把稿件挪到别的栏目，没有写 redirect_from
正例  status: withdrawn，withdrawn_reason 写明原因，原地址显示“页面已撤下”
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.built_site import ATTACHMENTS
from checks.finding import Finding, Place, Severity
from checks.links.addresses import parse
from checks.links.resolver import Reason, Verdict
from checks.site_view import Site

ID = "vanished-address"
CLAUSE = "政府网站发展指引：网页地址长期有效"
NEEDS_MANIFEST = True
_PAGE = "在新稿件的 redirect_from 里写上这个地址，或恢复稿件并把 status 改成 withdrawn"
_FILE = "把附件放回原处；确实要撤的，在说明此事的稿件的 redirect_from 里写上这个地址"


def check_site(site: Site) -> Iterator[Finding]:
    for url, source in site.earlier.items():
        if site.resolver.leads(url):
            continue
        found = site.resolver.find(parse(url, "/", site.built.hosts).path)
        if isinstance(found, Verdict) and found.reason is not Reason.GONE:
            what = f"（{source}）" if source else ""
            yield Finding(
                rule=ID,
                severity=Severity.ERROR,
                place=_place(site, source) if source else Place(site.built.shown("")),
                text=url,
                message=f"发布过的地址没有了：{url}{what}",
                suggestion=_FILE if url.startswith(ATTACHMENTS) else _PAGE,
                clause=CLAUSE,
            )


def _place(site: Site, source: str) -> Place:
    """The file that had the address; if it was moved, where it is now."""
    if source in site.sources:
        return Place(source, 1, 1, 1, 1)
    name = PurePosixPath(source).name
    moved = next((path for path in site.sources if path.endswith(f"/{name}")), None)
    return Place(moved, 1, 1, 1, 1) if moved else Place(source)
