"""What lets somebody ask about a person now, from history that only grows."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from consent.model import RelationshipGround, Restriction, RestrictionScope
from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.model import MayOpen
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.joined import by_la_id, joined
from tests.support.people.relating import a_colleague, leads, on_rota, relate

pytestmark = pytest.mark.postgres
CASE_LOAD = RelationshipGround.CASE_LOAD


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give an empty database with two agencies and a practitioner in each."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def work(running: InProcess) -> Iterator[UnitOfWork]:
    """Give one transaction with the portal's rights."""
    with unit_of_work(running.portal) as found:
        yield found


def _child(work: UnitOfWork, number: str = "9990000018") -> PersonId:
    return work.persons.resolve_or_create(by_number(number), at=work.now)


def _grounds(work: UnitOfWork, child: PersonId, who: object = VISITOR) -> set[RelationshipGround]:
    found = work.relationships.may_open(who, [child])[child]  # type: ignore[arg-type] # an id
    return {relationship.ground for relationship in found.relationships}


def test_a_stranger_and_somebody_unknown_are_given_nothing(work: UnitOfWork) -> None:
    """Neither differs from a person nobody knows."""
    child, nobody = _child(work), PersonId("0" * 32)

    found = work.relationships.may_open(VISITOR, [child, nobody])

    assert set(found.values()) == {MayOpen()}


def test_a_case_load_is_its_holders_and_nobody_elses(work: UnitOfWork) -> None:
    """Not the whole agency's, and not another agency's."""
    child, colleague = _child(work), a_colleague(work, AGENCY)

    relate(work, VISITOR, child, CASE_LOAD)

    asked = {who: _grounds(work, child, who) for who in (VISITOR, colleague, TEACHER)}
    assert asked == {VISITOR: {CASE_LOAD}, colleague: set(), TEACHER: set()}


def test_what_nobody_is_named_for_is_held_by_the_agency_s_leads(work: UnitOfWork) -> None:
    """Who is on the list holds it, and nobody else of the agency."""
    child, colleague, other = _child(work), a_colleague(work, AGENCY), a_colleague(work, AGENCY)
    held = replace(relate(work, colleague, child, CASE_LOAD), id="ab" * 16, practitioner=None)
    work.relationships.add([held, replace(held, id="ac" * 16, person=_child(work, "9990000026"))])
    unnamed = _child(work, "9990000026")
    before = _grounds(work, unnamed, colleague)

    leads(work, colleague)

    after = [_grounds(work, unnamed, who) for who in (colleague, other)]
    assert (before, after) == (set(), [{CASE_LOAD}, set()])


def test_it_ends_with_the_membership_under_which_it_was_made(work: UnitOfWork) -> None:
    """Whoever moves to another agency takes nothing along."""
    child = _child(work)
    relate(work, VISITOR, child, CASE_LOAD)
    who = work.directory.practitioner(VISITOR)
    assert who is not None

    work.directory.save_practitioner(
        PractitionerEntry(
            VISITOR, who.name, who.role, who.job_title, "9992001", None, None, who.purpose
        )
    )

    assert _grounds(work, child) == set()


def test_a_role_that_opens_no_records_may_open_nothing(work: UnitOfWork) -> None:
    """Whatever was put down for them before."""
    child = _child(work)
    auditor = a_colleague(work, AGENCY, role=Role.INFORMATION_GOVERNANCE)

    relate(work, auditor, child, CASE_LOAD)

    assert work.relationships.may_open(auditor, [child])[child] == MayOpen()


def test_whoever_is_restricted_is_told_apart_from_a_stranger_only_here(work: UnitOfWork) -> None:
    """The relationship stands; what is answered is for the caller to make the same."""
    child = _child(work)
    relate(work, VISITOR, child, CASE_LOAD)
    work.decisions.place(_restriction(child, work), actor="job:test")

    found = work.relationships.may_open(VISITOR, [child])[child]

    assert found.is_restricted


def test_cover_reaches_what_the_covered_holds_and_only_for_the_shift(work: UnitOfWork) -> None:
    """As cover; a student as the mentor."""
    child, other = _child(work), _child(work, "9990000026")
    colleague, student = a_colleague(work, AGENCY), a_colleague(work, AGENCY)
    relate(work, VISITOR, child, CASE_LOAD)
    relate(work, VISITOR, other, RelationshipGround.EMERGENCY, until=work.now + DAY)

    on_rota(work, covered=VISITOR, covering=colleague)
    on_rota(work, covered=VISITOR, covering=student, is_student=True)

    assert _grounds(work, child, colleague) == {RelationshipGround.COVER}
    assert _grounds(work, child, student) == {CASE_LOAD}
    assert _grounds(work, other, colleague) == set()


def test_one_with_anybody_who_is_one_with_them_is_one_with_them(
    running: InProcess,
) -> None:
    """Joined persons are one person to whoever works with either."""
    with unit_of_work(running.portal) as work:
        kept, gone = (
            work.persons.resolve_or_create(by_la_id(f"999/{n}"), at=work.now) for n in "12"
        )
    joined(running, kept, gone)

    with unit_of_work(running.portal) as later:
        relate(later, VISITOR, gone, CASE_LOAD)
        grounds = _grounds(later, kept)

    assert grounds == {CASE_LOAD}


def test_the_same_again_writes_nothing_and_a_change_writes_a_state(work: UnitOfWork) -> None:
    """What was known before is still there."""
    relationship = relate(work, VISITOR, _child(work), CASE_LOAD)

    again = work.relationships.add([relationship])
    ended = work.relationships.add([replace(relationship, until=work.now)])

    rows = work.connection.execute(text("SELECT state, until FROM relationship ORDER BY state"))
    assert (again, len(ended)) == ([], 1)
    assert [(row.state, row.until) for row in rows] == [(1, None), (2, work.now)]


@pytest.mark.parametrize(
    "change", ["UPDATE relationship SET ground = 'x'", "DELETE FROM relationship"]
)
def test_the_application_can_change_no_row_of_history(work: UnitOfWork, change: str) -> None:
    """Whoever breaks into the portal can only add to it."""
    relate(work, VISITOR, _child(work), CASE_LOAD)

    with pytest.raises(ProgrammingError, match="permission denied"):
        work.connection.execute(text(change))


def _restriction(child: PersonId, work: UnitOfWork) -> Restriction:
    return Restriction("e0" * 16, child, RestrictionScope.PERSON, frozenset(), work.now)
