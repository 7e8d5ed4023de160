"""The families of a practitioner: listed, found, closed to them; who of them has died.

In: who asks, and what the family is opened with. Out: lines, an id, why not, a death.
Rule: `listing.py` and `deaths.py` ask what reading asks (`services.profile.viewing`).
"""

from services.profile.families.deaths import (
    BeforeContact,
    Deaths,
    before_contact,
    death_by_label,
    death_shared,
    deaths_of_two,
    read_family,
)
from services.profile.families.finding import NameSought, find_by_name
from services.profile.families.listing import (
    MOST_SEARCHES,
    SEARCHES_TOLD,
    FamilySummary,
    Searching,
    TooManySearches,
    children_of,
    find_family,
    is_findable,
    my_families,
    refusal_to_open,
)

__all__ = [
    "MOST_SEARCHES",
    "SEARCHES_TOLD",
    "BeforeContact",
    "Deaths",
    "FamilySummary",
    "NameSought",
    "Searching",
    "TooManySearches",
    "before_contact",
    "children_of",
    "death_by_label",
    "death_shared",
    "deaths_of_two",
    "find_by_name",
    "find_family",
    "is_findable",
    "my_families",
    "read_family",
    "refusal_to_open",
]
