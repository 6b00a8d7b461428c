"""how many matches an hour an agent may begin."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.add_column("agents", sa.Column("hourly_max", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_agents_hourly_max"), "agents", "hourly_max >= 0")


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_constraint(op.f("ck_agents_hourly_max"), "agents", type_="check")
    op.drop_column("agents", "hourly_max")
