"""What is past its time when it comes is not stored: it would come back every night."""

from dataclasses import replace

import pytest

from consent.ledger.events import LedgerEvent
from schemas.records.payloads import Period
from schemas.vocabulary import Category
from services.bootstrap import DatabaseRole
from services.lifecycle.retention.rules import retention_rules
from services.work import Outside
from services.workers.retention import SweepReport, sweep_records
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child

pytestmark = pytest.mark.postgres

RULES = retention_rules(None)


@pytest.mark.parametrize("known_before", [False, True], ids=["new", "known as going on"])
def test_what_is_past_its_time_when_it_comes_is_not_stored(outside: Outside, *, known_before: bool):
    """Nor does it leave standing what was stored of it before; it says so in the ledger."""
    ended = replace(A_VISITOR, period=Period("2019-01-01", "2020-01-01"))
    with InProcess.running(replace(outside, retention=RULES)) as running:
        running.decide(the_child())
        if known_before:
            running.receive(a_message("m1", a_record("w", A_VISITOR, Category.PRACTITIONERS)))
            running.settle()
            assert running.count("record WHERE NOT removed") == 1

        late = a_record("w", ended, Category.PRACTITIONERS)
        running.receive(a_message("m2", late, a_record("r"), at="2026-02-01T00:00:00Z"))
        running.settle()

        assert running.count("record WHERE NOT removed") == 1
        assert running.count("record WHERE removed") == 1
        assert running.count("case_load") == 0
        (swept,) = running.ledger(LedgerEvent.PROFILE_SWEPT)
        assert swept.fields["rule"] == "who-works-with-them"


def test_what_goes_on_is_stored_however_long_ago_it_was_said(outside: Outside):
    """Permitted at last, or told again from a file: who works with the child is no past."""
    with InProcess.running(replace(outside, retention=RULES)) as running:
        running.decide(the_child())
        involved = a_record("w", A_VISITOR, Category.PRACTITIONERS)
        running.receive(a_message("m1", involved, at="2016-01-01T00:00:00Z"))
        running.settle()

        assert running.count("record WHERE NOT removed") == 1
        assert running.count("case_load") == 1


def test_the_end_of_what_was_stored_is_stored_though_it_is_long_ago(outside: Outside):
    """Without it an involvement would go on; both go with the next sweep."""
    ended = replace(A_VISITOR, period=Period(None, "2020-01-01"))
    with InProcess.running(replace(outside, retention=RULES)) as running:
        running.decide(the_child())
        whole = a_record("w", A_VISITOR, Category.PRACTITIONERS)
        end = a_record("w/end", ended, Category.PRACTITIONERS, part_of="w")
        running.receive(a_message("m1", whole))
        running.receive(a_message("m2", end, at="2026-02-01T00:00:00Z"))
        running.settle()
        assert running.count("record") == 2

        report = SweepReport(RULES, dry_run=False)
        with acting_for(outside, DatabaseRole.AGGREGATION) as aggregation:
            sweep_records(aggregation, report, lambda _: None)

        assert report.records == 2
        assert running.count("case_load") == 0
