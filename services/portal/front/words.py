"""The lines of "My families"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.portal.family.people import birth_in_words
from services.portal.frame.addresses import FamilyAddresses
from services.portal.words.people import record_reference, with_death
from services.profile.families import FamilySummary


@dataclass(frozen=True, slots=True, repr=False)
class FamilyLine:
    """One family: the link, and what is known beside it."""

    name: str
    href: str
    reference: str
    born: str
    because: str


_AS_OWN = "; name and date of birth as your own service sent them"


def family_lines(families: Iterable[FamilySummary], today: date) -> tuple[FamilyLine, ...]:
    """Write a line for each family in the order given."""
    return tuple(_line(family, today) for family in families)


def _line(family: FamilySummary, today: date) -> FamilyLine:
    reference = record_reference(family.person)
    born = family.date_of_birth
    return FamilyLine(
        name=with_death(
            family.name or f"Name not shared with you (record {reference})", family.death
        ),
        href=FamilyAddresses(family.person).overview,
        reference=reference,
        born=f"Born {birth_in_words(born, today, death=family.death)}"
        if born
        else "Date of birth not shared with you",
        because=f"{family.because}{_AS_OWN if family.is_own_label else ''}",
    )
