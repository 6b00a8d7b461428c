"""what agents say they can do; which version of an agent was rated last; when a credential was used last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before. Ratings of agents with several versions get their wider sigma by a rebuild."""
    op.add_column(
        "agents",
        sa.Column(
            "capabilities",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column("credentials", sa.Column("used_ms", sa.BigInteger(), nullable=True))
    op.add_column("ratings", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        """
        UPDATE ratings SET version = rated.version
        FROM (
            SELECT m.game, p.agent, max(p.version) AS version
            FROM participations p JOIN matches m ON m.id = p.match
            WHERE p.mu_after IS NOT NULL
            GROUP BY m.game, p.agent
        ) AS rated
        WHERE ratings.game = rated.game AND ratings.agent = rated.agent
        """
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("ratings", "version")
    op.drop_column("credentials", "used_ms")
    op.drop_column("agents", "capabilities")
