"""Visits, what was written in them, and messages that nobody sent go when their time is over."""

from alembic import op

revision = "0025_visits_end"
down_revision = "0024_feeds_of_messages"
branch_labels = None
depends_on = None

# Aggregation sweeps them by their dates, and reads nothing else of them. What hangs on a visit goes
# with it.
_GRANTS = """
GRANT SELECT (expires_at), DELETE ON message_out TO tell_once_aggregation;
GRANT SELECT (presence_id, person_id, lapses_at), DELETE ON presence TO tell_once_aggregation;
GRANT SELECT (presence_id, person_id) ON presence_confirmed TO tell_once_aggregation;
GRANT SELECT (created_at), DELETE ON presence_code TO tell_once_aggregation;
GRANT SELECT (presence_id, written_at), DELETE ON presence_sheet TO tell_once_aggregation;
GRANT SELECT (relationship_id, person_id), DELETE ON relationship_words TO tell_once_aggregation;
GRANT SELECT (request_id, known_at) ON relationship_request TO tell_once_aggregation;
"""
_BACK = """
REVOKE SELECT (request_id, known_at) ON relationship_request FROM tell_once_aggregation;
REVOKE SELECT (relationship_id, person_id), DELETE ON relationship_words FROM tell_once_aggregation;
REVOKE SELECT (presence_id, written_at), DELETE ON presence_sheet FROM tell_once_aggregation;
REVOKE SELECT (created_at), DELETE ON presence_code FROM tell_once_aggregation;
REVOKE SELECT (presence_id, person_id) ON presence_confirmed FROM tell_once_aggregation;
REVOKE SELECT (presence_id, person_id, lapses_at), DELETE ON presence FROM tell_once_aggregation;
REVOKE SELECT (expires_at), DELETE ON message_out FROM tell_once_aggregation;
"""


def upgrade() -> None:
    """Let aggregation sweep them."""
    op.execute(_GRANTS)


def downgrade() -> None:
    """Take that back: nothing of them goes for its age."""
    op.execute(_BACK)
