"""who may ask for matches against an agent."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.add_column("agents", sa.Column("open_to", sa.Text(), server_default="everybody", nullable=False))
    op.create_check_constraint(op.f("ck_agents_open_to"), "agents", "open_to IN ('nobody', 'everybody')")


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_constraint(op.f("ck_agents_open_to"), "agents", type_="check")
    op.drop_column("agents", "open_to")
