"""Home page and channels: what is not updated, what is blank, what was never opened."""

from datetime import timedelta

from checks.built_site import ChannelRow
from checks.monitor.counting import Measure, count, whether
from checks.monitor.evidence import Evidence

NEWS, NOTICES = ("news",), ("notice", "policy")
HOME_DAYS, NEWS_DAYS, HALF_YEAR = 14, 14, 183
# Channels that a row of the table of their own judges, so that D09 does not count them twice (G8).
JUDGED_ELSEWHERE = ("news", "policy", "interpretation", "service-statistics", "mailbox")


def home_stale(evidence: Evidence) -> Measure:
    return whether(not _recent(evidence, HOME_DAYS), "首页 14 天内没有新信息")


def home_updates_below_10(evidence: Evidence) -> Measure:
    recent = _recent(evidence, HOME_DAYS)
    return whether(recent < 10, f"14 天内首页栏目更新 {recent} 条")


def _recent(evidence: Evidence, days: int) -> int:
    """Articles of the last days that the home page links to."""
    home = next((page for page in evidence.pages if page.url == "/"), None)
    if home is None:
        return 0
    html, since = evidence.html(home.file), evidence.today - timedelta(days=days)
    return sum(1 for row in evidence.articles if row.published.date() >= since and f'"{row.url}"' in html)


def stale_key_channels(evidence: Evidence) -> Measure:
    """V4.1: news within two weeks at any level; notices and policy at their own top level within six months."""
    first = [row for row in evidence.of_kind(*NOTICES) if _is_first_of_kind(evidence, row)]
    return count(_stale(evidence, evidence.of_kind(*NEWS)) + _stale(evidence, first))


def stale_key_channels_any_level(evidence: Evidence) -> Measure:
    return count(_stale(evidence, evidence.of_kind(*NEWS, *NOTICES)))


def _is_first_of_kind(evidence: Evidence, channel: ChannelRow) -> bool:
    """一级栏目: no channel above it is of the same kind."""
    above = evidence.channel_by_path.get(channel.path.rpartition("/")[0])
    return above is None or above.kind != channel.kind


def stale_channels(evidence: Evidence) -> Measure:
    return count(_stale(evidence, list(evidence.channels)))


def stale_news_channels(evidence: Evidence) -> Measure:
    return count(_stale(evidence, evidence.of_kind(*NEWS)))


def stale_notice_policy_channels(evidence: Evidence) -> Measure:
    return count(_stale(evidence, evidence.of_kind(*NOTICES)))


def stale_personnel_plan_channels(evidence: Evidence) -> Measure:
    return count(_stale(evidence, evidence.of_kind("personnel", "plan")))


def other_stale_channels(evidence: Evidence) -> Measure:
    return count(_stale(evidence, [row for row in evidence.channels if row.kind not in JUDGED_ELSEWHERE]))


def _stale(evidence: Evidence, channels: list[ChannelRow]) -> list[str]:
    return [
        f"{row.name}（{row.path}）最近更新 {evidence.latest(row)}，期限 {row.limit_days} 天"
        for row in channels
        if evidence.is_stale(row)
    ]


def empty_channels(evidence: Evidence) -> Measure:
    return count(_empty(evidence, evidence.channels))


def other_empty_channels(evidence: Evidence) -> Measure:
    return count(
        _empty(evidence, tuple(row for row in evidence.channels if row.kind not in JUDGED_ELSEWHERE))
    )


def _empty(evidence: Evidence, channels: tuple[ChannelRow, ...]) -> list[str]:
    return [f"{row.name}（{row.path}）没有内容" for row in channels if row.menu and evidence.is_empty(row)]


def no_channel(evidence: Evidence, *, kind: str = "", type_label: str = "") -> Measure:
    """Whether no channel with content has that kind or that ColumnType."""
    found = [
        row
        for row in evidence.channels
        if not evidence.is_empty(row) and (row.kind == kind if kind else type_label in row.type)
    ]
    return whether(not found, f"没有{type_label or kind}类栏目")


def all_stale(evidence: Evidence, kind: str, days: int) -> Measure:
    """Whether nothing in any channel of that kind is newer than `days`."""
    newest = [moment for row in evidence.of_kind(kind) if (moment := evidence.latest(row))]
    limit = evidence.today - timedelta(days=days)
    return whether(bool(newest) and max(newest) < limit, f"最近更新 {max(newest, default=None)}")


def updated_between(evidence: Evidence, kind: str, newer: int, older: int) -> Measure:
    """Whether the newest of a kind is at least `newer` and at most `older` days old."""
    rows = evidence.articles_by_kind.get(kind)
    if not rows:
        return whether(False)
    newest = rows[0].published.date()
    return whether(newer <= (evidence.today - newest).days <= older, f"最近更新 {newest}")
