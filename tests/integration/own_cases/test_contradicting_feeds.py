"""A later feed that has a child whom another of its kind has already gets its own and no more."""

from dataclasses import dataclass, field
from itertools import count, permutations

import pytest

from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage, Subject
from schemas.records.payloads import DUAL_SCHOOL, SCHOOL, Involvement, Period
from schemas.vocabulary import Category, Source
from services.intake.feeds.model import FeedClass
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind
from services.work import unit_of_work
from tests.support.builders import DAY
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.feeding_agencies import (
    CASE_LOAD,
    OWN,
    FeedingAgency,
    a_feeding_agency,
    states_of,
)
from tests.support.people.link_traps import nhs_number

pytestmark = pytest.mark.postgres

EARLIER, LATER, LAST = "2026-01-10T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-15T00:00:00Z"
KEPT, TYPED = FeedClass.KEPT, FeedClass.TYPED
_numbers = count(3300)


@dataclass
class TwoSchools:
    """A school that has a pupil, and another that says later that it has."""

    running: InProcess
    second_class: FeedClass = KEPT
    source: Source = Source.SCHOOLS
    pupil: Subject = field(default_factory=lambda: by_number(nhs_number(next(_numbers)).value))
    first: FeedingAgency = field(init=False)
    second: FeedingAgency = field(init=False)

    def __post_init__(self) -> None:
        """Enter both."""
        number = next(_numbers)
        self.first = a_feeding_agency(self.running, f"998{number}", self.source)
        self.second = a_feeding_agency(self.running, f"999{number}", self.source, self.second_class)

    def roll(
        self, school: FeedingAgency, at: str, service: str = SCHOOL, period: Period | None = None
    ) -> SourceMessage:
        """Who is on the roll of a school, as its feed says it then."""
        here = Involvement(service, school.code, period=period or Period())
        return self._message(school, at, here)

    def transfer(self, at: str) -> SourceMessage:
        """The first school's file for the second."""
        left = Involvement(SCHOOL, self.first.code)
        return self._message(self.first, at, left, Involvement(SCHOOL, self.second.code))

    def family_confirms(self) -> None:
        """Let the family have shown somebody of the second school that it is them."""
        with unit_of_work(self.running.outside) as work:
            since = work.now - DAY
            work.relationships.add(
                [
                    HeldRelationship(
                        f"{next(_numbers):032}",
                        self.person,
                        self.second.code,
                        self.second.worker,
                        RelationshipGround.FAMILY_CONFIRMED,
                        since,
                        since + DAY / 24,
                        Warrant(WarrantKind.CODE, "job:test"),
                        "job:test",
                    )
                ]
            )

    @property
    def person(self) -> PersonId:
        """Who the pupil is known to be."""
        found = self.running.person(self.pupil)
        assert found is not None
        return found

    @property
    def held(self) -> tuple[set[RelationshipGround], set[RelationshipGround]]:
        """On which grounds each of them has the pupil now."""
        return self.first.held(self.person), self.second.held(self.person)

    def _message(self, school: FeedingAgency, at: str, *schools: Involvement) -> SourceMessage:
        records = [
            a_record(f"{school.code}/{n}", one, Category.EDUCATION) for n, one in enumerate(schools)
        ]
        name = f"{school.code} {at} {schools[0].service} {schools[0].period.end} {len(schools)}"
        return a_message(name, *records, at=at, subjects=(self.pupil,), source=self.source)


def test_a_later_school_gets_its_own_until_the_first_says_that_the_pupil_left(
    one_database: InProcess,
):
    """Whoever keeps its feed: nobody takes a pupil by saying that they have them."""
    schools = TwoSchools(one_database)
    schools.first.receive(schools.roll(schools.first, EARLIER))

    schools.second.receive(schools.roll(schools.second, LATER))
    contradicted = schools.held
    left = Period("2025-09-01", "2026-02-13")
    schools.first.receive(schools.roll(schools.first, LAST, period=left))

    assert contradicted == ({OWN, CASE_LOAD}, {OWN})
    assert schools.held == (set(), {OWN, CASE_LOAD})


