"""Case-loads of before feeds were registered: taken over, held by the leads, bound at migration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from services.platform.database import migrating
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate

pytestmark = pytest.mark.postgres

_BEFORE = "0019_messages"
_PEOPLE = """
INSERT INTO person (person_id, wrapped_key, created_at)
VALUES ('child', 'k', now()), ('other', 'k', now());
INSERT INTO agency (agency_code, name, kind) VALUES ('RY4', 'Trust', 'health-visiting'),
    ('9992001', 'School', 'schools');
INSERT INTO practitioner (practitioner_id, name, role, job_title, agency_code, purpose)
VALUES ('worker', 'A', 'practitioner', 'W', 'RY4', 'direct-care'),
    ('steward', 'B', 'data-steward', 'S', 'RY4', 'direct-care'),
    ('teacher', 'C', 'practitioner', 'T', '9992001', 'direct-care');
INSERT INTO record (record_key, person_id, source, category, labels, version, removed)
SELECT key, person, 'health-visiting', 'practitioners', '{}', 'v', false
FROM (VALUES ('own', 'child'), ('ended', 'other'), ('named', 'child'), ('gp', 'child'))
     AS told(key, person);
INSERT INTO case_load (agency_code, person_id, record_key, since, until)
VALUES ('RY4', 'child', 'own', '2024-05-03', NULL), ('RY4', 'other', 'ended', NULL, '2024-06'),
    ('9992001', 'child', 'named', NULL, NULL), ('G99', 'child', 'gp', NULL, NULL);
"""


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """Give a database with case-loads as they were before feeds."""
    made = open_engine(fresh_database)
    migrate(made, _BEFORE)
    with made.begin() as connection:
        connection.execute(text(_PEOPLE))
    yield made
    made.dispose()


def _rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _down(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, _BEFORE)


def test_case_loads_of_the_source_s_own_kind_are_taken_over(engine: Engine):
    """Held by its leads, who are all of it who open records; of the rest somebody hears."""
    migrate(engine)

    assert _rows(
        engine,
        "SELECT agency_code, person_id, practitioner_id, ground, until, warrant FROM relationship",
    ) == [("RY4", "child", None, "case-load", None, "migration")]
    assert _rows(engine, "SELECT agency_code, practitioner_id FROM safeguarding_lead") == [
        ("RY4", "worker")
    ]
    assert sorted(_rows(engine, "SELECT kind, person_id, about FROM governance_item")) == [
        ("bound-at-migration", None, "practitioner:worker"),
        ("merely-named", "child", "gp"),
        ("merely-named", "child", "named"),
    ]
    assert _rows(engine, "SELECT count(*) FROM case_load") == [(4,)]


def test_it_goes_down_and_up_again_to_the_same(engine: Engine):
    """What is taken over stays where it was, too."""
    migrate(engine)
    once = _rows(engine, "SELECT relationship_id FROM relationship")

    _down(engine)
    assert _rows(engine, "SELECT * FROM relationship") == []
    migrate(engine)

    assert _rows(engine, "SELECT relationship_id FROM relationship") == once
