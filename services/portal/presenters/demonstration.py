"""The invented people one may sign in as."""

from collections.abc import Iterable

from services.portal.ports import SignedInPractitioner
from services.portal.presenters.choices import Item


def people_choices(people: Iterable[SignedInPractitioner]) -> list[Item]:
    """Make a radio button for each person, with what they are."""
    return [
        {
            "value": person.id,
            "text": person.name,
            "hint": {"text": f"{person.job_title}, {person.agency_name} ({person.role.label})"},
        }
        for person in people
    ]
