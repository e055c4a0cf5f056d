"""栏目要按期更新。

每类栏目有更新期限（要闻动态 14 天，通知公告、政策文件 6 个月，等等，见 content/channels.toml 的 kind 和
refresh_days）。最新一篇有效的稿件早于期限，就算未更新；标为归档的栏目不算。
发布新稿件就能消除，所以这里只是提醒，监测时才报警。

反例  要闻动态最新一篇是 20 天前发的        期限 14 天
正例  规划计划最新一篇是 200 天前发的        期限 1 年
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from checks.finding import Finding, Place, Severity
from checks.site_view import Site

ID = "stale-channel"
CLAUSE = "2019 检查指标 V4、D04—D06、D09"
NEEDS_MANIFEST = True


def check_site(site: Site) -> Iterator[Finding]:
    for channel in site.built.channels:
        if not channel.limit_days or channel.archived or not channel.latest:
            continue
        latest = datetime.fromisoformat(channel.latest).date()
        days = (site.today - latest).days
        if latest < site.today - timedelta(days=channel.limit_days):
            yield Finding(
                rule=ID,
                severity=Severity.WARNING,
                place=Place(f"{site.around.content}/channels.toml"),
                text=channel.path,
                message=f"栏目“{channel.name}”已 {days} 天没有更新，期限 {channel.limit_days} 天",
                suggestion="发布新稿件；不再更新的栏目标为 archived",
                clause=CLAUSE,
            )
