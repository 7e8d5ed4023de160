"""The ledger is append-only: for the application by its rights, for everyone by triggers."""

from collections.abc import Iterator

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, Table, inspect, text
from sqlalchemy.exc import ProgrammingError

from consent.transparency.signed_note import parse_note
from services.ledger import postgres as ledger_tables
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_reading import LedgerReader
from services.ledger.postgres_tree import integrate
from services.ledger.witness.postgres import keep_cosignature
from tests.support.fixtures.fixtures_ledger import MIGRATIONS, a_ledger, acting_as
from tests.support.ledger.ledger_builders import NOW, SIGNER, an_entry
from tests.support.ledger.witness_builders import COSIGNER

pytestmark = pytest.mark.postgres

TABLES = ("ledger_entry", "ledger_leaf", "ledger_node", "ledger_checkpoint", "ledger_cosignature")
WRITERS = ("app", "aggregation", "relay", "connectors", "health_visiting")
CHANGES = {
    "ledger_entry": "UPDATE ledger_entry SET body = ''",
    "ledger_leaf": "UPDATE ledger_leaf SET entry_seq = 0",
    "ledger_node": "UPDATE ledger_node SET idx = 7",
    "ledger_checkpoint": "UPDATE ledger_checkpoint SET note = ''",
    "ledger_cosignature": "UPDATE ledger_cosignature SET line = ''",
}
FORGERIES = {
    "its place": "INSERT INTO ledger_entry (seq, entry_id, body) OVERRIDING SYSTEM VALUE "
    "VALUES (1, gen_random_uuid(), '')",
    "its transaction": "INSERT INTO ledger_entry (entry_id, xid, body) "
    "VALUES (gen_random_uuid(), '0', '')",
    "a leaf": "INSERT INTO ledger_leaf VALUES (99, 99, decode(repeat('00', 32), 'hex'))",
    "a node": "INSERT INTO ledger_node VALUES (1, 99, decode(repeat('00', 32), 'hex'))",
    "a checkpoint": "INSERT INTO ledger_checkpoint (size, note) VALUES (99, '')",
    "a cosignature": "INSERT INTO ledger_cosignature (size, witness, line) VALUES (20, '', '')",
    "the horizon": "UPDATE ledger_integration SET horizon = '0'",
}


@pytest.fixture(scope="module")
def filled(embedded_postgres_url: str, ledger_template: str) -> Iterator[Engine]:
    """Give a ledger with something in every table; nothing that is tried in it is committed."""
    with a_ledger(embedded_postgres_url, ledger_template) as engine:
        access = LedgerAccess(engine, signer=SIGNER)
        access.append([an_entry(number=number) for number in range(20)])
        access.integrate()
        yield engine


def _statements(table: str) -> tuple[str, ...]:
    return (CHANGES[table], f"DELETE FROM {table}", f"TRUNCATE {table}")  # noqa: S608 - ours


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", WRITERS)
def test_no_role_of_the_application_can_change_the_ledger(filled: Engine, role: str, table: str):
    """Its rights end at inserting and reading."""
    for statement in _statements(table):
        with (
            acting_as(filled, f"tell_once_{role}") as connection,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            connection.execute(text(statement))


@pytest.mark.parametrize("table", TABLES)
def test_not_even_the_owner_changes_the_ledger_by_mistake(filled: Engine, table: str):
    """The triggers refuse what rights would allow."""
    for statement in _statements(table):
        with filled.connect() as connection, pytest.raises(ProgrammingError, match="append-only"):
            connection.execute(text(statement))


@pytest.mark.parametrize("role", WRITERS)
def test_every_role_that_acts_can_append(filled: Engine, role: str):
    """And repeat itself."""
    entry = an_entry(number=99)

    with acting_as(filled, f"tell_once_{role}") as connection:
        PostgresLedger(connection).append([entry])
        PostgresLedger(connection).append([entry])


@pytest.mark.parametrize("what", FORGERIES)
def test_the_application_cannot_forge(filled: Engine, what: str):
    """No writer chooses where its entry goes, or signs."""
    with (
        acting_as(filled, "tell_once_app") as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(FORGERIES[what]))


def test_the_relay_integrates(filled: Engine):
    """It has just the rights that this takes."""
    with acting_as(filled, "tell_once_relay") as connection:
        PostgresLedger(connection).append([an_entry(number=50)])

        done = integrate(connection, signer=SIGNER)

        assert done.added == 1


def test_the_relay_keeps_cosignatures_and_the_portal_publishes_them(filled: Engine):
    """Each with just the rights that this takes."""
    with acting_as(filled, "tell_once_relay") as connection:
        reader = LedgerReader(connection)
        signed = reader.signed_checkpoint()
        assert signed is not None
        line = COSIGNER.cosign(parse_note(signed.note).text, at=NOW)
        keep_cosignature(connection, signed.size, COSIGNER.verifier_key, line)
        assert reader.last_cosigned(COSIGNER.verifier_key) == signed.size
        connection.execute(text("RESET ROLE"))
        connection.execute(text("SET LOCAL ROLE tell_once_app"))

        published = reader.published_checkpoint()

        assert published is not None
        assert published.note == f"{signed.note}{line}"
        assert len(reader.consistency_proof(3, signed.size)) > 0


def test_the_migration_goes_down_and_up(ledger_engine: Engine):
    """And leaves nothing behind."""
    with (
        ledger_engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        for migration in reversed(MIGRATIONS):
            migration.downgrade()
        tables_left = inspect(connection).get_table_names()
        for migration in MIGRATIONS:
            migration.upgrade()

    assert [name for name in tables_left if name.startswith("ledger")] == []


def test_the_tables_are_as_the_code_knows_them(ledger_engine: Engine):
    """Every table and column of the module is in the database, and no other."""
    known = {
        (table.name, column.name, column.nullable)
        for table in vars(ledger_tables).values()
        if isinstance(table, Table)
        for column in table.columns
    }

    with ledger_engine.connect() as connection:
        found = connection.execute(
            text("""
                SELECT table_name, column_name, is_nullable = 'YES'
                FROM information_schema.columns JOIN information_schema.tables
                    USING (table_schema, table_name)
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            """)
        )

        assert {tuple(row) for row in found} == known
