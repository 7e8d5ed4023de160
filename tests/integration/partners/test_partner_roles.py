"""What takes partners' requests may push, and may do nothing else in the database."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from services.bootstrap import DatabaseRole
from tests.support.fixtures.fixtures_ledger import acting_as

pytestmark = pytest.mark.postgres

CONNECTORS = DatabaseRole.CONNECTORS.value
PROFILES = ("record", "case_load", "look", "session", "inbox")
BOOK = ("partner", "partner_key", "partner_secret")
OTHERS = [DatabaseRole.AGGREGATION.value, DatabaseRole.RELAY.value]


@pytest.fixture(scope="module")
def engine(shared_engine: Engine) -> Engine:
    """Give one database to all of these, none of which commits anything."""
    return shared_engine


@pytest.mark.parametrize("table", PROFILES)
def test_connectors_cannot_read_the_profile(engine: Engine, table: str):
    """What others have sent is none of a sender's business."""
    with (
        acting_as(engine, CONNECTORS) as connection,
        pytest.raises(ProgrammingError, match="denied"),
    ):
        connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - ours


@pytest.mark.parametrize("role", [CONNECTORS, DatabaseRole.PORTAL.value, *OTHERS])
@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO partner (partner_id) VALUES ('x')",
        "UPDATE partner SET suspended_at = NULL",
        "DELETE FROM partner",
        "INSERT INTO partner_key (partner_id) VALUES ('x')",
        "UPDATE partner_key SET valid_until = NULL",
        "INSERT INTO partner_secret (partner_id) VALUES ('x')",
        "UPDATE partner_secret SET valid_until = NULL",
        "UPDATE partner_token SET expires_at = now()",
        "INSERT INTO partner_explaining (partner_id) VALUES ('x')",
        "UPDATE partner_explaining SET is_granted = true",
        "DELETE FROM partner_explaining",
        "UPDATE partner_disposition SET disposition = ''",
    ],
)
def test_no_process_makes_itself_a_partner(engine: Engine, role: str, change: str):
    """Nor lifts a suspension, nor lengthens a token, nor changes what was told."""
    with acting_as(engine, role) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.execute(text(change))


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("table", [*BOOK, "partner_token", "partner_withheld", "partner_event"])
def test_partners_are_none_of_the_others_business(engine: Engine, role: str, table: str):
    """Aggregation and relay know events, not who sent them."""
    with acting_as(engine, role) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - ours


@pytest.mark.parametrize("table", ["partner_key", "partner_secret", "partner_assertion"])
def test_the_portal_sees_no_credential(engine: Engine, table: str):
    """It asks whose a token is, which it is told by its hash."""
    with (
        acting_as(engine, DatabaseRole.PORTAL.value) as connection,
        pytest.raises(ProgrammingError, match="denied"),
    ):
        connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - ours
