"""Who may decide, by what is held about the subjects: the law in a line each."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from consent import Reason, decide
from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import (
    DeciderCheck,
    DeciderFacts,
    DeciderOutcome,
    HeldResponsibility,
    SubjectFacts,
    WhyProposed,
    check_decider,
    named_deciders,
)
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Source
from tests.support.builders import (
    CHILD,
    FATHER,
    MOTHER_ID,
    NOW,
    SIBLING,
    TEACHER,
    VISITOR,
    a_permit,
    a_refusal,
    a_request,
    a_restriction,
    on_record,
)
from tests.support.builders import a_duty as recorded_duty
from tests.support.consents.deciding_world import an_order

# NOW is 2 March 2026.
BORN = {5: date(2020, 9, 1), 12: date(2013, 9, 1), 14: date(2011, 9, 1), 16: date(2010, 3, 2)}
BORN |= {17: date(2008, 7, 1), 18: date(2008, 3, 2), 40: date(1985, 5, 5)}
HEALTH = NamedAgency(Source.HEALTH_VISITING, "RY4")
SCHOOL = NamedAgency(Source.SCHOOLS, "9992001")
COUNCIL = NamedAgency(Source.SOCIAL_CARE, "999")
SELF = Decider(DeciderKind.ADULT_SELF, "self")
YOUNG = Decider(DeciderKind.YOUNG_PERSON, "young-person")
NAMED = Decider(DeciderKind.PARENT, "ab" * 16)
MANAGER = PractitionerId("c9" * 16)
WORKER = Decider(DeciderKind.PRACTITIONER, VISITOR)
ALLOWED = DeciderCheck(DeciderOutcome.ALLOWED)
YES, NOT_ALL = frozenset(CompetenceQuestion), frozenset({CompetenceQuestion.WHO})


def judged(by: str = VISITOR, yes: frozenset[CompetenceQuestion] = YES) -> CompetenceJudgement:
    """Build a judgement: by default the health visitor's, all five questions answered with yes."""
    return CompetenceJudgement.of(yes, judged_by=by, judged_at=NOW)


def aged(years: int, *told_by: NamedAgency, **more: Any) -> SubjectFacts:
    """Build what is held of somebody of this age: by default traced in the national register."""
    births = [HeldBirth(BORN[years], agency) for agency in told_by]
    return SubjectFacts(tuple(births or [HeldBirth(BORN[years], HEALTH, True)]), **more)


def child_of(decider: Decider, *named_by: NamedAgency, years: int = 5) -> SubjectFacts:
    """Build what is held of a child for whom these agencies name this person as responsible."""
    named = tuple(HeldResponsibility(decider.reference, agency) for agency in named_by)
    return aged(years, responsible=named)


def check(*about: SubjectFacts, at: NamedAgency | None = SCHOOL, **order: Any) -> DeciderCheck:
    """Ask about an order, by default recorded at a school about one child."""
    ordered = an_order(**({"subjects": (CHILD,), "actor": f"practitioner:{TEACHER}"} | order))
    return check_decider(ordered, DeciderFacts(about), recorder_agency=at, now=NOW)


def only_proposed(why: WhyProposed) -> DeciderCheck:
    """The answer that a widening waits for somebody else."""
    return DeciderCheck(DeciderOutcome.ONLY_PROPOSED, why)


def refused(field: str, reason: str) -> DeciderCheck:
    """The answer that this is not theirs to decide."""
    return DeciderCheck(DeciderOutcome.REFUSED, reason, field)


def young(competence: CompetenceJudgement | None = None, **told: Any) -> dict[str, Any]:
    """Order what a young person decides in these circumstances."""
    return {"decided_by": YOUNG, "circumstances": Circumstances(competence=competence, **told)}


# A parent.


def test_a_parent_whom_another_agency_names_decides():
    """Children Act 1989 s.3: who has responsibility may decide for the child, each alone (s.2)."""
    assert check(child_of(NAMED, HEALTH), decided_by=NAMED) == ALLOWED


@pytest.mark.parametrize("named_by", [(), (SCHOOL,), (NamedAgency(Source.SCHOOLS),)])
def test_a_parent_whom_only_the_recorders_agency_names_is_only_proposed(
    named_by: tuple[NamedAgency, ...],
):
    """Children Act 1989 s.4: a father may be without responsibility, whatever is said of him."""
    found = check(child_of(NAMED, *named_by), decided_by=NAMED)

    assert found == only_proposed(WhyProposed.RESPONSIBILITY_NOT_NAMED)


def test_another_agency_of_the_same_kind_is_another():
    """What one school says of a father stands for another school; they have different codes."""
    other = NamedAgency(Source.SCHOOLS, "9992002")

    assert check(child_of(NAMED, other), decided_by=NAMED) == ALLOWED


