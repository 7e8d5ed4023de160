"""Which child two hands took off whose own page."""

from alembic import op

revision = "0074_family_taken_off"
down_revision = "0073_services_that_reach"
branch_labels = None
depends_on = None

# Every state is a row, bound to the ledger: whoever can write in the database gives nothing back.
_TAKEN_OFF = """
CREATE TABLE family_taken_off (
    taking_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    other_person_id text NOT NULL REFERENCES person,
    standing text NOT NULL,
    because text NOT NULL,
    order_id text NOT NULL,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (taking_id, state)
);
CREATE INDEX family_taken_off_person ON family_taken_off (person_id);
CREATE INDEX family_taken_off_other ON family_taken_off (other_person_id);
CREATE TRIGGER family_taken_off_stays BEFORE UPDATE ON family_taken_off FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
GRANT SELECT, INSERT ON family_taken_off TO tell_once_app;
"""


def upgrade() -> None:
    """Make the table: nothing is taken off anybody's page."""
    op.execute(_TAKEN_OFF)


def downgrade() -> None:
    """Remove it: whoever a source names reaches what they reached before."""
    op.execute("DROP TABLE family_taken_off")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'family_taken_off'")
