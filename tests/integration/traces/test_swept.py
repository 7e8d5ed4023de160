"""Past its time: gone from the profile and from what tells people apart."""

from datetime import timedelta

import pytest

from services.bootstrap import DatabaseRole
from services.lifecycle.retention.postgres import AGGREGATION, CONNECTORS
from services.lifecycle.retention.rules import retention_rules
from services.workers.retention import SweepReport, sweep_records, sweep_rows
from tests.support.fakes.in_process import acting_for
from tests.support.traces.may_remain import EVERYTHING, ON_THE_BUS, words_left
from tests.support.traces.planted import Planted
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

LONGER_THAN_ANYTHING = timedelta(days=366 * 25)


def test_nothing_is_left_when_every_time_is_over(planted: Planted, traces: Traces):
    """But for the bus, whose own time is two weeks; parked messages and outcomes go too."""
    planted.permit()
    planted.plant()
    planted.park()
    planted.running.outside.clock.pass_by(LONGER_THAN_ANYTHING)  # type: ignore[attr-defined]

    report = SweepReport(retention_rules(None), dry_run=False)
    with acting_for(planted.running.outside, DatabaseRole.AGGREGATION) as aggregation:
        sweep_records(aggregation, report, lambda _: None)
        sweep_rows(aggregation, AGGREGATION, report)
    sweep_rows(planted.running.connectors, CONNECTORS, report)

    assert report.records > 20
    assert words_left(traces.of(EVERYTHING), ON_THE_BUS) == {}
    for table in ("record", "case_load", "parked", "message_outcome", "kept_scope"):
        assert planted.running.count(table) == 0
