"""Who may decide, by what is held about the subjects: the law in a line each."""

from dataclasses import replace
from typing import Any

import pytest

from consent.circumstances import Circumstances
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import (
    DeciderOutcome,
    HeldResponsibility,
    SubjectFacts,
    WhyProposed,
    named_deciders,
)
from consent.model import Decider, DeciderKind, Response
from schemas.vocabulary import Source
from tests.support.builders import (
    CHILD,
    FATHER,
    MOTHER_ID,
    SIBLING,
    TEACHER,
)
from tests.support.consents.may_decide import (
    ALLOWED,
    BORN,
    COUNCIL,
    HEALTH,
    MANAGER,
    NAMED,
    NOT_ALL,
    SCHOOL,
    SELF,
    aged,
    check,
    child_of,
    judged,
    only_proposed,
    refused,
    young,
)

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
    manager = Decider(DeciderKind.PARENT, MANAGER)
    found = [
        check(child, decided_by=manager, actor=f"practitioner:{MANAGER}"),
        check(child, decided_by=manager, accounts=[TEACHER, MANAGER]),
    ]

    assert found == [only_proposed(WhyProposed.RECORDED_BY_THE_DECIDER)] * 2


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
