"""What the relay tells metrics: how much is parked of a source, and when it was last heard of."""

from alembic import op

revision = "0061_seen_from_outside"
down_revision = "0060_outbox_in_its_row"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns of what is parked, none of which says what or about whom; and every source."""
    op.execute("""
        GRANT SELECT (source, state) ON parked TO tell_once_relay;
        GRANT SELECT ON source_status TO tell_once_relay;
    """)


def downgrade() -> None:
    """Take it back."""
    op.execute("""
        REVOKE SELECT ON source_status FROM tell_once_relay;
        REVOKE SELECT (source, state) ON parked FROM tell_once_relay;
    """)
