"""Which gateway is asked: the first that works. One that fails again and again rests, and the next takes its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbox_api.gateways import Gateway
from mailbox_api.notices import Channel

PAUSE = timedelta(minutes=10)  # for what somebody must mend: configuration, money
REST = timedelta(minutes=1)  # for what may pass by itself
IN_A_ROW = 3  # failures that make a gateway rest
OUTAGE = timedelta(minutes=15)  # failing for so long, it is told


@dataclass(slots=True)
class _Failing:
    since: datetime
    times: int = 0


@dataclass(kw_only=True)
class Adapters:
    gateways: Mapping[Channel, Sequence[Gateway]]  # in order of preference
    _until: dict[str, datetime] = field(default_factory=dict)
    _failing: dict[str, _Failing] = field(default_factory=dict)

    def choose(self, channel: Channel, now: datetime) -> Gateway | None:
        """None when all of the channel's gateways rest."""
        return next((one for one in self.gateways.get(channel, ()) if self._works(one, now)), None)

    def to_ask(self, channel: Channel, name: str) -> Gateway | None:
        """Who knows what became of a message: the one that had it, resting or not; the first where that is lost."""
        ways = self.gateways.get(channel, ())
        return next((one for one in ways if one.name == name), next(iter(ways), None))

    def is_failing(self, name: str) -> bool:
        """Whether it answers nobody at present, so that a question without an answer means nothing."""
        return name in self._failing and self._failing[name].times >= IN_A_ROW

    def is_stuck(self, now: datetime) -> bool:
        """No SMS gateway works: nobody can get a code."""
        return self.choose(Channel.SMS, now) is None

    def took(self, name: str) -> None:
        self._until.pop(name, None)
        self._failing.pop(name, None)

    def failed(self, name: str, now: datetime) -> bool:
        """Count a failure that may pass; True when it has lasted so long that it must be told."""
        failing = self._failing.setdefault(name, _Failing(now))
        failing.times += 1
        if failing.times >= IN_A_ROW:
            self._until[name] = now + REST
        return failing.times >= IN_A_ROW and now - failing.since >= OUTAGE

    def pause(self, name: str, now: datetime) -> None:
        self._until[name] = now + PAUSE

    def _works(self, gateway: Gateway, now: datetime) -> bool:
        until = self._until.get(gateway.name)
        return until is None or now >= until or until - now > PAUSE  # a clock that was set back
