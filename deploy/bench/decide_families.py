"""Invented families for `bench decide`: what is on record about each, and what is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

from consent import AccessRequest, OnRecord, Practitioner, SharedProfile
from consent.agreement import AdoptedAgreement
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
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

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_DAY = timedelta(days=1)
_MOTHER = Decider(DeciderKind.PARENT, "mother")
_FATHER = Decider(DeciderKind.PARENT, "father")
_SELF = Decider(DeciderKind.ADULT_SELF, "self")
_YOUNG_PERSON = Decider(DeciderKind.YOUNG_PERSON, "young-person")
_SOCIAL_WORKER = Decider(DeciderKind.PRACTITIONER, "b2" * 16)
_CARE = frozenset({Purpose.DIRECT_CARE, Purpose.EARLY_HELP})
_MOST = frozenset(Category) - {Category.SOCIAL_CARE, Category.SAFEGUARDING}
_HIDDEN = (Category.STORY, Category.EDUCATION, Category.SOCIAL_CARE, Category.EARLY_HELP)
_LABELS = (frozenset[Label](), frozenset({Label.LOCATION}))


@dataclass(frozen=True, slots=True)
class Family:
    """Two children, two adults, twelve decisions, two restrictions, four practitioners."""

    number: int
    persons: Sequence[PersonId]
    practitioners: Sequence[Practitioner]
    on_record: OnRecord


def make_families(count: int, *, agreed: AdoptedAgreement, seed: int) -> list[Family]:
    """That many families, all different."""
    random = Random(seed)
    return [_Maker(number, random).family(agreed) for number in range(count)]


def questions_for_one(
    family: Family, count: int, *, mode: Mode, random: Random
) -> list[AccessRequest]:
    """Different questions of practitioners about one person each."""
    about = list(product(family.persons, Category, Source, family.practitioners, Purpose, _LABELS))
    return [
        AccessRequest((person,), category, source, practitioner, NOW, purpose, labels, mode)
        for person, category, source, practitioner, purpose, labels in random.sample(
            about, min(count, len(about))
        )
    ]


def questions_for_the_profile(family: Family, count: int, random: Random) -> list[AccessRequest]:
    """Different questions of the shared profile; one in three about two persons."""
    child, other, mother, father = family.persons
    persons = [*((person,) for person in family.persons), (child, mother), (other, father)]
    about = list(product(persons, Category, Source, _LABELS))
    return [
        AccessRequest(persons, category, source, SharedProfile(), NOW, labels=labels)
        for persons, category, source, labels in random.sample(about, min(count, len(about)))
    ]


class _Maker:
    """Makes one family; what differs between families comes from `random`."""

    def __init__(self, number: int, random: Random) -> None:
        self._number = number
        self._random = random
        self._made = 0

    def family(self, agreed: AdoptedAgreement) -> Family:
        persons = [PersonId(self._id("a")) for _ in range(4)]
        practitioners = [self._practitioner(source, persons[0]) for source in Source]
        on_record = OnRecord(
            tuple(self._decisions(*persons)),
            (
                self._restriction(persons[3], RestrictionScope.LOCATION, practitioners[0]),
                self._restriction(persons[1], RestrictionScope.LOCATION, *practitioners[:3]),
            ),
            (agreed,),
        )
        return Family(self._number, persons, practitioners, on_record)

    def _decisions(
        self, child: PersonId, other: PersonId, mother: PersonId, father: PersonId
    ) -> list[SharingDecision]:
        children, hidden = (child, other), self._random.sample(_HIDDEN, 3)
        visitor, school = "agency:health-visiting", "agency:schools"
        two = frozenset({visitor, "agency:family-hub"})
        refused = Response.REFUSED
        return [
            self._decision(children, _MOST, _MOTHER),
            self._decision(children, _MOST, _FATHER),
            self._decision([mother], _MOST, _SELF),
            self._decision([father], frozenset(self._random.sample(sorted(_MOST), 5)), _SELF),
            self._decision(children, {hidden[0]}, _FATHER, response=refused),
            self._decision([other], {hidden[1]}, _YOUNG_PERSON, response=refused),
            self._decision([child], {hidden[2]}, _MOTHER, withdrawn_at=NOW - _DAY),
            self._decision([child], {Category.CHILD_HEALTH}, _MOTHER, recipients=two),
            self._decision(
                children, _MOST, _FATHER, response=refused, recipients=frozenset({school})
            ),
            self._decision(
                children,
                {Category.SOCIAL_CARE, Category.SAFEGUARDING},
                _SOCIAL_WORKER,
                purposes=frozenset({Purpose.SAFEGUARDING}),
                basis=Basis.LEGAL_OBLIGATION,
            ),
            self._decision(
                children,
                {Category.EDUCATION},
                _SOCIAL_WORKER,
                purposes=frozenset({Purpose.EARLY_HELP}),
                basis=Basis.PUBLIC_TASK,
                sources=frozenset({Source.SCHOOLS}),
            ),
            self._decision(
                children, {Category.SOCIAL_CARE}, _MOTHER, mode=Mode.EXISTENCE, until=NOW + _DAY
            ),
        ]

    def _decision(
        self,
        subjects: Sequence[PersonId],
        categories: frozenset[Category] | set[Category],
        decided_by: Decider,
        *,
        response: Response = Response.GIVEN,
        purposes: frozenset[Purpose] = _CARE,
        basis: Basis = Basis.CONSENT,
        **more: object,
    ) -> SharingDecision:
        return SharingDecision(
            DecisionId(self._id("d")),
            frozenset(subjects),
            response,
            frozenset(categories),
            purposes,
            basis,
            decided_by,
            NOW - self._random.randrange(2, 400) * _DAY,
            **more,  # type: ignore[arg-type]  # a field of the decision, by its name
        )

    def _restriction(
        self, person: PersonId, scope: RestrictionScope, *allowed: Practitioner
    ) -> Restriction:
        listed = frozenset(practitioner.id for practitioner in allowed)
        return Restriction(self._id("e"), person, scope, listed, NOW - _DAY)

    def _practitioner(self, agency: Source, child: PersonId) -> Practitioner:
        own = PractitionerId(self._id("b"))
        since = NOW - 100 * _DAY
        relationship = LegitimateRelationship(own, child, RelationshipGround.CASE_LOAD, since)
        known = () if agency is Source.SOCIAL_CARE and self._number % 5 == 0 else (relationship,)
        return Practitioner(own, Role.PRACTITIONER, agency, known)

    def _id(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._number:015x}{self._made:016x}"
