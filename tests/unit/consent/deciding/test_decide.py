"""`decide`, rules 1 to 4: what can be asked, restrictions, relationships, duties."""

from datetime import datetime

import pytest

from consent import Reason, decide
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    Mode,
    RestrictionScope,
    SharingDecision,
)
from schemas.vocabulary import Category, Label, Purpose
from tests.support.builders import (
    CHILD,
    DAY,
    FATHER,
    MOTHER_ID,
    NOW,
    SIBLING,
    SOCIAL_WORKER,
    TEACHER,
    VISITOR,
    WHERE,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_relationship,
    a_request,
    a_restriction,
    on_record,
)


def test_nothing_recorded_means_no():
    """The first test of every policy: with nothing on record there is no yes."""
    decision = decide(a_request(), on_record())

    assert not decision.is_permitted
    assert decision.reasons == (Reason.NO_DECISION,)


def test_a_permit_that_covers_everything_asked_permits():
    """Rule 7: subject, category, source, purpose, recipient, mode and time all agree."""
    decision = decide(a_request(), on_record(a_permit()))

    assert decision.is_permitted
    assert decision.reasons == (Reason.CONSENT,)
    assert decision.decided_from == (a_permit().id,)
    assert not decision.review


def test_a_record_about_nobody_is_shown_to_nobody():
    """Rule 1: without a subject no decision can be about the record."""
    decision = decide(a_request(subjects=()), on_record(a_permit()))

    assert decision.reasons == (Reason.NO_SUBJECT,)


def test_a_practitioner_without_a_purpose_is_denied():
    """Rule 1: only the shared profile may ask for any purpose at all."""
    decision = decide(a_request(purpose=None), on_record(a_permit()))

    assert decision.reasons == (Reason.UNREADABLE_REQUEST,)


def test_a_time_without_a_zone_is_denied():
    """Rule 1: what cannot be compared cannot be decided."""
    decision = decide(a_request(at=datetime(2026, 3, 2)), on_record(a_permit()))  # noqa: DTZ001

    assert decision.reasons == (Reason.UNREADABLE_REQUEST,)


@pytest.mark.parametrize("mode", Mode)
def test_a_restriction_stands_above_permit_and_duty_in_both_modes(mode: Mode):
    """Rule 2: nothing below lifts it."""
    found = on_record(a_permit(purpose=Purpose), a_duty(), a_restriction(TEACHER))

    for purpose in (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING):
        decision = decide(a_request(purpose=purpose, mode=mode), found)
        assert decision.reasons == (Reason.RESTRICTED,)


def test_who_is_on_the_allow_list_still_needs_a_permit():
    """Rule 2 shuts out; it lets nobody in."""
    restricted = a_restriction(VISITOR)

    assert decide(a_request(), on_record(a_permit(), restricted)).is_permitted
    assert decide(a_request(), on_record(restricted)).reasons == (Reason.NO_DECISION,)


def test_a_restriction_of_whereabouts_hides_only_what_tells_them():
    """Rule 2: a location restriction names records by the labels of their source."""
    found = on_record(a_permit(), a_restriction(scope=RestrictionScope.LOCATION))
    protected = frozenset({Label.PROTECTED_LOCATION})

    assert decide(a_request(), found).is_permitted
    assert not decide(a_request(labels=WHERE), found).is_permitted
    assert not decide(a_request(labels=protected), found).is_permitted


def test_a_parents_yes_opens_no_protected_place():
    """Rule 7a: a placement may be hidden from them; who placed the child may share it."""
    protected = a_request(labels=frozenset({Label.PROTECTED_LOCATION}))
    both = (a_permit(), a_permit(decided_by=FATHER, id="d3" * 16))
    task = a_permit(decided_by=SOCIAL_WORKER, basis=Basis.PUBLIC_TASK, id="d4" * 16)

    assert decide(protected, on_record(*both)).reasons == (Reason.NO_DECISION,)
    assert decide(protected, on_record(*both, task)).is_permitted
    assert decide(a_request(labels=WHERE), on_record(a_permit())).is_permitted


def test_a_parents_no_holds_over_a_protected_place_all_the_same():
    """Rule 5: a refusal says no to whatever it covers."""
    task = a_permit(decided_by=SOCIAL_WORKER, basis=Basis.PUBLIC_TASK, id="d4" * 16)
    asked = a_request(labels=frozenset({Label.PROTECTED_LOCATION}))

    assert decide(asked, on_record(a_refusal(), task)).reasons == (Reason.REFUSED,)


