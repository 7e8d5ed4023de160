"""The profile for partners' own screens: for whose practitioners a partner may ask, and who does.

A token may name one practitioner and one purpose; a look says through which partner it came.
"""

from alembic import op

revision = "0015_families"
down_revision = "0014_story"
branch_labels = None
depends_on = None

# A practitioner who is taken out of the directory takes the tokens that name them along.
_ACTING = """
ALTER TABLE partner ADD COLUMN agencies text[] NOT NULL DEFAULT '{}';
ALTER TABLE partner_token
    ADD COLUMN practitioner_id text REFERENCES practitioner ON DELETE CASCADE,
    ADD COLUMN purpose text,
    ADD CONSTRAINT partner_token_acting CHECK ((practitioner_id IS NULL) = (purpose IS NULL));
CREATE INDEX partner_token_practitioner ON partner_token (practitioner_id)
    WHERE practitioner_id IS NOT NULL;
ALTER TABLE look ADD COLUMN partner_id text REFERENCES partner;
"""
_NOT_ACTING = """
ALTER TABLE look DROP COLUMN partner_id;
DELETE FROM partner_token WHERE practitioner_id IS NOT NULL;
ALTER TABLE partner_token DROP CONSTRAINT partner_token_acting, DROP COLUMN practitioner_id,
    DROP COLUMN purpose;
ALTER TABLE partner DROP COLUMN agencies;
"""


def upgrade() -> None:
    """Make the columns."""
    op.execute(_ACTING)


def downgrade() -> None:
    """Remove them, and the tokens that would say less without them than they were given for."""
    op.execute(_NOT_ACTING)
