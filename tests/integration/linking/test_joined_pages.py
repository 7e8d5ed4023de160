"""The pages about two who are one: whatever was decided about either can be seen and changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from consent.circumstances import CompetenceQuestion
from consent.lawfulness import Basis
from consent.model import DeciderKind, Mode, Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.access.asked import Asked
from services.interfaces.access.postgres_records import UnitOfWorkRecords
from services.people.practitioners.people import SignedInPractitioner
from services.portal.decisions.orders import HowDecided, ObjectionForm
from services.portal.decisions.summaries import DecisionSummary, RecordedDecision
from services.portal.services import PortalOnDatabase
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, SOCIAL_WORKER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.people.joined import UPN, joined, two_children
from tests.support.portal.portal_forms import a_permit_for

pytestmark = pytest.mark.postgres

JUDGED = HowDecided(competence=frozenset(CompetenceQuestion))


@dataclass(frozen=True, slots=True)
class _Pages:
    running: InProcess
    services: PortalOnDatabase
    who: SignedInPractitioner
    visited: PersonId
    taught: PersonId

    def decisions(self, person: PersonId) -> list[DecisionSummary]:
        found = self.services.decisions(self.who, person)
        assert not isinstance(found, ProfileRefused)
        return list(found)


@pytest.fixture
def pages(outside: Outside) -> Iterator[_Pages]:
    """Give the pages of a health visitor, over two who turned out to be one."""
    with InProcess.running(outside) as running:
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        who = next(p for p in services.demonstration_people() if p.id == VISITOR)
        visited, taught = two_children(running)
        joined(running, visited, taught)
        yield _Pages(running, services, who, visited, taught)


def test_one_family_is_listed_and_found_by_either_number(pages: _Pages):
    """By the id of the eldest."""
    families = pages.services.my_families(pages.who)

    assert [family.person for family in families] == [pages.visited]
    with unit_of_work(pages.running.portal) as work:
        records = UnitOfWorkRecords(work, speaks_for=lambda _: True)
        for name in (pages.taught, pages.visited, f"upn:{UPN}", "nhs-number:9990000018"):
            assert records.known(_asked_about(name), at=work.now).person == pages.visited


def _asked_about(name: str) -> Asked:
    purpose, sources = Purpose.DIRECT_CARE, tuple(Source)
    return Asked(name, VISITOR, purpose, Mode.CONTENT, (Category.STORY,), sources, frozenset())


def test_decisions_about_either_are_listed_as_they_were_recorded(pages: _Pages):
    """In nobody's voice but their own."""
    listed = pages.decisions(pages.visited)

    assert listed == pages.decisions(pages.taught)
    assert {decision.said.subjects for decision in listed} == {
        frozenset({pages.taught}),
        frozenset({pages.visited}),
    }
    assert {decision.said.decided_by.reference for decision in listed} == {"mother"}


def test_a_decision_about_the_other_can_be_replaced_and_withdrawn(pages: _Pages):
    """From the page of the one who is known outside."""
    (about_taught,) = (d for d in pages.decisions(pages.visited) if pages.taught in d.said.subjects)
    form = replace(
        a_permit_for(*about_taught.said.subjects, purposes=frozenset({Purpose.DIRECT_CARE})),
        categories=frozenset({Category.EDUCATION}),
        supersedes=about_taught.decision_id,
        decider_name=None,
    )

    replaced = pages.services.record_decision(pages.who, form)
    assert isinstance(replaced, RecordedDecision)
    withdrawn = pages.services.withdraw_decision(pages.who, replaced.decision_id)

    assert replaced.subjects == (pages.taught,)
    assert isinstance(withdrawn, RecordedDecision)
    profile = pages.running.read(pages.visited)
    assert not isinstance(profile, ProfileRefused)
    assert {entry.category for entry in profile.timeline} == {Category.CHILD_HEALTH}


def test_a_young_person_objects_on_the_page_of_who_they_are(pages: _Pages):
    """Also to what was decided about the one they were joined from."""
    pages.running.outside.clock.pass_by(14 * 365 * DAY)  # type: ignore[attr-defined] # the standing clock
    basis = Basis.PUBLIC_TASK
    task = pages.running.decide(pages.taught, basis=basis, decided_by=SOCIAL_WORKER).decision
    form = ObjectionForm(task.id, pages.visited, DeciderKind.YOUNG_PERSON, "young-person", JUDGED)

    objection = pages.services.object_to_decision(pages.who, form)

    assert isinstance(objection, RecordedDecision)
    assert objection.subjects == (pages.taught,)
    (found,) = (d for d in pages.decisions(pages.visited) if d.said.response is Response.OBJECTED)
    assert found.said.objects_to == task.id
