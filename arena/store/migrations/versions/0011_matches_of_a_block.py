"""an index of the matches of a block."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.create_index("ix_matches_block", "matches", ["block"], postgresql_where=sa.text("block <> ''"))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_matches_block", table_name="matches")
