"""What every action needs, put together once in `setup.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Event

from sqlalchemy import Connection

from bureau.workdays import WorkCalendar
from mailbox_api.deadlines import QuietHours, Terms, local_day
from mailbox_api.keys import KeyRing
from mailbox_api.letter import Letter
from mailbox_api.service.arriving import Waiting
from mailbox_api.service_ticket import Hours
from mailbox_api.store import years
from mailbox_api.store.database import Database
from mailbox_api.store.together import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The office's rules, from site.toml."""

    terms: Terms
    quiet: QuietHours
    four_eyes: bool = True
    totp_required: bool = True
    extend_days: int = 15
    transfer_days: int = 5
    leader_after_days: int = 3
    purge_months: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The service desk's side of the maintenance contract, from site.toml, and where the other parts leave files."""

    hours: Hours = field(default_factory=Hours)
    year_start: date = date(2026, 1, 1)  # first day of the contract year
    adjustments: int = 10  # a year
    content: Path = Path("content")  # with the register of local adjustments
    state: Path = Path("var/monitor/state.json")  # what monitoring last saw
    inspections: Path = Path("var/inspections")


class Calendars:
    """The files' calendar, and over it the years that clerks entered; `refresh` reads those again."""

    def __init__(self, from_files: WorkCalendar) -> None:
        self._from_files = self.current = from_files

    def refresh(self, connection: Connection) -> None:
        self.current = WorkCalendar({**self._from_files.years, **years.entered(connection)})


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """Everything a citizen or a clerk can do works on this."""

    database: Database
    keys: KeyRing
    rules: Rules
    departments: Mapping[str, str]  # id → name
    sign: str  # the SMS signature
    clock: Callable[[], datetime]
    calendars: Calendars
    desk: Desk = Desk()
    wake: Event = field(default_factory=Event)  # set after a commit that left notices
    intake: Together[Waiting] = field(default_factory=Together)  # letters that wait to be written

    @property
    def calendar(self) -> WorkCalendar:
        return self.calendars.current

    @property
    def today(self) -> date:
        return local_day(self.clock())

    def department(self, department_id: str) -> str:
        return self.departments.get(department_id, department_id)

    def is_overdue(self, letter: Letter) -> bool:
        return letter.status.is_open and self.today > letter.due
