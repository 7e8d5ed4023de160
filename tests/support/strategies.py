"""Worlds small enough that everything in them meets: two persons, few names, few days."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import TypeVar

from hypothesis import strategies as st

from consent import AccessRequest, OnRecord, Practitioner, SharedProfile
from consent.agreement import AdoptedAgreement, Agreement, AgreementRule
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    Exclusion,
    LegitimateRelationship,
    Mode,
    Proposal,
    RelationshipGround,
    Response,
    Restriction,
    RestrictionScope,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.published import NOT_KEPT, kept_to_category
from schemas.vocabulary import Category, Label, Purpose, Role, Source
from tests.support.builders import ALL_AGREED, DAY, NOW

_T = TypeVar("_T")

PERSONS = (PersonId("c0" * 16), PersonId("c1" * 16))
PRACTITIONERS = (PractitionerId("b0" * 16), PractitionerId("b1" * 16))
CATEGORIES = (Category.CHILD_HEALTH, Category.EDUCATION)
SOURCES = (Source.HEALTH_VISITING, Source.SCHOOLS)
ROLES = (Role.PRACTITIONER, Role.LEAD_PRACTITIONER)
NO_ROLES = (*(role.value for role in Role if role not in ROLES), "cleaner", "Practitioner", "")
PURPOSES = (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
EVERY_PURPOSE = (*PURPOSES, Purpose.EARLY_HELP)
NAMES = (
    *(f"practitioner:{practitioner}" for practitioner in PRACTITIONERS),
    *(f"role:{role}" for role in (*ROLES, Role.DATA_STEWARD)),
    *(f"agency:{source}" for source in Source),
)
DECIDERS = (
    Decider(DeciderKind.PARENT, "mother"),
    Decider(DeciderKind.PARENT, "father"),
    Decider(DeciderKind.YOUNG_PERSON, "young-person"),
    Decider(DeciderKind.PRACTITIONER, "b2" * 16),
)

# What comes first in a list is drawn more often, and shrunk to.
_DAYS = tuple(NOW + timedelta(days=n) for n in (-3, -2, -1, 0, 1, 2))
_IDS = st.integers(0, 2**40).map(lambda n: f"{n:032x}")
_SCOPES = (
    frozenset[str](),
    frozenset[str](),
    *(frozenset({name}) for name in NAMES),
    *(frozenset(pair) for pair in combinations(NAMES, 2)),
    frozenset(f"agency:{source}" for source in Source),
)

days = st.sampled_from(_DAYS)
_until = st.sampled_from((None, None, None, *_DAYS))
_rarely = st.sampled_from((None, None, None, None, None, None, *_DAYS[:3]))


def _sets_of(values: tuple[_T, ...]) -> st.SearchStrategy[frozenset[_T]]:
    return st.sampled_from((frozenset(values), *(frozenset({value}) for value in values)))


proposals = st.builds(
    Proposal,
    act=st.sampled_from(SharingAct),
    asked_by=st.just("practitioner:b2"),
    at=days,
    until=days,
)
_later = st.sampled_from((None, None, None, DAY, 2 * DAY, 3 * DAY))
_decided = st.builds(
    SharingDecision,
    id=_IDS.map(DecisionId),
    subjects=_sets_of(PERSONS),
    response=st.sampled_from([*[Response.GIVEN] * 5, *Response]),
    categories=_sets_of(CATEGORIES),
    purposes=_sets_of(PURPOSES),
    basis=st.sampled_from([*[Basis.CONSENT] * 5, *Basis]),
    decided_by=st.sampled_from(DECIDERS),
    decided_at=st.sampled_from(_DAYS[:4]),
    recipients=st.sampled_from(_SCOPES),
    sources=st.just(frozenset[Source]()) | _sets_of(SOURCES),
    mode=st.sampled_from([Mode.CONTENT, Mode.CONTENT, Mode.EXISTENCE]),
    until=_until,
    withdrawn_at=_rarely,
    invalidated_at=_rarely,
    superseded_at=_rarely,
    proposed=st.none() | st.none() | proposals,
    confirmed_at=_rarely,
)


def _written_down(one: SharingDecision, later: timedelta | None) -> SharingDecision:
    """The same, written down later than it was decided; nothing is recorded that is over then."""
    if later is None or (one.until is not None and one.until <= one.decided_at + later):
        return one
    return replace(one, recorded_at=one.decided_at + later)


decisions = st.builds(_written_down, _decided, _later)
refusals = st.builds(
    lambda decision, response: replace(decision, response=response),
    decisions,
    st.sampled_from([Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL]),
)
restrictions = st.builds(
    Restriction,
    id=_IDS,
    subject=st.sampled_from(PERSONS),
    scope=st.sampled_from(RestrictionScope),
    allowed=st.sampled_from(
        [frozenset(PRACTITIONERS), *(frozenset({p}) for p in PRACTITIONERS), frozenset()]
    ),
    placed_at=days,
    lifted_at=_until,
)
exclusions = st.builds(
    Exclusion,
    id=_IDS,
    subject=st.sampled_from(PERSONS),
    practitioner=st.none() | st.sampled_from(PRACTITIONERS),
    since=days,
    until=_until,
)
relationships = st.builds(
    LegitimateRelationship,
    practitioner=st.sampled_from(PRACTITIONERS),
    subject=st.sampled_from(PERSONS),
    ground=st.sampled_from((*[RelationshipGround.CASE_LOAD] * 6, *RelationshipGround)),
    since=days,
    until=_until,
)
practitioners = st.builds(
    Practitioner,
    id=st.sampled_from(PRACTITIONERS),
    role=st.sampled_from((*ROLES * 10, *NO_ROLES)),
    agency=st.sampled_from(SOURCES),
    relationships=st.lists(relationships, min_size=1, max_size=3).map(tuple),
)
rules = st.builds(
    AgreementRule,
    agencies=_sets_of(tuple(Source)),
    categories=_sets_of(CATEGORIES),
    purposes=_sets_of(EVERY_PURPOSE),
    sources=st.just(frozenset[Source]()) | _sets_of(SOURCES),
    modes=_sets_of(tuple(Mode)),
)
agreements = st.builds(
    Agreement,
    version=st.sampled_from(("a-1", "a-2", "b-1")),
    title=st.just("For tests"),
    valid_from=st.sampled_from((date(2020, 1, 1), *(day.date() for day in _DAYS))),
    valid_until=st.sampled_from((date(2999, 12, 31), *(day.date() for day in _DAYS))),
    rules=st.lists(rules, min_size=1, max_size=3).map(tuple),
)
adoptions = st.builds(AdoptedAgreement, agreements, days)
adopted_ones = st.sampled_from(((ALL_AGREED,), (ALL_AGREED,), ())) | st.lists(
    adoptions | st.just(ALL_AGREED),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.agreement.version,
).map(tuple)
records_on = st.builds(
    OnRecord,
    st.lists(decisions, min_size=1, max_size=5, unique_by=lambda d: d.id).map(tuple),
    st.just(()) | st.lists(restrictions, min_size=1, max_size=2).map(tuple),
    adopted_ones,
    st.just(()) | st.lists(exclusions, min_size=1, max_size=2).map(tuple),
)


_marks = (*NAMES, *(kept_to_category(category) for category in CATEGORIES))
kept_to = st.sets(st.sampled_from(_marks), max_size=3).map(frozenset)
_asked = {
    "subjects": st.sampled_from(((PERSONS[0],), (PERSONS[1],), PERSONS, PERSONS[:1], ())),
    "category": st.sampled_from(CATEGORIES),
    "source": st.sampled_from(SOURCES),
    "at": st.sampled_from(_DAYS[2:]),
    "labels": st.sampled_from((frozenset[Label](), *(frozenset({label}) for label in Label))),
    "mode": st.sampled_from((Mode.CONTENT, Mode.CONTENT, Mode.EXISTENCE)),
    "kept_to": st.just(NOT_KEPT) | kept_to,
}
practitioner_requests = st.builds(
    AccessRequest,
    recipient=practitioners,
    purpose=st.sampled_from((*PURPOSES, *PURPOSES, None)),
    **_asked,
)
shared_requests = st.builds(
    AccessRequest, recipient=st.just(SharedProfile()), purpose=st.none(), **_asked
)
requests = practitioner_requests | shared_requests


@dataclass(frozen=True)
class World:
    """A request and what is on record when it is made."""

    request: AccessRequest
    on_record: OnRecord


worlds = st.builds(World, requests, records_on)


def everybody(at: datetime) -> list[Practitioner]:
    """Everyone whom this small world can tell apart, each with a relationship."""
    people = (*PRACTITIONERS, PractitionerId("bf" * 16))
    return [
        Practitioner(
            practitioner,
            role,
            agency,
            (LegitimateRelationship(practitioner, PERSONS[0], RelationshipGround.REFERRAL, at),),
        )
        for practitioner in people
        for role in (*ROLES, Role.DATA_STEWARD)
        for agency in Source
    ]
