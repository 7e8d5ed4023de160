"""Who may be who: sealed facts, search tokens, identifiers, and pairs that wait for somebody."""

from alembic import op

revision = "0010_candidates"
down_revision = "0009_joins"
branch_labels = None
depends_on = None

# Search tokens go with the facts that they were made from, whoever deletes those.
_TABLES = """
CREATE TABLE person_facts (
    facts_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES person,
    source text NOT NULL,
    facts_key bytea NOT NULL,
    sealed bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    UNIQUE (person_id, source, facts_key)
);
CREATE TABLE search_token (
    token bytea NOT NULL,
    facts_id bigint NOT NULL REFERENCES person_facts ON DELETE CASCADE,
    kind text NOT NULL,
    PRIMARY KEY (token, facts_id)
);
CREATE INDEX search_token_facts ON search_token (facts_id);
CREATE TABLE person_identifier (
    person_id text NOT NULL REFERENCES person,
    source text NOT NULL,
    token bytea NOT NULL,
    scheme text NOT NULL,
    status text NOT NULL,
    sealed bytea NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, source, token)
);
CREATE TABLE link_to_consider (
    person_id text PRIMARY KEY REFERENCES person,
    at timestamptz NOT NULL
);
CREATE INDEX link_to_consider_at ON link_to_consider (at);
CREATE TABLE link_review (
    review_id text PRIMARY KEY,
    one text NOT NULL REFERENCES person,
    other text NOT NULL REFERENCES person,
    bits real NOT NULL,
    weights text NOT NULL,
    state text NOT NULL,
    opened_at timestamptz NOT NULL,
    asked_at timestamptz,
    answered_at timestamptz,
    answered_by text,
    CHECK (one < other),
    UNIQUE (one, other)
);
CREATE INDEX link_review_other ON link_review (other);
CREATE INDEX link_review_open ON link_review (opened_at) WHERE state IN ('waiting', 'asked-source');
GRANT SELECT, INSERT, UPDATE, DELETE ON person_facts, search_token, person_identifier,
    link_to_consider, link_review TO tell_once_connectors;
GRANT SELECT ON person_facts, search_token, person_identifier TO tell_once_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON link_to_consider, link_review TO tell_once_app;
"""
_NAMES = ("link_review", "link_to_consider", "person_identifier", "search_token", "person_facts")


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them."""
    for name in _NAMES:
        op.execute(f"DROP TABLE {name}")
