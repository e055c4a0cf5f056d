"""Notices on their way, and what gateways said of them."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from mailbox_api.store.tables.columns import BigKey, UtcDateTime, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("rung", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("payload_ct", LargeBinary, nullable=False),  # {"to", "vars"}
    Column("state", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("queries", Integer, nullable=False),
    Column("called_at", UtcDateTime),
    Column("adapter", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("last_code", Text, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("outbox_by_due", "state", "due_at"),
    Index("outbox_by_subject", "subject", "subject_id"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("adapter", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("out_id", Text, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("code", Text, nullable=False),
)
