"""evidence of faults, forgiven time, takeovers of seats."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before. Rows that are there get what the events of then say: the fields' defaults."""
    op.add_column("participations", sa.Column("takeovers", sa.Integer(), server_default="0", nullable=False))
    op.add_column("turns", sa.Column("forgiven_ms", sa.Double(), server_default="0", nullable=False))
    op.add_column("faults", sa.Column("forgiven_ms", sa.Double(), server_default="0", nullable=False))
    op.add_column("faults", sa.Column("sent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("faults", sa.Column("replied_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("faults", sa.Column("reply_bytes", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("faults", sa.Column("connection", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    for name in ("connection", "reply_bytes", "replied_ms", "sent", "forgiven_ms"):
        op.drop_column("faults", name)
    op.drop_column("turns", "forgiven_ms")
    op.drop_column("participations", "takeovers")
