"""The tables. What ends in `_ct` is sealed by the key ring, in `_hmac` or `_bi` only comparable."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()
BigKey = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts by itself in SQLite


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes on both databases; SQLite stores them without zone, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _sqlite_text if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo is UTC else at.astimezone(UTC)


def _sqlite_text(at: datetime | None) -> str | None:
    """SQLite's own text for a moment, written by the standard library, which is many times faster."""
    utc = _utc(at)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]  # without the zone


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

otp = Table(
    "otp",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mobile_bi", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("code_hmac", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", UtcDateTime),
    Index("otp_by_mobile", "mobile_bi", "purpose", "created_at"),
)

permit = Table(
    "permit",
    metadata,
    Column("token_hmac", LargeBinary, primary_key=True),
    Column("mobile_ct", LargeBinary, nullable=False),
    Column("mobile_bi", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

pow_seen = Table(
    "pow_seen",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_hmac", LargeBinary, primary_key=True),
    Column("body_hmac", LargeBinary, nullable=False),
    Column("answer_ct", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

rate = Table(
    "rate",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("mobile_ct", LargeBinary),
    Column("wechat", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_ct", LargeBinary),
    Column("totp_confirmed", Boolean, nullable=False),
    Column("totp_last_step", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("code_hmac", LargeBinary, primary_key=True),
    Column("login", Text, ForeignKey("staff.login"), nullable=False),
    Column("used_at", UtcDateTime),
)

session = Table(
    "session",
    metadata,
    Column("token_hmac", LargeBinary, primary_key=True),
    Column("login", Text, ForeignKey("staff.login"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

duty = Table(
    "duty",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("login", Text, ForeignKey("staff.login"), nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
)

workyear = Table(
    "workyear",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("off", JSON, nullable=False),
    Column("on", JSON, nullable=False),
    Column("source", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
)

statistic = Table(
    "statistic",
    metadata,
    Column("month", Text, primary_key=True),
    Column("figures", JSON, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),  # canonical JSON
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_by_subject", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

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
