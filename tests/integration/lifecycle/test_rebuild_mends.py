"""A rebuild mends a damaged profile, loses nothing meanwhile, and can end at any time."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Period
from schemas.vocabulary import Category
from services.lifecycle.rebuild.postgres_shadow import ONE_AT_A_TIME, RebuildRunningError
from services.lifecycle.rebuild.postgres_swap import What
from services.lifecycle.retention.rules import retention_rules
from services.platform.errors import ServiceUnavailableError
from services.work import Outside
from services.workers.rebuild import Origin
from services.workers.retention import SweepReport, sweep_records
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    a_removal,
    the_child,
)
from tests.support.rebuilding import damage, rebuilt, rows_of, wait_a_minute

pytestmark = pytest.mark.postgres


def _fill(outside: Outside) -> None:
    """Make the database to copy, with four records of a child, one of them removed."""
    with InProcess.running(outside) as found:
        found.decide(the_child())
        wait_a_minute(outside.clock)  # type: ignore[arg-type] # the standing clock
        worker = a_record("w1", A_VISITOR, Category.PRACTITIONERS)
        found.receive(a_message("m1", a_record("r1"), a_record("r2"), a_record("r3"), worker))
        found.receive(a_message("m2", a_removal("r3"), at="2026-01-02T00:00:00Z"))
        found.settle()


migrated_template = template_filled_by(_fill)


@pytest.fixture
def running(outside: Outside, clock: StandingClock) -> Iterator[InProcess]:
    """Give the system running on it, a minute after that."""
    wait_a_minute(clock)
    wait_a_minute(clock)
    with InProcess.going_on(outside) as found:
        yield found


_BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock
"""
_BY_BUS = {
    "a record is lost": "DELETE FROM record WHERE record_key = :key",
    "a record is stale": "UPDATE record SET version = '2020' WHERE record_key = :key",
    "a record does not open": "UPDATE record SET sealed = 'spoilt' WHERE record_key = :key",
    "a removal is lost": "DELETE FROM record WHERE removed",
}
_BY_EITHER = {
    "case-loads are lost": "DELETE FROM case_load",
    "a case-load is another's": "UPDATE case_load SET agency_code = 'X9H99'",
    "a category is wrong": "UPDATE record SET category = 'education' WHERE record_key = :key",
}


@pytest.mark.parametrize("statement", [*_BY_BUS.values(), *_BY_EITHER.values()])
def test_from_the_bus_whatever_was_damaged_is_as_it_was(running: InProcess, statement: str):
    """What it says, its place and what follows from it; how it is sealed may differ."""
    before, held = rows_of(running, sealed=False), running.stored(_child(running))
    assert damage(running, statement, **_values(running, statement))

    found = rebuilt(running, Origin.BUS)

    assert not found.compared.is_identical
    assert rows_of(running, sealed=False) == before
    assert running.stored(_child(running)) == held


def test_what_was_here_came_when_it_came(running: InProcess):
    """A rebuild makes nothing new to whoever looks: but for what was lost."""
    key = _key(running)
    damage(running, "UPDATE record SET arrived_at = '2026-01-01'")
    damage(running, "DELETE FROM record WHERE record_key = :key", key=key)

    rebuilt(running, Origin.BUS)

    again = text("SELECT record_key FROM record WHERE arrived_at <> '2026-01-01'")
    with running.outside.engine.connect() as connection:
        assert connection.execute(again).scalars().all() == [key]


@pytest.mark.parametrize("statement", _BY_EITHER.values(), ids=_BY_EITHER)
def test_from_the_records_what_follows_from_them_is_as_it_was(running: InProcess, statement: str):
    """Case-loads, and the columns by which records are found and decided on."""
    before = rows_of(running)
    assert damage(running, statement, **_values(running, statement))

    rebuilt(running, Origin.RECORDS)

    assert rows_of(running) == before


def test_what_may_not_be_held_goes_and_may_come_again(running: InProcess):
    """A withdrawal that never reached the profile; the ledger says how many went."""
    child = _child(running)
    damage(running, "DELETE FROM sharing_decision_subject")

    found = rebuilt(running, Origin.BUS)

    assert running.stored(child) == []
    assert found.compared.differing == {What.GONE: 3}
    assert running.count("person_purge") == 1
    (entry,) = running.ledger(LedgerEvent.PROFILE_REBUILT)
    assert (entry.fields["gone"], entry.fields["records"]) == (3, 0)


