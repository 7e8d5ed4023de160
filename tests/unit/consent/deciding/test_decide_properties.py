"""What holds of `decide` in every world (DESIGN.md section 4)."""

import os
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import (
    AccessRequest,
    Decision,
    Effect,
    OnRecord,
    Practitioner,
    Reason,
    SharedProfile,
    decide,
)
from consent.deciding.changing import changes_of, latest_change
from consent.model import Exclusion, Mode, Proposal, Response, Restriction, SharingDecision
from schemas.identifiers import DecisionId
from tests.support.builders import DAY, on_record
from tests.support.oracles.naive_decide import naive_decide
from tests.support.strategies import (
    EVERY_PURPOSE,
    NO_ROLES,
    ROLES,
    World,
    decisions,
    everybody,
    exclusions,
    practitioner_requests,
    proposals,
    records_on,
    refusals,
    requests,
    restrictions,
    shared_requests,
    worlds,
)

# `TELL_ONCE_ORACLE_EXAMPLES=100000` is the long run; a push makes the short one.
_EXAMPLES = int(os.environ.get("TELL_ONCE_ORACLE_EXAMPLES", "200"))
oracle = settings(
    max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(requests, st.lists(restrictions, max_size=2))
@property_
def test_without_decisions_nothing_is_permitted(request_: AccessRequest, found: list):
    """An empty set of decisions permits nothing, to nobody."""
    decision = decide(request_, on_record(*found))

    assert not decision.is_permitted
    assert decision.decided_from == ()


@given(worlds, refusals)
@property_
def test_adding_a_refusal_never_widens(world: World, refusal: SharingDecision):
    """What is denied stays denied, whoever else refuses whatever."""
    more = replace(world.on_record, decisions=(*world.on_record.decisions, refusal))

    assert _is_no_wider(decide(world.request, more), decide(world.request, world.on_record))


@given(worlds, proposals)
@property_
def test_making_everything_wait_permits_nothing(world: World, proposed: Proposal):
    """Once it is only proposed no decision says yes, before it is confirmed."""
    since = replace(proposed, at=world.request.at)
    waiting = [replace(d, proposed=since, confirmed_at=None) for d in world.on_record.decisions]

    on_record = replace(world.on_record, decisions=tuple(waiting))

    assert not decide(world.request, on_record).is_permitted


@given(worlds, restrictions)
@property_
def test_adding_a_restriction_never_widens(world: World, restriction: Restriction):
    """What is denied stays denied, whoever is protected."""
    more = replace(world.on_record, restrictions=(*world.on_record.restrictions, restriction))

    assert _is_no_wider(decide(world.request, more), decide(world.request, world.on_record))


@given(worlds, exclusions)
@property_
def test_adding_an_exclusion_never_widens(world: World, exclusion: Exclusion):
    """What is denied stays denied, whomever a family names."""
    more = replace(world.on_record, exclusions=(*world.on_record.exclusions, exclusion))

    assert _is_no_wider(decide(world.request, more), decide(world.request, world.on_record))


@given(worlds, exclusions)
@property_
def test_whom_the_family_has_named_is_permitted_nothing(world: World, exclusion: Exclusion):
    """Whatever was decided, and whatever they have to do with it."""
    asks = world.request.recipient
    if not isinstance(asks, Practitioner) or not world.request.subjects:
        return
    named = replace(
        exclusion,
        subject=world.request.subjects[0],
        practitioner=asks.id,
        since=world.request.at,
        until=None,
    )
    more = replace(world.on_record, exclusions=(*world.on_record.exclusions, named))

    assert not decide(world.request, more).is_permitted


@given(worlds, st.data())
@property_
def test_what_was_decided_is_no_wider_once_it_is_withdrawn(world: World, data: st.DataObject):
    """To withdraw a permission, or to declare it invalid, never opens anything."""
    given_ = [d for d in world.on_record.decisions if d.response is Response.GIVEN]
    if not given_:
        return
    chosen = data.draw(st.sampled_from(given_))
    withdrawn = replace(chosen, withdrawn_at=world.request.at)
    after = _with(world.on_record, chosen, withdrawn)

    assert _is_no_wider(decide(world.request, after), decide(world.request, world.on_record))


@given(worlds, decisions)
@property_
def test_a_withdrawal_always_wins_over_the_permit_it_withdraws(
    world: World, permit: SharingDecision
):
    """No yes is ever decided from a permission that was withdrawn by then."""
    withdrawn = replace(
        permit, id=DecisionId("f0" * 16), response=Response.GIVEN, withdrawn_at=world.request.at
    )
    more = replace(world.on_record, decisions=(*world.on_record.decisions, withdrawn))

    decision = decide(world.request, more)

    assert decision.effect is Effect.DENY or withdrawn.id not in decision.decided_from


@given(worlds, st.randoms(use_true_random=False))
@property_
def test_the_order_of_what_is_on_record_does_not_matter(world: World, random: Random):
    """The same record in another order, and twice, gives the same answer word for word."""
    shuffled = [*world.on_record.decisions, *world.on_record.decisions]
    protected = list(world.on_record.restrictions) * 2
    agreed = list(world.on_record.agreements) * 2
    excluded = list(world.on_record.exclusions) * 2
    for recorded in (shuffled, protected, agreed, excluded):
        random.shuffle(recorded)

    again = decide(
        world.request,
        OnRecord(tuple(shuffled), tuple(protected), tuple(agreed), tuple(excluded)),
    )

    assert again == decide(world.request, world.on_record)


@given(worlds, decisions, restrictions)
@property_
def test_what_is_decided_later_changes_no_past_answer(
    world: World, decision: SharingDecision, restriction: Restriction
):
    """The answer for a past date is the one that was given then, whenever it was decided."""
    later = replace(decision, recorded_at=world.request.at + DAY)
    protected = replace(restriction, placed_at=world.request.at + DAY)
    more = replace(
        world.on_record,
        decisions=(*world.on_record.decisions, later),
        restrictions=(*world.on_record.restrictions, protected),
    )

    assert decide(world.request, more) == decide(world.request, world.on_record)


@given(worlds, st.data())
@property_
def test_a_later_withdrawal_changes_no_past_answer(world: World, data: st.DataObject):
    """A withdrawal holds from then on, not before."""
    if not world.on_record.decisions:
        return
    chosen = data.draw(st.sampled_from(world.on_record.decisions))
    standing = _with(world.on_record, chosen, replace(chosen, withdrawn_at=None))
    later = _with(world.on_record, chosen, replace(chosen, withdrawn_at=world.request.at + DAY))

    assert decide(world.request, later) == decide(world.request, standing)


@given(worlds)
@property_
def test_nobody_without_a_relationship_is_ever_permitted(world: World):
    """Rule 3 is above every permission and every duty."""
    if isinstance(world.request.recipient, SharedProfile):
        return
    stranger = replace(world.request.recipient, relationships=())

    decision = decide(replace(world.request, recipient=stranger), world.on_record)

    assert not decision.is_permitted


@given(worlds, st.sampled_from(NO_ROLES) | st.text(max_size=20), st.sampled_from(Mode))
@property_
def test_a_role_that_opens_no_records_is_denied_whatever_holds(world: World, role: str, mode: Mode):
    """Rule 0 is above every other, a question that cannot be read included; and says no more."""
    if isinstance(world.request.recipient, SharedProfile) or role in ROLES:
        return
    who = replace(world.request.recipient, role=role)
    asked = replace(world.request, recipient=who, mode=mode)

    for request_ in (asked, replace(asked, at=asked.at.replace(tzinfo=None))):
        decision = decide(request_, world.on_record)
        assert not decision.is_permitted
        assert decision.reasons == (Reason.ROLE_OPENS_NO_RECORDS,)
        assert decision.decided_from == ()


@given(shared_requests, records_on)
@oracle
def test_the_shared_profile_may_hold_what_somebody_may_see_and_nothing_else(
    request_: AccessRequest, found: OnRecord
):
    """Permitted exactly when one of all practitioners with a relationship would be permitted.

    Both halves matter: what nobody may see must not be published, and what somebody may see must.
    """
    somebody = any(
        decide(replace(request_, recipient=one, purpose=purpose), found).is_permitted
        for one in everybody(request_.at)
        for purpose in EVERY_PURPOSE
    )

    assert decide(request_, found).is_permitted == somebody


@given(practitioner_requests, records_on)
@oracle
def test_what_the_shared_profile_may_not_hold_nobody_may_see(
    request_: AccessRequest, found: OnRecord
):
    """Where the shared profile is denied, so is this practitioner, whoever they are."""
    shared = replace(request_, recipient=SharedProfile(), purpose=None)
    if not decide(shared, found).is_permitted:
        assert not decide(request_, found).is_permitted


@given(worlds)
@oracle
def test_the_slow_reading_of_the_rules_gives_the_same_answer(world: World):
    """A second implementation, by the letter of DESIGN.md section 4, agrees."""
    decision = decide(world.request, world.on_record)
    verdict = naive_decide(world.request, world.on_record)

    assert decision.is_permitted == verdict.permitted
    if not isinstance(world.request.recipient, SharedProfile):
        assert set(decision.reasons) == verdict.reasons
        assert decision.review == verdict.review
    elif not verdict.permitted:
        assert set(decision.reasons) <= verdict.reasons


@given(worlds)
@property_
def test_every_answer_has_a_reason_and_a_policy(world: World):
    """No answer stands without why and under which policy; a yes names what it comes from."""
    decision = decide(world.request, world.on_record)

    assert decision.reasons
    assert decision.policy_version
    assert decision.mode is world.request.mode
    if decision.is_permitted:
        known = {d.id for d in world.on_record.decisions}
        assert decision.decided_from
        assert set(decision.decided_from) <= known
        assert set(decision.reasons) <= {Reason.CONSENT, Reason.PUBLIC_TASK, Reason.DUTY}


def _is_no_wider(after: Decision, before: Decision) -> bool:
    return before.is_permitted or not after.is_permitted


def _with(found: OnRecord, old: SharingDecision, new: SharingDecision) -> OnRecord:
    return replace(found, decisions=tuple(new if d is old else d for d in found.decisions))


@given(worlds, practitioner_requests, st.integers(-60, 60))
@oracle
def test_nothing_changes_between_two_changes(world: World, asked: AccessRequest, days: int):
    """Asked at the latest change that is not after it, every answer is the one at that time."""
    at = asked.at + days * DAY
    assert isinstance(asked.recipient, Practitioner)
    since = latest_change(changes_of([world.on_record]), asked.recipient.relationships, at)

    told = decide(replace(asked, at=since), world.on_record)

    assert since <= at
    assert told == decide(replace(asked, at=at), world.on_record)
