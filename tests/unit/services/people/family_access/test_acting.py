"""For which child an adult may act: every rule as a row, with where it comes from."""

from datetime import date
from typing import Any

import pytest

from consent.decisions.ages import Age, NamedAgency
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.family_access.acting import (
    Acting,
    ChildFacts,
    ChildReach,
    WhyReach,
    reach_of,
)
from services.people.family_access.ages import ages_on
from services.people.family_access.contacts import HeldOf, only_theirs

SCHOOL = NamedAgency(Source.SCHOOLS, "9992001")
TRUST = NamedAgency(Source.HEALTH_VISITING, "RY4")
HOSPITAL = NamedAgency(Source.HEALTH_VISITING, "RY9")
UNKNOWN_TRUST = NamedAgency(Source.HEALTH_VISITING)
AGES = ages_on(date(2026, 12, 1))

RULES: list[tuple[str, dict[str, Any], ChildReach, WhyReach]] = [
    # Children Act 1989 s.3, as sources tell it; DESIGN.md 16: by a source not the giver's own.
    ("a parent whom a school names", {}, ChildReach.WHOLE, WhyReach.NAMED),
    ("whom nobody names", {"named_by": ()}, ChildReach.NONE, WhyReach.NOT_NAMED),
    ("whom the giver names", {"named_by": (TRUST,)}, ChildReach.NONE, WhyReach.NOT_NAMED),
    ("whom a trust names", {"named_by": (UNKNOWN_TRUST,)}, ChildReach.NONE, WhyReach.NOT_NAMED),
    ("whom another trust names", {"named_by": (HOSPITAL,)}, ChildReach.WHOLE, WhyReach.NAMED),
    ("named by giver and school", {"named_by": (TRUST, SCHOOL)}, ChildReach.WHOLE, WhyReach.NAMED),
    # Children Act 1989 s.33: for a child in care the authority decides; foster carers never do.
    ("in care", {"is_looked_after": True}, ChildReach.NONE, WhyReach.LOOKED_AFTER),
    # DESIGN.md 4 rule 2: nothing lifts a restriction.
    ("protected", {"is_protected": True}, ChildReach.NONE, WhyReach.PROTECTED),
    ("has died", {"has_died": True}, ChildReach.NONE, WhyReach.HAS_DIED),
    # Children Act 1989 s.8, Family Law Act 1996 s.42: an order of court, seen by two hands.
    ("taken off", {"is_taken_off": True}, ChildReach.NONE, WhyReach.TAKEN_OFF),
    # England's practice of proxy access: 11th birthday reviewed, 16th switched off.
    ("ten", {"age": Age((10,), is_certain=True)}, ChildReach.WHOLE, WhyReach.NAMED),
    ("eleven", {"age": Age((11,), is_certain=True)}, ChildReach.OWN_PART, WhyReach.REVIEW_AGE),
    ("fifteen", {"age": Age((15,), is_certain=True)}, ChildReach.OWN_PART, WhyReach.REVIEW_AGE),
    ("sixteen", {"age": Age((16,), is_certain=True)}, ChildReach.NONE, WhyReach.PARENTS_OFF),
    ("grown up", {"age": Age((31,), is_certain=True)}, ChildReach.NONE, WhyReach.PARENTS_OFF),
    # Whoever may be older is taken to be: a date that one agency typed opens nothing to a parent.
    ("ten or sixteen", {"age": Age((10, 16))}, ChildReach.NONE, WhyReach.PARENTS_OFF),
    ("ten or twelve", {"age": Age((10, 12))}, ChildReach.OWN_PART, WhyReach.REVIEW_AGE),
    ("of no age held", {"age": Age()}, ChildReach.NONE, WhyReach.AGE_NOT_HELD),
]


@pytest.mark.parametrize(("told", "reach", "because"), [row[1:] for row in RULES])
def test_every_rule_of_who_may_act(told: dict[str, Any], reach: ChildReach, because: WhyReach):
    """Each by itself, on a child of nine whom nothing else is held of."""
    facts: dict[str, Any] = {"age": Age((9,), is_certain=True), "named_by": (SCHOOL,), **told}
    child = ChildFacts(**{**facts, "named_by": frozenset(facts["named_by"])})

    assert reach_of(child, TRUST, AGES) == Acting(reach, because)


def test_whatever_rules_out_wins_over_whatever_lets_in():
    """Two things together never open more than the narrower of them."""
    order = [ChildReach.WHOLE, ChildReach.OWN_PART, ChildReach.NONE]
    base: dict[str, Any] = {"age": Age((9,), is_certain=True), "named_by": frozenset({SCHOOL})}
    for _, one, reach, _ in RULES:
        for _, other, another, _ in RULES:
            told = {**base, **one, **other}
            if one.keys() & other.keys():
                continue
            child = ChildFacts(**{**told, "named_by": frozenset(told["named_by"])})
            found = reach_of(child, TRUST, AGES).reach
            assert order.index(found) >= max(order.index(reach), order.index(another))


ME, CHILD, OTHER, STRANGER = (PersonId(letter * 32) for letter in "abcd")
HELD: list[tuple[str, bool, list[HeldOf]]] = [
    ("nobody holds it", False, []),
    ("her own", True, [HeldOf(ME, "own", None)]),
    ("as her child's mother", True, [HeldOf(CHILD, "mother", ME)]),
    ("in both", True, [HeldOf(ME, "own", None), HeldOf(CHILD, "mother", ME)]),
    ("unlinked, in her child's", True, [HeldOf(ME, "own", None), HeldOf(CHILD, "mother", None)]),
    ("only unlinked", False, [HeldOf(CHILD, "mother", None)]),
    ("both parents'", False, [HeldOf(CHILD, "mother", ME), HeldOf(CHILD, "father", OTHER)]),
    ("both, one unlinked", False, [HeldOf(CHILD, "mother", ME), HeldOf(CHILD, "father", None)]),
    ("given to another", False, [HeldOf(ME, "own", None), HeldOf(OTHER, "own", None)]),
    ("another's tie", False, [HeldOf(ME, "own", None), HeldOf(STRANGER, "mother", OTHER)]),
    ("in a stranger's", False, [HeldOf(ME, "own", None), HeldOf(STRANGER, "mother", None)]),
    ("the child's too", False, [HeldOf(ME, "own", None), HeldOf(CHILD, "own", None)]),
]


@pytest.mark.parametrize(("is_hers", "held"), [row[1:] for row in HELD])
def test_contact_signs_in_only_whose_alone_it_is(held: list[HeldOf], *, is_hers: bool):
    """Shared between parents, and given to somebody else: nobody comes in by it."""
    assert only_theirs(held, {ME}, {CHILD}) is is_hers
