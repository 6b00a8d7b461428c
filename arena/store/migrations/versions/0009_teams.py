"""the team that a seat plays for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.add_column("participations", sa.Column("team", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("participations", "team")
