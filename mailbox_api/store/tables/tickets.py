"""Service tickets, their entries and files, and checks made by hand."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text

from mailbox_api.store.tables.columns import BigKey, UtcDateTime, metadata

ticket = Table(
    "ticket",
    metadata,
    Column("number", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),  # without personal data
    Column("status", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("department", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("answer_due", UtcDateTime),
    Column("handle_due", UtcDateTime),
    Column("tell_due", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("told_at", UtcDateTime),
    Column("promised_at", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("handled_at", UtcDateTime),
    Column("reopened_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("consent_at", UtcDateTime),
    Column("facts", JSON, nullable=False),
    Column("breaches", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ticket_by_status", "status", "opened_at"),
    Index("ticket_by_source", "source"),
)

ticket_entry = Table(
    "ticket_entry",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("number", Text, ForeignKey("ticket.number"), nullable=False),
    Column("kind", Text, nullable=False),  # the action: opened, answered, told, note, …
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body_ct", LargeBinary, nullable=False),
    Index("ticket_entry_by_ticket", "number"),
)

ticket_file = Table(
    "ticket_file",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("number", Text, ForeignKey("ticket.number"), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body_ct", LargeBinary, nullable=False),
    Index("ticket_file_by_ticket", "number"),
)

hand_check = Table(
    "hand_check",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("kind", Text, nullable=False),  # row, board, confirmation
    Column("subject", Text, nullable=False),  # an indicator's id or a board's name
    Column("facts", JSON, nullable=False),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("day", Date, nullable=False),  # on which it was looked at
    Column("at", UtcDateTime, nullable=False),
    Index("hand_check_by_day", "day"),
)
