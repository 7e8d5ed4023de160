"""By what auditors find entries and decisions; how reviews stand; what families ask."""

from alembic import op

revision = "0046_audit"
down_revision = "0043_record_parts"
branch_labels = None
depends_on = None

# What the relay derives from the ledger and could derive again: the ledger is what counts, and an
# answer is read from its bodies. Not on `ledger_entry`: whoever appends waits for none of it.
_INDEX = """
CREATE TABLE audit_entry (
    seq bigint PRIMARY KEY,
    event text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    because text
);
CREATE INDEX audit_entry_event ON audit_entry (event, at, seq) INCLUDE (because);
CREATE INDEX audit_entry_actor ON audit_entry (actor, at, seq);
CREATE TABLE audit_named (
    named text NOT NULL,
    at timestamptz NOT NULL,
    seq bigint NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (named, at, seq)
);
CREATE TABLE audit_decision (
    mark text NOT NULL,
    at timestamptz NOT NULL,
    decision_id text NOT NULL,
    until timestamptz,
    PRIMARY KEY (mark, at, decision_id)
);
CREATE INDEX audit_decision_id ON audit_decision (decision_id);
CREATE TABLE audit_indexed (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    size bigint NOT NULL
);
INSERT INTO audit_indexed (size) VALUES (0);
"""
# A row a state, as the queue's. They open, widen and hide nothing, so they are not bound rows.
_REVIEWS = """
CREATE TABLE audit_review (
    review_id text NOT NULL,
    state integer NOT NULL,
    kind text NOT NULL,
    step text NOT NULL,
    outcome text,
    because text,
    found_by text,
    closed_by text,
    said_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (review_id, state)
);
CREATE INDEX governance_item_due ON governance_item (kind, due_at, item_id)
    WHERE state = 1;
CREATE TABLE family_question (
    question_id text NOT NULL,
    state integer NOT NULL,
    person_id text REFERENCES person,
    asks text NOT NULL,
    worker text,
    came_by text NOT NULL,
    entered_by text NOT NULL,
    due_at timestamptz NOT NULL,
    answer text,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (question_id, state)
);
CREATE INDEX family_question_due ON family_question (due_at, question_id) WHERE state = 1;
CREATE INDEX family_question_person ON family_question (person_id) WHERE person_id IS NOT NULL;
"""
# The relay derives marks of the decisions that entries tell of, and sees no others: as they stand,
# with all that are about the same people.
_BESIDE = """
CREATE FUNCTION decisions_beside(wanted text[]) RETURNS TABLE (decision_id text, document bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT DISTINCT ON (d.decision_id) d.decision_id, d.document
    FROM sharing_decision_subject s
    CROSS JOIN LATERAL (
        SELECT * FROM sharing_decision one WHERE one.decision_id = s.decision_id
        ORDER BY one.version DESC LIMIT 1) AS d
    WHERE s.person_id IN (
        SELECT t.person_id FROM sharing_decision_subject t WHERE t.decision_id = ANY(wanted))
$body$;
"""
_HISTORY = ("audit_review", "family_question")
_GRANTS = """
GRANT SELECT ON audit_entry, audit_named, audit_decision, audit_indexed TO tell_once_app;
GRANT SELECT, INSERT, DELETE ON audit_entry, audit_named, audit_decision TO tell_once_relay;
GRANT SELECT, UPDATE (size) ON audit_indexed TO tell_once_relay;
REVOKE EXECUTE ON FUNCTION decisions_beside FROM PUBLIC;
GRANT EXECUTE ON FUNCTION decisions_beside TO tell_once_relay, tell_once_app;
GRANT SELECT, INSERT ON audit_review, family_question TO tell_once_app;
"""


def upgrade() -> None:
    """Make the tables; the relay fills them from the first entry on, a batch at a time."""
    op.execute(_INDEX)
    op.execute(_REVIEWS)
    op.execute(_BESIDE)
    for table in _HISTORY:
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
        """)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them; what reviews found and families asked goes with them, the entries stay."""
    op.execute("DROP FUNCTION decisions_beside")
    op.execute("DROP INDEX governance_item_due")
    op.execute("""
        DROP TABLE family_question, audit_review, audit_indexed, audit_decision, audit_named,
            audit_entry
    """)
