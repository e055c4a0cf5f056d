"""Letters, what was written about them, and the copies that are published."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text

from mailbox_api.store.tables.columns import BigKey, UtcDateTime, metadata

letter = Table(
    "letter",
    metadata,
    Column("number", Text, primary_key=True),
    Column("code_hmac", LargeBinary, nullable=False, unique=True),
    Column("category", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("accept_due", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("department", Text, nullable=False),
    Column("handler", Text, nullable=False),
    Column("seen_at", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("replied_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("extended_days", Integer, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("supplements", Integer, nullable=False),
    Column("decline_reason", Text, nullable=False),
    Column("merged_into", Text, nullable=False),
    Column("rating", Integer),
    Column("publish_consent", Boolean, nullable=False),
    Column("notice_version", Text, nullable=False),
    Column("consultation", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("letter_by_due", "status", "due"),
    Index("letter_by_receipt", "received_at"),
)

# Apart from the letter, so that it can be purged and the letter stay for the statistics.
letter_secret = Table(
    "letter_secret",
    metadata,
    Column("number", Text, ForeignKey("letter.number"), primary_key=True),
    Column("name_ct", LargeBinary, nullable=False),
    Column("mobile_ct", LargeBinary, nullable=False),
    Column("mobile_bi", LargeBinary, nullable=False),
    Column("title_ct", LargeBinary, nullable=False),
    Column("content_ct", LargeBinary, nullable=False),
    Column("content_bi", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("letter_by_mobile", "mobile_bi", "received_at"),
)

message = Table(
    "message",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("number", Text, ForeignKey("letter.number"), nullable=False),
    Column("kind", Text, nullable=False),  # supplement, question, answer, reply, extension, note, rating
    Column("author", Text, nullable=False),  # a login, or `citizen`
    Column("body_ct", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # draft, review, sent
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("reviewer", Text, nullable=False),
    Index("message_by_letter", "number"),
)

publication = Table(
    "publication",
    metadata,
    Column("number", Text, ForeignKey("letter.number"), primary_key=True),
    Column("state", Text, nullable=False),  # proposed, approved, published, revoked
    Column("title", Text, nullable=False),  # the redacted copies
    Column("body", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("replied_on", Date, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("overrides", JSON, nullable=False),  # [{"found", "reason", "by"}]
    Column("published_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("path", Text, nullable=False),
)
