"""Restrictions of an older database: lasting as they are, each state of it bound from then on."""

import pytest
from sqlalchemy import text

from consent.model import RestrictionScope
from schemas.identifiers import PersonId
from services.ledger.bound_tables import RESTRICTIONS
from services.ledger.postgres_bound_verifying import compare_bound_rows
from services.platform.clock import SystemClock
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR

pytestmark = pytest.mark.postgres
_CHILD, _OTHER = PersonId("c1" * 16), PersonId("c2" * 16)
_BEFORE = """
INSERT INTO person (person_id, created_at) VALUES (:child, now()), (:other, now());
INSERT INTO restriction (restriction_id, person_id, scope, allowed, placed_at, lifted_at) VALUES
    ('ea', :child, 'person', ARRAY[:visitor], '2026-01-02Z', NULL),
    ('eb', :other, 'location', '{}', '2026-01-02Z', '2026-02-03Z');
"""


def test_what_was_there_lasts_as_it_is_and_is_bound(fresh_database: str, vault: FileKeyVault):
    """In force or lifted, with the list that it had; and agrees with the ledger."""
    engine = open_engine(fresh_database)
    migrate(engine, "0027_memberships")
    with engine.begin() as connection:
        for statement in filter(str.strip, _BEFORE.split(";")):
            told = {"child": _CHILD, "other": _OTHER, "visitor": VISITOR}
            used = {name: value for name, value in told.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    migrate(engine)
    key, clock = vault.secret(SecretName.BOUND_ROWS), SystemClock()
    outside = Outside(engine, vault, KeyedHasher(vault.secret(SecretName.LINKING)), clock)

    with unit_of_work(outside) as work:
        work.bound.bind_what_was_there([RESTRICTIONS])

    with unit_of_work(outside) as work:
        (stands,), (lifted,) = (work.protection.restrictions([one]) for one in (_CHILD, _OTHER))
        assert list(compare_bound_rows(work.connection, key=key)) == []
        now = work.now
    assert (stands.allowed, stands.scope) == (frozenset({VISITOR}), RestrictionScope.PERSON)
    assert stands.is_in_force(now)
    assert not stands.is_provisional
    assert not lifted.is_in_force(now)
    engine.dispose()
