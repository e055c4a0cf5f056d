"""A service ticket (工单), its clocks and the moves it can make. Pure: no clock of its own, no database.

The maintenance contract's terms run in real hours, day and night: a fault is answered within 2 h and handled
within 8 h, or the office is told before those 8 h are over (一(一)1); what monitoring finds is fed back within
4 h (一(三)2); force majeure is told within 3 days (五2). The other kinds are served 按需 and have no such end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mailbox_api.errors import Conflict, Invalid
from mailbox_api.worded import Worded


class Kind(Worded):
    FAULT = "fault", "故障"
    UPLOAD = "upload", "协助上传"
    DIAGNOSIS = "diagnosis", "远程诊断"
    ON_SITE = "on-site", "现场支持"
    ADJUSTMENT = "adjustment", "局部调整"
    TRAINING = "training", "培训"
    FORCE_MAJEURE = "force-majeure", "不可抗力通知"
    MONITORING = "monitoring", "监测反馈"


class Status(Worded):
    OPENED = "opened", "待响应"
    WORKING = "working", "处理中"
    HANDLED = "handled", "已处理，待确认"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "已撤销"

    @property
    def is_open(self) -> bool:
        return self in OPEN


OPEN = frozenset({Status.OPENED, Status.WORKING, Status.HANDLED})
MOVES: Mapping[Status, frozenset[Status]] = {
    Status.OPENED: frozenset({Status.WORKING, Status.HANDLED, Status.WITHDRAWN}),
    Status.WORKING: frozenset({Status.HANDLED, Status.WITHDRAWN}),
    Status.HANDLED: frozenset({Status.WORKING, Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


class Term(Worded):
    """What must have happened when its clock ends."""

    ANSWER = "answer", "响应"
    HANDLE = "handle", "处理（或事先告知）"
    TELL = "tell", "告知甲方"
    PROMISE = "promise", "按告知的时间处理"  # the contractor's own word, no term of the contract


@dataclass(frozen=True, slots=True)
class Clock:
    """One term of one ticket; it stops at what it waits for."""

    term: Term
    start: datetime
    due: datetime
    stopped: datetime | None

    @property
    def is_running(self) -> bool:
        return self.stopped is None

    @property
    def is_binding(self) -> bool:
        return self.term is not Term.PROMISE

    def at(self, percent: int) -> datetime:
        return self.start + (self.due - self.start) * percent / 100

    def is_breached(self, now: datetime) -> bool:
        """Exactly at its end is still in time."""
        return self.is_binding and (self.stopped or now) > self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The contract's terms, from site.toml."""

    answer: int = 2
    handle: int = 8
    feedback: int = 4
    force_majeure: int = 72

    def of(self, kind: Kind) -> Mapping[Term, int]:
        match kind:
            case Kind.FAULT | Kind.UPLOAD:
                return {Term.ANSWER: self.answer, Term.HANDLE: self.handle}
            case Kind.DIAGNOSIS | Kind.ON_SITE:
                return {Term.ANSWER: self.answer}
            case Kind.MONITORING:
                return {Term.TELL: self.feedback}
            case Kind.FORCE_MAJEURE:
                return {Term.TELL: self.force_majeure}
            case _:
                return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`started_at` is when the clocks began: the report of a fault, the finding, the event."""

    number: str
    kind: Kind
    title: str
    status: Status
    opened_by: str  # a login, or `system`
    opened_at: datetime
    started_at: datetime
    department: str = ""
    owner: str = ""  # the engineer's login
    source: str = ""  # the occasion in monitoring that opened it, e.g. finding:ab12…
    answer_due: datetime | None = None
    handle_due: datetime | None = None
    tell_due: datetime | None = None
    answered_at: datetime | None = None
    told_at: datetime | None = None
    promised_at: datetime | None = None
    acknowledged_at: datetime | None = None
    handled_at: datetime | None = None
    reopened_at: datetime | None = None
    closed_at: datetime | None = None
    consent_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # of its kind: consent, adjustment, training
    breaches: tuple[str, ...] = ()  # terms that were broken, as the sweep recorded them
    version: int = 1

    def clocks(self) -> Iterator[Clock]:
        end, begin = self.closed_at, self.reopened_at or self.started_at
        if self.answer_due:
            yield Clock(Term.ANSWER, self.started_at, self.answer_due, first(self.answered_at, end))
        if self.handle_due:
            yield Clock(Term.HANDLE, begin, self.handle_due, first(self.handled_at, self.told_at, end))
        if self.tell_due:
            yield Clock(Term.TELL, self.started_at, self.tell_due, first(self.told_at, end))
        if self.promised_at and self.told_at:
            yield Clock(Term.PROMISE, self.told_at, self.promised_at, first(self.handled_at, end))

    def broken(self, now: datetime) -> tuple[str, ...]:
        """Terms broken by now, those recorded before included; a reopened ticket does not lose them."""
        broken = [clock.term.value for clock in self.clocks() if clock.is_breached(now)]
        return tuple(dict.fromkeys([*self.breaches, *broken]))

    @property
    def next_clock(self) -> Clock | None:
        running = [clock for clock in self.clocks() if clock.is_running]
        return min(running, key=lambda clock: clock.due, default=None)

    def moved(self, to: Status) -> "Ticket":
        """Raises Conflict when the table of moves has no such move."""
        if to not in MOVES[self.status]:
            raise Conflict(f"工单{self.number}现在是“{self.status.text}”，不能改为“{to.text}”")
        return replace(self, status=to)

    def answered(self, at: datetime) -> "Ticket":
        return replace(self.moved(Status.WORKING), answered_at=at)

    def told(self, at: datetime, promised: datetime | None = None) -> "Ticket":
        """The office knows; the first time counts for the contract, a later one renews the promise."""
        if not self.status.is_open:
            raise Conflict(f"工单{self.number}{self.status.text}，不用再告知")
        if promised is not None and promised <= at:
            raise Invalid({"promised": "预计完成时间应晚于现在"})
        return replace(self, told_at=self.told_at or at, promised_at=promised or self.promised_at)

    def acknowledged(self, at: datetime) -> "Ticket":
        if self.acknowledged_at is not None:
            raise Conflict(f"工单{self.number}已经确认过")
        if not self.status.is_open:
            raise Conflict(f"工单{self.number}{self.status.text}，不用再确认")
        return replace(self, acknowledged_at=at, told_at=self.told_at or at)

    def handled(self, at: datetime) -> "Ticket":
        if self.kind is Kind.DIAGNOSIS and self.consent_at is None:
            raise Conflict("远程诊断须先登记甲方同意（合同一（一）2）")
        if self.kind is Kind.TRAINING and "held_on" not in self.facts:
            raise Conflict("请先登记培训的日期、签到和材料")
        return replace(self.moved(Status.HANDLED), answered_at=self.answered_at or at, handled_at=at)

    def reopened(self, at: datetime, hours: Hours) -> "Ticket":
        """Not mended after all: the repair term begins anew, what was broken stays broken."""
        term = hours.of(self.kind).get(Term.HANDLE)
        return replace(
            self.moved(Status.WORKING),
            reopened_at=at,
            handle_due=at + timedelta(hours=term) if term else None,
            handled_at=None,
            told_at=self.told_at if self.tell_due else None,
            promised_at=None,
            breaches=self.broken(at),
        )

    def closed(self, at: datetime) -> "Ticket":
        return replace(self.moved(Status.CLOSED), closed_at=at)

    def withdrawn(self, at: datetime) -> "Ticket":
        return replace(self.moved(Status.WITHDRAWN), closed_at=at)

    def consented(self, at: datetime, by: str, how: str) -> "Ticket":
        if self.kind is not Kind.DIAGNOSIS:
            raise Conflict("只有远程诊断要登记甲方同意")
        if not self.status.is_open:
            raise Conflict(f"工单{self.number}{self.status.text}")
        return replace(self, consent_at=at, facts={**self.facts, "consent_by": by, "consent_how": how})


def opened(
    number: str,
    kind: Kind,
    title: str,
    hours: Hours,
    *,
    by: str,
    at: datetime,
    started_at: datetime | None = None,
    department: str = "",
    owner: str = "",
    source: str = "",
) -> Ticket:
    """A new ticket with its terms. `started_at` lies before `at` when an event is recorded afterwards."""
    start = started_at or at
    if start > at:
        raise Invalid({"started_at": "发生时间不能晚于现在"})
    due = {term: start + timedelta(hours=hours) for term, hours in hours.of(kind).items()}
    return Ticket(
        number=number,
        kind=kind,
        title=title,
        status=Status.OPENED,
        opened_by=by,
        opened_at=at,
        started_at=start,
        department=department,
        owner=owner,
        source=source,
        answer_due=due.get(Term.ANSWER),
        handle_due=due.get(Term.HANDLE),
        tell_due=due.get(Term.TELL),
    )


def first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
