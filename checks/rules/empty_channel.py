"""栏目不能是空的。

导航里看得见的栏目，打开后没有一篇稿件，下级栏目也全是空的，就是空白栏目；5 个就单项否决。

反例  栏目“重大项目”下一篇稿件也没有
正例  栏目“政务公开”自己没有稿件，下级栏目里有
"""

from collections.abc import Iterator

from checks.finding import Finding, Place, Severity
from checks.site_view import Site

ID = "empty-channel"
CLAUSE = "2019 检查指标 V4.3、D09"
NEEDS_MANIFEST = True
# Filled by programs or made of other things than articles.
_WITHOUT_ARTICLES = frozenset(["mailbox", "interaction"])


def check_site(site: Site) -> Iterator[Finding]:
    filled = {channel.path for channel in site.built.channels if channel.articles}
    for channel in site.built.channels:
        below = channel.path + "/"
        if channel.kind in _WITHOUT_ARTICLES or channel.archived:
            continue
        if channel.path not in filled and not any(path.startswith(below) for path in filled):
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=Place(f"{site.around.content}/channels.toml"),
                text=channel.path,
                message=f"栏目“{channel.name}”是空的",
                suggestion="发布稿件，或在栏目表里去掉这个栏目",
                clause=CLAUSE,
            )