def test_a_typed_list_that_a_family_confirmed_contradicts_all_the_same(one_database: InProcess):
    """Attack: one accomplice of the family, and a list with somebody's number."""
    schools = TwoSchools(one_database, TYPED)
    schools.first.receive(schools.roll(schools.first, LATER))
    schools.family_confirms()

    schools.second.receive(schools.roll(schools.second, EARLIER))

    assert schools.held == ({OWN, CASE_LOAD}, {OWN})


def test_a_transfer_file_gives_the_pupil_to_the_school_that_it_names(one_database: InProcess):
    """Whether or not the first has said by then on which day they leave."""
    schools = TwoSchools(one_database, TYPED)
    schools.first.receive(schools.roll(schools.first, EARLIER))
    schools.second.receive(schools.roll(schools.second, LATER))
    before = schools.held

    schools.first.receive(schools.transfer(LAST))

    assert before == ({OWN, CASE_LOAD}, {OWN})
    assert schools.held[1] == {OWN, CASE_LOAD}


@pytest.mark.parametrize("second_class", FeedClass)
def test_dual_registration_contradicts_nothing(one_database: InProcess, second_class: FeedClass):
    """The main school says that there is another; what is typed there still needs agreement."""
    schools = TwoSchools(one_database, second_class)
    schools.first.receive(schools.roll(schools.first, EARLIER, DUAL_SCHOOL))
    schools.family_confirms()

    schools.second.receive(schools.roll(schools.second, LATER, DUAL_SCHOOL))

    assert schools.held == ({OWN, CASE_LOAD}, {OWN, CASE_LOAD})


def test_that_somebody_is_registered_twice_is_not_a_typist_s_to_say(one_database: InProcess):
    """Attack: a code in one's own file, and the pupil of another school opens."""
    schools = TwoSchools(one_database, TYPED)
    schools.first.receive(schools.roll(schools.first, EARLIER))
    schools.family_confirms()

    schools.second.receive(schools.roll(schools.second, LATER, DUAL_SCHOOL))

    assert schools.held == ({OWN, CASE_LOAD}, {OWN})


def test_it_comes_to_the_same_in_any_order_and_however_often(one_database: InProcess):
    """By the messages' own dates: both on roll, and at last that the first has let go."""
    outcomes = []
    for order in permutations(range(3)):
        schools = TwoSchools(one_database)
        left = Period("2025-09-01", "2026-02-13")
        told = (
            (schools.first, schools.roll(schools.first, EARLIER)),
            (schools.second, schools.roll(schools.second, LATER)),
            (schools.first, schools.roll(schools.first, LAST, period=left)),
        )
        held = []
        for place in order:
            school, message = told[place]
            school.receive(message)
            held.append(schools.held)
        before = states_of(one_database)
        for school, message in told:
            school.receive(message)
        assert states_of(one_database) == before
        outcomes.append((held[1] if 2 not in order[:2] else None, held[2]))

    both = ({OWN, CASE_LOAD}, {OWN})
    assert [found for found, _ in outcomes if found is not None] == [both] * 2
    assert [at_last for _, at_last in outcomes] == [(set(), {OWN, CASE_LOAD})] * 6


def test_an_end_that_is_to_come_gives_the_pupil_from_that_day(one_database: InProcess):
    """And not before."""
    schools = TwoSchools(one_database)
    leaving = Period("2025-09-01", "2999-07-20")
    schools.first.receive(schools.roll(schools.first, EARLIER, period=leaving))

    schools.second.receive(schools.roll(schools.second, LATER))

    assert schools.held == ({OWN, CASE_LOAD}, {OWN})
    mine = [row for row in states_of(one_database) if row[0] == schools.second.code]
    assert {row[4].year for row in mine if row[3] == CASE_LOAD} == {2999}


@pytest.mark.parametrize("source", [Source.HEALTH_VISITING, Source.SOCIAL_CARE])
def test_two_teams_and_two_authorities_contradict_nothing(one_database: InProcess, source: Source):
    """Somebody placed out of area has both; nor does a school contradict a health visitor."""
    teams = TwoSchools(one_database, KEPT, source)
    school = TwoSchools(one_database, pupil=teams.pupil)
    for agency, at in ((teams.first, EARLIER), (teams.second, LATER)):
        agency.receive(teams.roll(agency, at))
    school.first.receive(school.roll(school.first, LAST))

    assert teams.held == ({OWN, CASE_LOAD}, {OWN, CASE_LOAD})
    assert school.first.held(school.person) == {OWN, CASE_LOAD}
