"""Who may be told reasons, and how often anybody may ask."""

from alembic import op

revision = "0022_explaining"
down_revision = "0021_deciders"
branch_labels = None
depends_on = None

# History: a row a state, written by the owner's commands alone. What holds is the latest state.
_TABLE = """
CREATE TABLE partner_explaining (
    partner_id text NOT NULL REFERENCES partner,
    state integer NOT NULL,
    is_granted boolean NOT NULL,
    order_id text,
    said_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (partner_id, state),
    CHECK (is_granted = (order_id IS NOT NULL))
);
"""
# Pages and questions are counted in the buckets that partners are paced by.
_GRANTS = """
GRANT SELECT ON partner_explaining TO tell_once_connectors, tell_once_app;
GRANT SELECT, INSERT, UPDATE ON partner_pace TO tell_once_app;
GRANT DELETE ON partner_pace TO tell_once_connectors;
"""
_BACK = """
REVOKE DELETE ON partner_pace FROM tell_once_connectors;
REVOKE SELECT, INSERT, UPDATE ON partner_pace FROM tell_once_app;
DROP TABLE partner_explaining;
"""


def upgrade() -> None:
    """Make the table and the grants."""
    op.execute(_TABLE)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them: nobody is told reasons any more."""
    op.execute(_BACK)
