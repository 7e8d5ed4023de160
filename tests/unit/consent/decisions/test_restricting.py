"""What a restriction may become, whoever asks: enough people, of enough agencies, asked safely."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from consent.decisions.restrictions import Change, NoChange, why_no_change
from consent.model import RestrictionScope
from schemas.identifiers import PractitionerId
from tests.support.builders import TEACHER, VISITOR, a_restriction

WORKER = PractitionerId("aa" * 16)
OTHER = PractitionerId("ab" * 16)
AGENCIES: Mapping[PractitionerId, str] = {
    VISITOR: "trust",
    OTHER: "trust",
    TEACHER: "school",
    WORKER: "council",
}
THREE = frozenset({VISITOR, OTHER, TEACHER})
PERSON, LOCATION = RestrictionScope.PERSON, RestrictionScope.LOCATION
PROVISIONAL = replace(a_restriction(*THREE), is_provisional=True)


def _of(allowed: frozenset[PractitionerId]) -> Mapping[PractitionerId, str]:
    return {one: AGENCIES[one] for one in allowed if one in AGENCIES}


def test_one_that_waits_is_confirmed_as_it_is_without_another_word():
    """Nobody is added, so nobody need be asked."""
    assert why_no_change(PROVISIONAL, Change(THREE, PERSON), AGENCIES) is None


@pytest.mark.parametrize(
    ("allowed", "why"),
    [
        (frozenset[PractitionerId](), NoChange.TOO_FEW),
        (frozenset({VISITOR, TEACHER}), NoChange.TOO_FEW),
        (frozenset({VISITOR, TEACHER, PractitionerId("ff" * 16)}), NoChange.TOO_FEW),
        (THREE, None),
    ],
)
def test_at_least_three_people_may_see(allowed: frozenset[PractitionerId], why: NoChange | None):
    """Of whom each works here; one whom nobody knows makes the list no longer."""
    change = Change(allowed, PERSON, was_asked_safely=True)

    assert why_no_change(PROVISIONAL, change, _of(allowed)) is why


def test_they_are_of_two_agencies():
    """One agency alone must not hold everything that is known."""
    all_of_one = dict.fromkeys(THREE, "trust")

    assert why_no_change(PROVISIONAL, Change(THREE, PERSON), all_of_one) is NoChange.ONE_AGENCY


@pytest.mark.parametrize(
    "change",
    [
        Change(None, PERSON),
        Change(THREE | {WORKER}, PERSON),
        Change(frozenset({VISITOR, TEACHER, WORKER}), PERSON),
        Change(THREE, LOCATION),
    ],
    ids=["lifted", "added", "put in somebody's place", "of the place alone"],
)
def test_what_lets_anybody_see_more_asks_the_protected_person_first(change: Change):
    """Safely; else nothing is done."""
    asked = replace(change, was_asked_safely=True)

    assert why_no_change(PROVISIONAL, change, AGENCIES) is NoChange.NOT_ASKED_SAFELY
    assert why_no_change(PROVISIONAL, asked, AGENCIES) is None


def test_taking_somebody_off_the_list_asks_nobody():
    """It narrows; two hands it takes all the same."""
    wide = replace(PROVISIONAL, allowed=THREE | {WORKER}, is_provisional=False)

    assert why_no_change(wide, Change(THREE, PERSON), AGENCIES) is None


def test_what_changes_nothing_is_not_asked_for():
    """A second confirmation would look like a new one."""
    lasting = replace(PROVISIONAL, is_provisional=False)

    assert why_no_change(lasting, Change(THREE, PERSON), AGENCIES) is NoChange.NOTHING
