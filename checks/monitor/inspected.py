"""What a weekly inspection tells the service desk: an item that is bad, an item that is well (again)."""

from collections.abc import Iterator
from datetime import date

from checks.monitor.alerts import Alert
from checks.monitor.runs import ADMINISTRATORS, ended
from checks.server.inspection import Inspection
from checks.server.reading import Reading, State


def alerts(inspection: Inspection, today: date) -> Iterator[Alert]:
    """Of every item but the unread ones: of those nothing is known, so their tickets stay as they are."""
    for reading in inspection.readings:
        if reading.state is State.BAD:
            yield Alert(
                key=f"{_occasion(reading)}:{today}",
                level="error",
                audience=ADMINISTRATORS,
                subject="巡检异常",
                text=f"{reading.name}：{reading.value}。{reading.advice}",
                found=inspection.at.isoformat(),
            )
        elif reading.state is not State.UNREAD:
            yield ended(_occasion(reading), today)


def _occasion(reading: Reading) -> str:
    return f"inspection:{reading.item.replace(':', '-')}"
