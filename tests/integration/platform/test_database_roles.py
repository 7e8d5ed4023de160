"""Each process may do its own work in the database and no other's."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from schemas.vocabulary import Source
from services.bootstrap import DatabaseRole
from services.interfaces.directory.entries.postgres import DirectoryRole
from services.platform.database.engine import open_engine
from services.platform.database.migrating import HEAD
from tests.support.fixtures.fixtures_ledger import acting_as
from tests.support.traces.in_the_clear import tables_of

pytestmark = pytest.mark.postgres

HELD = "holding_health_visiting.held_message"
OTHERS = ("tell_once_app", "tell_once_aggregation", "tell_once_relay")
FORBIDDEN = {
    "the portal stores no record": ("tell_once_app", "DELETE FROM record"),
    "the portal purges nothing": ("tell_once_app", "DELETE FROM person_purge"),
    "aggregation decides nothing": ("tell_once_aggregation", "DELETE FROM sharing_decision"),
    "aggregation lifts no restriction": ("tell_once_aggregation", "DELETE FROM restriction"),
    "aggregation links nobody": ("tell_once_aggregation", "DELETE FROM person_token"),
    "aggregation sees no session": ("tell_once_aggregation", "SELECT * FROM session"),
    "aggregation sees nothing parked": ("tell_once_aggregation", "SELECT * FROM parked"),
    "aggregation joins nobody": ("tell_once_aggregation", "INSERT INTO person_join DEFAULT VALUES"),
    "aggregation parts nobody": ("tell_once_aggregation", "UPDATE person_join SET standing = ''"),
    "the portal changes no join": ("tell_once_app", "UPDATE person_join SET standing = ''"),
    "no join is lost": ("tell_once_connectors", "DELETE FROM person_join"),
    "the portal makes no part": ("tell_once_app", "INSERT INTO record_part DEFAULT VALUES"),
    "no part is written over": ("tell_once_aggregation", "UPDATE record_part SET sealed = ''"),
    "connectors take no part away": ("tell_once_connectors", "DELETE FROM record_part"),
    "the relay sees no part": ("tell_once_relay", "SELECT * FROM record_part"),
    "the relay sees no record": ("tell_once_relay", "SELECT * FROM record"),
    "the relay sees no person": ("tell_once_relay", "SELECT * FROM person"),
    "the relay sees of no request whose it is": (
        "tell_once_relay",
        "SELECT person_id FROM connection",
    ),
    "the relay sees no decision": ("tell_once_relay", "SELECT * FROM sharing_decision"),
    "connectors write no record": ("tell_once_connectors", "DELETE FROM record"),
    "connectors see no session": ("tell_once_connectors", "SELECT * FROM session"),
    "nobody says otherwise where a hit stands": (
        "tell_once_app",
        "UPDATE unusual_standing SET standing = 'justified'",
    ),
    "no count of a rule is made up": ("tell_once_relay", "DELETE FROM unusual_count"),
    "nothing open is taken off the list": ("tell_once_app", "DELETE FROM governance_open"),
    "aggregation reads no figure": ("tell_once_aggregation", "SELECT * FROM audit_count"),
    "aggregation takes no count back": ("tell_once_aggregation", "DELETE FROM audit_count"),
    "no month of reviews is counted anew": (
        "tell_once_aggregation",
        "DELETE FROM audit_reviews_counted",
    ),
    "the portal makes no figure up": (
        "tell_once_app",
        "INSERT INTO audit_reviews_counted VALUES ('2026-01-01', now())",
    ),
    "the relay sees no past": ("tell_once_relay", "SELECT * FROM past.relationship"),
}


@pytest.fixture(scope="module")
def engine(shared_engine: Engine) -> Engine:
    """Give one database to all of these, none of which commits anything."""
    return shared_engine


@pytest.mark.parametrize("role", OTHERS)
def test_what_an_agency_holds_back_is_its_own(engine: Engine, role: str):
    """Neither portal nor aggregation nor relay can look into a holding store."""
    with acting_as(engine, role) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.execute(text(f"SELECT * FROM {HELD}"))  # noqa: S608 - ours


@pytest.mark.parametrize("role", ["tell_once_health_visiting", "tell_once_connectors"])
def test_the_agency_s_own_connector_may_look_into_its_store(engine: Engine, role: str):
    """It answers to the agency whose messages it keeps."""
    with acting_as(engine, role) as connection:
        held = connection.execute(text(f"SELECT count(*) FROM {HELD}")).scalar_one()  # noqa: S608

    assert held == 0


@pytest.mark.parametrize(("role", "statement"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_role_has_no_rights_that_its_work_does_not_need(
    engine: Engine, role: str, statement: str
):
    """Who breaks into one process does not own the others' data."""
    with acting_as(engine, role) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.execute(text(statement))


