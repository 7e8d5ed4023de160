"""Migrations go up and down in one line, and end where the program says."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from services.platform.database import migrating
from services.platform.database.engine import open_engine
from services.platform.database.migrating import HEAD, is_current, migrate
from tests.support.traces.in_the_clear import tables_of

SCRIPTS = Path(migrating.__file__).parent / "migrations"
VERSIONS = '"public"."alembic_version"'


def _line() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][
        ::-1
    ]


def test_there_is_one_head_and_the_program_knows_it():
    """Two heads would mean two databases."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_migrations_stand_in_one_numbered_line():
    """Their file names sort as they run."""
    assert _line() == sorted(_line())
    assert {path.stem for path in (SCRIPTS / "versions").glob("0*.py")} == set(_line())


@pytest.mark.postgres
def test_migrations_go_up_step_by_step_and_down_to_nothing_and_up_again(fresh_database: str):
    """Each step down takes away just what its step up brought."""
    engine = open_engine(fresh_database)
    try:
        for revision in _line():
            assert not is_current(engine)
            migrate(engine, revision)
        assert is_current(engine)
        at_the_top = tables_of(engine)
        migrate(engine, "base")
        assert set(tables_of(engine)) <= {VERSIONS}
        assert _leftovers(engine) == []
        migrate(engine)
        assert tables_of(engine) == at_the_top
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_migrating_what_is_migrated_changes_nothing(engine: Engine):
    """Several processes may all try at their start."""
    before = inspect(engine).get_table_names()

    migrate(engine)

    assert inspect(engine).get_table_names() == before


@pytest.mark.postgres
def test_a_database_that_waits_for_another_gives_up_in_time(engine: Engine):
    """Nobody waits for a lock for ever (STYLE.md 53)."""
    with engine.connect() as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "statement_timeout")
        ]

    assert "0" not in shown


def _leftovers(engine: Engine) -> list[str]:
    statement = text("""
        SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
        WHERE nspname = 'public'
        UNION ALL SELECT nspname FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public', 'information_schema')
        UNION ALL SELECT typname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace
        WHERE nspname = 'public' AND typtype = 'e'
    """)
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(statement)]


@pytest.mark.postgres
def test_what_a_partners_word_was_enough_for_ends_with_its_tokens(fresh_database: str):
    """Other tokens of the partner go on."""
    engine = open_engine(fresh_database)
    try:
        migrate(engine, "0041_sign_in_accounts")
        with engine.begin() as connection:
            connection.execute(_TOKENS_OF_BEFORE)

        migrate(engine)

        with engine.connect() as connection:
            left = connection.execute(text("SELECT token_hash FROM partner_token")).scalars()
            assert [bytes(one) for one in left] == [b"own"]
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_a_session_that_nobody_used_does_not_open_again_by_going_back(fresh_database: str):
    """What came before knew of no idle time, and went on with whatever was not deleted."""
    engine = open_engine(fresh_database)
    try:
        migrate(engine)
        with engine.begin() as connection:
            connection.execute(_IDLE_SESSION)
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS))
            config.attributes["connection"] = connection

            command.downgrade(config, "0039_key_checks")

            assert connection.execute(text("SELECT count(*) FROM session")).scalar() == 0
    finally:
        engine.dispose()


_IDLE_SESSION = text("""
    INSERT INTO practitioner (practitioner_id, name, job_title, purpose)
    VALUES ('p', 'A worker', 'Worker', 'direct-care');
    INSERT INTO session (secret_hash, session_id, practitioner_id, csrf_secret, signed_in_at,
        authenticated_at, last_seen_at, expires_at)
    VALUES ('secret', 's', 'p', 'bound', now(), now(), now() - interval '1 hour',
        now() + interval '1 hour');
""")
_TOKENS_OF_BEFORE = text("""
    INSERT INTO practitioner (practitioner_id, name, job_title, purpose)
    VALUES ('p', 'A worker', 'Worker', 'direct-care');
    INSERT INTO partner (partner_id, scopes, per_second, burst, added_at)
    VALUES ('ehr', '{families:read}', 1, 1, now());
    INSERT INTO partner_token (token_hash, partner_id, scopes, expires_at, practitioner_id, purpose)
    VALUES ('old', 'ehr', '{families:read}', now(), 'p', 'direct-care'),
           ('own', 'ehr', '{dispositions:read}', now(), NULL, NULL);
""")
