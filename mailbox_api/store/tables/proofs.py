"""What may be used once or only so often."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from mailbox_api.store.tables.columns import UtcDateTime, metadata

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
