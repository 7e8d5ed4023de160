"""What is asked once of many records is told of each as `decide` tells it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, SharedProfile, decide
from consent.deciding.told_alike import AnswersToldAlike
from schemas.records.published import NOT_KEPT
from schemas.vocabulary import Category, Source
from tests.support.builders import CHILD, NOW, on_record
from tests.support.strategies import (
    CATEGORIES,
    EVERY_PURPOSE,
    PERSONS,
    World,
    everybody,
    practitioner_requests,
    worlds,
)


@given(worlds, practitioner_requests, st.lists(st.integers(0, 26), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_of_many_answers_is_that_of_decide(
    world: World, asked: AccessRequest, workers: list[int]
):
    """Of every source and purpose, of several categories and workers: those and no others."""
    answers = AnswersToldAlike(PERSONS[0], world.on_record, tuple(Source), EVERY_PURPOSE)
    people = everybody(asked.at)
    plain = replace(asked, subjects=PERSONS[:1], labels=frozenset(), kept_to=NOT_KEPT)
    found = [asked.recipient, *(people[number % len(people)] for number in workers)]
    for recipient in found:
        for category in (*CATEGORIES, Category.STORY):
            one = replace(plain, recipient=recipient, category=category)

            assert set(answers.to(one)) == {
                decide(replace(one, source=source, purpose=purpose), world.on_record)
                for source in Source
                for purpose in EVERY_PURPOSE
            }


def test_a_question_that_may_differ_in_more_is_none_for_it():
    """About others, or of the shared profile: `decide` is asked by itself."""
    asked = AccessRequest((CHILD,), Category.STORY, Source.SCHOOLS, SharedProfile(), NOW)

    with pytest.raises(ValueError, match="more than source and purpose"):
        AnswersToldAlike(CHILD, on_record(), tuple(Source), EVERY_PURPOSE).to(asked)
