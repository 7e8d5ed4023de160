"""Profiles for tests, without anything behind them: every section has something in it."""

from dataclasses import replace
from typing import Any

from consent.question import Reason
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    Occurrence,
    OccurrenceKind,
    Period,
    Plan,
    RelationshipKind,
    StoryConfirmation,
    StoryEntry,
    Telecom,
)
from schemas.vocabulary import Category, Purpose, Source
from services.profile.merging.claims import AddressClaim, Claim, NameClaim, Provenance, TelecomClaim
from services.profile.model import (
    CommunicationView,
    HouseholdMember,
    HouseholdView,
    NotShared,
    PersonView,
    PlanView,
    PractitionerView,
    Profile,
    RelativeView,
    SourceState,
    SourceStatus,
    StoryCorrection,
    StoryView,
    TimelineEntry,
)
from tests.support.builders import CHILD, MOTHER_ID, NOW

HEALTH = Provenance(Source.HEALTH_VISITING, "2026-01-01T00:00:00Z")
SCHOOL = Provenance(Source.SCHOOLS, "2026-02-01T00:00:00Z")
A_BIRTH = Occurrence(
    OccurrenceKind.BIRTH, "Birth", Period("2024-05-03"), outcome="well", details=(("Weight", "3"),)
)
A_STORY = StoryEntry("We moved in May.", "mother", "Sam Reed", "2026-02-02T10:00:00Z")
HOME = Address(("1 Long Lane",), "NF1 1AA")


def a_person(person: PersonId = CHILD, **more: Any) -> PersonView:
    """Build a person of the family: by default the child, named by two sources."""
    made = PersonView(
        id=person,
        relation=None,
        names=(
            NameClaim("Wren", ("Ava", "May"), "Avie", HEALTH, also=(SCHOOL,), is_verified=True),
            NameClaim("Wren-Hill", ("Ava",), None, SCHOOL, former_names=("Ava Hill",)),
        ),
        date_of_birth="2024-05-03",
        sex="female",
        expected_date_of_birth=None,
        died=None,
        placeholder_name=False,
        addresses=(AddressClaim(HOME, HEALTH), AddressClaim(Address(("2 Short Row",)), SCHOOL)),
        telecoms=(TelecomClaim(Telecom("phone", "01632 960000"), HEALTH),),
        location_protected=False,
        dates_of_birth=(Claim("2024-05-03", HEALTH), Claim("2024-03-05", SCHOOL)),
    )
    return replace(made, **more)


def a_profile(**more: Any) -> Profile:
    """Build a profile of child and mother with something in every section."""
    mother = a_person(MOTHER_ID, relation=RelationshipKind.MOTHER, names=(), dates_of_birth=())
    members = (HouseholdMember(CHILD, None, None, (HEALTH,)), HouseholdMember(None, "Jo", None, ()))
    made = Profile(
        child=CHILD,
        purpose=Purpose.DIRECT_CARE,
        as_of=NOW,
        people=(a_person(), mother),
        relatives=(
            a_relative(person=MOTHER_ID),
            a_relative(kind=RelationshipKind.FATHER, name="Lee Hill", person=PersonId("f0" * 16)),
        ),
        practitioners=(a_worker(), a_worker(is_current=False, practitioner_name=None, role=None)),
        communication=(CommunicationView(CHILD, CommunicationNeeds(("pl",), True), HEALTH),),
        story=(a_story(),),
        timeline=(TimelineEntry("2024-05-03", CHILD, Category.CHILD_HEALTH, A_BIRTH, HEALTH),),
        plans=(PlanView(CHILD, Category.EDUCATION, Plan("ehc", "EHC"), True, SCHOOL),),
        sources=tuple(
            SourceStatus(s, SourceState.HAS_RECORDS, NOW, "everybody", NOW) for s in Source
        ),
        not_shared=(NotShared(Category.SOCIAL_CARE, Source.SOCIAL_CARE, (Reason.REFUSED,)),),
        location_protected=False,
        shared_under_duty=(Category.SAFEGUARDING,),
        policy_version="rules-1+test-1",
        decided_from=(DecisionId("d0" * 16),),
        households=(HouseholdView(HOME, "home", True, members),),
        parents_not_named=(RelationshipKind.FATHER,),
    )
    return replace(made, **more)


def a_relative(**more: Any) -> RelativeView:
    """Build a relative: by default the mother, as health visiting names her."""
    made = RelativeView(
        kind=RelationshipKind.MOTHER,
        name="Leanne Wren",
        telecoms=(Telecom("email", "leanne@example.org"),),
        has_responsibility=True,
        same_household=True,
        languages=("pl",),
        person=None,
        provenance=HEALTH,
    )
    return replace(made, **more)


def a_worker(**more: Any) -> PractitionerView:
    """Build a practitioner involved: by default the health visitor."""
    made = PractitionerView(
        person=CHILD,
        service="Health visiting",
        agency_name="Northfield Trust",
        team="East",
        practitioner_name="Amara Okafor",
        role="Health visitor",
        telephone="01632 960001",
        since="2024-05-04",
        until=None,
        is_current=True,
        provenance=HEALTH,
    )
    return replace(made, **more)


def a_story(**more: Any) -> StoryView:
    """Build a story entry: by default one that was corrected and, before, confirmed."""
    made = StoryView(
        "ab" * 32,
        A_STORY,
        corrections=(StoryCorrection("cd" * 32, "mother", "Sam Reed", "2026-02-20T10:00:00Z"),),
        confirmations=(
            StoryConfirmation(("ab" * 32,), "mother", "Sam Reed", "2026-02-10T10:00:00Z"),
        ),
        about=(CHILD,),
        kept_to=frozenset({"role:lead-practitioner", "agency:schools"}),
    )
    return replace(made, **more)
