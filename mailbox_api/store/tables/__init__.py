"""The tables. What ends in `_ct` is sealed by the key ring, in `_hmac` or `_bi` only comparable."""

from mailbox_api.store.tables.columns import metadata
from mailbox_api.store.tables.letters import letter, letter_secret, message, publication
from mailbox_api.store.tables.notices import outbox, receipt
from mailbox_api.store.tables.people import duty, recovery_code, session, staff, workyear
from mailbox_api.store.tables.proofs import idempotency, otp, permit, pow_seen, rate
from mailbox_api.store.tables.records import audit, audit_head, counter, setting, statistic
from mailbox_api.store.tables.tickets import hand_check, ticket, ticket_entry, ticket_file

__all__ = [
    "audit", "audit_head", "counter", "duty", "hand_check", "idempotency", "letter", "letter_secret",
    "message", "metadata", "otp", "outbox", "permit", "pow_seen", "publication", "rate", "receipt",
    "recovery_code", "session", "setting", "staff", "statistic", "ticket", "ticket_entry", "ticket_file",
    "workyear",
]  # fmt: skip