def test_a_parent_is_named_for_every_child_that_is_decided_about():
    """Responsibility is for one child: of half-brothers a father may have it for one."""
    subjects = (CHILD, SIBLING)
    of_both = [child_of(NAMED, HEALTH), child_of(NAMED, HEALTH)]

    assert check(*of_both, subjects=subjects, decided_by=NAMED) == ALLOWED
    assert check(
        of_both[0], child_of(FATHER, HEALTH), subjects=subjects, decided_by=NAMED
    ) == only_proposed(WhyProposed.RESPONSIBILITY_NOT_NAMED)


def test_a_name_given_in_fewer_parts_is_the_same_parents():
    """A second first name left out makes nobody a stranger."""
    held = HeldResponsibility("ab" * 32, HEALTH, frozenset({NAMED.reference}))

    assert check(aged(5, responsible=(held,)), decided_by=NAMED) == ALLOWED


def test_a_recorder_chooses_from_those_whom_others_name_each_once():
    """The list is what a source that is not theirs has said, and names are not in it."""
    child = child_of(NAMED, HEALTH, COUNCIL, SCHOOL)

    assert [one.id for one in named_deciders(child, SCHOOL)] == [NAMED.reference]
    assert not named_deciders(child_of(NAMED, SCHOOL), SCHOOL)


def test_parents_who_disagree_may_both_decide():
    """Children Act 1989 s.2(7): each may act alone, so each is heard; a refusal then holds."""
    named = (
        HeldResponsibility(NAMED.reference, HEALTH),
        HeldResponsibility(FATHER.reference, HEALTH),
    )
    child = aged(5, responsible=named)

    assert check(child, decided_by=NAMED, response=Response.REFUSED) == ALLOWED
    assert check(child, decided_by=FATHER) == ALLOWED


@pytest.mark.parametrize("response", [Response.GIVEN, Response.REFUSED])
def test_a_parent_decides_for_no_adult(response: Response):
    """Mental Capacity Act 2005 s.1(2): an adult decides, and no parent has responsibility."""
    found = check(child_of(NAMED, HEALTH, years=18), decided_by=NAMED, response=response)

    assert found == refused("decided-by", "nobody-decides-for-an-adult")


def test_a_parent_decides_from_16_only_for_who_cannot():
    """Mental Capacity Act 2005 s.1(2): from 16 capacity is presumed, until it is judged not."""
    child = child_of(NAMED, HEALTH, years=16)
    cannot = Circumstances(competence=judged(yes=NOT_ALL))

    assert check(child, decided_by=NAMED) == refused("decided-by", "is-presumed-able-from-16")
    assert check(child, decided_by=NAMED, circumstances=cannot) == ALLOWED


def test_where_one_agency_alone_makes_somebody_an_adult_a_parent_only_proposes():
    """One agency's date of birth neither opens nor takes away what a parent may decide."""
    held = replace(child_of(NAMED, HEALTH), births=(HeldBirth(BORN[18], COUNCIL),))

    assert check(held, decided_by=NAMED) == only_proposed(WhyProposed.AGE_RESTS_ON_ONE_AGENCY)


# An authority with a care order.


@pytest.mark.parametrize("at", [COUNCIL, SCHOOL])
def test_for_a_looked_after_child_a_named_manager_decides(at: NamedAgency):
    """Children Act 1989 s.33(3): an authority with a care order has responsibility."""
    child = aged(14, managers=frozenset({MANAGER}))
    manager = Decider(DeciderKind.PARENT, MANAGER)

    assert check(child, at=at, decided_by=manager) == ALLOWED


def test_a_manager_does_not_record_their_own_decision():
    """Not the worker, and nobody with both hands."""
    child = aged(14, managers=frozenset({MANAGER}))
    found = check(
        child, decided_by=Decider(DeciderKind.PARENT, MANAGER), actor=f"practitioner:{MANAGER}"
    )

    assert found == only_proposed(WhyProposed.RECORDED_BY_THE_DECIDER)


def test_out_of_area_the_authority_with_the_order_decides_and_not_where_the_child_lives():
    """Children Act 1989 s.31: the order names one authority; the one of the place has none."""
    child = aged(14, managers=frozenset({MANAGER}))
    of_the_place = Decider(DeciderKind.PARENT, "c8" * 16)

    found = check(child, at=COUNCIL, decided_by=of_the_place)

    assert found == only_proposed(WhyProposed.RESPONSIBILITY_NOT_NAMED)


# For oneself.


def test_an_adult_decides_for_themselves():
    """Mental Capacity Act 2005 s.1(2): from 18, and by presumption from 16."""
    for years in (16, 17, 18, 40):
        assert check(aged(years), decided_by=SELF) == ALLOWED


@pytest.mark.parametrize("told_by", [(), (COUNCIL,), (SCHOOL,), (COUNCIL, SCHOOL)])
@pytest.mark.parametrize("years", [5, 14])
def test_a_child_is_no_adult_whoever_says_how_old_they_are(
    told_by: tuple[NamedAgency, ...], years: int
):
    """One agency's word is enough to refuse by; none is enough to be older by."""
    found = check(aged(years, *told_by), decided_by=SELF)

    assert found == refused("decided-by", "is-no-adult")


