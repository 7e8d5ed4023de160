"""The agreement stands above everything that a family decides (rule 1a of `decide`)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from consent import AccessRequest, OnRecord, Reason, decide
from consent.agreement import AdoptedAgreement, AgreementRule, AgreementState, agreement_state
from consent.deciding.decide import worth_telling
from consent.model import Mode
from schemas.vocabulary import Category, Purpose, Source
from tests.support.builders import (
    ALL_AGREED,
    CHILD,
    DAY,
    MOTHER_ID,
    NOW,
    PROFILE,
    VISITOR,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_request,
    a_restriction,
    a_rule,
    a_teacher,
    adopted,
    an_agreement,
    on_record,
)

TODAY = NOW.date()
EVERYTHING = a_permit(category=Category, purpose=Purpose)
ONLY_SCHOOLS = adopted(an_agreement(a_rule(agencies=[Source.SCHOOLS])))


def test_without_an_agreement_nothing_is_permitted():
    """Neither to a practitioner, nor under a duty, nor to the shared profile."""
    found = OnRecord((EVERYTHING, a_duty()))
    safeguarding = a_request(purpose=Purpose.SAFEGUARDING)

    for request in (a_request(), safeguarding, a_request(PROFILE)):
        decision = decide(request, found)
        assert decision.reasons == (Reason.POLICY_DENIES,)
        assert decision.policy_version == "rules-2026-11-29+no-agreement"


def test_the_answer_names_the_rules_and_the_agreement():
    """An auditor must be able to ask again."""
    found = on_record(a_permit(), adopted(an_agreement(version="northfield-2026-1")))

    assert decide(a_request(), found).policy_version == "rules-2026-11-29+northfield-2026-1"


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(a_rule(agencies=[Source.SCHOOLS]), id="another agency"),
        pytest.param(a_rule(categories=[Category.EDUCATION]), id="another category"),
        pytest.param(a_rule(purposes=[Purpose.EARLY_HELP]), id="another purpose"),
        pytest.param(a_rule(sources=[Source.SCHOOLS]), id="another source"),
        pytest.param(a_rule(modes=[Mode.EXISTENCE]), id="only that it exists"),
    ],
)
def test_what_no_rule_covers_is_denied(rule: AgreementRule):
    """Covering almost everything is covering nothing."""
    found = on_record(EVERYTHING, adopted(an_agreement(rule)))

    assert decide(a_request(), found).reasons == (Reason.POLICY_DENIES,)


def test_what_any_rule_covers_is_left_to_the_family():
    """The agreement permits nothing by itself."""
    two = adopted(an_agreement(a_rule(agencies=[Source.SCHOOLS]), a_rule()))

    assert decide(a_request(), on_record(a_permit(), two)).is_permitted
    assert decide(a_request(), on_record(two)).reasons == (Reason.NO_DECISION,)
    assert decide(a_request(), on_record(a_refusal(), two)).reasons == (Reason.REFUSED,)


def test_to_agree_on_the_content_is_to_agree_that_it_exists():
    """Nobody can read what they may not know of."""
    content = adopted(an_agreement(a_rule(modes=[Mode.CONTENT])))

    assert decide(a_request(mode=Mode.EXISTENCE), on_record(a_permit(), content)).is_permitted


def test_a_duty_does_not_go_over_the_agreement():
    """Nothing below lifts it."""
    found = on_record(a_duty(), ONLY_SCHOOLS)

    assert decide(a_request(purpose=Purpose.SAFEGUARDING), found).reasons == (Reason.POLICY_DENIES,)


def test_the_agreement_is_asked_before_anything_about_the_family():
    """Who may not receive it learns nothing of restrictions or relationships."""
    found = on_record(EVERYTHING, a_restriction(), ONLY_SCHOOLS)

    assert decide(a_request(), found).reasons == (Reason.POLICY_DENIES,)
    assert decide(a_request(a_teacher()), found).reasons == (Reason.RESTRICTED,)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(datetime(2026, 2, 28, 23, 59, tzinfo=UTC), False, id="the day before"),
        pytest.param(datetime(2026, 3, 1, tzinfo=UTC), True, id="the first moment"),
        pytest.param(datetime(2026, 3, 3, 23, 59, 59, tzinfo=UTC), True, id="the last day"),
        pytest.param(datetime(2026, 3, 4, tzinfo=UTC), False, id="the day after"),
        pytest.param(
            datetime(2026, 3, 4, 0, 30, tzinfo=timezone(timedelta(hours=1))), True, id="by UTC"
        ),
    ],
)
def test_an_agreement_denies_outside_its_validity(at: datetime, *, expected: bool):
    """Both days belong to it; a stale one is as good as none."""
    days = {"valid_from": TODAY - DAY, "valid_until": TODAY + DAY}
    found = on_record(a_permit(), adopted(an_agreement(**days)))

    assert decide(a_request(at=at), found).is_permitted is expected


def test_the_agreement_adopted_last_counts_alone():
    """A wider one from before does not return, not even when the later one has run out."""
    narrow = adopted(an_agreement(a_rule(agencies=[Source.SCHOOLS]), version="b"), NOW - DAY)
    stale = adopted(an_agreement(version="c", valid_until=TODAY - 2 * DAY), NOW - DAY)

    for later in (narrow, stale):
        found = on_record(a_permit(), ALL_AGREED, later)
        assert decide(a_request(), found).reasons == (Reason.POLICY_DENIES,)
        assert decide(a_request(at=NOW - 2 * DAY), found).is_permitted


def test_the_shared_profile_holds_what_somebody_whom_the_agreement_covers_may_see():
    """Not what only others may see."""
    to_visitors = a_permit(recipients=["agency:health-visiting"])
    to_nobody_here = a_permit(recipients=[f"practitioner:{VISITOR}"])

    assert decide(a_request(PROFILE), on_record(a_permit(), ONLY_SCHOOLS)).is_permitted
    denied = decide(a_request(PROFILE), on_record(to_visitors, ONLY_SCHOOLS))
    assert denied.reasons == (Reason.NO_DECISION,)
    assert decide(a_request(PROFILE), on_record(to_nobody_here, ONLY_SCHOOLS)).is_permitted


def test_the_shared_profile_holds_nothing_for_purposes_that_nobody_agreed_on():
    """The family's purpose is not among the agreement's."""
    early_help = adopted(an_agreement(a_rule(purposes=[Purpose.EARLY_HELP])))
    found = on_record(a_permit(purpose=Purpose.DIRECT_CARE), early_help)

    assert decide(a_request(PROFILE), found).reasons == (Reason.POLICY_DENIES,)


def test_two_rules_do_not_add_up_for_a_record_about_two():
    """One reader must be covered, not one half of the record by another's rule."""
    for_schools = a_permit(recipients=["agency:schools"])
    mothers = a_permit(subjects=(MOTHER_ID,), id="d9" * 16, recipients=["agency:social-care"])
    rules = (a_rule(agencies=[Source.SCHOOLS]), a_rule(agencies=[Source.SOCIAL_CARE]))
    found = on_record(for_schools, mothers, adopted(an_agreement(*rules)))

    assert not decide(a_request(PROFILE, subjects=(CHILD, MOTHER_ID)), found).is_permitted


