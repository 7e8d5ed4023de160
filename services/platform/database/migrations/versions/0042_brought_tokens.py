"""As which clients partners are known to providers, and each use of a practitioner's name."""

from alembic import op

revision = "0042_brought_tokens"
down_revision = "0041_sign_in_accounts"
branch_labels = None
depends_on = None

# A client of an issuer is one partner's: what was made for another is nobody's to bring.
_TABLES = """
CREATE TABLE partner_client (
    issuer text NOT NULL,
    client text NOT NULL,
    partner_id text NOT NULL REFERENCES partner,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, client)
);
CREATE TABLE partner_use (
    use_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('families', 'question')),
    partner_id text NOT NULL REFERENCES partner,
    practitioner_id text NOT NULL REFERENCES practitioner ON DELETE CASCADE,
    purpose text NOT NULL,
    at timestamptz NOT NULL,
    disowned_at timestamptz
);
CREATE INDEX partner_use_practitioner ON partner_use (practitioner_id, at);
CREATE INDEX partner_use_at ON partner_use (at);
ALTER TABLE look ADD COLUMN use_id text;
CREATE INDEX look_use ON look (use_id) WHERE use_id IS NOT NULL;
"""
# Tokens that a partner's word was enough for end here: they name nobody's own sign-in.
_TOKENS = """
DELETE FROM partner_token WHERE practitioner_id IS NOT NULL;
ALTER TABLE partner_token ADD COLUMN use_id text REFERENCES partner_use ON DELETE CASCADE,
    ADD CONSTRAINT partner_token_use CHECK ((practitioner_id IS NULL) = (use_id IS NULL));
CREATE INDEX partner_token_use ON partner_token (use_id) WHERE use_id IS NOT NULL;
"""
_GRANTS = """
GRANT SELECT ON partner_client TO tell_once_connectors;
GRANT SELECT, INSERT, DELETE ON partner_use TO tell_once_connectors;
GRANT SELECT, INSERT ON partner_use TO tell_once_app;
GRANT UPDATE (disowned_at) ON partner_use TO tell_once_app;
GRANT DELETE ON partner_token TO tell_once_app;
GRANT SELECT ON sign_in_account TO tell_once_connectors;
"""
_BACK = """
REVOKE SELECT ON sign_in_account FROM tell_once_connectors;
GRANT SELECT (practitioner_id, subject_digest) ON sign_in_account TO tell_once_connectors;
REVOKE DELETE ON partner_token FROM tell_once_app;
DELETE FROM partner_token WHERE practitioner_id IS NOT NULL;
ALTER TABLE partner_token DROP CONSTRAINT partner_token_use, DROP COLUMN use_id;
ALTER TABLE look DROP COLUMN use_id;
DROP TABLE partner_use, partner_client;
"""


def upgrade() -> None:
    """Make the tables, and end the tokens of before."""
    for step in (_TABLES, _TOKENS, _GRANTS):
        op.execute(step)


def downgrade() -> None:
    """Remove them, with the tokens that would say more without them than they were given for."""
    op.execute(_BACK)
