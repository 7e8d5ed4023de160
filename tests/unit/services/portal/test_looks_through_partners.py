"""Who has looked, where it was on the screens of another system."""

from schemas.vocabulary import Category, Purpose
from services.portal.family.looks import look_lines
from services.profile.ports import ListedLook
from tests.support.builders import NOW


def test_a_look_through_a_partner_names_its_system():
    """The page says so; a look on a page of ours names the agency alone."""
    seen = (Category.CHILD_HEALTH,)
    ours = ListedLook(NOW, "Amara Okafor", "Trust", Purpose.DIRECT_CARE, True, seen)
    theirs = ListedLook(
        NOW, "Amara Okafor", "Trust", Purpose.DIRECT_CARE, True, seen, "northfield-ehr"
    )

    lines = look_lines((ours, theirs))

    assert [line.agency for line in lines] == [
        "Trust",
        "Trust, on its own screens (northfield-ehr)",
    ]
