"""Who may do what: one table, which the routes, the pages and the tests read."""

from collections.abc import Mapping

from mailbox_api.errors import Forbidden
from mailbox_api.store.people import Staff

ROLES: Mapping[str, str] = {
    "registrar": "受理员",
    "handler": "办理人",
    "reviewer": "审核人",
    "publisher": "发布人",
    "supervisor": "督办",
    "leader": "领导",
    "admin": "管理员",
    "auditor": "审计员",
    "contractor": "运维（看不到来信内容）",
}

READERS = frozenset({"registrar", "handler", "reviewer", "publisher", "supervisor", "leader"})
EVERY_OFFICE = frozenset({"registrar", "supervisor", "leader"})  # the others read their own office's letters
TICKETS = frozenset(ROLES) - {"auditor"}
ENGINEERS = frozenset({"contractor", "admin"})
OFFICE = frozenset({"registrar", "handler", "supervisor", "leader", "admin"})  # the contract's 甲方

ACTIONS: Mapping[str, frozenset[str]] = {
    "home": frozenset(ROLES),
    "letter.list": READERS,
    "letter.read": READERS,
    "letter.reveal": frozenset({"registrar", "handler"}),
    "letter.accept": frozenset({"registrar"}),
    "letter.decline": frozenset({"registrar"}),
    "letter.merge": frozenset({"registrar"}),
    "letter.assign": frozenset({"registrar"}),
    "letter.transfer": frozenset({"handler", "registrar"}),
    "letter.ask": frozenset({"handler", "registrar"}),
    "letter.draft": frozenset({"handler", "registrar"}),
    "letter.submit-draft": frozenset({"handler", "registrar"}),
    "letter.send-back": frozenset({"reviewer"}),
    "letter.approve": frozenset({"reviewer"}),
    "letter.extend": frozenset({"reviewer", "leader"}),
    "letter.close": frozenset({"handler", "registrar"}),
    "publication.read": frozenset({"handler", "registrar", "publisher"}),
    "publication.propose": frozenset({"handler", "registrar"}),
    "publication.approve": frozenset({"publisher"}),
    "publication.revoke": frozenset({"publisher"}),
    "notices.read": frozenset({"registrar", "admin", "contractor"}),
    "notices.resend": frozenset({"registrar", "admin", "contractor"}),
    "roster.read": frozenset({"registrar", "admin", "supervisor"}),
    "roster.change": frozenset({"registrar", "admin"}),
    "years.read": frozenset({"registrar", "admin"}),
    "years.change": frozenset({"admin"}),
    "staff.read": frozenset({"admin"}),
    "staff.change": frozenset({"admin"}),
    "statistics.read": frozenset({"registrar", "supervisor", "leader", "auditor"}),
    "statistics.export": frozenset({"registrar", "supervisor"}),
    "audit.read": frozenset({"auditor", "admin"}),
    "ticket.list": TICKETS,
    "ticket.read": TICKETS,
    "ticket.open": TICKETS,
    "ticket.note": TICKETS,
    "ticket.attach": TICKETS,
    "ticket.withdraw": TICKETS,
    "ticket.answer": ENGINEERS,
    "ticket.assign": ENGINEERS,
    "ticket.tell": ENGINEERS,
    "ticket.handle": ENGINEERS,
    "ticket.training": ENGINEERS,
    "ticket.adjustment": ENGINEERS,
    "ticket.consent": OFFICE,
    "ticket.acknowledge": OFFICE,
    "ticket.close": OFFICE,
    "ticket.reopen": OFFICE,
    "register.read": frozenset(ROLES),
    "checklist.read": frozenset(ROLES),
    "checklist.fill": ENGINEERS | {"supervisor"},
    "checklist.confirm": frozenset({"supervisor", "leader", "admin"}),
    "own.change": frozenset(ROLES),
}


def may(person: Staff, action: str) -> bool:
    return person.has(*ACTIONS[action])


def require(person: Staff, action: str) -> None:
    if not may(person, action):
        needed = "、".join(text for role, text in ROLES.items() if role in ACTIONS[action])
        raise Forbidden(f"这个操作需要以下角色之一：{needed}")
