"""Duties, what cannot be together, and what follows from a decision once it is recorded."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from consent import Reason, decide
from consent.circumstances import Circumstances
from consent.decisions.deciders import (
    DeciderOutcome,
    SubjectFacts,
)
from consent.lawfulness import Basis
from consent.model import Response
from schemas.vocabulary import Purpose, Source
from tests.support.builders import (
    FATHER,
    NOW,
    VISITOR,
    a_permit,
    a_refusal,
    a_request,
    a_restriction,
    on_record,
)
from tests.support.builders import a_duty as recorded_duty
from tests.support.consents.may_decide import (
    ALLOWED,
    HEALTH,
    NAMED,
    SELF,
    WORKER,
    aged,
    check,
    child_of,
    judged,
    refused,
    young,
)

# A practitioner, on a duty.


def a_duty(**more: Any) -> dict[str, Any]:
    """Order a duty: by default the health visitor's, about health's records, for the school."""
    return {
        "decided_by": WORKER,
        "actor": f"practitioner:{VISITOR}",
        "basis": Basis.LEGAL_OBLIGATION,
        "sources": frozenset({Source.HEALTH_VISITING}),
        "recipients": frozenset({"agency:schools"}),
    } | more


def test_a_duty_is_recorded_by_who_holds_for_who_receives():
    """UK GDPR Art. 6(1)(c): the body that the duty is laid on shares what it holds."""
    for basis in (Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS):
        assert check(SubjectFacts(), at=HEALTH, **a_duty(basis=basis)) == ALLOWED


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"sources": frozenset()}, "source", "is-missing"),
        ({"sources": frozenset({Source.SOCIAL_CARE})}, "source", "is-not-the-recorders-own"),
        ({"sources": frozenset(Source)}, "source", "is-not-the-recorders-own"),
        ({"recipients": frozenset()}, "recipient", "is-missing"),
        *(
            ({"recipients": frozenset({name})}, "recipient", "is-the-recorders-own")
            for name in ("agency:health-visiting", "role:practitioner", f"practitioner:{VISITOR}")
        ),
        ({"decided_by": NAMED}, "decided-by", "a-duty-is-no-familys"),
    ],
)
def test_nobody_records_a_duty_to_themselves_or_over_what_another_holds(
    more: dict[str, Any], field: str, reason: str
):
    """A duty goes over a family's no, so whoever names it must not be who gains by it."""
    assert check(aged(5), at=HEALTH, **a_duty(**more)) == refused(field, reason)


def test_an_operators_duty_is_not_for_who_holds_the_records():
    """Who has no agency records it for one that holds, by the same rule."""
    operator = {"actor": "operator:duty-desk"}

    assert check(aged(5), at=None, **a_duty(**operator)) == ALLOWED
    assert check(
        aged(5), at=None, **a_duty(recipients=frozenset({"agency:health-visiting"}), **operator)
    ) == refused("recipient", "is-the-recorders-own")


def test_what_else_a_practitioner_decides_is_not_judged_by_who_they_are():
    """That sharing is more detrimental narrows; a public task is judged by what it opens."""
    withheld = {"response": Response.DETRIMENTAL, "basis": Basis.VITAL_INTERESTS}

    assert check(aged(5), decided_by=WORKER, basis=Basis.PUBLIC_TASK) == ALLOWED
    assert check(aged(5), decided_by=WORKER, **withheld) == ALLOWED


# What cannot be together.


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"competence": judged()}, "competence"),
        ({"presumed_competent": True}, "competence"),
        ({"seconded": judged()}, "competence"),
        ({"parents_are_not_told": True}, "parents-not-told"),
    ],
)
def test_competence_is_asked_of_a_young_person_only(told: dict[str, Any], field: str):
    """A parent's or an adult's ability is presumed, and a secret is a young person's to ask."""
    for decider, years in ((NAMED, 5), (SELF, 40)):
        child = child_of(decider, HEALTH, years=years)
        found = check(child, decided_by=decider, circumstances=Circumstances(**told))

        assert (found.outcome, found.field) == (DeciderOutcome.REFUSED, field)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"judged_at": NOW + timedelta(days=1)}, "is-not-judged-yet"),
        ({"judged_at": NOW.replace(tzinfo=None)}, "is-not-judged-yet"),
        ({"judged_by": "Priya Nair"}, "is-judged-by-no-practitioner"),
    ],
)
def test_a_judgement_is_a_professionals_and_was_made(more: dict[str, Any], reason: str):
    """Each decision needs its own, before it is recorded."""
    found = check(aged(14), **young(replace(judged(), **more)))

    assert found == refused("competence", reason)


# What follows from it, once it is recorded.


def test_where_parents_disagree_the_refusal_holds():
    """Children Act 1989 s.2(7): neither can bind the other, so nothing is shared on one's word."""
    agreed, refused_it = a_permit(decided_by=NAMED), a_refusal(decided_by=FATHER)

    assert decide(a_request(), on_record(agreed)).is_permitted
    assert decide(a_request(), on_record(agreed, refused_it)).reasons == (Reason.REFUSED,)


def test_a_duty_goes_over_a_refusal():
    """Children Act 2004 s.11; UK GDPR Art. 6(1)(c): what the law requires nobody can refuse."""
    duty = recorded_duty(recipients=["agency:health-visiting"])
    asked = a_request(purpose=Purpose.SAFEGUARDING)

    answer = decide(asked, on_record(a_refusal(purpose=Purpose.SAFEGUARDING), duty))

    assert answer.is_permitted
    assert answer.review


def test_a_restriction_stands_over_a_duty():
    """Human Rights Act 1998, Art. 2 and 8 of the Convention: a hidden person stays hidden."""
    duty = recorded_duty(recipients=["agency:health-visiting"])
    asked = a_request(purpose=Purpose.SAFEGUARDING)

    assert decide(asked, on_record(duty, a_restriction())).reasons == (Reason.RESTRICTED,)
