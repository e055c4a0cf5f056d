"""Which channel will break its limit, on which day, and who owns it: said a week before, not after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bureau.config import SiteConfig
from checks.built_site import ChannelRow

AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A channel that goes stale on `breaks` unless something is published before."""

    channel: str
    name: str
    owner: str  # the department's name
    latest: date
    limit_days: int
    breaks: date  # the first day on which it counts as not updated

    def days_left(self, today: date) -> int:
        return (self.breaks - today).days

    def sentence(self, today: date) -> str:
        left = self.days_left(today)
        when = f"将在 {self.breaks} 超期（还有 {left} 天）" if left > 0 else f"已在 {self.breaks} 超期"
        return (
            f"“{self.name}”{when}，最近更新 {self.latest}，期限 {self.limit_days} 天，责任部门 {self.owner}"
        )


def forecast(
    channels: Iterable[ChannelRow], config: SiteConfig, today: date, ahead: timedelta = AHEAD
) -> list[Alarm]:
    """Channels that break within `ahead` or have broken, the most urgent first."""
    alarms = [alarm for alarm in _alarms(channels, config) if alarm.breaks <= today + ahead]
    return sorted(alarms, key=lambda alarm: (alarm.breaks, alarm.channel))


def _alarms(channels: Iterable[ChannelRow], config: SiteConfig) -> Iterator[Alarm]:
    for channel in channels:
        if not channel.limit_days or channel.archived or not channel.latest:
            continue
        latest = datetime.fromisoformat(channel.latest).date()
        department = config.department(channel.owner)
        yield Alarm(
            channel=channel.path,
            name=channel.name,
            owner=department.name if department else channel.owner,
            latest=latest,
            limit_days=channel.limit_days,
            breaks=latest + timedelta(days=channel.limit_days + 1),
        )


def as_ics(alarms: Iterable[Alarm], domain: str, made: datetime) -> bytes:
    """The alarms as a calendar to subscribe to (RFC 5545): one all-day event on the last good day of each channel."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//forecast//ZH", "X-WR-CALNAME:栏目更新提醒"]
    for alarm in alarms:
        last_good = alarm.breaks - timedelta(days=1)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{alarm.channel.replace('/', '-')}-{alarm.breaks:%Y%m%d}@{domain}",
            f"DTSTAMP:{made:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{last_good:%Y%m%d}",
            f"DTEND;VALUE=DATE:{alarm.breaks:%Y%m%d}",
            f"SUMMARY:{_escaped(f'{alarm.name}：今天是更新的最后一天')}",
            f"DESCRIPTION:{_escaped(alarm.sentence(last_good))}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never cut inside a character."""
    pieces: list[bytes] = [b""]
    for character in line:
        encoded = character.encode()
        if len(pieces[-1]) + len(encoded) > (75 if len(pieces) == 1 else 74):
            pieces.append(b"")
        pieces[-1] += encoded
    return b"\r\n ".join(pieces) + b"\r\n"