def test_one_parents_yes_opens_no_other_adults_part():
    """Rule 8: a record of a child and an adult needs that adult's own permit besides."""
    own = a_permit(
        subjects=(MOTHER_ID,), decided_by=Decider(DeciderKind.ADULT_SELF, "self"), id="d5" * 16
    )
    asked = a_request(subjects=(CHILD, MOTHER_ID))

    assert not decide(asked, on_record(a_permit(decided_by=FATHER))).is_permitted
    assert decide(asked, on_record(a_permit(decided_by=FATHER), own)).is_permitted


def test_a_restriction_of_anyone_in_the_record_hides_it():
    """Rule 2: a restriction on any subject."""
    permit = a_permit(subjects=(CHILD, MOTHER_ID))
    found = on_record(permit, a_restriction(subject=MOTHER_ID))

    decision = decide(a_request(subjects=(CHILD, MOTHER_ID)), found)

    assert decision.reasons == (Reason.RESTRICTED,)


def test_a_lifted_restriction_hides_nothing():
    """Rule 2 holds from when it is placed until it is lifted."""
    lifted = a_restriction(placed_at=NOW - 3 * DAY, lifted_at=NOW - DAY)

    assert decide(a_request(), on_record(a_permit(), lifted)).is_permitted
    assert not decide(a_request(at=NOW - 2 * DAY), on_record(a_permit(), lifted)).is_permitted


@pytest.mark.parametrize(
    "relationship",
    [
        pytest.param(a_relationship(until=NOW), id="it ended at this moment"),
        pytest.param(a_relationship(since=NOW + DAY), id="it begins tomorrow"),
        pytest.param(a_relationship(TEACHER), id="it is somebody else's"),
    ],
)
def test_without_a_relationship_of_ones_own_that_holds_now_nothing_is_shown(
    relationship: LegitimateRelationship,
):
    """Rule 3: neither permit nor duty stands in for it."""
    stranger = a_health_visitor(relationship)
    found = on_record(a_permit(purpose=Purpose), a_duty())

    for purpose in (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING):
        decision = decide(a_request(stranger, purpose=purpose), found)
        assert decision.reasons == (Reason.NO_RELATIONSHIP,)


@pytest.mark.parametrize("basis", [Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS])
def test_a_duty_goes_over_a_refusal_and_is_reviewed(basis: Basis):
    """Rule 4: shown as such and queued for review."""
    duty = a_duty(basis=basis)
    refused = a_refusal(purpose=Purpose.SAFEGUARDING, decided_at=NOW)

    decision = decide(a_request(purpose=Purpose.SAFEGUARDING), on_record(duty, refused))

    assert decision.is_permitted
    assert decision.review
    assert decision.reasons == (Reason.DUTY,)
    assert decision.decided_from == (duty.id,)


@pytest.mark.parametrize(
    ("duty", "purpose"),
    [
        pytest.param(a_duty(category=Category.EDUCATION), Purpose.SAFEGUARDING, id="category"),
        pytest.param(a_duty(purpose=Purpose), Purpose.DIRECT_CARE, id="purpose"),
        pytest.param(a_duty(subjects=(SIBLING,)), Purpose.SAFEGUARDING, id="subject"),
        pytest.param(a_duty(recipients=["agency:schools"]), Purpose.SAFEGUARDING, id="recipient"),
        pytest.param(a_duty(until=NOW), Purpose.SAFEGUARDING, id="expired"),
        pytest.param(a_duty(withdrawn_at=NOW), Purpose.SAFEGUARDING, id="withdrawn"),
        pytest.param(a_duty(invalidated_at=NOW), Purpose.SAFEGUARDING, id="invalidated"),
        pytest.param(a_refusal(basis=Basis.LEGAL_OBLIGATION), Purpose.SAFEGUARDING, id="a refusal"),
    ],
)
def test_a_duty_permits_only_what_it_names_and_only_for_safeguarding(
    duty: SharingDecision, purpose: Purpose
):
    """Rule 4: the categories that duty names, while it holds, to that end."""
    assert not decide(a_request(purpose=purpose), on_record(duty)).is_permitted
