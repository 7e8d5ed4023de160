"""Erasures wait their days, may be stopped, and leave a keyed tombstone."""

from alembic import op

revision = "0030_orders"
down_revision = "0029_joins"
branch_labels = None
depends_on = None

# A tombstone names nobody: hashes of hashes, opaque ids and codes.
_TABLES = """
CREATE TABLE erasure_wait (
    order_id text NOT NULL,
    state integer NOT NULL,
    boot text NOT NULL,
    boot_ms bigint NOT NULL,
    waited_ms bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, state)
);
CREATE TABLE tombstone (
    tombstone_id text NOT NULL,
    state integer NOT NULL,
    persons text[] NOT NULL,
    numbers bytea[] NOT NULL,
    demographics bytea[] NOT NULL,
    single_kinds text[] NOT NULL,
    kept_apart text[] NOT NULL,
    excluded text[] NOT NULL,
    refusals bytea NOT NULL,
    left_at timestamptz NOT NULL,
    PRIMARY KEY (tombstone_id, state)
);
CREATE INDEX tombstone_numbers ON tombstone USING gin (numbers);
CREATE INDEX tombstone_demographics ON tombstone USING gin (demographics);
CREATE TABLE came_again (
    person_id text NOT NULL REFERENCES person,
    tombstone_id text NOT NULL,
    decision_id text NOT NULL,
    PRIMARY KEY (person_id, tombstone_id, decision_id)
);
CREATE INDEX came_again_decision ON came_again (decision_id);
GRANT SELECT ON tombstone TO tell_once_app, tell_once_connectors;
GRANT SELECT, INSERT ON came_again TO tell_once_app, tell_once_connectors;
GRANT INSERT ON exclusion TO tell_once_connectors;
"""
_BOUND = ("erasure_wait", "tombstone")
_BIND = """
ALTER TABLE {table} ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
# Whoever asked may also stop what somebody else has confirmed.
_ORDERS = """
ALTER TABLE two_hands_order DROP CONSTRAINT two_hands_order_check;
ALTER TABLE two_hands_order ADD CONSTRAINT two_hands_order_check
    CHECK (answered_by IS DISTINCT FROM asked_by OR status IN ({own}));
"""


def upgrade() -> None:
    """Make the tables, and bind them."""
    op.execute(_TABLES)
    for table in _BOUND:
        op.execute(_BIND.format(table=table))
    op.execute(_ORDERS.format(own="'declined', 'stopped'"))


def downgrade() -> None:
    """Go back to before; what was stopped or carried out is as it was confirmed."""
    op.execute("DELETE FROM two_hands_order WHERE status IN ('stopped', 'carried-out')")
    op.execute(_ORDERS.format(own="'declined'"))
    op.execute("REVOKE INSERT ON exclusion FROM tell_once_connectors")
    op.execute("DROP TABLE came_again, tombstone, erasure_wait")
