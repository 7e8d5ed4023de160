"""What waits to be published lies in its row, and its room is used again soon."""

from alembic import op

revision = "0060_outbox_in_its_row"
down_revision = "0059_schools"
branch_labels = None
depends_on = None

# A sealed event of some kilobytes does not compress: trying it, and laying it in pieces beside the
# row, with an index of those, cost more than the row. It is read once and deleted: whoever vacuums
# has to come by how many have gone, not by how large the table has grown.
_IN_ITS_ROW = """
ALTER TABLE outbox SET (
    toast_tuple_target = 8160,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);
"""
_BACK = """
ALTER TABLE outbox RESET (
    toast_tuple_target,
    autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_threshold
);
"""


def upgrade() -> None:
    """Say so of the table; what waits in it now stays where it is."""
    op.execute(_IN_ITS_ROW)


def downgrade() -> None:
    """Take it back."""
    op.execute(_BACK)
