"""Single acts of one person, with what they come to; sequences are in test_one_person_alone."""

from datetime import timedelta

import pytest

from consent.decisions.restrictions import Change
from consent.model import RestrictionScope
from consent.question import EMERGENCY_OPENS
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Category, Role
from services.people.linking.queue import Answer
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.acting_alone import ActingAlone
from tests.support.people.alone_seen import seen_before, seen_in_an_emergency, seen_now
from tests.support.people.alone_world import (
    OTHER_STEWARD,
    ROLES,
    STRANGER,
    WORDS,
    AloneWorld,
)
from tests.support.people.presence_world import COLLEAGUE
from tests.support.people.relating import relate
from tests.support.people.seen import words_in
from tests.support.rolled_back import rolled_back

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("actor", [COLLEAGUE, STRANGER])
def test_an_emergency_opens_exactly_what_its_row_says(alone: AloneWorld, actor: PractitionerId):
    """Contact, practitioners, communication needs and safeguarding; neither decisions nor looks."""
    before, after = seen_before(alone, actor), seen_in_an_emergency(alone, actor)

    shown = words_in(after)
    assert not before
    assert {c for c, words in WORDS.items() if words <= shown} == EMERGENCY_OPENS
    assert {c for c, words in WORDS.items() if words & shown} == EMERGENCY_OPENS
    assert {found[0] for found in after} <= {"profile", "listed"}


def test_the_family_is_seen_by_who_works_with_it(alone: AloneWorld):
    """So that there is something to open: they see what is shared, and not the rest."""
    shown = words_in(seen_before(alone, VISITOR))

    expected = {
        Category.IDENTITY_AND_CONTACT,
        Category.FAMILY_AND_HOUSEHOLD,
        Category.CHILD_HEALTH,
        Category.STORY,
    }
    assert {c for c, words in WORDS.items() if words & shown} == expected


def test_asking_for_a_change_tells_nobody_who_gains_of_what_they_may_not_know(alone: AloneWorld):
    """Neither who asks by an id that they were told elsewhere, nor a colleague on the case."""
    refusal = alone.decisions[-2]
    with rolled_back(alone.running.outside) as acting:
        with unit_of_work(acting.portal) as work:
            since = work.now - timedelta(days=1)
            relate(work, COLLEAGUE, alone.child, since=since)
        colleague = seen_now(alone, COLLEAGUE, acting.portal)

        ActingAlone(alone, acting, (VISITOR,)).invalidate(refusal)

        assert seen_now(alone, VISITOR, acting.portal) <= seen_before(alone, VISITOR)
        assert seen_now(alone, COLLEAGUE, acting.portal) <= colleague


@pytest.mark.parametrize("is_joined_by_a_program", [True, False])
def test_one_steward_opens_a_family_to_nobody_by_joining_or_parting(
    alone: AloneWorld,
    is_joined_by_a_program: bool,  # noqa: FBT001
):
    """Who is a social worker too: of the child and a family of theirs, and of two who are one."""
    before = {reader: seen_before(alone, reader) for reader in (STRANGER, VISITOR)}
    for answers in ((Answer.JOIN, Answer.CONFIRM), (Answer.CONFIRM,) * 2, (Answer.UNDO,) * 2):
        with rolled_back(alone.running.outside) as acting:
            them = ActingAlone(alone, acting, (STRANGER, ROLES[Role.DATA_STEWARD]))
            for answer in answers:
                them.say_who_is_one(answer, is_joined_by_a_program=is_joined_by_a_program)

            for reader, was in before.items():
                more = seen_now(alone, reader, acting.portal) - was
                assert not more, (answers, reader, sorted(more))


def test_two_stewards_do_open_it(alone: AloneWorld):
    """So that the one above shows something."""
    before = seen_before(alone, STRANGER)
    with rolled_back(alone.running.outside) as acting:
        for steward in (ROLES[Role.DATA_STEWARD], OTHER_STEWARD):
            them = ActingAlone(alone, acting, (STRANGER, steward))
            for answer in (Answer.JOIN, Answer.CONFIRM):
                them.say_who_is_one(answer, is_joined_by_a_program=False)

        assert seen_now(alone, STRANGER, acting.portal) - before


def test_what_hides_opens_nothing_once_it_ends(alone: AloneWorld):
    """Placed, named, and ended by every account of the one who may do most."""
    with rolled_back(alone.running.outside) as acting:
        one = ActingAlone(alone, acting, (VISITOR,))
        one.protect(RestrictionScope.PERSON)
        one.exclude(TEACHER)
        hidden = seen_now(alone, TEACHER, acting.portal)
        own = seen_now(alone, VISITOR, acting.portal)

        one.change_restrictions(Change(None, RestrictionScope.PERSON, was_asked_safely=True))
        one.end_exclusions()

        still = seen_now(alone, COLLEAGUE, acting.portal)
        assert not hidden
        assert own <= seen_before(alone, VISITOR)
        assert words_in(own) == words_in(seen_before(alone, VISITOR))
        assert seen_now(alone, TEACHER, acting.portal) == hidden
        assert not still
