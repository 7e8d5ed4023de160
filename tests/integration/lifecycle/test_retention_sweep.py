"""What is past its time goes from the profile, and nothing else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence, OccurrenceKind, Period, PersonDetails
from schemas.vocabulary import Category
from services.bootstrap import DatabaseRole
from services.lifecycle.retention.holds import Holding, HoldReason, hold_person, release_person
from services.lifecycle.retention.postgres import AGGREGATION, CONNECTORS, RetentionHolds
from services.lifecycle.retention.rules import retention_rules
from services.platform.database.engine import Engine
from services.work import Outside, unit_of_work
from services.workers.retention import SweepReport, enter_in_ledger, sweep_records, sweep_rows
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import (
    A_VISITOR,
    a_message,
    a_record,
    a_removal,
    the_child,
    the_family,
)

pytestmark = pytest.mark.postgres

RULES = retention_rules(None)
A_YEAR = timedelta(days=366)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_what_is_young_stays(running: InProcess):
    """Nothing goes on the day it came."""
    _a_child_is_known(running)

    report = _sweep(running)

    assert report.records == 0
    assert running.count("record WHERE NOT removed") == 3


def test_each_record_goes_by_its_own_rule(running: InProcess, clock: StandingClock):
    """What happened to their health after ten years; who works with the child goes on doing so."""
    person = _a_child_is_known(running)
    clock.pass_by(11 * A_YEAR)

    report = _sweep(running)

    assert {rule for rule, _, _ in report.lines} == {"child-health"}
    assert sorted(record.category for record in running.stored(person)) == [
        Category.IDENTITY_AND_CONTACT,
        Category.PRACTITIONERS,
    ]
    assert running.count("case_load") == 1


def test_a_sweep_is_entered_in_the_ledger(running: InProcess, clock: StandingClock):
    """Whose, by which rule of which rules, and how many; and that there was one."""
    person = _a_child_is_known(running)
    clock.pass_by(20 * A_YEAR)

    report = _sweep(running)

    swept = running.ledger(LedgerEvent.PROFILE_SWEPT)
    assert {entry.fields["rule"] for entry in swept} == {rule for rule, _, _ in report.lines}
    assert all(entry.fields["subjects"] == (person,) for entry in swept)
    (whole,) = running.ledger(LedgerEvent.RETENTION_SWEPT)
    assert whole.fields["records"] == report.records == 3
    assert whole.fields["rules"] == RULES.sha256


def test_a_dry_run_says_the_same_and_changes_nothing(running: InProcess, clock: StandingClock):
    """Not even the ledger."""
    _a_child_is_known(running)
    clock.pass_by(20 * A_YEAR)
    before = len(running.ledger())

    foretold = _sweep(running, dry_run=True)

    assert len(running.ledger()) == before
    assert running.count("record") == 3
    done = _sweep(running)
    assert (foretold.lines, foretold.rows) == (done.lines, done.rows)


def test_what_is_swept_does_not_come_back_with_a_redelivery(
    running: InProcess, clock: StandingClock
):
    """It was received before."""
    _a_child_is_known(running)
    clock.pass_by(20 * A_YEAR)
    _sweep_profiles(running)
    left = running.count("record")

    _say(running)
    running.settle()

    assert running.count("record") == left


def test_a_held_person_keeps_everything_until_released(running: InProcess, clock: StandingClock):
    """Said in the report; and released, it goes."""
    person = _a_child_is_known(running)
    _hold(running, person)
    clock.pass_by(20 * A_YEAR)

    held = _sweep(running)
    _release(running, person)
    released = _sweep(running)

    assert (held.records, held.held_back) == (0, 3)
    assert (released.records, released.held_back) == (3, 0)


def test_a_removal_is_remembered_for_longer_than_anything_comes_late(
    running: InProcess, clock: StandingClock
):
    """Then it goes too, and is not counted as a record."""
    running.decide(the_child())
    running.receive(a_message("m1", a_record("r1"), at="2026-01-01T00:00:00Z"))
    running.receive(a_message("m2", a_removal("r1"), at="2026-02-01T00:00:00Z"))
    running.settle()

    clock.pass_by(A_YEAR)
    first = _sweep(running)
    clock.pass_by(A_YEAR)
    second = _sweep(running)

    assert (sum(first.lines.values()), sum(second.lines.values())) == (0, 1)
    assert second.records == 0
    assert running.count("record") == 0


def test_somebody_of_age_is_not_swept_for_having_been_a_child(
    running: InProcess, clock: StandingClock
):
    """A mother's records count from when they were said."""
    mother = the_family()[1]
    running.decide(mother)
    details = PersonDetails("Wren", ("Leanne",), date_of_birth="1996-02-11")
    identity = a_record("d", details, Category.IDENTITY_AND_CONTACT, "mother")
    running.receive(a_message("m1", identity, subjects=(mother,)))
    running.settle()
    clock.pass_by(A_YEAR)

    assert _sweep(running).records == 0


def test_the_rest_goes_by_its_own_times(running: InProcess, clock: StandingClock):
    """Handled events, outcomes and sessions; nothing of them is content."""
    _a_child_is_known(running)
    assert running.count("inbox") == running.count("message_outcome") == 1
    clock.pass_by(3 * A_YEAR)

    report = _sweep(running)

    assert report.rows["outcomes"] == 1
    assert running.count("message_outcome") == 0


def test_what_stands_beside_the_content_tells_no_day(running: InProcess, engine: Engine):
    """A month and a year are enough to sweep by."""
    _a_child_is_known(running)

    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT about_until, born_year FROM record").all()

    assert {row.born_year for row in rows} == {2024, None}
    assert {row.about_until for row in rows} == {date(2026, 1, 31), None}


def _a_child_is_known(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    _say(running)
    running.settle()
    return person


def _say(running: InProcess) -> None:
    details = PersonDetails("Wren", ("Ada",), date_of_birth="2024-05-03")
    seen = Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-01-20"))
    running.receive(
        a_message(
            "m1",
            a_record("d", details, Category.IDENTITY_AND_CONTACT),
            a_record("r", seen),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
        )
    )


def _sweep(running: InProcess, *, dry_run: bool = False) -> SweepReport:
    report = _sweep_profiles(running, dry_run=dry_run)
    with acting_for(running.outside, DatabaseRole.AGGREGATION) as aggregation:
        sweep_rows(aggregation, AGGREGATION, report)
        sweep_rows(running.connectors, CONNECTORS, report)
        enter_in_ledger(aggregation, report)
    return report


def _sweep_profiles(running: InProcess, *, dry_run: bool = False) -> SweepReport:
    report = SweepReport(RULES, dry_run)
    with acting_for(running.outside, DatabaseRole.AGGREGATION) as aggregation:
        sweep_records(aggregation, report, lambda _: None)
    return report


def _hold(running: InProcess, person: PersonId) -> None:
    with _holding(running) as holding:
        assert hold_person(person, HoldReason.INQUIRY, actor="job:test", holding=holding)


def _release(running: InProcess, person: PersonId) -> None:
    with _holding(running) as holding:
        assert release_person(person, actor="job:test", holding=holding)


@contextmanager
def _holding(running: InProcess) -> Iterator[Holding]:
    with unit_of_work(running.outside) as work:
        holds = RetentionHolds(work.connection, work.clusters)
        yield Holding(holds, work.ledger, running.outside.clock)
