"""One line of the inspection: a value, the limit it is held against, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNREAD = "unread"  # could not be read: says so, never counts as good


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one item of the inspection showed. `number` feeds the trend; `value` is what people read."""

    item: str
    name: str
    state: State
    value: str
    number: float | None = None
    limit: str = ""
    advice: str = ""
    details: tuple[str, ...] = ()


def unread(item: str, name: str, reason: str, advice: str = "") -> Reading:
    return Reading(item=item, name=name, state=State.UNREAD, value=f"没有读到：{reason}", advice=advice)


def at_most(
    item: str,
    name: str,
    number: float,
    limit: float,
    *,
    unit: str,
    advice: str,
    details: tuple[str, ...] = (),
) -> Reading:
    """Good up to nine tenths of the limit, a warning up to the limit, bad above it."""
    state = State.BAD if number > limit else State.WARNING if number > limit * 0.9 and number else State.GOOD
    return Reading(
        item=item,
        name=name,
        state=state,
        value=f"{number:g} {unit}".strip(),
        number=number,
        limit=f"不超过 {limit:g} {unit}".strip(),
        advice=advice if state is not State.GOOD else "",
        details=details,
    )


def at_least(item: str, name: str, number: float, limit: float, *, unit: str, advice: str) -> Reading:
    """Bad below the limit, a warning below one and a half times the limit."""
    state = State.BAD if number < limit else State.WARNING if number < limit * 1.5 else State.GOOD
    return Reading(
        item=item,
        name=name,
        state=state,
        value=f"{number:g} {unit}".strip(),
        number=number,
        limit=f"不少于 {limit:g} {unit}".strip(),
        advice=advice if state is not State.GOOD else "",
    )
