"""What is asked once of many records is told of each as `decide` tells it."""

from dataclasses import replace
from random import Random

import pytest

from consent import AccessRequest, OnRecord, Practitioner, SharedProfile, decide
from consent.agreement import AdoptedAgreement
from consent.deciding.record import CompiledRecord
from consent.deciding.told_alike import AnswersToldAlike
from consent.model import (
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    SharingDecision,
)
from schemas.vocabulary import Category, Purpose, Role, Source
from tests.support.builders import (
    ALL_AGREED,
    CHILD,
    DAY,
    FATHER,
    MOTHER,
    NOW,
    SIBLING,
    TEACHER,
    VISITOR,
    YOUNG_PERSON,
    a_duty,
    a_permit,
    a_refusal,
    a_restriction,
    a_rule,
    adopted,
    an_agreement,
    an_exclusion,
    on_record,
)

CATEGORIES = (Category.STORY, Category.CHILD_HEALTH, Category.EDUCATION, Category.SAFEGUARDING)
PURPOSES = (Purpose.EARLY_HELP, Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
NAMES = ("agency:schools", "agency:health-visiting", f"practitioner:{TEACHER}", "role:practitioner")
WORLDS = 40


def some(chosen: Random, values: tuple, *, least: int = 0) -> list:
    """A few of these, or none."""
    return chosen.sample(values, chosen.randint(least, 2))


def a_decision(chosen: Random, number: int) -> SharingDecision:
    """One that names some categories, purposes, sources and recipients, and not others."""
    make = chosen.choice((a_permit, a_permit, a_permit, a_refusal, a_duty))
    told = {
        "id": f"{number:032x}",
        "category": some(chosen, CATEGORIES, least=1),
        "sources": some(chosen, tuple(Source)),
        "recipients": some(chosen, NAMES),
        "decided_at": NOW - chosen.randint(0, 9) * DAY,
        "subjects": chosen.choice(((CHILD,), (CHILD,), (SIBLING,))),
    }
    if make is a_duty:
        return a_duty(**told)
    decided_by = chosen.choice((MOTHER, FATHER, YOUNG_PERSON))
    return make(decided_by=decided_by, purpose=some(chosen, PURPOSES, least=1), **told)


def an_agreement_of_some(chosen: Random) -> AdoptedAgreement:
    """Everything agreed, or a part of it."""
    if chosen.random() < 0.5:
        return ALL_AGREED
    categories = frozenset(some(chosen, CATEGORIES, least=1))
    rule = a_rule(categories=categories, sources=frozenset(some(chosen, tuple(Source))))
    return adopted(an_agreement(replace(rule, purposes=frozenset(some(chosen, PURPOSES)))))


def a_world(chosen: Random) -> OnRecord:
    """What is on record about a child."""
    decided = [a_decision(chosen, number) for number in range(chosen.randint(0, 5))]
    besides = [one for one in (a_restriction(), an_exclusion()) if chosen.random() < 0.1]
    return on_record(*decided, *besides, an_agreement_of_some(chosen))


def workers(chosen: Random) -> list[Practitioner]:
    """Some by whom decisions may name them, with a relationship that reaches all or a part."""
    grounds = (*[RelationshipGround.CASE_LOAD] * 12, *RelationshipGround)
    return [
        Practitioner(
            who,
            chosen.choice((*[Role.PRACTITIONER] * 4, Role.LEAD_PRACTITIONER, Role.DATA_STEWARD)),
            agency.value,
            (LegitimateRelationship(who, CHILD, chosen.choice(grounds), NOW - DAY),),
        )
        for who in (VISITOR, TEACHER)
        for agency in (Source.SCHOOLS, Source.HEALTH_VISITING)
    ]


def test_each_of_many_answers_is_that_of_decide():
    """Of every source and purpose, of several categories and workers: those and no others."""
    chosen = Random(20261201)
    for _ in range(WORLDS):
        world, mode = a_world(chosen), chosen.choice(tuple(Mode))
        known = CompiledRecord(world)
        answers = AnswersToldAlike(CHILD, world, tuple(Source), PURPOSES)
        for worker in workers(chosen):
            for category in CATEGORIES:
                asked = AccessRequest((CHILD,), category, Source.SCHOOLS, worker, NOW, mode=mode)

                assert set(answers.to(asked)) == {
                    decide(replace(asked, source=source, purpose=purpose), known)
                    for source in Source
                    for purpose in PURPOSES
                }


def test_a_question_that_may_differ_in_more_is_none_for_it():
    """About others, or of the shared profile: `decide` is asked by itself."""
    asked = AccessRequest((CHILD,), Category.STORY, Source.SCHOOLS, SharedProfile(), NOW)

    with pytest.raises(ValueError, match="more than source and purpose"):
        AnswersToldAlike(CHILD, on_record(), tuple(Source), PURPOSES).to(asked)
