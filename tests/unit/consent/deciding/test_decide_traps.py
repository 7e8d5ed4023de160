"""`decide` where it is easily got wrong: modes, several persons, the shared profile, the past."""

import pytest

from consent import Reason, decide
from consent.lawfulness import Basis
from consent.model import Mode, Response, Restriction
from schemas.vocabulary import Category, Purpose, Source
from tests.support.builders import (
    CHILD,
    DAY,
    FATHER,
    MOTHER_ID,
    NOW,
    PROFILE,
    TEACHER,
    VISITOR,
    a_duty,
    a_permit,
    a_refusal,
    a_request,
    a_restriction,
    on_record,
)

BOTH = (CHILD, MOTHER_ID)


def test_to_permit_the_content_is_to_permit_that_it_exists():
    """Modes: content holds existence, existence does not hold content."""
    content, existence = on_record(a_permit()), on_record(a_permit(mode=Mode.EXISTENCE))

    assert decide(a_request(mode=Mode.EXISTENCE), content).is_permitted
    assert decide(a_request(mode=Mode.EXISTENCE), existence).is_permitted
    assert not decide(a_request(mode=Mode.CONTENT), existence).is_permitted


def test_to_refuse_that_it_exists_is_to_refuse_the_content():
    """Modes: a refusal of existence denies both."""
    found = on_record(a_permit(), a_refusal(mode=Mode.EXISTENCE))

    assert not decide(a_request(mode=Mode.CONTENT), found).is_permitted
    assert not decide(a_request(mode=Mode.EXISTENCE), found).is_permitted


def test_a_refusal_of_the_content_leaves_a_permitted_existence():
    """Modes: "not shared with you" may be said where existence was permitted."""
    found = on_record(a_permit(), a_refusal(mode=Mode.CONTENT))

    assert not decide(a_request(mode=Mode.CONTENT), found).is_permitted
    assert decide(a_request(mode=Mode.EXISTENCE), found).is_permitted


def test_a_duty_to_tell_that_it_exists_shows_no_content():
    """Modes hold for duties too."""
    duty = on_record(a_duty(mode=Mode.EXISTENCE))
    asked = {"purpose": Purpose.SAFEGUARDING}

    assert decide(a_request(mode=Mode.EXISTENCE, **asked), duty).is_permitted
    assert not decide(a_request(mode=Mode.CONTENT, **asked), duty).is_permitted


def test_a_record_about_two_needs_a_permit_for_each():
    """Rule 8: one permit about both, or one about each."""
    child, mother = a_permit(), a_permit(subjects=(MOTHER_ID,), id="d9" * 16)

    assert not decide(a_request(subjects=BOTH), on_record(child)).is_permitted
    assert not decide(a_request(subjects=BOTH), on_record(mother)).is_permitted
    assert decide(a_request(subjects=BOTH), on_record(child, mother)).is_permitted
    assert decide(a_request(subjects=BOTH), on_record(a_permit(subjects=BOTH))).is_permitted


def test_a_refusal_about_one_of_two_denies_the_record_of_both():
    """Rules 5 and 8 together."""
    refused = a_refusal(subjects=(MOTHER_ID,), decided_by=FATHER)
    found = on_record(a_permit(subjects=BOTH), refused)

    assert decide(a_request(subjects=BOTH), found).reasons == (Reason.REFUSED,)
    assert decide(a_request(subjects=(CHILD,)), found).is_permitted


def test_a_duty_towards_one_of_two_is_no_permit_for_the_other():
    """Rules 4 and 8 together; where it permits, the whole is reviewed."""
    mother = a_permit(subjects=(MOTHER_ID,), purpose=Purpose.SAFEGUARDING, id="d9" * 16)
    asked = a_request(subjects=BOTH, purpose=Purpose.SAFEGUARDING)

    assert not decide(asked, on_record(a_duty())).is_permitted
    both = decide(asked, on_record(a_duty(), mother))
    assert both.reasons == (Reason.CONSENT, Reason.DUTY)
    assert both.review


def test_that_somebody_was_not_asked_takes_no_permit_back():
    """That nobody asked is a reason for having no permit, not a refusal."""
    unasked = a_refusal(Response.NOT_ASKED)

    assert decide(a_request(), on_record(unasked)).reasons == (Reason.NOT_ASKED,)
    assert decide(a_request(), on_record(a_permit(), unasked)).is_permitted


def test_an_expired_permit_is_told_as_such():
    """What has run out can be asked for again."""
    assert decide(a_request(), on_record(a_permit(until=NOW))).reasons == (Reason.EXPIRED,)


def test_an_expired_refusal_no_longer_denies():
    """A refusal may be given a time too."""
    expired = a_refusal(until=NOW)

    assert decide(a_request(), on_record(a_permit(), expired)).is_permitted


def test_what_was_recorded_in_error_never_counted():
    """An invalidated decision neither permits nor denies, not even for a past date."""
    wrong = a_refusal(invalidated_at=NOW)

    assert decide(a_request(at=NOW - DAY), on_record(a_permit(), wrong)).is_permitted


