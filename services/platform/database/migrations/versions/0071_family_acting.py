"""Whom a young person lets see their page, and providers that families were sent to sign in at."""

from alembic import op

revision = "0071_family_acting"
down_revision = "0070_family_words"
branch_labels = None
depends_on = None

# Every state is a row, bound to the ledger: whoever can write in the database lets nobody see.
_LET_SEE = """
CREATE TABLE family_let_see (
    let_see_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    other_person_id text NOT NULL REFERENCES person,
    standing text NOT NULL,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (let_see_id, state)
);
CREATE INDEX family_let_see_person ON family_let_see (person_id);
CREATE INDEX family_let_see_other ON family_let_see (other_person_id);
CREATE TRIGGER family_let_see_stays BEFORE UPDATE ON family_let_see FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
GRANT SELECT, INSERT ON family_let_see TO tell_once_app;
"""
# Minutes long, taken once, and about nobody yet: hashes of what the browser has.
_BEGAN = """
CREATE TABLE family_began (
    state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash bytea NOT NULL,
    provider text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    proves boolean NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX family_began_until ON family_began (until);
GRANT SELECT, INSERT, DELETE ON family_began TO tell_once_app;
"""


def upgrade() -> None:
    """Make the tables: nobody is let see anything, nobody is on their way."""
    op.execute(_LET_SEE)
    op.execute(_BEGAN)


def downgrade() -> None:
    """Remove them: from 16 on no parent reaches anything again."""
    op.execute("DROP TABLE family_began, family_let_see")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'family_let_see'")
