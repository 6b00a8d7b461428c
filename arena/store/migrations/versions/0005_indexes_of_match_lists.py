"""indexes: matches of a user, matches by their cause."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on from the revision before."""
    op.create_index("ix_participations_owner_match", "participations", ["owner", "match"])
    op.create_index("ix_matches_cause_id", "matches", ["cause", "id"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_matches_cause_id", "matches")
    op.drop_index("ix_participations_owner_match", "participations")
