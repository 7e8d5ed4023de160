"""Invented practitioners and profiles for the pages; ask only for what matters."""

from dataclasses import replace
from datetime import UTC, datetime

from consent.question import Reason
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    Occurrence,
    OccurrenceKind,
    Period,
    Plan,
    RelationshipKind,
    StoryEntry,
    Telecom,
)
from schemas.vocabulary import Category, Purpose, Role, Source
from services.people.practitioners.people import SignedInPractitioner
from services.profile.merging.claims import AddressClaim, Claim, NameClaim, Provenance, TelecomClaim
from services.profile.model import (
    CommunicationView,
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
from tests.support.portal.portal_family import the_households, the_kin

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HEALTH = Provenance(Source.HEALTH_VISITING, "2026-11-03")
SCHOOL = Provenance(Source.SCHOOLS, "2026-09-01")
CHILD = PersonId("person-wren-01")
MOTHER = PersonId("person-wren-02")


def a_practitioner(
    name: str = "Priya Nair",
    role: Role = Role.PRACTITIONER,
    agency: Source = Source.HEALTH_VISITING,
    job_title: str = "Health visitor",
) -> SignedInPractitioner:
    """Invent somebody who signs in."""
    practitioner_id = PractitionerId(name.lower().replace(" ", "-"))
    agency_name = f"Exbury {agency.label.lower()}"
    return SignedInPractitioner(
        practitioner_id, name, role, job_title, "X1", agency_name, agency, Purpose.EARLY_HELP
    )


def a_person(
    person: PersonId = CHILD,
    *,
    relation: RelationshipKind | None = None,
    names: tuple[NameClaim, ...] = (),
    born: str | None = None,
) -> PersonView:
    """Invent somebody of a family of whom only this is known."""
    births = (Claim(born, HEALTH),) if born else ()
    return PersonView(
        person, relation, names, born, None, None, None, False, (), (), False, dates_of_birth=births
    )


def a_profile(child: PersonId = CHILD) -> Profile:
    """Invent a profile of which nothing but the child's existence is known."""
    return Profile(
        child=child,
        purpose=Purpose.EARLY_HELP,
        as_of=AT,
        people=(a_person(child),),
        relatives=(),
        practitioners=(),
        communication=(),
        story=(),
        timeline=(),
        plans=(),
        sources=tuple(
            SourceStatus(source, SourceState.NOT_HEARD, None, "All ages") for source in Source
        ),
        not_shared=(),
        location_protected=False,
        shared_under_duty=(),
        policy_version="rules-2026-11-29",
        decided_from=(),
        parents_not_named=(RelationshipKind.MOTHER, RelationshipKind.FATHER),
    )


def the_wren_family() -> Profile:
    """Invent a family of whom much is known and on whom sources differ."""
    return replace(
        a_profile(),
        people=(_ava(), _leanne()),
        relatives=(
            RelativeView(RelationshipKind.MOTHER, None, (), True, True, (), MOTHER, HEALTH),
            RelativeView(
                RelationshipKind.GRANDPARENT, "Zofia Wren", (), None, None, ("pl",), None, SCHOOL
            ),
        ),
        practitioners=_practitioners(),
        kin=the_kin(MOTHER, HEALTH, SCHOOL),
        households=the_households(CHILD, MOTHER, HEALTH),
        parents_not_named=(RelationshipKind.FATHER,),
        communication=(CommunicationView(MOTHER, CommunicationNeeds(("pl",), True), HEALTH),),
        story=_story(),
        timeline=_timeline(),
        plans=(
            PlanView(
                CHILD,
                Category.SOCIAL_CARE,
                Plan("cin", "Child in need plan", Period("2026-10-01"), "Exbury Council"),
                True,
                Provenance(Source.SOCIAL_CARE, "2026-10-02"),
            ),
        ),
        sources=(
            SourceStatus(Source.HEALTH_VISITING, SourceState.HAS_RECORDS, AT, "Ages 0 to 5"),
            SourceStatus(Source.SCHOOLS, SourceState.NOT_SHARED, AT, "Ages 4 to 18"),
            SourceStatus(Source.SOCIAL_CARE, SourceState.HAS_RECORDS, AT, "Ages 0 to 18"),
            SourceStatus(Source.FAMILY_HUB, SourceState.NOT_HEARD, None, "All ages"),
        ),
        not_shared=(NotShared(Category.EDUCATION, Source.SCHOOLS, (Reason.REFUSED,)),),
        shared_under_duty=(Category.SOCIAL_CARE,),
        location_protected=True,
    )


def _ava() -> PersonView:
    return replace(
        a_person(
            names=(
                NameClaim("Wren", ("Ava", "Rose"), None, HEALTH),
                NameClaim("Wren-Doyle", ("Ava",), None, SCHOOL),
            ),
            born="2024-05-03",
        ),
        sex="female",
        sexes=(Claim("female", HEALTH, (SCHOOL,)),),
        addresses=(
            AddressClaim(Address(("14 Mill Lane", "Exbury"), "EX1 1AA"), HEALTH),
            AddressClaim(Address(("2 Quay Street", "Exbury"), "EX1 2BB"), SCHOOL),
        ),
    )


def _leanne() -> PersonView:
    return replace(
        a_person(
            MOTHER,
            relation=RelationshipKind.MOTHER,
            names=(NameClaim("Wren", ("Leanne",), None, HEALTH),),
            born="1997-02-11",
        ),
        telecoms=(TelecomClaim(Telecom("phone", "01632 960 123"), HEALTH),),
    )


def _practitioners() -> tuple[PractitionerView, ...]:
    current = PractitionerView(
        person=CHILD,
        service="Health visiting",
        agency_name="Exbury Community NHS Trust",
        team="Mill Lane team",
        practitioner_name="Priya Nair",
        role="Health visitor",
        telephone="01632 960 456",
        since="2024-05-14",
        until=None,
        is_current=True,
        provenance=HEALTH,
    )
    unreachable = replace(
        current,
        service="School nursing",
        team=None,
        practitioner_name=None,
        role=None,
        telephone=None,
        provenance=SCHOOL,
    )
    past = replace(current, service="Midwifery", until="2024-05-14", is_current=False)
    return (current, unreachable, past)


def _story() -> tuple[StoryView, ...]:
    first = StoryEntry("Mornings are the hardest.", "Leanne", "Priya Nair", "2026-10-01T10:00:00Z")
    second = StoryEntry(
        "Please do not ring before nine.", "Leanne", "Priya Nair", "2026-11-03T10:00:00Z"
    )
    corrected = StoryCorrection("s2", "Leanne", "Priya Nair", second.written_at)
    return (
        StoryView("s2", replace(second, corrects="s1"), about=(CHILD,)),
        StoryView("s1", first, (corrected,), about=(CHILD,)),
    )


def _timeline() -> tuple[TimelineEntry, ...]:
    review = Occurrence(
        OccurrenceKind.REVIEW, "2 to 2½ year review", Period("2026-11-03"), outcome="Completed"
    )
    vaccination = Occurrence(
        OccurrenceKind.VACCINATION, "MMR vaccination", Period("2025-06-01"), not_done=True
    )
    return (
        TimelineEntry("2026-11-03", CHILD, Category.CHILD_HEALTH, review, HEALTH),
        TimelineEntry(None, CHILD, Category.CHILD_HEALTH, vaccination, SCHOOL),
    )
