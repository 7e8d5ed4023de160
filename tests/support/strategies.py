"""Worlds small enough that everything in them meets: two persons, few names, few days."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from consent import AccessRequest, OnRecord, Practitioner, SharedProfile
from consent.model import (
    Basis,
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
from tests.support.builders import NOW

PERSONS = (PersonId("c0" * 16), PersonId("c1" * 16))
PRACTITIONERS = (PractitionerId("b0" * 16), PractitionerId("b1" * 16))
CATEGORIES = (Category.CHILD_HEALTH, Category.EDUCATION)
SOURCES = (Source.HEALTH_VISITING, Source.SCHOOLS)
ROLES = (Role.PRACTITIONER, Role.LEAD_PRACTITIONER)
PURPOSES = (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
NAMES = (
    *(f"practitioner:{practitioner}" for practitioner in PRACTITIONERS),
    *(f"role:{role}" for role in ROLES),
    *(f"agency:{source}" for source in Source),
)
DECIDERS = (
    Decider(DeciderKind.PARENT, "mother"),
    Decider(DeciderKind.PARENT, "father"),
    Decider(DeciderKind.YOUNG_PERSON, "young-person"),
    Decider(DeciderKind.PRACTITIONER, "b2" * 16),
)

days = st.integers(-4, 4).map(lambda n: NOW + timedelta(days=n))
_until = st.none() | days
_subjects = st.sets(st.sampled_from(PERSONS), min_size=1).map(frozenset)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.sets(st.sampled_from(values), min_size=1).map(frozenset)


def _often_empty(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.just(frozenset[str]()) | st.sets(st.sampled_from(values), max_size=4).map(frozenset)


decisions = st.builds(
    SharingDecision,
    id=st.integers(0, 2**40).map(lambda n: DecisionId(f"{n:032x}")),
    subjects=_subjects,
    response=st.sampled_from([Response.GIVEN] * 4 + list(Response)),
    categories=_some(CATEGORIES),
    purposes=_some(PURPOSES),
    basis=st.sampled_from([Basis.CONSENT] * 3 + list(Basis)),
    decided_by=st.sampled_from(DECIDERS),
    decided_at=days,
    recipients=_often_empty(NAMES),
    sources=_often_empty(SOURCES),
    mode=st.sampled_from([Mode.CONTENT, Mode.CONTENT, Mode.EXISTENCE]),
    until=_until,
    withdrawn_at=st.none() | st.none() | days,
    invalidated_at=st.none() | st.none() | st.none() | days,
)
refusals = st.builds(
    lambda decision, response: replace(decision, response=response),
    decisions,
    st.sampled_from([Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL]),
)
restrictions = st.builds(
    Restriction,
    id=st.integers(0, 2**40).map(lambda n: f"{n:032x}"),
    subject=st.sampled_from(PERSONS),
    scope=st.sampled_from(RestrictionScope),
    allowed=st.sets(st.sampled_from(PRACTITIONERS)).map(frozenset),
    placed_at=days,
    lifted_at=_until,
)
relationships = st.builds(
    LegitimateRelationship,
    practitioner=st.sampled_from(PRACTITIONERS),
    subject=st.sampled_from(PERSONS),
    ground=st.sampled_from(RelationshipGround),
    since=days,
    until=_until,
)
practitioners = st.builds(
    Practitioner,
    id=st.sampled_from(PRACTITIONERS),
    role=st.sampled_from(ROLES),
    agency=st.sampled_from(SOURCES),
    relationships=st.lists(relationships, max_size=3).map(tuple),
)
records_on = st.builds(
    OnRecord,
    st.lists(decisions, max_size=5, unique_by=lambda d: d.id).map(tuple),
    st.lists(restrictions, max_size=2, unique_by=lambda r: r.id).map(tuple)
    | st.just(()),
)


@st.composite
def requests(
    draw: st.DrawFn,
    recipients: st.SearchStrategy[Practitioner | SharedProfile] = practitioners | st.just(SharedProfile()),
) -> AccessRequest:
    """Make every request of this small world."""
    recipient = draw(recipients)
    asks_for_any = isinstance(recipient, SharedProfile)
    return AccessRequest(
        subjects=tuple(draw(st.lists(st.sampled_from(PERSONS), max_size=2, unique=True))),
        category=draw(st.sampled_from(CATEGORIES)),
        source=draw(st.sampled_from(SOURCES)),
        recipient=recipient,
        at=draw(days),
        purpose=None if asks_for_any else draw(st.none() | st.sampled_from(PURPOSES)),
        labels=frozenset(draw(st.sets(st.sampled_from(Label), max_size=2))),
        mode=draw(st.sampled_from(Mode)),
    )


@dataclass(frozen=True)
class World:
    """A request and what is on record when it is made."""

    request: AccessRequest
    on_record: OnRecord


worlds = st.builds(World, requests(), records_on)


def everybody(at: datetime) -> list[Practitioner]:
    """Everyone there may ever be in this small world, each with a relationship."""
    people = (*PRACTITIONERS, PractitionerId("bf" * 16))
    return [
        Practitioner(
            practitioner,
            role,
            agency,
            (LegitimateRelationship(practitioner, PERSONS[0], RelationshipGround.REFERRAL, at),),
        )
        for practitioner in people
        for role in Role
        for agency in Source
    ]
