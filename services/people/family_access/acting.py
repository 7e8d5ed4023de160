"""For which child an adult may act by their own page, and how much of it they reach. Pure.

In: what sources tell of the child (`ChildFacts`). Out: `Acting`, a reach and why.
Nothing that is held opens here by itself: nothing means no. Ages are dated (`ages`). Competence is
no birthday: it is a decision.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from consent.decisions.ages import Age, NamedAgency
from services.people.family_access.ages import DoorAges


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
    LET_SEE = "is-let-see"
    HAS_DIED = "has-died"
    TAKEN_OFF = "was-taken-off"


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What is held of a child for this question alone.

    `named_by` are the agencies that name this adult as having responsibility now. A foster carer or
    a carer is never among those whom sources name so (connectors.publishing.telling).
    `is_let_see`: the young person has said that this adult may, and has not said otherwise since.
    `is_taken_off`: two hands have taken the child off this adult's page.
    """

    age: Age
    named_by: frozenset[NamedAgency]
    is_looked_after: bool = False
    is_protected: bool = False
    has_died: bool = False
    is_let_see: bool = False
    is_taken_off: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """The answer."""

    reach: ChildReach
    because: WhyReach


def reach_of(child: ChildFacts, giver: NamedAgency | None, ages: DoorAges) -> Acting:
    """How much of this child an adult reaches whose access was given by somebody of `giver`.

    Without one a provider of sign-in said who they are, and no worker met them. Where sources tell
    different ages, the child is as old as the oldest: who may be 16 is.
    """
    why_none = _why_none(child, giver, ages)
    if why_none is not None:
        return Acting(ChildReach.NONE, why_none)
    if max(child.age.years) >= ages.parents_off_at:
        return Acting(ChildReach.WHOLE, WhyReach.LET_SEE)
    # (6) From the age of review a parent keeps their own part until somebody has asked. That a
    # young person decides for themselves, or has a page, changes nothing here: it would tell that.
    if max(child.age.years) >= ages.review_at:
        return Acting(ChildReach.OWN_PART, WhyReach.REVIEW_AGE)
    return Acting(ChildReach.WHOLE, WhyReach.NAMED)


def _why_none(child: ChildFacts, giver: NamedAgency | None, ages: DoorAges) -> WhyReach | None:
    oldest = max(child.age.years, default=0)
    is_let_see = child.is_let_see and oldest < ages.grown_up_at
    ruled_out = (
        # (1) Whom nobody but the giver's agency names is nobody's parent (DESIGN.md section 16).
        (not _is_named(child.named_by, giver), WhyReach.NOT_NAMED),
        # (1a) What two hands took off stays off, whoever lets them see: a court may have said so.
        (child.is_taken_off, WhyReach.TAKEN_OFF),
        # (2) Whom a restriction protects appears on nobody's page.
        (child.is_protected, WhyReach.PROTECTED),
        (child.has_died, WhyReach.HAS_DIED),
        # (3) For a child whom an authority looks after a named manager decides, in person.
        (child.is_looked_after, WhyReach.LOOKED_AFTER),
        # (4) Nobody is taken for a small child because nobody knows how old they are.
        (not child.age.is_held, WhyReach.AGE_NOT_HELD),
        # (5) From 16 on a young person's page is theirs: to let a parent see, and to stop it.
        (oldest >= ages.parents_off_at and not is_let_see, WhyReach.PARENTS_OFF),
    )
    return next((because for applies, because in ruled_out if applies), None)


def _is_named(named_by: Collection[NamedAgency], giver: NamedAgency | None) -> bool:
    """By another agency than the giver's; where nobody gave it, by two: one hand makes no parent.

    A provider says who somebody is, and nothing of whose parent they are.
    """
    if giver is not None:
        return any(not one.may_be(giver) for one in named_by)
    return any(not one.may_be(other) for one in named_by for other in named_by)
