"""What a worker records for their own service waits for another service: pages and ledger."""

from collections.abc import Iterator

import pytest

from consent.agreement import Agency
from consent.decisions.confirming import NotConfirmed
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.portal.decisions.summaries import RecordedDecision, WhatWaits
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.people.naming import name_a_parent
from tests.support.people.relating import relate
from tests.support.portal.portal_forms import a_permit_for

pytestmark = pytest.mark.postgres


@pytest.fixture
def services(running: InProcess) -> PortalOnDatabase:
    """Give what the pages ask."""
    return PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child on the case-loads of a health visitor and of a teacher, for long."""
    with unit_of_work(running.portal) as work:
        found = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
        for practitioner in (VISITOR, TEACHER):
            ground = RelationshipGround.CASE_LOAD
            relate(work, practitioner, found, ground, since=work.now - 30 * DAY)
    name_a_parent(running, found)
    return found


def _who(services: PortalOnDatabase, practitioner: PractitionerId) -> SignedInPractitioner:
    return next(p for p in services.demonstration_people() if p.id == practitioner)


def _opened(services: PortalOnDatabase, who: SignedInPractitioner, child: PersonId) -> bool:
    return isinstance(services.read_profile(who, child, Purpose.EARLY_HELP), Profile)


def _recorded(services: PortalOnDatabase, child: PersonId) -> RecordedDecision:
    answer = services.record_decision(_who(services, VISITOR), a_permit_for(child))
    assert isinstance(answer, RecordedDecision)
    return answer


def test_a_worker_alone_opens_for_others_and_not_for_their_own_service(
    services: PortalOnDatabase, child: PersonId
):
    """The page says which part waits, and for whose gain."""
    recorded = _recorded(services, child)

    assert (recorded.waits, recorded.gaining) == (WhatWaits.OWN_PART, (Agency.HEALTH_VISITING,))
    assert not _opened(services, _who(services, VISITOR), child)
    assert _opened(services, _who(services, TEACHER), child)


def test_another_service_that_works_with_the_family_confirms_it(
    services: PortalOnDatabase, child: PersonId
):
    """Whoever recorded it does not; the other sees what waits among the family's decisions."""
    recorded = _recorded(services, child)
    teacher, visitor = _who(services, TEACHER), _who(services, VISITOR)
    listed = services.decisions(teacher, child)
    assert not isinstance(listed, ProfileRefused)
    (waiting,) = (d for d in listed if d.said.tied_to == recorded.decision_id)

    alone = services.confirm_decision(visitor, waiting.decision_id)
    confirmed = services.confirm_decision(teacher, waiting.decision_id)

    assert isinstance(alone, NotConfirmed)
    assert isinstance(confirmed, RecordedDecision)
    assert _opened(services, visitor, child)
