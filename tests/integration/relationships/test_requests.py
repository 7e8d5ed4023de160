"""Referrals and cover: somebody of another agency gives them, and nobody themselves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.cover import CoverRefusal, WriteCover, write_cover
from services.people.relationships.model import Cover, Request, RequestStatus
from services.people.relationships.requests import (
    RequestRefusal,
    answer,
    ask_to_work_with,
    offer,
)
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import a_colleague, relate

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give an empty database with a health visitor and a teacher."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def work(running: InProcess) -> Iterator[UnitOfWork]:
    """Give one transaction with the portal's rights."""
    with unit_of_work(running.portal) as found:
        yield found


def _who(work: UnitOfWork, practitioner: PractitionerId) -> SignedInPractitioner:
    found = work.directory.practitioner(practitioner)
    assert found is not None
    return found


def _child(work: UnitOfWork) -> PersonId:
    return work.persons.resolve_or_create(by_number("9990000018"), at=work.now)


def _asked(work: UnitOfWork, child: PersonId) -> Request:
    ask_to_work_with(child, "They asked us to.", _who(work, TEACHER), referring=work.referring())
    mine = work.relationships.of(VISITOR, most=9)
    (request,) = work.requests.to_answer(VISITOR, AGENCY, mine, at=work.now)
    return request


def _reaches(work: UnitOfWork, who: PractitionerId, child: PersonId) -> set[RelationshipGround]:
    found = work.relationships.may_open(who, [child])[child]
    return {relationship.ground for relationship in found.relationships}


def test_asking_gives_nothing_back_and_opens_nothing(running: InProcess) -> None:
    """About somebody known and somebody unknown alike: an entry each, no other difference."""
    with unit_of_work(running.portal) as work:
        child = _child(work)
        for person in (child, None):
            ask_to_work_with(person, "Help", _who(work, TEACHER), referring=work.referring())
        opened = _reaches(work, TEACHER, child)

    assert opened == set()
    assert len(running.ledger(LedgerEvent.RELATIONSHIP_REQUESTED)) == 2


def test_whoever_has_a_case_load_in_another_agency_accepts(work: UnitOfWork) -> None:
    """From then on the asker works with them, for a year at most."""
    child = _child(work)
    relate(work, VISITOR, child)

    settled = answer(
        _asked(work, child).id,
        accepts=True,
        who=_who(work, VISITOR),
        referring=work.referring(),
    )

    assert isinstance(settled, Request)
    assert settled.status is RequestStatus.ACCEPTED
    assert _reaches(work, TEACHER, child) == {RelationshipGround.REFERRAL}


def test_a_declined_request_opens_nothing_and_is_not_answered_again(work: UnitOfWork) -> None:
    """Nor is it shown to anybody any more."""
    child = _child(work)
    relate(work, VISITOR, child)
    request, who = _asked(work, child), _who(work, VISITOR)

    answer(request.id, accepts=False, who=who, referring=work.referring())
    again = answer(request.id, accepts=True, who=who, referring=work.referring())

    assert again is RequestRefusal.NOT_THERE
    assert _reaches(work, TEACHER, child) == set()


def test_a_referral_is_not_passed_on(work: UnitOfWork) -> None:
    """Only a case-load lets somebody give; being referred does not."""
    child = _child(work)
    relate(work, VISITOR, child, RelationshipGround.REFERRAL)

    offered = offer(
        child,
        _who(work, TEACHER),
        work.now + DAY,
        _who(work, VISITOR),
        referring=work.referring(),
    )

    assert offered is RequestRefusal.NO_CASE_LOAD


def test_nobody_gives_to_their_own_agency(work: UnitOfWork) -> None:
    """It would gain by it."""
    child, colleague = _child(work), a_colleague(work, AGENCY)
    relate(work, VISITOR, child)

    offered = offer(
        child,
        _who(work, colleague),
        work.now + DAY,
        _who(work, VISITOR),
        referring=work.referring(),
    )

    assert offered is RequestRefusal.SAME_AGENCY


def test_an_offer_is_taken_up_by_the_receiver_alone(work: UnitOfWork) -> None:
    """And lasts no longer than a year, whatever was offered."""
    child = _child(work)
    relate(work, VISITOR, child)
    receiver, giver = _who(work, TEACHER), _who(work, VISITOR)
    offered = offer(child, receiver, work.now + 999 * DAY, giver, referring=work.referring())
    assert isinstance(offered, Request)

    by_giver = answer(offered.id, accepts=True, who=giver, referring=work.referring())
    by_receiver = answer(offered.id, accepts=True, who=receiver, referring=work.referring())

    assert by_giver is RequestRefusal.NOT_THE_RECEIVER
    assert isinstance(by_receiver, Request)
    (found,) = work.relationships.may_open(TEACHER, [child])[child].relationships
    assert found.until == work.now + 365 * DAY


def test_a_rota_is_written_by_somebody_else_than_who_is_on_it(work: UnitOfWork) -> None:
    """For people of one agency who work with families, for a shift."""
    colleague, steward = (
        a_colleague(work, AGENCY),
        a_colleague(work, AGENCY, role=Role.DATA_STEWARD),
    )
    ids = (VISITOR, TEACHER, colleague, steward)
    people = {one: _who(work, one) for one in ids}

    def write(covering: PractitionerId, actor: str, hours: int = 8) -> Cover | CoverRefusal:
        until = work.now + timedelta(hours=hours)
        order = WriteCover(VISITOR, covering, work.now, until, is_student=False, actor=actor)
        ports = {"requests": work.requests, "ledger": work.ledger, "at": work.now}
        return write_cover(order, people=people, **ports)  # type: ignore[arg-type] # by name

    refused = [
        (write(colleague, f"practitioner:{colleague}"), CoverRefusal.OWN_ROTA),
        (write(colleague, f"practitioner:{VISITOR}"), CoverRefusal.OWN_ROTA),
        (write(TEACHER, "job:test"), CoverRefusal.ANOTHER_AGENCY),
        (write(steward, "job:test"), CoverRefusal.OPENS_NO_RECORDS),
        (write(colleague, "job:test", hours=24 * 15), CoverRefusal.NOT_A_TIME),
    ]
    written = write(colleague, "job:test")

    assert all(found is wanted for found, wanted in refused)
    assert isinstance(written, Cover)
