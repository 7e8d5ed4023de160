"""What was recorded about any of several who are one counts for all of them, and never for more."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, Decision, OnRecord, Reason, decide
from consent.deciding.decide import Answers
from consent.ledger import new_entry_id
from consent.model import DeciderKind
from schemas.identifiers import DecisionId, PersonId
from schemas.records.published import NOT_KEPT
from schemas.vocabulary import Category, Source
from services.people.linking.joined_record import joined_record, record_with_what_denies
from services.people.persons.clusters import ALWAYS
from tests.support.builders import (
    CHILD,
    DAY,
    MOTHER_ID,
    NOW,
    PROFILE,
    SIBLING,
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


def _crossed(stored: Mapping[PersonId, OnRecord], until: datetime = ALWAYS) -> OnRecord:
    return record_with_what_denies(stored[ONE], (ONE,), [(stored[OTHER], until)])


@given(records_on, requests)
@property_
def test_what_crosses_by_one_hand_permits_nothing(everything: OnRecord, request_: AccessRequest):
    """Whatever is on record of the other, and whatever is asked about the one."""
    stored = _apart(everything, PERSONS)
    asked = _about(ONE, request_)

    if decide(asked, _crossed(stored)).is_permitted:
        assert decide(asked, stored[ONE]).is_permitted


@pytest.mark.parametrize("categories", [frozenset(Category), frozenset({WHAT[0]})])
def test_what_was_refused_of_the_other_is_refused_until_that_is_taken_back(
    categories: frozenset[Category],
):
    """By the same decider, for all of it; by nobody else and by nothing less."""
    asked = AccessRequest((ONE,), *WHAT, PROFILE, NOW)
    yes, no = a_permit(subjects=(ONE,)), a_refusal(subjects=(OTHER,), decided_at=NOW - 2 * DAY)
    later = a_permit(subjects=(OTHER,), decided_at=NOW - DAY, categories=categories)

    refused = decide(asked, _crossed(_apart(on_record(yes, no), PERSONS)))
    taken_back = decide(asked, _crossed(_apart(on_record(yes, no, later), PERSONS)))

    assert refused.reasons == (Reason.REFUSED,)
    assert taken_back.is_permitted == (categories >= no.categories)


@pytest.mark.parametrize(("recorded", "crosses"), [(NOW - 2 * DAY, True), (NOW - DAY / 2, False)])
def test_what_is_said_of_the_other_after_they_were_parted_is_said_of_the_other(
    recorded: datetime,
    crosses: bool,  # noqa: FBT001
):
    """Whatever day it names: it is when it came on record that counts."""
    asked = AccessRequest((ONE,), *WHAT, PROFILE, NOW)
    no = a_refusal(subjects=(OTHER,), decided_at=NOW - 9 * DAY)
    no = replace(no, id=DecisionId(str(new_entry_id(recorded))))
    stored = _apart(on_record(a_permit(subjects=(ONE,)), no), PERSONS)

    assert decide(asked, _crossed(stored, NOW - DAY)).is_permitted is not crosses


def test_a_permission_that_was_withdrawn_is_a_no_of_both_from_then_on_and_no_yes_before():
    """Of the other half it never said yes."""
    withdrawn = a_permit(subjects=(OTHER,), withdrawn_at=NOW - DAY)
    yes = a_permit(subjects=(ONE,), categories=[WHAT[0]])
    told = _crossed(_apart(on_record(withdrawn, yes), PERSONS))
    other = Category.EDUCATION

    now = decide(AccessRequest((ONE,), *WHAT, PROFILE, NOW), told)
    before = decide(AccessRequest((ONE,), *WHAT, PROFILE, NOW - 2 * DAY), told)
    never = decide(AccessRequest((ONE,), other, Source.SCHOOLS, PROFILE, NOW - 2 * DAY), told)

    assert (now.is_permitted, before.is_permitted, never.is_permitted) == (False, True, False)


def test_a_restriction_of_the_other_restricts_both_while_it_was_on_record_in_time():
    """By whom it was placed or when it is lifted stays as it was."""
    placed = replace(a_restriction(), subject=OTHER, placed_at=NOW - 2 * DAY)
    stored = _apart(on_record(a_permit(subjects=(ONE,)), placed), PERSONS)
    asked = AccessRequest((ONE,), *WHAT, PROFILE, NOW)

    assert decide(asked, _crossed(stored, NOW - DAY)).reasons == (Reason.RESTRICTED,)
    assert decide(asked, _crossed(stored, NOW - 3 * DAY)).is_permitted


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