def test_an_agency_that_is_none_receives_nothing():
    """A code that the vocabulary does not have is in no agreement."""
    stranger = replace(a_health_visitor(), agency="police")

    assert decide(a_request(stranger), on_record(a_permit())).reasons == (Reason.POLICY_DENIES,)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (a_request(subjects=()), Reason.NO_SUBJECT),
        (a_request(purpose=None), Reason.UNREADABLE_REQUEST),
        (a_request(at=datetime(2026, 3, 2)), Reason.UNREADABLE_REQUEST),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_asked_is_told_before_any_agreement(request_: AccessRequest, reason: Reason):
    """Rule 1 comes first."""
    assert decide(request_, OnRecord()).reasons == (reason,)


def test_of_several_reasons_the_one_is_told_that_helps():
    """That another use is left out, or undecided, is no news beside a refusal."""
    least = {Reason.POLICY_DENIES, Reason.NO_DECISION}

    assert worth_telling({Reason.POLICY_DENIES}) == {Reason.POLICY_DENIES}
    assert worth_telling(least) == {Reason.NO_DECISION}
    assert worth_telling({*least, Reason.REFUSED}) == {Reason.REFUSED}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ((), AgreementState.NONE),
        ((adopted(an_agreement(), NOW + DAY),), AgreementState.NONE),
        ((ALL_AGREED,), AgreementState.IN_FORCE),
        ((adopted(an_agreement(valid_from=TODAY + DAY)),), AgreementState.NOT_YET),
        ((adopted(an_agreement(valid_until=TODAY - DAY)),), AgreementState.STALE),
    ],
)
def test_whoever_runs_it_can_see_whether_there_is_an_agreement(
    found: tuple[AdoptedAgreement, ...], state: AgreementState
):
    """Without one everything is denied, and the word says so."""
    assert agreement_state(found, NOW) is state
    assert ("everything is denied" in state.label) is (state is not AgreementState.IN_FORCE)
