"""A council's list of school places lets a school's typed list count, and opens nothing else."""

from collections.abc import Iterator

import pytest

from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement, Occurrence
from schemas.vocabulary import Category, Source
from services.intake.feeds.model import FeedClass
from services.work import Outside
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.places import LISTS, a_place, places
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.feeding_agencies import (
    CASE_LOAD,
    OWN,
    FeedingAgency,
    a_feeding_agency,
)
from tests.support.reading import the_message

pytestmark = pytest.mark.postgres
CHILD = by_number("9990000018", "2022-03-05")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def school(running: InProcess) -> FeedingAgency:
    """Give a school whose list one person types."""
    return a_feeding_agency(running, "9993001", Source.SCHOOLS, FeedClass.TYPED)


@pytest.fixture
def council(running: InProcess) -> FeedingAgency:
    """Give a council, whose officer reads in the list of places."""
    return a_feeding_agency(running, "999", Source.SOCIAL_CARE, FeedClass.TYPED)


def typed(school: FeedingAgency) -> None:
    """The school says that the child is there."""
    there = a_record("r", Involvement("School"), Category.EDUCATION)
    school.receive(a_message("row", there, subjects=(CHILD,), source=Source.SCHOOLS))


def listed(council: FeedingAgency, **cells: str) -> None:
    """The council says so too, or what became of it."""
    council.receive(the_message(LISTS, places(a_place(**{"SCHOOL_NUMBER": "999/3001"} | cells))))


def child(running: InProcess) -> PersonId:
    """Who it is."""
    found = running.person(CHILD)
    assert found is not None
    return found


@pytest.mark.parametrize("is_council_first", [True, False])
def test_a_place_that_was_taken_up_warrants_what_the_school_types(
    running: InProcess,
    school: FeedingAgency,
    council: FeedingAgency,
    is_council_first: bool,  # noqa: FBT001 - pytest gives it by name
):
    """Whichever comes first; at the council itself the child is nobody's."""
    if is_council_first:
        listed(council)
    typed(school)
    alone = school.held(child(running))
    if not is_council_first:
        listed(council)

    assert alone == ({OWN, CASE_LOAD} if is_council_first else {OWN})
    assert school.held(child(running)) == {OWN, CASE_LOAD}
    assert council.held(child(running)) == set()


@pytest.mark.parametrize("status", ["offered", "declined"])
def test_a_place_that_nobody_has_taken_up_warrants_nothing(
    running: InProcess, school: FeedingAgency, council: FeedingAgency, status: str
):
    """An offer is not a pupil."""
    listed(council, ADMISSION_STATUS=status)
    typed(school)

    assert school.held(child(running)) == {OWN}


def test_given_back_it_warrants_no_more(
    running: InProcess, school: FeedingAgency, council: FeedingAgency
):
    """What the school types is one person's word again."""
    typed(school)
    listed(council, AS_AT="2026-02-01")
    listed(council, AS_AT="2026-02-02", ADMISSION_STATUS="withdrawn")

    assert school.held(child(running)) == {OWN}


def test_another_school_is_not_warranted_by_it(
    running: InProcess, school: FeedingAgency, council: FeedingAgency
):
    """The place is at the school that it names."""
    listed(council, SCHOOL_NUMBER="999/3002")
    typed(school)

    assert school.held(child(running)) == {OWN}


def test_a_school_cannot_warrant_itself_by_such_a_list(running: InProcess, school: FeedingAgency):
    """It is no council, whatever it sends."""
    typed(school)
    listed(school)

    assert school.held(child(running)) == {OWN}


def test_only_the_place_is_shown_and_not_that_the_child_is_there(
    running: InProcess, council: FeedingAgency
):
    """It goes on being true once the child has moved."""
    running.decide(CHILD)
    listed(council)
    running.settle()

    (record,) = running.stored(child(running))
    assert isinstance(record.payload, Occurrence)
    assert record.payload.title == "School place taken up"
