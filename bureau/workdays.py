"""Working days: make-up weekends (调休), holidays, and years whose notice has not come yet.

A year is *known* when `content/workdays/<year>.toml` or chinesecalendar has it. Any other year counts
Monday to Friday less the statutory days (全国年节及纪念日放假办法, 2024) and is *provisional*.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar

from bureau.errors import ConfigError

FOLDER = Path("content/workdays")
DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")  # whose days these are, wherever the machine thinks it stands
OFFICIAL_YEARS = range(2004, 2027)  # what chinesecalendar 1.11 has

# Statutory days that follow the moon or the sun: 除夕前一日不放假，除夕至初三；清明、端午、中秋当日。
SPRING_FESTIVAL = {2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11)}
QINGMING = {2027: (4, 5), 2028: (4, 4), 2029: (4, 4), 2030: (4, 5), 2031: (4, 5), 2032: (4, 4)}
DRAGON_BOAT = {2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5), 2031: (6, 24), 2032: (6, 12)}
MID_AUTUMN = {2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12), 2031: (10, 1), 2032: (9, 19)}
FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True, slots=True)
class Year:
    """The State Council's arrangement of one year."""

    off: frozenset[date]
    on: frozenset[date]
    source: str = ""

    def is_workday(self, day: date) -> bool:
        return day in self.on or (day.weekday() < 5 and day not in self.off)


@dataclass(frozen=True, slots=True)
class Due:
    day: date
    provisional: bool = False


@dataclass(frozen=True)
class WorkCalendar:
    years: Mapping[int, Year] = field(default_factory=dict)  # go before chinesecalendar

    def is_known(self, year: int) -> bool:
        return year in self.years or year in OFFICIAL_YEARS

    def is_workday(self, day: date) -> bool:
        if (known := self.years.get(day.year)) is not None:
            return known.is_workday(day)
        if day.year in OFFICIAL_YEARS:
            return _is_official_workday(day)
        return day.weekday() < 5 and day not in statutory_days(day.year)

    def after(self, day: date, count: int) -> Due:
        """The `count`-th working day after `day`; the day itself is day zero."""
        provisional = False
        while count > 0:
            day += DAY
            provisional = provisional or not self.is_known(day.year)
            count -= self.is_workday(day)
        return Due(day, provisional)

    def before(self, day: date, count: int) -> date:
        """The `count`-th working day before `day`."""
        while count > 0:
            day -= DAY
            count -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days d with start < d <= end; negative when `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_workday(start + DAY * step) for step in range(1, (end - start).days + 1))

    def with_year(self, number: int, year: Year) -> "WorkCalendar":
        return WorkCalendar({**self.years, number: year})


@cache
def _is_official_workday(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


@cache
def statutory_days(year: int) -> frozenset[date]:
    days = {date(year, month, day) for month, day in FIXED}
    if year in SPRING_FESTIVAL:
        first = date(year, *SPRING_FESTIVAL[year])
        days |= {first + DAY * step for step in range(-1, 3)}
    days |= {date(year, *table[year]) for table in (QINGMING, DRAGON_BOAT, MID_AUTUMN) if year in table}
    return frozenset(days)


def load(folder: Path = FOLDER) -> WorkCalendar:
    """Read every `<year>.toml` in the folder. Raises ConfigError naming the file and the mend."""
    return WorkCalendar({_year_of(path): read_year(path) for path in sorted(folder.glob("*.toml"))})


def _year_of(path: Path) -> int:
    if not (path.stem.isdigit() and len(path.stem) == 4):
        raise ConfigError(path, "文件名应为年份，例如 2027.toml")
    return int(path.stem)


def read_year(path: Path) -> Year:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"读不了放假安排：{error}") from error
    if unknown := raw.keys() - {"source", "issued", "off", "on"}:
        raise ConfigError(path, f"有不认识的键 {min(unknown)}，可用：source、issued、off、on")
    try:
        year = Year(
            frozenset(spans(raw.get("off", ()))), frozenset(spans(raw.get("on", ()))), str(raw["source"])
        )
    except KeyError as error:
        raise ConfigError(path, "缺少 source（写通知的名称）") from error
    except (ValueError, TypeError) as error:
        raise ConfigError(path, f"日期应写成 2026-01-01 或 2026-01-01..2026-01-03：{error}") from error
    number = _year_of(path)
    if strange := sorted(day for day in year.off | year.on if day.year != number):
        raise ConfigError(path, f"{strange[0]} 不是 {number} 年的日子")
    if both := sorted(year.off & year.on):
        raise ConfigError(path, f"{both[0]} 既写成放假又写成上班")
    return year


def spans(items: Iterable[date | str]) -> Iterator[date]:
    """Days and `first..last` spans as single days."""
    for item in items:
        first, _, last = str(item).partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if end < day:
            raise ValueError(f"{item} 的结束早于开始")
        while day <= end:
            yield day
            day += DAY