@pytest.mark.parametrize("role", [r.value for r in DatabaseRole if r is not DatabaseRole.OWNER])
@pytest.mark.parametrize(
    "change", ["UPDATE ledger_entry SET body = ''", "DELETE FROM ledger_entry"]
)
def test_no_process_can_change_the_ledger(engine: Engine, role: str, change: str):
    """What happened, happened."""
    with acting_as(engine, role) as connection, pytest.raises(ProgrammingError, match="denied"):
        connection.execute(text(change))


def test_no_role_but_the_owner_can_make_or_drop_tables(engine: Engine):
    """Migrations are run by the owner alone."""
    for role in DatabaseRole:
        if role is DatabaseRole.OWNER:
            continue
        for statement in ("CREATE TABLE mine (n int)", "DROP TABLE person"):
            with acting_as(engine, role.value) as connection, pytest.raises(ProgrammingError):
                connection.execute(text(statement))


def test_every_table_is_somebody_s_work(engine: Engine):
    """A table that no process may read is forgotten, or nobody granted it."""
    rights = text("SELECT has_table_privilege(:role, :table, 'SELECT')")
    workers = [role.value for role in DatabaseRole if role is not DatabaseRole.OWNER]
    workers += [role.value for role in DirectoryRole]
    with engine.connect() as connection:
        unread = {
            table
            for table in tables_of(engine)
            if not any(
                connection.execute(rights, {"role": role, "table": table}).scalar_one()
                for role in workers
            )
        }

    # The business of the owner, who erases.
    assert unread == {'"public"."erasure_wait"'}


@pytest.fixture
def as_portal(database: str) -> Iterator[Engine]:
    """Give an engine that signs in as the portal does on the embedded database."""
    engine = open_engine(database, role=DatabaseRole.PORTAL.value)
    yield engine
    engine.dispose()


def test_the_embedded_database_lets_each_process_in_under_its_own_name(as_portal: Engine):
    """The rights above are those that the processes really have."""
    with as_portal.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "tell_once_app"
        with pytest.raises(ProgrammingError, match="denied"):
            connection.execute(text(f"SELECT * FROM {HELD}"))  # noqa: S608 - ours


def test_there_is_a_holding_store_only_where_a_mailbox_forgets():
    """Files are read again; only health visiting's messages are kept (DESIGN.md section 11)."""
    assert Source.HEALTH_VISITING.value.replace("-", "_") in HELD


@pytest.mark.parametrize("function", ["take_every_part", "take_parts_of_changed_records"])
@pytest.mark.parametrize("role", ["tell_once_app", "tell_once_connectors", "tell_once_relay"])
def test_nobody_takes_parts_away_by_a_table_of_their_own(engine: Engine, role: str, function: str):
    """What does so has the owner's rights, and hangs on records alone."""
    own = "CREATE TEMPORARY TABLE own (folded_in bigint)"
    trigger = f"CREATE TRIGGER gone AFTER TRUNCATE ON own EXECUTE FUNCTION {function}()"
    with acting_as(engine, role) as connection:
        connection.execute(text(own))
        with pytest.raises(ProgrammingError, match="denied"):
            connection.execute(text(trigger))


@pytest.mark.parametrize("role", [r.value for r in DatabaseRole if r is not DatabaseRole.OWNER])
def test_each_part_may_ask_which_version_the_database_has(engine: Engine, role: str):
    """It is the first thing that it does, as whichever user it is."""
    with acting_as(engine, role) as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    assert version == HEAD