def test_nobody_decides_for_themselves_and_somebody_else():
    """An adult's decision is about their own data, also where it stands in a child's record."""
    found = check(aged(40), aged(5), decided_by=SELF, subjects=(MOTHER_ID, CHILD))

    assert found == refused("subject", "is-not-only-who-decides")


def test_an_age_counts_that_two_agencies_tell_alike():
    """And one that a register stands behind; else a widening waits."""
    both = aged(40, COUNCIL, SCHOOL)
    unsure = only_proposed(WhyProposed.AGE_RESTS_ON_ONE_AGENCY)

    assert check(both, decided_by=SELF) == ALLOWED
    assert check(aged(40), decided_by=SELF) == ALLOWED
    assert check(aged(40, COUNCIL), decided_by=SELF) == unsure
    assert check(aged(40, SCHOOL, NamedAgency(Source.SCHOOLS)), decided_by=SELF) == unsure


def test_where_no_age_is_held_or_ages_disagree_a_widening_waits():
    """A date supplied by who records makes nobody older: none is asked for."""
    disputed = SubjectFacts((HeldBirth(BORN[5], SCHOOL), HeldBirth(BORN[40], COUNCIL)))

    assert check(SubjectFacts(), decided_by=SELF) == only_proposed(WhyProposed.AGE_NOT_HELD)
    assert check(disputed, decided_by=SELF) == only_proposed(WhyProposed.AGES_DISAGREE)


def test_a_register_stands_above_what_two_agencies_tell_otherwise():
    """Two who copied the same slip do not make a child of five an adult."""
    copied = aged(40, COUNCIL, SCHOOL).births
    held = SubjectFacts((*copied, HeldBirth(BORN[5], HEALTH, is_registered=True)))

    assert check(held, decided_by=SELF).outcome is not DeciderOutcome.ALLOWED


def test_from_13_a_young_person_judged_competent_decides():
    """Gillick [1986] AC 112: who understands the matter fully may decide it."""
    assert check(aged(14), **young(judged())) == ALLOWED


def test_below_13_two_professionals_judge():
    """Gillick has no lowest age; the younger the child, the more it needs to be seen by others."""
    seconded = judged(by=TEACHER)

    assert check(aged(12), **young(judged(), seconded=seconded)) == ALLOWED
    assert check(aged(12), **young(judged())) == only_proposed(WhyProposed.JUDGED_BY_ONE)
    assert check(aged(12), **young(judged(), seconded=judged())) == refused(
        "second-judge", "is-the-same-person"
    )
    assert check(aged(12), **young(judged(), seconded=judged(by=TEACHER, yes=NOT_ALL))) == refused(
        "second-judge", "was-judged-not-to-be"
    )


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (young(judged(), seconded=judged(by=TEACHER)), "decided-by"),
        (young(judged()), "decided-by"),
        (young(presumed_competent=True), "competence"),
        (young(), "competence"),
        ({"decided_by": SELF}, "decided-by"),
    ],
)
def test_nothing_makes_a_child_of_five_decide(order: dict[str, Any], field: str):
    """Neither a presumption nor a judgement stands against an age that is held."""
    found = check(aged(5, COUNCIL), **order)

    assert (found.outcome, found.field) == (DeciderOutcome.REFUSED, field)


def test_at_16_and_17_nobody_has_to_judge():
    """Mental Capacity Act 2005 s.1(2); Family Law Reform Act 1969 s.8."""
    for years in (16, 17):
        assert check(aged(years), **young()) == ALLOWED
        assert check(aged(years), **young(presumed_competent=True)) == ALLOWED
    assert check(aged(14), **young(presumed_competent=True)) == refused(
        "competence", "is-not-presumed-below-16"
    )
    assert check(aged(14), **young()) == refused("competence", "is-missing")


def test_a_judgement_to_the_contrary_stands_against_the_presumption():
    """Mental Capacity Act 2005 s.2(1): who cannot decide the matter cannot, at 17 too."""
    found = check(aged(17), **young(judged(yes=NOT_ALL)))

    assert found == refused("competence", "was-judged-not-to-be")


def test_a_young_persons_age_that_rests_on_one_agency_only_proposes():
    """Their no stands at once all the same."""
    unsure = only_proposed(WhyProposed.AGE_RESTS_ON_ONE_AGENCY)

    assert check(aged(14, COUNCIL), **young(judged())) == unsure
    assert check(aged(16, COUNCIL), **young()) == unsure
    assert check(SubjectFacts(), **young(judged())) == only_proposed(WhyProposed.AGE_NOT_HELD)


def test_an_adult_is_no_young_person():
    """From 18 they decide as anybody does, and no judgement is anybody's business."""
    assert check(aged(18), **young(judged())) == refused("decided-by", "is-an-adult")


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
