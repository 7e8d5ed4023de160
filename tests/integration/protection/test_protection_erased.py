"""An erasure deletes what protects, and the ledger is told that it did."""

import pytest

from consent.decisions.restrictions import Change
from services.ledger.postgres_bound_verifying import compare_bound_rows
from services.lifecycle.erasure.erasing import ErasureRefusal
from services.lifecycle.erasure.postgres import PostgresErasures
from services.platform.keys.vault import SecretName
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.people.protecting import GOVERNANCE, PERSON, Protecting

pytestmark = pytest.mark.postgres


def test_who_is_protected_is_not_erased_until_two_hands_have_lifted_it(protecting: Protecting):
    """Also while it is only provisional; an exclusion forbids nothing."""
    placed = protecting.placed()
    protecting.name(VISITOR)
    before = _obstacles(protecting)
    lift = Change(None, PERSON, was_asked_safely=True)
    protecting.confirm(protecting.ask(placed, GOVERNANCE, lift), VISITOR)
    named = _obstacles(protecting)

    assert before == [ErasureRefusal.RESTRICTED]
    assert named == [ErasureRefusal.RESTRICTED], "whom the family has named lifts nothing"


def test_the_ledger_accounts_for_what_went(protecting: Protecting):
    """No row is missed that an erasure took."""
    protecting.placed()
    protecting.name(VISITOR)
    running = protecting.running
    key = running.outside.vault.secret(SecretName.BOUND_ROWS)

    with unit_of_work(running.outside) as work:
        erasures = PostgresErasures.of(work, running.outside.vault)
        erasures.delete([protecting.child], by="job:test")
    with running.outside.engine.connect() as connection:
        faults = list(compare_bound_rows(connection, key=key))

    assert faults == []
    assert (running.count("restriction"), running.count("exclusion")) == (0, 0)


def _obstacles(protecting: Protecting) -> list[ErasureRefusal]:
    with unit_of_work(protecting.running.outside) as work:
        erasures = PostgresErasures.of(work, protecting.running.outside.vault)
        return list(erasures.obstacles([protecting.child]))
