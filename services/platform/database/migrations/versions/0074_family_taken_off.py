"""Which child two hands took off whose own page, and which months' looks came to governance."""

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
# Which months' looks that families are not told yet were brought to governance, and by which items
# a look is found on the family's own page.
_HELD_BACK = """
CREATE TABLE held_back_month (
    month date PRIMARY KEY,
    done_at timestamptz NOT NULL
);
CREATE INDEX governance_item_held_back ON governance_item (person_id)
    WHERE kind = 'held-back-looks' AND state = 1;
GRANT SELECT, INSERT ON held_back_month TO tell_once_aggregation;
GRANT SELECT (disclosure, practitioner_id, purpose, permitted, categories) ON look
    TO tell_once_aggregation;
GRANT SELECT (practitioner_id, person_id, day, explained_by) ON unusual_hit
    TO tell_once_aggregation;
GRANT SELECT ON governance_open TO tell_once_aggregation;
"""


def upgrade() -> None:
    """Make the tables: nothing is taken off anybody's page, no month was looked at."""
    op.execute(_TAKEN_OFF)
    op.execute(_HELD_BACK)


def downgrade() -> None:
    """Remove them: whoever a source names reaches what they reached before."""
    op.execute("REVOKE SELECT ON governance_open FROM tell_once_aggregation")
    op.execute(
        "REVOKE SELECT (practitioner_id, person_id, day, explained_by) ON unusual_hit"
        " FROM tell_once_aggregation"
    )
    op.execute(
        "REVOKE SELECT (disclosure, practitioner_id, purpose, permitted, categories) ON look"
        " FROM tell_once_aggregation"
    )
    op.execute("DROP INDEX governance_item_held_back")
    op.execute("DROP TABLE held_back_month")
    op.execute("DROP TABLE family_taken_off")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'family_taken_off'")
