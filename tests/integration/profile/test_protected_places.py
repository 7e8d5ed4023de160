"""Where a child is placed is shown on the child's own page, and never where the family looks on."""

from collections.abc import Iterator

import pytest

from consent.lawfulness import Basis
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.records.payloads import Address, ContactDetails, Relationship, RelationshipKind
from schemas.vocabulary import Category, Label, Purpose
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, NOW, SOCIAL_WORKER, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_family
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres

PLACEMENT = ContactDetails((Address((), "NF9 9PL", use="placement"),))
HOME = ContactDetails((Address((), "NF1 1AA"),))
PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


@pytest.fixture
def family(outside: Outside) -> Iterator[tuple[InProcess, PersonId, PersonId]]:
    """Give a placed child and the mother, both on the visitor's case-load and linked."""
    subjects = the_family()[:2]
    mother_of = Relationship(RelationshipKind.MOTHER, "Leanne Wren")
    identity, visitor = Category.IDENTITY_AND_CONTACT, Category.PRACTITIONERS
    with InProcess.running(outside) as running:
        child, mother = [
            person
            for subject in subjects
            for person in running.decide(
                subject, purposes=[Purpose.DIRECT_CARE, Purpose.SUBJECT_ACCESS]
            ).decision.subjects
        ]
        # A parent's yes opens no place that is protected: who placed the child shares it.
        running.decide(child, decided_by=SOCIAL_WORKER, basis=Basis.PUBLIC_TASK)
        running.receive(
            a_message(
                "m1",
                a_record("home", HOME, identity, labels=frozenset({Label.LOCATION})),
                a_record("placement", PLACEMENT, identity, labels=PROTECTED),
                a_record("r", mother_of, Category.FAMILY_AND_HOUSEHOLD, "child", "mother"),
                a_record("w", A_VISITOR, visitor),
                a_record("wm", A_VISITOR, visitor, "mother"),
                subjects=subjects,
            )
        )
        running.settle()
        yield running, child, mother


def test_the_child_s_own_page_shows_it(family: tuple[InProcess, PersonId, PersonId]):
    """To whoever may read the record."""
    running, child, _ = family

    assert _postcodes(running.read(child)) == {"NF1 1AA", "NF9 9PL"}


def test_the_mother_s_page_shows_the_child_and_not_the_place(
    family: tuple[InProcess, PersonId, PersonId],
):
    """Nor any sign that there is a place to protect."""
    running, child, mother = family
    profile = running.read(mother)

    assert isinstance(profile, Profile)
    assert child in [view.id for view in profile.people]
    assert _postcodes(profile) == {"NF1 1AA"}
    assert profile.not_shared == ()
    assert not profile.location_protected


def test_a_request_for_what_is_held_does_not_show_it(
    family: tuple[InProcess, PersonId, PersonId],
):
    """What is given to the family is read for that purpose."""
    running, child, _ = family

    assert _postcodes(running.read(child, Purpose.SUBJECT_ACCESS)) == {"NF1 1AA"}


def test_a_page_opened_with_the_family_there_does_not_show_it(
    family: tuple[InProcess, PersonId, PersonId],
):
    """They look on, though the practitioner works with the child besides."""
    running, child, _ = family
    ground = RelationshipGround.FAMILY_CONFIRMED
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, child, ground, since=NOW - DAY, until=NOW + 400 * DAY)

    assert _postcodes(running.read(child)) == {"NF1 1AA"}


def _postcodes(profile: object) -> set[str | None]:
    assert isinstance(profile, Profile), profile
    return {claim.address.postcode for view in profile.people for claim in view.addresses}
