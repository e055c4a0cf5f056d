"""Who published how much: by department and channel, against the plan where there is one (contract-map K15)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bureau.config import SiteConfig
from checks.built_site import ChannelRow, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One department in a period."""

    department: str
    name: str
    total: int
    planned: int | None  # None: no plan
    by_channel: tuple[tuple[str, int], ...]  # (channel's name, count), most first

    @property
    def short_by(self) -> int:
        return max((self.planned or 0) - self.total, 0)


def shares(
    pages: Iterable[Page], channels: Iterable[ChannelRow], config: SiteConfig, first: date, last: date
) -> list[Share]:
    """Every department of site.toml, those without an article too; both days belong to the period."""
    names = {channel.path: channel.name for channel in channels}
    counts: dict[str, Counter[str]] = {row.id: Counter() for row in config.departments}
    for page in pages:
        day = page.published[:10]
        if page.kind == "article" and day and first.isoformat() <= day <= last.isoformat():
            counts.setdefault(page.department, Counter())[names.get(page.channel, page.channel)] += 1
    months = round((last - first).days / 30.4) or 1  # the plan is by month
    rows = [_share(config, department, found, months) for department, found in counts.items()]
    return sorted(rows, key=lambda row: (-row.total, row.department))


def _share(config: SiteConfig, department: str, found: Counter[str], months: int) -> Share:
    known, plan = config.department(department), config.monitor.monthly_plan.get(department)
    return Share(
        department=department,
        name=known.name if known else f"{department}（不在部门表里）",
        total=found.total(),
        planned=None if plan is None else plan * months,
        by_channel=tuple(sorted(found.items(), key=lambda row: (-row[1], row[0]))),
    )
