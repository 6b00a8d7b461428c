"""which agents were in quarantine, and what admission tests found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.create_table(
        "admissions",
        sa.Column("game", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("game", name=op.f("pk_admissions")),
    )
    op.create_table(
        "quarantine_log",
        sa.Column("agent", sa.Text(collation="C"), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("game", sa.Text(collation="C"), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("matches", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "since_ms", "game", name=op.f("pk_quarantine_log")),
    )
    op.create_index("ix_quarantine_log_since_ms", "quarantine_log", ["since_ms"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("quarantine_log")
    op.drop_table("admissions")
