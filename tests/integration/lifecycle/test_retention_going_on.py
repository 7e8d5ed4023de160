"""What goes on lasts until the child is grown, however long its source is silent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.identifiers import PersonId
from schemas.records.payloads import Period, PersonDetails
from schemas.vocabulary import Category
from services.bootstrap import DatabaseRole
from services.lifecycle.retention.rules import retention_rules
from services.profile.model import Profile
from services.work import Outside
from services.workers.retention import SweepReport, sweep_records
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child

pytestmark = pytest.mark.postgres

A_YEAR = timedelta(days=366)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_who_worked_with_them_goes_a_year_after_it_ended(running: InProcess, clock: StandingClock):
    """However long it is until the child is grown."""
    _a_child_is_known(running)
    ended = replace(A_VISITOR, period=Period("2024-01-01", "2026-03-01"))
    late = a_record("w", ended, Category.PRACTITIONERS)
    running.receive(a_message("m2", late, at="2026-03-02T00:00:00Z"))
    running.settle()
    clock.pass_by(2 * A_YEAR)

    report = _sweep(running)

    assert {rule for rule, _, _ in report.lines} == {"who-works-with-them"}
    assert running.count("case_load") == 0


def test_what_goes_on_is_shown_until_the_child_is_grown(running: InProcess, clock: StandingClock):
    """The health visitor opens the page fifteen years later; at twenty-one nothing is left."""
    person = _a_child_is_known(running)
    clock.pass_by(15 * A_YEAR)
    _sweep(running)
    still = running.read(person)
    clock.pass_by(6 * A_YEAR)

    report = _sweep(running)

    assert isinstance(still, Profile), still
    assert [worker.service for worker in still.practitioners] == [A_VISITOR.service]
    assert {rule for rule, _, _ in report.lines} == {"particulars", "who-works-with-them"}
    assert running.count("record") == 0


def _a_child_is_known(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    details = PersonDetails("Wren", ("Ada",), date_of_birth="2024-05-03")
    running.receive(
        a_message(
            "m1",
            a_record("d", details, Category.IDENTITY_AND_CONTACT),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
        )
    )
    running.settle()
    return person


def _sweep(running: InProcess) -> SweepReport:
    report = SweepReport(retention_rules(None), dry_run=False)
    with acting_for(running.outside, DatabaseRole.AGGREGATION) as aggregation:
        sweep_records(aggregation, report, lambda _: None)
    return report
