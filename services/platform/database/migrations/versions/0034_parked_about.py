"""About whom messages are that could not be read, where they name somebody by a number."""

from alembic import op

revision = "0034_parked_about"
down_revision = "0032_orders_bound"
branch_labels = None
depends_on = None

# It goes with the message, however that goes: read, discarded, taken back, erased or past its
# time. Whose a number is stands in person_token, so joins and partings need nothing here.
_TABLE = """
CREATE TABLE parked_about (
    source text NOT NULL,
    ref bytea NOT NULL,
    token bytea NOT NULL,
    kind text NOT NULL,
    removes boolean NOT NULL,
    names bytea[] NOT NULL,
    version text,
    since timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (source, ref, token),
    FOREIGN KEY (source, ref) REFERENCES parked (source, ref) ON DELETE CASCADE
);
CREATE INDEX parked_about_token ON parked_about (token);
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_about TO tell_once_connectors, tell_once_app;
"""


def upgrade() -> None:
    """Make the table; what was parked before is in it once it is replayed."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE parked_about")
