"""when the newest match of a rating ended."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before. Ratings of agents that paused get their wider sigma by a rebuild."""
    op.add_column("ratings", sa.Column("rated_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(
        """
        UPDATE ratings SET rated_ms = newest.at_ms
        FROM (SELECT game, agent, max(at_ms) AS at_ms FROM rating_history GROUP BY game, agent) AS newest
        WHERE ratings.game = newest.game AND ratings.agent = newest.agent
        """
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("ratings", "rated_ms")
