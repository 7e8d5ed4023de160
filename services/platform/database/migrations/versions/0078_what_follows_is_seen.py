"""The relay, which measures for everybody, may see how late what is due of services is."""

from alembic import op

revision = "0078_what_follows_is_seen"
down_revision = "0077_services_findable"
branch_labels = None
depends_on = None

# Times and states alone: of no request whose it is, of no partner who answers for it.
_SEEN = (
    "SELECT (status, respond_by, undelivered) ON connection",
    "SELECT (queued_at, handed_at, settled_at) ON answering_mail",
    "SELECT (partner_code, state, known_at) ON community_partner",
    "SELECT (added_at, last_ok) ON directory_feed",
)


def upgrade() -> None:
    """Grant it; takes no time."""
    for right in _SEEN:
        op.execute(f"GRANT {right} TO tell_once_relay")


def downgrade() -> None:
    """Take it back."""
    for right in _SEEN:
        op.execute(f"REVOKE {right} FROM tell_once_relay")
