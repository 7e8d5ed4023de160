"""Another child of the same foster carer is no part of this family's story, nor are its workers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.records.payloads import Involvement, Relationship, RelationshipKind
from schemas.vocabulary import Category, Purpose, Role
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.portal.services import PortalOnDatabase
from services.profile.model import ProfileRefused
from services.profile.story.writing import StoryOutcome, ToldStory
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_family

pytestmark = pytest.mark.postgres

CARE = Purpose.DIRECT_CARE
_CARER = Relationship(RelationshipKind.FOSTER_CARER)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job: a child and another are fostered by one, and everything is shared."""
    with InProcess.running(outside) as found:
        child, carer, other = _in_one_home()
        for subject in (child, carer, other):
            found.decide(subject)
        found.receive(
            a_message(
                "m1",
                a_record("r1", _CARER, Category.FAMILY_AND_HOUSEHOLD, "child", "carer"),
                a_record("r2", _CARER, Category.FAMILY_AND_HOUSEHOLD, "other", "carer"),
                a_record("w1", A_VISITOR, Category.PRACTITIONERS),
                a_record("w2", A_VISITOR, Category.PRACTITIONERS, "other"),
                a_record(
                    "w3",
                    Involvement("School", agency_code=SCHOOL, practitioner_ref="t-1"),
                    Category.PRACTITIONERS,
                    "other",
                ),
                subjects=(child, carer, other),
            )
        )
        found.settle()
        yield found


def _in_one_home() -> tuple[Subject, Subject, Subject]:
    child, carer, other = the_family()
    return child, replace(carer, ref="carer"), replace(other, ref="other")


def _ids(running: InProcess) -> tuple[PersonId, PersonId]:
    child, _, other = (running.person(subject) for subject in _in_one_home())
    assert child is not None
    assert other is not None
    return child, other


def _pages(running: InProcess) -> tuple[PortalOnDatabase, SignedInPractitioner]:
    services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
    people = services.demonstration_people()
    return services, next(one for one in people if one.id == VISITOR)


def test_what_the_other_child_said_cannot_be_corrected_from_this_child_s_page(running: InProcess):
    """Not even by who knows the entry and works with both; nor can anything be said of them."""
    (child, other), (services, who) = _ids(running), _pages(running)
    assert services.add_story(who, other, ToldStory("I miss my dog.", "Me")) is None
    running.settle()
    (said,) = [r for r in running.stored(other) if r.category is Category.STORY]

    forged = services.correct_story(who, child, CARE, said.key, ToldStory("I do not.", "Mum"))
    about = services.add_story(who, child, ToldStory("Both of them.", "Mum", about=(other,)))

    assert forged is StoryOutcome.NOT_SHOWN
    assert isinstance(about, ProfileRefused)


def test_the_other_child_s_workers_are_not_named_to_this_family(running: InProcess):
    """To whom an entry may be kept are those who are shown to work with this child."""
    teacher = PractitionerEntry(
        TEACHER, "A teacher", Role.PRACTITIONER, "Teacher", SCHOOL, None, "t-1", CARE
    )
    with unit_of_work(running.outside) as work:
        work.directory.save_practitioner(teacher)
    (child, other), (services, who) = _ids(running), _pages(running)

    of_child = services.who_may_be_named(who, child, CARE)
    of_other = services.who_may_be_named(who, other, CARE)

    assert [one.id for one in of_child] == [VISITOR]
    assert [one.id for one in of_other] == [VISITOR, TEACHER]
