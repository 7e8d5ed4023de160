"""What a child below 13 decides waits for a second judge: on a real database, as pages ask it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.publishing.telling.decider_ports import DeciderFact, ToldBirth
from consent.circumstances import CompetenceQuestion
from consent.decisions.confirming import NotConfirmed
from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import DeciderKind, RelationshipGround, Response
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.vocabulary import Purpose, Source
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.people.practitioners.people import SignedInPractitioner
from services.portal.decisions.orders import DecisionForm, HowDecided
from services.portal.decisions.summaries import RecordedDecision, WhatWaits
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, NOW, TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.relating import a_colleague, relate
from tests.support.portal.portal_forms import a_permit_for

pytestmark = pytest.mark.postgres

ALL_FIVE = frozenset(CompetenceQuestion)
TWELVE_YEARS = timedelta(days=12 * 365 + 100)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def services(running: InProcess) -> PortalOnDatabase:
    """Give what the pages ask."""
    return PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child of twelve on the case-loads of a health visitor and of a teacher, for long."""
    with unit_of_work(running.portal) as work:
        found = work.persons.resolve_or_create(by_number("9990000018"), at=work.now)
        born = (work.now - TWELVE_YEARS).date().isoformat()
        for practitioner in (VISITOR, TEACHER):
            relate(work, practitioner, found, since=work.now - 30 * DAY)
    registered = ToldBirth(born, is_registered=True)
    fact = DeciderFact(found, RecordKey("d1" * 16), "2026-01-01/0", registered, agency=AGENCY)
    with unit_of_work(running.connectors) as work:
        intake = PostgresDeciderIntake(work.connection, work.keys)
        intake.keep([fact], (), Source.HEALTH_VISITING, at=NOW)
    return found


def _who(services: PortalOnDatabase, practitioner: PractitionerId) -> SignedInPractitioner:
    return next(p for p in services.demonstration_people() if p.id == practitioner)


def _form(child: PersonId) -> DecisionForm:
    return replace(
        a_permit_for(child),
        decider_kind=DeciderKind.YOUNG_PERSON,
        decider_reference="young-person",
        decider_name=None,
        how=HowDecided(competence=ALL_FIVE),
    )


def _recorded(services: PortalOnDatabase, child: PersonId) -> RecordedDecision:
    answer = services.record_decision(_who(services, VISITOR), _form(child))
    assert isinstance(answer, RecordedDecision)
    return answer


def _opened(services: PortalOnDatabase, by: PractitionerId, child: PersonId) -> bool:
    read = services.read_profile(_who(services, by), child, Purpose.EARLY_HELP)
    return isinstance(read, Profile)


def test_the_second_who_works_with_the_child_judges_it_too(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """They find it among the decisions; both may read then, and the ledger has who judged."""
    recorded = _recorded(services, child)
    before = [_opened(services, by, child) for by in (VISITOR, TEACHER)]
    listed = services.decisions(_who(services, TEACHER), child)
    assert isinstance(listed, list)

    confirmed = services.confirm_decision(_who(services, TEACHER), recorded.decision_id, ALL_FIVE)

    assert recorded.waits is WhatWaits.A_SECOND_JUDGE
    assert [(d.decision_id, d.waits_for_second_judge) for d in listed] == [
        (recorded.decision_id, True)
    ]
    assert isinstance(confirmed, RecordedDecision)
    assert before == [False, False]
    assert [_opened(services, by, child) for by in (VISITOR, TEACHER)] == [True, True]
    (entry,) = running.ledger(LedgerEvent.SHARING_DECISION_SECONDED)
    assert entry.fields["judged_by"] == TEACHER


def test_neither_the_first_nor_who_has_only_a_case_is_the_second(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """Nor a colleague who gains by it. Each attempt is entered; of one's own it tells nothing."""
    recorded = _recorded(services, child)
    with unit_of_work(running.portal) as work:
        colleague, own = a_colleague(work, AGENCY), a_colleague(work, AGENCY)
        since = work.now - 30 * DAY
        relate(work, colleague, child, since=since)
        relate(work, own, child, RelationshipGround.OWN, since=since)

    *working, with_their_own = [
        services.confirm_decision(_who(services, by), recorded.decision_id, ALL_FIVE)
        for by in (VISITOR, colleague, own)
    ]

    assert working == [NotConfirmed("is-no-second-judge")] * 2
    assert isinstance(with_their_own, ProfileRefused)
    refused = running.ledger(LedgerEvent.SHARING_DECISION_ACT_REFUSED)
    assert [entry.fields["because"] for entry in refused] == ["is-no-second-judge"] * 2
    assert not _opened(services, TEACHER, child)


def test_a_childs_no_stands_by_one_judgement_of_who_works_with_them(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """And by none of who has only a case of their agency's."""
    no = replace(_form(child), response=Response.REFUSED)
    with unit_of_work(running.portal) as work:
        own = a_colleague(work, AGENCY)
        relate(work, own, child, RelationshipGround.OWN, since=work.now - 30 * DAY)

    recorded = services.record_decision(_who(services, VISITOR), no)
    with pytest.raises(DecisionInvalidError, match="second-judge: is-missing"):
        services.record_decision(_who(services, own), no)

    assert isinstance(recorded, RecordedDecision)
    assert recorded.waits is WhatWaits.NOTHING
