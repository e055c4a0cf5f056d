"""Small words for measures: how many, whether at all, and why not judged."""

from collections.abc import Iterable
from decimal import Decimal

from checks.scoring import Counted, Unjudged

Measure = Counted | Unjudged
SHOWN = 50  # pieces of evidence kept with a count


def count(evidence: Iterable[str]) -> Counted:
    """As many as there are pieces of evidence."""
    rows = tuple(evidence)
    return Counted(Decimal(len(rows)), rows[:SHOWN])


def whether(fact: bool, *evidence: str) -> Counted:
    """1 when the fact holds, with what shows it."""
    return Counted(Decimal(1), evidence) if fact else Counted(Decimal(0))


def number(value: float, *evidence: str) -> Counted:
    return Counted(Decimal(str(value)), evidence)
