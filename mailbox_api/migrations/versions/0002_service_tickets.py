"""Service tickets, their timelines and files"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENTS = (
    "answer_due", "handle_due", "tell_due", "answered_at", "told_at", "promised_at", "acknowledged_at", "handled_at",
    "reopened_at", "closed_at", "consent_at",
)  # fmt: skip
TEXTS = ("kind", "title", "status", "opened_by", "department", "owner", "source")


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("number", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in MOMENTS),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("breaches", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ticket_by_status", "ticket", ["status", "opened_at"], unique=False)
    op.create_index("ticket_by_source", "ticket", ["source"], unique=False)

    op.create_table(
        "ticket_entry",
        sa.Column("id", _key(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_ct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ticket.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ticket_entry_by_ticket", "ticket_entry", ["number"], unique=False)

    op.create_table(
        "ticket_file",
        sa.Column("id", _key(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_ct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ticket.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ticket_file_by_ticket", "ticket_file", ["number"], unique=False)
