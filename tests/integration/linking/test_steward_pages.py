"""What the data steward's pages leave on the ledger, and whom they say to ring."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Source
from services.people.linking.ports import ReviewState
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown
from services.people.practitioners.people import AgencyToRing
from services.people.practitioners.postgres_directory import Agency
from services.people.practitioners.stewards import ReviewedPair
from services.portal.services import PortalOnDatabase
from services.profile.families import Deaths
from services.profile.model import DeathStanding
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.linking_world import NHS
from tests.support.people.pairs import StewardWorld
from tests.support.portal.steward_world import a_steward_world_on_database

pytestmark = pytest.mark.postgres

RunningWorld = tuple[InProcess, StewardWorld[PortalOnDatabase]]
OTHER_SCHOOL = Agency("9992999", "Another School", Source.SCHOOLS, "01632 960998")


@pytest.fixture
def both(outside: Outside) -> Iterator[RunningWorld]:
    """Give the main job, and the steward's pages over it."""
    with InProcess.running(outside) as running:
        yield running, a_steward_world_on_database(running)


def test_each_look_and_answer_is_on_the_ledger(both: RunningWorld):
    """In the steward's name, with opaque ids and codes."""
    running, world = both
    services, who = world.services, world.steward
    events = (
        LedgerEvent.LINK_REVIEWS_LISTED,
        LedgerEvent.LINK_REVIEW_READ,
        LedgerEvent.LINK_REVIEW_SOURCES_ASKED,
        LedgerEvent.LINK_REVIEW_CLOSED,
    )

    services.reviews(who, [ReviewState.WAITING])
    services.ask_sources(who, world.alike)
    services.answer_review(who, world.alike, Answer.APART)
    services.review(world.practitioner, world.alike)

    entries = [e for e in running.ledger(*events) if e.actor == f"practitioner:{who.id}"]
    assert [e.event for e in entries] == [events[0], events[1], events[2], events[3]]
    (refused,) = running.ledger(LedgerEvent.LINK_REVIEW_READ_REFUSED)
    assert refused.actor == f"practitioner:{world.practitioner.id}"


def test_a_death_is_told_of_whom_it_is_as_far_as_they_may_be_compared(both: RunningWorld):
    """Of the one of whom a source that shares identities tells it, and not of the other."""
    running, world = both
    before = _deaths(world)

    death = a_record("death", PersonDetails(died="2026-01-20"), Category.IDENTITY_AND_CONTACT)
    seen = Subject("child", (NHS,), Demographics())
    running.receive(a_message("died", death, subjects=(seen,), at="2026-01-21T00:00:00Z"))
    running.settle()

    assert before == (None, None)
    told = [death for death in _deaths(world) if death is not None]
    assert [(death.standing, death.on) for death in told] == [(DeathStanding.DIED, "2026-01-20")]


def _pair(world: StewardWorld[PortalOnDatabase]) -> ReviewedPair:
    found = world.services.review(world.steward, world.alike)
    assert isinstance(found, ReviewedPair)
    return found


def _deaths(world: StewardWorld[PortalOnDatabase]) -> Deaths:
    return world.services.deaths_of_pair(_pair(world))


def test_whom_to_ring_is_who_works_with_the_person(both: RunningWorld):
    """Every agency of that kind where nobody is known to."""
    running, world = both
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(OTHER_SCHOOL)

    before = _schools(world)
    _put_on_case_load(running, world)

    another = AgencyToRing(OTHER_SCHOOL.name, OTHER_SCHOOL.telephone)
    assert before == (another, AgencyToRing("School", None))
    assert _schools(world) == (AgencyToRing("School", None),)


def test_two_are_not_compared_once_that_is_withdrawn(both: RunningWorld):
    """A join by mistake can be undone all the same."""
    running, world = both
    world.services.answer_review(world.steward, world.alike, Answer.JOIN)
    running.settle()
    _withdraw_everything(running, world)

    found = world.services.review(world.steward, world.alike)

    assert isinstance(found, ReviewedPair)
    assert (found.side, found.to_ring) == (None, ())
    assert world.services.ask_sources(world.steward, world.alike) is NotShown.NOTHING_TO_COMPARE
    world.services.answer_review(world.steward, world.alike, Answer.UNDO)
    again = world.services.review(world.steward, world.alike)
    assert isinstance(again, ReviewedPair)
    assert again.review.state is ReviewState.APART


def _withdraw_everything(running: InProcess, world: StewardWorld[PortalOnDatabase]) -> None:
    found = world.services.review(world.steward, world.alike)
    assert isinstance(found, ReviewedPair)
    with unit_of_work(running.portal) as work:
        on_record = work.decisions.on_record([found.review.one, found.review.other])
    for decision in {d.id for each in on_record.values() for d in each.decisions}:
        running.withdraw(decision)
    running.settle()


def _schools(world: StewardWorld[PortalOnDatabase]) -> tuple[AgencyToRing, ...]:
    found = world.services.review(world.steward, world.alike)
    assert isinstance(found, ReviewedPair)
    (agencies,) = [s.agencies for s in found.to_ring if s.source is Source.SCHOOLS]
    return agencies


def _put_on_case_load(running: InProcess, world: StewardWorld[PortalOnDatabase]) -> None:
    found = world.services.review(world.steward, world.alike)
    assert isinstance(found, ReviewedPair)
    assert found.side is not None
    side = found.side
    person = side.one if side.one_source is Source.SCHOOLS else side.other
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO case_load (agency_code, person_id, record_key) VALUES (:a, :p, 'r')"),
            {"a": SCHOOL, "p": person},
        )
