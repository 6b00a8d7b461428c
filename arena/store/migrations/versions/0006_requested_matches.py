"""matches: the request that asked for them.

Matches that stand there already were asked for by nobody: the column is empty, as a rebuild would leave it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.add_column("matches", sa.Column("request", sa.Text(collation="C")))
    op.create_index(
        "ix_matches_request_id", "matches", ["request", "id"], postgresql_where=sa.text("request IS NOT NULL")
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_matches_request_id", "matches")
    op.drop_column("matches", "request")
