"""What was recorded about any of several who are one counts for all of them, and never for more."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, Decision, OnRecord, Reason, decide
from consent.deciding.decide import Answers
from consent.model import DeciderKind, LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId
from schemas.records.published import NOT_KEPT
from schemas.vocabulary import Category, Source
from services.people.linking.joined_record import joined_record, relationships_with_all
from tests.support.builders import (
    CHILD,
    DAY,
    MOTHER_ID,
    NOW,
    PROFILE,
    SIBLING,
    VISITOR,
    a_permit,
    a_refusal,
    a_restriction,
    on_record,
)
from tests.support.strategies import PERSONS, practitioner_requests, records_on, requests

ONE, OTHER = PERSONS
AS_ONE = {ONE: (ONE, OTHER), OTHER: (ONE, OTHER)}
WHAT = (Category.CHILD_HEALTH, Source.HEALTH_VISITING)
NOES = frozenset(
    {Reason.REFUSED, Reason.OBJECTED, Reason.DETRIMENTAL, Reason.WITHDRAWN, Reason.RESTRICTED}
)
property_ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _apart(everything: OnRecord, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
    """What was recorded about each by itself, as it is stored."""
    return {
        person: replace(
            everything,
            decisions=tuple(d for d in everything.decisions if person in d.subjects),
            restrictions=tuple(r for r in everything.restrictions if r.subject == person),
        )
        for person in persons
    }


def _decided(found: Mapping[PersonId, OnRecord], request: AccessRequest) -> Decision:
    return Answers(found).to(request)


def _about(person: PersonId, request: AccessRequest) -> AccessRequest:
    return replace(request, subjects=(person,), kept_to=NOT_KEPT)


def test_where_nobody_is_joined_it_is_as_it_was_recorded():
    """To the letter."""
    stored = _apart(on_record(a_permit(), a_restriction()), [CHILD, MOTHER_ID])

    assert joined_record(stored, {p: (p,) for p in stored}) == stored


def test_a_restriction_protects_everybody_who_is_one():
    """Also where both are asked about in one go."""
    clusters = dict.fromkeys((CHILD, SIBLING), (CHILD, SIBLING))
    stored = _apart(on_record(a_permit(), a_restriction()), clusters)

    found = joined_record(stored, clusters)

    for person in clusters:
        asked = AccessRequest((person,), *WHAT, PROFILE, NOW)
        assert _decided(found, asked).reasons == (Reason.RESTRICTED,)


def test_a_decision_about_somebody_else_too_stays_about_them():
    """Their part of it is not touched."""
    both = a_permit(subjects=(CHILD, MOTHER_ID))
    clusters = {CHILD: (SIBLING, CHILD), MOTHER_ID: (MOTHER_ID,)}
    stored = _apart(on_record(both), [SIBLING, CHILD, MOTHER_ID])

    (found,) = joined_record(stored, clusters)[CHILD].decisions

    assert found.subjects == {CHILD, SIBLING, MOTHER_ID}
    assert (found.id, found.decided_by.kind) == (both.id, DeciderKind.PARENT)


def test_who_refused_for_both_is_not_overruled_by_a_later_word_about_one():
    """The refusal was about the other too."""
    no = a_refusal(subjects=PERSONS)
    yes = a_permit(subjects=(OTHER,), decided_at=NOW - DAY)
    found = joined_record(_apart(on_record(no, yes), PERSONS), AS_ONE)

    decision = decide(AccessRequest((OTHER,), *WHAT, PROFILE, NOW), found[OTHER])

    assert decision.reasons == (Reason.REFUSED,)


def test_a_relationship_with_one_is_one_with_all_who_are_one_with_them():
    """And only with them."""
    ground = RelationshipGround.REFERRAL
    known = [LegitimateRelationship(VISITOR, p, ground, NOW) for p in (CHILD, MOTHER_ID)]

    found = relationships_with_all(known, {CHILD: (SIBLING, CHILD)})

    assert [r.subject for r in found] == [SIBLING, CHILD, MOTHER_ID]


@given(records_on, requests, st.sampled_from(PERSONS))
@property_
def test_joining_permits_nothing_that_neither_permitted(
    everything: OnRecord, request_: AccessRequest, asked: PersonId
):
    """Whatever is on record, and whichever of the two is asked about."""
    stored = _apart(everything, PERSONS)

    if _decided(joined_record(stored, AS_ONE), _about(asked, request_)).is_permitted:
        assert any(_decided(stored, _about(p, request_)).is_permitted for p in PERSONS)


@given(records_on, practitioner_requests, st.sampled_from(PERSONS))
@property_
def test_what_is_refused_about_either_is_refused_about_both(
    everything: OnRecord, request_: AccessRequest, asked: PersonId
):
    """But for a duty, and for what a young person decides in place of their parents."""
    elders = (d for d in everything.decisions if d.decided_by.kind is not DeciderKind.YOUNG_PERSON)
    stored = _apart(replace(everything, decisions=tuple(elders)), PERSONS)
    found = [_decided(stored, _about(person, request_)) for person in PERSONS]

    decision = _decided(joined_record(stored, AS_ONE), _about(asked, request_))

    if any(not NOES.isdisjoint(each.reasons) and not each.is_permitted for each in found):
        assert not decision.is_permitted or Reason.DUTY in decision.reasons
