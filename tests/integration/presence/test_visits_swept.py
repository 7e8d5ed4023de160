"""Codes, sheets, visits and words go when nobody needs them; those of held persons stay."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from services.bootstrap import DatabaseRole
from services.lifecycle.retention.holds import HoldReason
from services.lifecycle.retention.postgres import AGGREGATION, RetentionHolds
from services.lifecycle.retention.rules import retention_rules
from services.people.presence.model import Sheet
from services.people.presence.sheets import write_sheet
from services.people.relationships.requests import ask_to_work_with
from services.work import unit_of_work
from services.workers.retention import SweepReport, sweep_rows
from tests.support.builders import TEACHER
from tests.support.fakes.in_process import acting_for
from tests.support.people.presence_world import PresenceWorld

pytestmark = pytest.mark.postgres
TABLES = ("message_out", "presence_code", "presence_sheet", "relationship_words", "presence")
AFTER: Mapping[timedelta, set[str]] = {
    timedelta(minutes=5): set(TABLES),
    timedelta(days=2): set(TABLES) - {"message_out"},
    timedelta(days=40): {"presence_sheet", "relationship_words", "presence"},
    timedelta(days=100): {"relationship_words", "presence"},
    timedelta(days=400): {"relationship_words"},
    timedelta(days=800): set(),
}


def test_each_goes_in_its_time(own_world: PresenceWorld):
    """A message when it is past its own, a code soon, what was said before who was there."""
    _a_visit(own_world)
    began, left = own_world.clock.now(), {}

    for later in AFTER:
        own_world.clock.pass_by(began + later - own_world.clock.now())
        _sweep(own_world)
        left[later] = {table for table in TABLES if own_world.running.count(table)}

    assert left == AFTER


def test_what_is_about_somebody_held_stays(own_world: PresenceWorld):
    """But a code, which opens nothing, and a message, which nobody waits for."""
    _a_visit(own_world)
    with unit_of_work(own_world.running.outside) as work:
        holds = RetentionHolds(work.connection, work.clusters)
        because = HoldReason.INQUIRY.value
        assert holds.hold(own_world.mother, because=because, by="job:test", at=work.now)

    own_world.clock.pass_by(timedelta(days=800))
    _sweep(own_world)

    left = {table for table in TABLES if own_world.running.count(table)}
    assert left == {"presence_sheet", "relationship_words", "presence"}


def _a_visit(world: PresenceWorld) -> None:
    """Let a mother be there, with a code under way, a sheet, and somebody who asks about her."""
    presence = world.begin()
    world.ask(presence)
    with unit_of_work(world.running.portal) as work:
        write_sheet(presence.id, Sheet(story="Mornings"), world.who(), presences=work.presences())
        ask_to_work_with(
            world.mother, "I teach him.", world.who(TEACHER), referring=work.referring()
        )


def _sweep(world: PresenceWorld) -> None:
    report = SweepReport(retention_rules(None), dry_run=False)
    with acting_for(world.running.outside, DatabaseRole.AGGREGATION) as aggregation:
        sweep_rows(aggregation, AGGREGATION, report)
