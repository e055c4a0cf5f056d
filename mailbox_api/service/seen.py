"""What a page showed of things that carry no version, so that nobody overwrites what they have not seen."""

from hashlib import sha256

from mailbox_api.errors import Conflict
from mailbox_api.store.people import Staff
from mailbox_api.store.publications import Publication


def mark(shown: Publication | Staff | None) -> str:
    """Changes with everything that a form can change; for a form to carry."""
    match shown:
        case Publication():
            parts = [shown.state, shown.title, shown.body, shown.reply]
        case Staff():
            parts = [
                shown.name,
                shown.department,
                *sorted(shown.roles),
                shown.mobile,
                shown.wechat,
                f"{shown.active}",
            ]
        case None:
            return ""
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def require(now: Publication | Staff | None, seen: str | None) -> None:
    """Raises Conflict when a page showed something else; None comes from no page."""
    if seen is not None and seen != mark(now):
        raise Conflict("刚才已由别人改动，请看过新的情况再操作")
