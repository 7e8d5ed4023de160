"""Answers that are kept from one reading to the next are those that would be given anew."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, OnRecord, Practitioner, Reason, decide
from consent.deciding.kept_answers import kept_answers
from consent.model import Restriction, RestrictionScope
from schemas.records.published import NOT_KEPT
from schemas.vocabulary import Category, Role, Source
from tests.support.builders import (
    ALL_AGREED,
    CHILD,
    DAY,
    NOW,
    VISITOR,
    a_permit,
    a_relationship,
    a_restriction,
)
from tests.support.strategies import World, practitioner_requests, worlds

_MOMENT = timedelta(microseconds=1)
_WHO = Practitioner(VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, (a_relationship(),))


@given(worlds, practitioner_requests, st.lists(st.integers(-60, 60), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whenever_it_is_asked_the_answer_is_that_of_decide(
    world: World, asked: AccessRequest, days: list[int]
):
    """In whatever order of times, about the very same facts or facts that are no more."""
    who, purpose = asked.recipient, asked.purpose
    assert isinstance(who, Practitioner)
    if purpose is None:
        return
    on_record = dict.fromkeys(asked.subjects, world.on_record)
    fewer = dict.fromkeys(
        asked.subjects, replace(world.on_record, decisions=world.on_record.decisions[:1])
    )
    about = (asked.subjects, asked.category, asked.source, asked.labels, asked.kept_to, asked.mode)
    for known in (on_record, fewer, on_record):
        for day in days:
            at = asked.at + day * DAY
            told = kept_answers(known, who, at).to((*about, purpose))
            held = next(iter(known.values()), OnRecord())

            assert told == decide(replace(asked, at=at), held)


def test_what_is_the_very_same_is_answered_from_what_was_kept():
    """As long as nothing begins or ends."""
    on_record = {CHILD: _on_record()}

    kept = kept_answers(on_record, _WHO, NOW)

    assert kept_answers({CHILD: _on_record()}, _WHO, NOW + _MOMENT) is kept


def test_a_withdrawal_is_another_decision():
    """Whatever its id."""
    kept = kept_answers({CHILD: _on_record()}, _WHO, NOW)
    withdrawn = replace(_PERMIT, withdrawn_at=NOW, version=2)

    now = kept_answers({CHILD: OnRecord((withdrawn,), (), (ALL_AGREED,))}, _WHO, NOW)

    assert kept.to(_HEALTH).is_permitted
    assert now.to(_HEALTH).reasons == (Reason.WITHDRAWN,)


def test_a_restriction_is_asked_about_by_what_it_says():
    """It is read anew each time, and says the same or something else."""
    kept = kept_answers({CHILD: _on_record()}, _WHO, NOW)
    hidden = a_restriction(scope=RestrictionScope.PERSON)

    now = kept_answers({CHILD: _on_record(hidden)}, _WHO, NOW)

    assert kept.to(_HEALTH).is_permitted
    assert now.to(_HEALTH).reasons == (Reason.RESTRICTED,)


def test_a_permission_ends_at_its_moment():
    """Nothing is read anew for it: the time alone has come."""
    ends = NOW + DAY
    on_record = {CHILD: OnRecord((replace(_PERMIT, until=ends),), (), (ALL_AGREED,))}

    before = kept_answers(on_record, _WHO, ends - _MOMENT).to(_HEALTH)
    after = kept_answers(on_record, _WHO, ends).to(_HEALTH)

    assert before.is_permitted
    assert after.reasons == (Reason.EXPIRED,)


def test_a_relationship_ends_at_its_moment():
    """Although it stands among what was read."""
    ends = NOW + DAY
    on_record = {CHILD: _on_record()}
    who = replace(_WHO, relationships=(a_relationship(until=ends),))

    before = kept_answers(on_record, who, ends - _MOMENT).to(_HEALTH)
    after = kept_answers(on_record, who, ends).to(_HEALTH)

    assert before.is_permitted
    assert after.reasons == (Reason.NO_RELATIONSHIP,)


_PERMIT = a_permit(category=list(Category))
_HEALTH = (
    (CHILD,),
    Category.CHILD_HEALTH,
    Source.HEALTH_VISITING,
    frozenset(),
    NOT_KEPT,
    _PERMIT.mode,
    next(iter(_PERMIT.purposes)),
)


def _on_record(*restrictions: Restriction) -> OnRecord:
    return OnRecord((_PERMIT,), restrictions, (ALL_AGREED,))
