"""To which of the contacts that sources hold a code may go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.vocabulary import Purpose, Role, Source
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.contacts import (
    HELD_FOR,
    Contact,
    ContactKind,
    HeldContact,
    Unusable,
    usable_contacts,
)
from tests.support.builders import MOTHER_ID, NOW, VISITOR

MARK = b"\x01" * 16
HELD = HeldContact(
    MOTHER_ID,
    Source.SCHOOLS,
    "SCH-1",
    MARK,
    "own",
    NOW - HELD_FOR,
    Contact(ContactKind.MOBILE, "+447700900123"),
)
ASKER = SignedInPractitioner(
    VISITOR,
    "Amara Okafor",
    Role.PRACTITIONER,
    "Health visitor",
    "RA1",
    "Trust",
    Source.HEALTH_VISITING,
    Purpose.DIRECT_CARE,
)


def is_usable(held: HeldContact, unusable: Unusable, asker: SignedInPractitioner = ASKER) -> bool:
    """Whether a code may go there when the mother is there herself."""
    return bool(usable_contacts([held], "own", asker, unusable=unusable, at=NOW))


def test_one_that_another_agency_has_held_long_enough_is_usable():
    """Otherwise nothing here would tell anything."""
    assert is_usable(HELD, Unusable())


@pytest.mark.parametrize(
    ("held", "unusable"),
    [
        (replace(HELD, held_as="father"), Unusable()),
        (replace(HELD, agency="RA1"), Unusable()),
        (replace(HELD, agency="", source=Source.HEALTH_VISITING), Unusable()),
        (replace(HELD, first_at=NOW - HELD_FOR + timedelta(seconds=1)), Unusable()),
        (replace(HELD, first_at=NOW + timedelta(days=1)), Unusable()),
        (replace(HELD, is_shared=True), Unusable()),
        (HELD, Unusable(marked=frozenset({MARK}))),
        (HELD, Unusable(of_the_asker=frozenset({MARK}))),
    ],
    ids=[
        "the other parent's",
        "the asker's agency's",
        "of the asker's kind of agency, which one is not known",
        "a second too new",
        "of a clock that was set back",
        "of two parents or of many people",
        "marked shared or unsafe",
        "the asker's own, a relative's, or of anybody who works here",
    ],
)
def test_nothing_else_is(held: HeldContact, unusable: Unusable):
    """Each alone is enough (DESIGN.md section 16, a code)."""
    assert not is_usable(held, unusable)
