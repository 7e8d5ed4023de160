"""Orders of two hands, and feeds, are bound to the ledger like what comes of them."""

from alembic import op

revision = "0032_orders_bound"
down_revision = "0031_times"
branch_labels = None
depends_on = None

_BOUND = ("two_hands_order", "feed")
_BIND = """
ALTER TABLE {table} ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
_UNBIND = """
DROP TRIGGER {table}_stays ON {table};
ALTER TABLE {table} DROP COLUMN salt, DROP COLUMN bound_by, DROP COLUMN seal;
"""


def upgrade() -> None:
    """Let nobody change one that is bound."""
    for table in _BOUND:
        op.execute(_BIND.format(table=table))


def downgrade() -> None:
    """Take the seals off."""
    for table in _BOUND:
        op.execute(_UNBIND.format(table=table))
