"""Staff, their sessions, the roster and the years they entered."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, ForeignKey, Integer, LargeBinary, Table, Text

from mailbox_api.store.tables.columns import BigKey, UtcDateTime, metadata

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
