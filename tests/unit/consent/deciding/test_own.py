"""Who may see how their own agency knows somebody (rule 3a)."""

from dataclasses import replace

import pytest

from consent.deciding.own import may_see_own
from consent.model import LegitimateRelationship, RelationshipGround, RestrictionScope
from schemas.vocabulary import Role
from tests.support.builders import (
    CHILD,
    DAY,
    NOW,
    SIBLING,
    TEACHER,
    VISITOR,
    a_relationship,
    a_restriction,
    an_exclusion,
)

OWN = replace(a_relationship(), ground=RelationshipGround.OWN)


def _sees(*held: LegitimateRelationship, role: Role = Role.PRACTITIONER, **more: object) -> bool:
    restrictions = more.get("restrictions", ())
    assert isinstance(restrictions, tuple)
    exclusions = more.get("exclusions", ())
    assert isinstance(exclusions, tuple)
    protected = {"restrictions": restrictions, "exclusions": exclusions}
    return may_see_own(VISITOR, role, CHILD, relationships=held, at=NOW, **protected)


def test_trivially_false():
    """Without a relationship nothing is one's own."""
    assert not _sees()


@pytest.mark.parametrize("ground", RelationshipGround)
def test_only_what_is_on_the_books_or_the_case_load_is_own(ground: RelationshipGround):
    """Being with a family, covering or an emergency makes nobody one's own."""
    own = ground in {RelationshipGround.OWN, RelationshipGround.CASE_LOAD}

    assert _sees(replace(OWN, ground=ground)) is own


@pytest.mark.parametrize("role", Role)
def test_a_role_that_opens_no_records_sees_none(role: Role):
    """Whatever relationship is on record."""
    assert _sees(OWN, role=role) is (role in {Role.PRACTITIONER, Role.LEAD_PRACTITIONER})


@pytest.mark.parametrize(
    "other",
    [
        replace(OWN, practitioner=TEACHER),
        replace(OWN, subject=SIBLING),
        replace(OWN, until=NOW),
        replace(OWN, since=NOW + DAY),
    ],
    ids=["somebody else's", "with somebody else", "over", "to come"],
)
def test_a_relationship_counts_when_it_is_theirs_with_that_person_now(
    other: LegitimateRelationship,
):
    """No other makes anybody one's own."""
    assert not _sees(other)


def test_a_restriction_hides_one_s_own_from_who_is_not_on_its_list():
    """Over every relationship; one of the place alone hides no name."""
    assert not _sees(OWN, restrictions=(a_restriction(),))
    assert _sees(OWN, restrictions=(a_restriction(VISITOR),))
    assert _sees(OWN, restrictions=(a_restriction(scope=RestrictionScope.LOCATION),))
    assert _sees(OWN, restrictions=(a_restriction(lifted_at=NOW - DAY / 2),))


def test_whom_the_family_has_named_does_not_see_even_one_s_own():
    """Nor does anybody where what was written cannot be read any more."""
    assert not _sees(OWN, exclusions=(an_exclusion(),))
    assert not _sees(OWN, exclusions=(an_exclusion(None),))
    assert _sees(OWN, exclusions=(an_exclusion(TEACHER),))
    assert _sees(OWN, exclusions=(an_exclusion(until=NOW),))
