"""What a clerk can do with a letter. Each action: role, move, notices, one audit row, one transaction."""

from mailbox_api.service.clerk.acting import reads_every_office, require_office
from mailbox_api.service.clerk.reading import OpenLetter, read, reveal
from mailbox_api.service.clerk.replying import approve, ask, close, draft, extend, send_back, submit_draft
from mailbox_api.service.clerk.routing import accept, assign, decline, merge, transfer

__all__ = [
    "OpenLetter", "accept", "approve", "ask", "assign", "close", "decline", "draft", "extend", "merge", "read",
    "reads_every_office", "require_office", "reveal", "send_back", "submit_draft", "transfer",
]  # fmt: skip
