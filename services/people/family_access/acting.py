"""For which child an adult may act by their own page, and how much of it they reach. Pure.

In: what sources tell of the child (`ChildFacts`). Out: `Acting`, a reach and why.
Nothing that is held opens here by itself: nothing means no. Ages are dated: UK GDPR Article 8(1)
says 13, and since 29 April 2026 it may be raised to up to 16 by regulations (Children's Wellbeing
and Schools Act 2026 s.72). Competence is no birthday: it is a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consent.decisions.ages import Age, NamedAgency


@dataclass(frozen=True, slots=True)
class DoorAges:
    """The ages of one time, in years.

    From `review_at` parents reach less until somebody has asked; from `own_sign_in_from` a young
    person has a page of their own; from `parents_off_at` parents reach nothing by themselves.
    `warn_at` are those at which parents are told what comes next.
    """

    in_force_from: date
    warn_at: tuple[int, ...] = (10, 15)
    review_at: int = 11
    own_sign_in_from: int = 13
    parents_off_at: int = 16


STANDARD: Sequence[DoorAges] = (DoorAges(date(2018, 5, 25)),)
"""England's proxy practice: reviewed at the 11th birthday, off at the 16th; warned of a year before
(RCGP and NHS England on proxy access). From the day on which the UK GDPR's Article 8 applied."""


def ages_on(day: date, told: Sequence[DoorAges] = STANDARD) -> DoorAges:
    """Those in force on that day. Raises ValueError where none were yet."""
    begun = [one for one in told if one.in_force_from <= day]
    if not begun:
        raise ValueError("no ages are in force on that day")
    return max(begun, key=lambda one: one.in_force_from)


class ChildReach(StrEnum):
    """How much of a child's page an adult reaches."""

    WHOLE = "whole"
    OWN_PART = "own-part"
    """What they decided themselves. What the young person decides is the young person's."""
    NONE = "none"


class WhyReach(StrEnum):
    """Why it is so much."""

    NAMED = "is-named"
    NOT_NAMED = "is-not-named"
    LOOKED_AFTER = "is-looked-after"
    PROTECTED = "is-protected"
    AGE_NOT_HELD = "age-is-not-held"
    REVIEW_AGE = "is-of-review-age"
    PARENTS_OFF = "parents-are-off"
    HAS_DIED = "has-died"


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What is held of a child for this question alone.

    `named_by` are the agencies that name this adult as having responsibility now. A foster carer or
    a carer is never among those whom sources name so (connectors.publishing.telling).
    """

    age: Age
    named_by: frozenset[NamedAgency]
    is_looked_after: bool = False
    is_protected: bool = False
    has_died: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """The answer."""

    reach: ChildReach
    because: WhyReach


def reach_of(child: ChildFacts, giver: NamedAgency, ages: DoorAges) -> Acting:
    """How much of this child an adult reaches whose access was given by somebody of `giver`.

    Where sources tell different ages, the child is as old as the oldest: who may be 16 is.
    """
    why_none = _why_none(child, giver, ages)
    if why_none is not None:
        return Acting(ChildReach.NONE, why_none)
    # (6) From the age of review a parent keeps their own part until somebody has asked. That a
    # young person decides for themselves, or has a page, changes nothing here: it would tell that.
    if max(child.age.years) >= ages.review_at:
        return Acting(ChildReach.OWN_PART, WhyReach.REVIEW_AGE)
    return Acting(ChildReach.WHOLE, WhyReach.NAMED)


def _why_none(child: ChildFacts, giver: NamedAgency, ages: DoorAges) -> WhyReach | None:
    oldest = max(child.age.years, default=0)
    ruled_out = (
        # (1) Whom nobody but the giver's agency names is nobody's parent (DESIGN.md section 16).
        (all(one.may_be(giver) for one in child.named_by), WhyReach.NOT_NAMED),
        # (2) Whom a restriction protects appears on nobody's page.
        (child.is_protected, WhyReach.PROTECTED),
        (child.has_died, WhyReach.HAS_DIED),
        # (3) For a child whom an authority looks after a named manager decides, in person.
        (child.is_looked_after, WhyReach.LOOKED_AFTER),
        # (4) Nobody is taken for a small child because nobody knows how old they are.
        (not child.age.is_held, WhyReach.AGE_NOT_HELD),
        # (5) From 16 on a young person's page is theirs.
        (oldest >= ages.parents_off_at, WhyReach.PARENTS_OFF),
    )
    return next((because for applies, because in ruled_out if applies), None)
