"""`decide`, rules 5 to 9: what people said, and whose word counts (DESIGN.md section 4)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from consent import POLICY_VERSION, Reason, SharedProfile, decide
from consent.model import Decider, Mode, Response, SharingDecision
from schemas.vocabulary import Category, Purpose, Role, Source
from tests.support.builders import (
    DAY,
    FATHER,
    NOW,
    SIBLING,
    SOCIAL_WORKER,
    TEACHER,
    VISITOR,
    YOUNG_PERSON,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_request,
    a_teacher,
    on_record,
)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (Response.REFUSED, Reason.REFUSED),
        (Response.OBJECTED, Reason.OBJECTED),
        (Response.DETRIMENTAL, Reason.DETRIMENTAL),
    ],
)
def test_a_refusal_of_one_parent_holds_against_the_permit_of_the_other(
    response: Response, reason: Reason
):
    """Rule 5: those who disagree are not outvoted, whoever spoke last."""
    refused = a_refusal(response, decided_by=FATHER, decided_at=NOW - 20 * DAY)

    decision = decide(a_request(), on_record(a_permit(), refused))

    assert decision.reasons == (reason,)
    assert decision.decided_from == (refused.id,)


def test_a_refusal_for_one_recipient_leaves_the_others():
    """Rule 5: for the category, source or recipient."""
    found = on_record(a_permit(), a_refusal(recipients=["agency:schools"]))

    assert decide(a_request(a_health_visitor()), found).is_permitted
    assert decide(a_request(a_teacher()), found).reasons == (Reason.REFUSED,)


def test_what_the_same_person_said_last_holds():
    """A mind may be changed in both directions."""
    refused = a_refusal()
    again = a_permit(id="d9" * 16, decided_at=NOW - DAY)

    assert not decide(a_request(), on_record(a_permit(), refused)).is_permitted
    assert decide(a_request(), on_record(a_permit(), refused, again)).is_permitted


def test_at_the_same_moment_a_no_beats_a_yes():
    """Rule 5: doubt is a no."""
    refused = a_refusal(decided_at=a_permit().decided_at)

    assert not decide(a_request(), on_record(a_permit(), refused)).is_permitted


def test_a_withdrawn_permit_says_no_from_then_on():
    """Rule 5: the withdrawal is in force for the very next question."""
    withdrawn = a_permit(withdrawn_at=NOW)

    assert decide(a_request(), on_record(withdrawn)).reasons == (Reason.WITHDRAWN,)
    assert decide(a_request(at=NOW - DAY), on_record(withdrawn)).is_permitted


def test_a_withdrawal_holds_against_the_permit_of_the_other_parent():
    """Rule 5: a withdrawal is a no like a refusal."""
    withdrawn = a_permit(withdrawn_at=NOW - DAY)
    other = a_permit(id="d9" * 16, decided_by=FATHER)

    assert decide(a_request(), on_record(withdrawn, other)).reasons == (Reason.WITHDRAWN,)


def test_a_withdrawn_refusal_says_nothing_more():
    """Rule 9: whoever takes a no back has not said yes."""
    withdrawn = a_refusal(withdrawn_at=NOW - DAY)

    assert decide(a_request(), on_record(withdrawn)).reasons == (Reason.NO_DECISION,)
    assert decide(a_request(), on_record(a_permit(), withdrawn)).is_permitted


@pytest.mark.parametrize(("says", "expected"), [(a_permit, True), (a_refusal, False)])
def test_a_young_person_judged_competent_decides_in_place_of_the_parents(
    says: Callable[..., SharingDecision], *, expected: bool
):
    """Rule 6: whichever way, and whatever the parents say."""
    own = says(id="d9" * 16, decided_by=YOUNG_PERSON)
    parents = on_record(own, a_permit(), a_refusal(decided_by=FATHER))
    against = on_record(own, a_refusal(decided_at=NOW))

    assert decide(a_request(), parents).is_permitted is expected
    assert decide(a_request(), against).is_permitted is expected


def test_a_young_person_does_not_speak_in_place_of_a_practitioner():
    """Rule 6 names parents; a judgement that sharing does harm stands."""
    own = a_permit(decided_by=YOUNG_PERSON)
    harmful = a_refusal(Response.DETRIMENTAL, decided_by=a_duty().decided_by)

    assert decide(a_request(), on_record(own, harmful)).reasons == (Reason.DETRIMENTAL,)


def test_parents_decide_where_the_young_person_has_not():
    """Rule 6: for this decision, not for every one."""
    own = a_refusal(decided_by=YOUNG_PERSON, category=Category.EDUCATION)

    assert decide(a_request(), on_record(a_permit(), own)).is_permitted


@pytest.mark.parametrize(
    "permit",
    [
        pytest.param(a_permit(subjects=(SIBLING,)), id="another child"),
        pytest.param(a_permit(category=Category.EDUCATION), id="another category"),
        pytest.param(a_permit(sources=[Source.SCHOOLS]), id="another source"),
        pytest.param(a_permit(purpose=Purpose.EARLY_HELP), id="another purpose"),
        pytest.param(a_permit(recipients=["agency:schools"]), id="another agency"),
        pytest.param(a_permit(recipients=[f"role:{Role.DATA_STEWARD}"]), id="another role"),
        pytest.param(a_permit(recipients=[f"practitioner:{TEACHER}"]), id="another practitioner"),
        pytest.param(a_permit(mode=Mode.EXISTENCE), id="only that it exists"),
        pytest.param(a_permit(until=NOW), id="until now"),
        pytest.param(a_permit(decided_at=NOW + DAY), id="from tomorrow"),
        pytest.param(a_permit(invalidated_at=NOW + DAY), id="recorded in error"),
        pytest.param(a_refusal(Response.NOT_ASKED), id="not asked"),
        pytest.param(replace(a_permit(), categories=frozenset()), id="no category"),
        pytest.param(replace(a_permit(), purposes=frozenset()), id="no purpose"),
    ],
)
def test_a_permit_that_misses_anything_asked_does_not_permit(permit: SharingDecision):
    """Rules 7 and 9: covering almost everything is covering nothing."""
    assert not decide(a_request(), on_record(permit)).is_permitted


@pytest.mark.parametrize("role", [*Role, "cleaner", "Practitioner", ""])
@pytest.mark.parametrize("mode", Mode)
def test_only_roles_that_work_with_families_are_shown_anything(role: str, mode: Mode):
    """Rule 0: not even somebody on the case-load whom the family names, over a duty."""
    who = replace(a_health_visitor(), role=role)
    found = on_record(a_permit(recipients=[f"practitioner:{VISITOR}"]), a_permit(), a_duty())

    for purpose in (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING):
        decision = decide(a_request(who, purpose=purpose, mode=mode), found)
        works_with_families = role in {"practitioner", "lead-practitioner"}
        assert decision.is_permitted is works_with_families
        if not works_with_families:
            assert decision.reasons == (Reason.ROLE_OPENS_NO_RECORDS,)


def test_the_shared_profile_holds_nothing_for_a_role_that_opens_no_records():
    """What is permitted to stewards alone, nobody may be shown: so it is not published."""
    found = on_record(a_permit(recipients=[f"role:{Role.DATA_STEWARD}"]))

    assert not decide(a_request(SharedProfile()), found).is_permitted


@pytest.mark.parametrize("name", [f"practitioner:{VISITOR}", "role:practitioner", "agency:schools"])
def test_a_decision_may_name_the_recipient_in_each_way(name: str):
    """A recipient is a person, a role and an agency at once."""
    visitor = replace(a_health_visitor(), agency=Source.SCHOOLS)

    assert decide(a_request(visitor), on_record(a_permit(recipients=[name]))).is_permitted


@pytest.mark.parametrize("decider", [YOUNG_PERSON, FATHER, SOCIAL_WORKER])
def test_whoever_decides_their_word_is_for_those_whom_it_names(decider: Decider):
    """Rules 6 and 7: a young person, a parent, a service alike."""
    for_visitors = a_permit(decided_by=decider, recipients=["agency:health-visiting"])
    for_schools = a_permit(decided_by=decider, recipients=["agency:schools"])

    assert decide(a_request(), on_record(for_visitors)).is_permitted
    assert not decide(a_request(), on_record(for_schools)).is_permitted


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        (Role.PRACTITIONER, Reason.UNREADABLE_REQUEST),
        (Role.DATA_STEWARD, Reason.ROLE_OPENS_NO_RECORDS),
    ],
)
def test_a_question_without_a_time_zone_is_denied_by_the_rules_in_force(role: Role, reason: Reason):
    """Rules 0 and 1: who asks comes first, and the answer names its policy all the same."""
    asked = a_request(replace(a_health_visitor(), role=role), at=NOW.replace(tzinfo=None))

    decision = decide(asked, on_record(a_permit()))

    assert decision.reasons == (reason,)
    assert decision.policy_version == f"{POLICY_VERSION}+no-agreement"
