"""What can be done with a service ticket. Each action: role, move, notices, one audit row, one transaction."""

from mailbox_api.service.desk.acting import Done, console, store
from mailbox_api.service.desk.opening import BY_PEOPLE, STATES, OpenTicket, add, open_ticket, read
from mailbox_api.service.desk.recording import (
    MAX_FILE,
    attach,
    consent,
    note,
    record_adjustment,
    record_training,
)
from mailbox_api.service.desk.working import (
    acknowledge,
    answer,
    assign,
    close,
    handle,
    reopen,
    tell,
    withdraw,
)

__all__ = [
    "BY_PEOPLE", "MAX_FILE", "STATES", "Done", "OpenTicket", "acknowledge", "add", "answer", "assign", "attach",
    "close", "consent", "console", "handle", "note", "open_ticket", "read", "record_adjustment", "record_training",
    "reopen", "store", "tell", "withdraw",
]  # fmt: skip
