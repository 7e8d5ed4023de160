"""As whom somebody speaks at their own door, and by what name the others are told."""

from consent.model import Decider, DeciderKind, Response
from services.people.deciders.naming import first_name_in
from services.people.family_access.speaking import may_say

NAMES = (
    ("Eva Novak", "Eva"),
    ("Mrs Eva Novak", "Eva"),
    ("NOVAK, Eva", "Eva"),
    ("Dr. Anne-Marie O'Shea", "Anne-Marie"),
    ("Mrs", None),
    ("", None),
)
MAY_SAY = (
    # UK GDPR Article 7: an adult, or who is presumed able from 16, agrees for themselves.
    (DeciderKind.ADULT_SELF, Response.GIVEN, True),
    (DeciderKind.YOUNG_PERSON, Response.GIVEN, True),
    (DeciderKind.PARENT, Response.GIVEN, True),
    # Gillick: below 16 somebody judges with them whether they understand what they agree to.
    (DeciderKind.PERSON, Response.GIVEN, False),
    # DESIGN.md section 16: a no is taken from anybody.
    (DeciderKind.PERSON, Response.REFUSED, True),
    (DeciderKind.PARENT, Response.REFUSED, True),
)


def test_first_name_is_no_title_and_no_family_name():
    """However a source writes it."""
    assert {name: first_name_in(name) for name, _ in NAMES} == dict(NAMES)


def test_who_may_say_yes_and_who_only_no():
    """Each rule with where it is from."""
    for kind, response, expected in MAY_SAY:
        assert may_say(response, Decider(kind, "somebody")) is expected, (kind, response)