def test_a_dry_run_tells_what_differs_and_changes_nothing(running: InProcess):
    """By opaque ids; the ledger has no entry of it."""
    damage(running, _BY_BUS["a record is lost"], key=_key(running))
    before = rows_of(running)

    found = rebuilt(running, Origin.BUS, dry_run=True)

    assert [one.what for one in found.compared.some] == [What.ADDED]
    assert not found.is_in_place
    assert rows_of(running) == before
    assert running.ledger(LedgerEvent.PROFILE_REBUILT) == []


@pytest.mark.parametrize("origin", Origin)
def test_nothing_that_comes_meanwhile_is_lost(
    running: InProcess, clock: StandingClock, origin: Origin
):
    """A record, a removal and a withdrawal while the new profile is being built."""
    agreed = running.decide(the_child(), categories=[Category.EDUCATION])

    def go_on(what: str) -> None:
        wait_a_minute(clock)
        running.receive(a_message(f"new {clock.now()}", a_record(f"new {clock.now()}")))
        removal = a_message("m9", a_removal("r1"), at="2026-01-03T00:00:00Z")
        running.receive(removal)
        if what == "Messages":
            running.withdraw(agreed.decision.id)
        running.settle()

    rebuilt(running, origin, meanwhile=go_on)

    after = rows_of(running)
    assert len(running.stored(_child(running))) == 4
    assert rebuilt(running, origin, dry_run=True).compared.is_identical
    assert rows_of(running) == after


def test_what_others_take_away_meanwhile_does_not_come_back(running: InProcess):
    """A sweep or an erasure that the bus does not tell of."""
    key = _key(running)

    def sweep(what: str) -> None:
        if what == "Messages":
            damage(running, "DELETE FROM record WHERE record_key = :key", key=key)

    rebuilt(running, Origin.RECORDS, meanwhile=sweep)

    assert key not in {record.key for record in running.stored(_child(running))}


def test_what_retention_took_does_not_come_back_from_the_bus(running: InProcess):
    """Though the bus has it still, and it might be held by every decision."""
    past = replace(A_REVIEW, period=Period("1990-01-01", "1990-01-02"))
    running.receive(a_message("old", a_record("old", past), at="1990-01-02T00:00:00Z"))
    running.settle()
    report = SweepReport(retention_rules(None), dry_run=False)
    sweep_records(running.outside, report, lambda _: None)
    before = rows_of(running)

    found = rebuilt(running, Origin.BUS)

    assert report.records == 1
    assert found.compared.is_identical, found.compared
    assert rows_of(running) == before


@pytest.mark.parametrize("during", ["Records", "Messages"])
def test_one_that_is_ended_in_the_middle_leaves_everything_as_it_was(
    running: InProcess, during: str
):
    """And the next one begins afresh."""
    damage(running, _BY_BUS["a record is lost"], key=_key(running))
    before = rows_of(running)

    with pytest.raises(KeyboardInterrupt):
        rebuilt(running, Origin.BUS, meanwhile=_interrupting(during))

    assert rows_of(running) == before
    assert rebuilt(running, Origin.BUS).compared.differing == {What.ADDED: 1}


@pytest.mark.parametrize("during", ["Records", "Messages"])
def test_when_its_session_breaks_it_does_not_go_on_in_the_live_tables(
    running: InProcess, during: str
):
    """In a new session the same names would mean those."""
    before = rows_of(running)

    def break_it(what: str) -> None:
        if what == during:
            assert damage(running, _BREAK, lock=ONE_AT_A_TIME) == 1

    with pytest.raises(ServiceUnavailableError):
        rebuilt(running, Origin.BUS, meanwhile=break_it)

    assert rows_of(running) == before
    assert rebuilt(running, Origin.BUS).compared.is_identical


def test_two_at_once_are_refused(running: InProcess):
    """The second says so, and changes nothing of the first."""

    def begin_another(_: str) -> None:
        with pytest.raises(RebuildRunningError):
            rebuilt(running, Origin.RECORDS)

    found = rebuilt(running, Origin.RECORDS, meanwhile=begin_another)

    assert found.compared.is_identical


def _interrupting(during: str) -> Callable[[str], None]:
    def interrupt(what: str) -> None:
        if what == during:
            raise KeyboardInterrupt

    return interrupt


def _child(running: InProcess) -> PersonId:
    person = running.person(the_child())
    assert person is not None
    return person


def _key(running: InProcess) -> str:
    return running.stored(_child(running))[0].key


def _values(running: InProcess, statement: str) -> dict[str, str]:
    return {"key": _key(running)} if ":key" in statement else {}
