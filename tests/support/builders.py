"""What a decision is made from, for tests; ask only for what matters."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from consent import AccessRequest, OnRecord, Practitioner, SharedProfile
from consent.agreement import AdoptedAgreement, Agreement, AgreementRule
from consent.decisions.keeping import Asker
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    Exclusion,
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Response,
    Restriction,
    RestrictionScope,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, Label, Purpose, Role, Source

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CHILD = PersonId("c0" * 16)
SIBLING = PersonId("c1" * 16)
MOTHER_ID = PersonId("a0" * 16)
VISITOR = PractitionerId("b0" * 16)
TEACHER = PractitionerId("b1" * 16)
MOTHER = Decider(DeciderKind.PARENT, "mother")
FATHER = Decider(DeciderKind.PARENT, "father")
YOUNG_PERSON = Decider(DeciderKind.YOUNG_PERSON, "young-person")
SOCIAL_WORKER = Decider(DeciderKind.PRACTITIONER, "b2" * 16)
WHERE = frozenset({Label.LOCATION})
PROFILE = SharedProfile()
BOTH_HANDS = Asker(is_both_hands=True)


def a_permit(
    *,
    subjects: Collection[PersonId] = (CHILD,),
    category: Category | Collection[Category] = Category.CHILD_HEALTH,
    purpose: Purpose | Collection[Purpose] = Purpose.DIRECT_CARE,
    decided_by: Decider = MOTHER,
    decided_at: datetime = NOW - 10 * DAY,
    basis: Basis = Basis.CONSENT,
    recipients: Iterable[str] = (),
    sources: Iterable[Source] = (),
    id: str | None = None,  # noqa: A002 - the field's own name
    **more: Any,
) -> SharingDecision:
    """Build a permission: by default the mother's, ten days ago, to everyone."""
    made = SharingDecision(
        id=DecisionId(id or "d0" * 16),
        subjects=frozenset(subjects),
        response=Response.GIVEN,
        categories=frozenset([category] if isinstance(category, Category) else category),
        purposes=frozenset([purpose] if isinstance(purpose, Purpose) else purpose),
        basis=basis,
        decided_by=decided_by,
        decided_at=decided_at,
        recipients=frozenset(recipients),
        sources=frozenset(sources),
    )
    return replace(made, **more)


def a_refusal(response: Response = Response.REFUSED, **more: Any) -> SharingDecision:
    """Build a refusal: by default the mother's, five days ago, to everyone, of the content."""
    defaults: dict[str, Any] = {"id": "d1" * 16, "decided_at": NOW - 5 * DAY}
    return replace(a_permit(**(defaults | more)), response=response)


def a_duty(**more: Any) -> SharingDecision:
    """Build a recorded duty: by default a social worker's, for safeguarding."""
    defaults: dict[str, Any] = {
        "id": "d2" * 16,
        "purpose": Purpose.SAFEGUARDING,
        "basis": Basis.LEGAL_OBLIGATION,
        "decided_by": SOCIAL_WORKER,
    }
    return a_permit(**(defaults | more))


def a_restriction(
    *allowed: PractitionerId,
    subject: PersonId = CHILD,
    scope: RestrictionScope = RestrictionScope.PERSON,
    placed_at: datetime = NOW - DAY,
    lifted_at: datetime | None = None,
    id: str = "e0" * 16,  # noqa: A002 - the field's own name
) -> Restriction:
    """Build a restriction: by default of the whole child, to nobody, since yesterday."""
    return Restriction(id, subject, scope, frozenset(allowed), placed_at, lifted_at)


def an_exclusion(
    practitioner: PractitionerId | None = VISITOR,
    *,
    subject: PersonId = CHILD,
    since: datetime = NOW - DAY,
    until: datetime | None = None,
    id: str = "ec" * 16,  # noqa: A002 - the field's own name
) -> Exclusion:
    """Build an exclusion: by default the health visitor's, from the child, since yesterday."""
    return Exclusion(id, subject, practitioner, since, until)


def a_relationship(
    practitioner: PractitionerId = VISITOR,
    subject: PersonId = CHILD,
    *,
    since: datetime = NOW - 100 * DAY,
    until: datetime | None = None,
) -> LegitimateRelationship:
    """Build a relationship: by default the health visitor's, with the child."""
    ground = RelationshipGround.CASE_LOAD
    return LegitimateRelationship(practitioner, subject, ground, since, until)


def a_health_visitor(*relationships: LegitimateRelationship) -> Practitioner:
    """Build the health visitor, by default with the child on the case-load."""
    return Practitioner(
        VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, relationships or (a_relationship(),)
    )


def a_teacher(*relationships: LegitimateRelationship) -> Practitioner:
    """Build somebody of the school, by default with the child on its roll."""
    known = relationships or (a_relationship(TEACHER),)
    return Practitioner(TEACHER, Role.PRACTITIONER, Source.SCHOOLS, known)


def a_request(
    recipient: Practitioner | SharedProfile | None = None,
    *,
    subjects: tuple[PersonId, ...] = (CHILD,),
    category: Category = Category.CHILD_HEALTH,
    source: Source = Source.HEALTH_VISITING,
    at: datetime = NOW,
    purpose: Purpose | None = Purpose.DIRECT_CARE,
    **more: Any,
) -> AccessRequest:
    """Build a request: by default the health visitor's, to read the child's health record."""
    who = recipient or a_health_visitor()
    asked = None if isinstance(who, SharedProfile) else purpose
    return AccessRequest(subjects, category, source, who, at, asked, **more)


def a_rule(
    *,
    agencies: Iterable[Source] = Source,
    categories: Iterable[Category] = Category,
    purposes: Iterable[Purpose] = Purpose,
    sources: Iterable[Source] = (),
    modes: Iterable[Mode] = Mode,
) -> AgreementRule:
    """Build a rule of an agreement: by default everybody may receive everything."""
    return AgreementRule(
        frozenset(agencies),
        frozenset(categories),
        frozenset(purposes),
        frozenset(sources),
        frozenset(modes),
    )


def an_agreement(*rules: AgreementRule, version: str = "test-1", **more: Any) -> Agreement:
    """Build an agreement: by default of everything, valid for years before and after NOW."""
    valid = {"valid_from": date(2020, 1, 1), "valid_until": date(2999, 12, 31)}
    return Agreement(version, "For tests", rules=rules or (a_rule(),), **(valid | more))


def adopted(agreement: Agreement, at: datetime = NOW - 1000 * DAY) -> AdoptedAgreement:
    """Adopt an agreement: by default long ago."""
    return AdoptedAgreement(agreement, at)


ALL_AGREED = adopted(an_agreement())


def on_record(*recorded: SharingDecision | Restriction | Exclusion | AdoptedAgreement) -> OnRecord:
    """Put decisions, restrictions and exclusions on record, in the order given.

    Where no agreement is given, one that covers everything was adopted long ago.
    """
    return OnRecord(
        tuple(r for r in recorded if isinstance(r, SharingDecision)),
        tuple(r for r in recorded if isinstance(r, Restriction)),
        tuple(r for r in recorded if isinstance(r, AdoptedAgreement)) or (ALL_AGREED,),
        tuple(r for r in recorded if isinstance(r, Exclusion)),
    )