def test_a_public_task_permits_under_its_own_name():
    """Consent is one basis among several."""
    found = on_record(a_permit(basis=Basis.PUBLIC_TASK, decided_by=a_duty().decided_by))

    assert decide(a_request(), found).reasons == (Reason.PUBLIC_TASK,)


def test_the_past_is_decided_by_what_was_decided_then():
    """Replay: the answer of any past moment can be given again."""
    found = on_record(
        a_permit(decided_at=NOW - 10 * DAY, withdrawn_at=NOW - 5 * DAY),
        a_permit(id="d9" * 16, decided_at=NOW - 2 * DAY, until=NOW),
    )

    answers = [decide(a_request(at=NOW - n * DAY), found).is_permitted for n in (11, 9, 5, 3, 2, 0)]

    assert answers == [False, True, False, False, True, False]


@pytest.mark.parametrize(
    "recipients", [(), ("agency:schools",), ("role:practitioner",), (f"practitioner:{TEACHER}",)]
)
def test_the_shared_profile_may_hold_what_anyone_may_see(recipients: tuple[str, ...]):
    """Whoever the permit names, for whichever purpose."""
    found = on_record(a_permit(recipients=recipients, purpose=Purpose.EARLY_HELP))

    assert decide(a_request(PROFILE), found).is_permitted


def test_the_shared_profile_holds_nothing_that_nobody_has_decided():
    """Nothing recorded means no, for the shared profile first of all."""
    assert decide(a_request(PROFILE), on_record()).reasons == (Reason.NO_DECISION,)


def test_a_refusal_for_one_agency_leaves_what_the_others_may_see():
    """The record is stored for those; the refused agency is denied at reading."""
    found = on_record(a_permit(), a_refusal(recipients=["agency:schools"]))

    assert decide(a_request(PROFILE), found).is_permitted


def test_a_refusal_for_every_agency_by_name_is_a_refusal_for_all():
    """Ticking each service is as good as ticking "everyone"."""
    refused = a_refusal(recipients=[f"agency:{source}" for source in Source])

    assert decide(a_request(PROFILE), on_record(a_permit(), refused)).reasons == (Reason.REFUSED,)


def test_a_refusal_of_just_whom_the_permit_names_leaves_nobody():
    """The permit's own recipient must not be refused."""
    found = on_record(
        a_permit(recipients=["agency:schools"]),
        a_refusal(decided_by=FATHER, recipients=["agency:schools"]),
    )

    assert decide(a_request(PROFILE), found).reasons == (Reason.REFUSED,)


def test_two_persons_who_permit_different_readers_permit_none_of_both():
    """Somebody must be allowed to see all of the record, not each half by another."""
    child = a_permit(recipients=["agency:schools"])
    mother = a_permit(subjects=(MOTHER_ID,), id="d9" * 16, recipients=["agency:health-visiting"])

    decision = decide(a_request(PROFILE, subjects=BOTH), on_record(child, mother))

    assert not decision.is_permitted


def test_two_persons_who_permit_different_purposes_permit_none_of_both():
    """The same for what it may be used for."""
    child = a_permit(purpose=Purpose.EARLY_HELP)
    mother = a_permit(subjects=(MOTHER_ID,), id="d9" * 16, purpose=Purpose.DIRECT_CARE)

    decision = decide(a_request(PROFILE, subjects=BOTH), on_record(child, mother))

    assert not decision.is_permitted


@pytest.mark.parametrize(
    ("restrictions", "expected"),
    [
        pytest.param([a_restriction()], False, id="nobody allowed"),
        pytest.param([a_restriction(VISITOR)], True, id="one allowed"),
        pytest.param(
            [a_restriction(VISITOR), a_restriction(TEACHER, id="e1" * 16)],
            False,
            id="nobody allowed by both",
        ),
        pytest.param(
            [a_restriction(VISITOR, TEACHER), a_restriction(TEACHER, id="e1" * 16)],
            True,
            id="one allowed by both",
        ),
    ],
)
def test_a_restricted_record_is_held_only_for_an_allow_list(
    restrictions: list[Restriction], *, expected: bool
):
    """With nobody on every allow-list there is nobody to hold it for."""
    decision = decide(a_request(PROFILE), on_record(a_permit(), *restrictions))

    assert decision.is_permitted is expected


def test_an_allow_list_of_somebody_whom_no_permit_covers_holds_nothing():
    """Who is allowed must also be permitted."""
    elsewhere = on_record(a_permit(recipients=[f"practitioner:{TEACHER}"]), a_restriction(VISITOR))
    refused = on_record(
        a_permit(), a_refusal(recipients=[f"practitioner:{VISITOR}"]), a_restriction(VISITOR)
    )

    assert not decide(a_request(PROFILE), elsewhere).is_permitted
    assert not decide(a_request(PROFILE), refused).is_permitted


def test_the_shared_profile_is_told_why_not():
    """A refusal is named, not hidden behind "no decision"."""
    refused = on_record(a_refusal())
    other = on_record(a_permit(category=Category.EDUCATION))

    assert decide(a_request(PROFILE), refused).reasons == (Reason.REFUSED,)
    assert decide(a_request(PROFILE), refused).decided_from == (a_refusal().id,)
    assert decide(a_request(PROFILE), other).reasons == (Reason.NO_DECISION,)
