"""Finding a child of one's own by surname and date of birth: nobody else is looked at.

Only among those whom the searcher may open or has as own: of them who was born on that day, by the
keyed hash of it, is opened as a list of families is; a name is compared in no database. Tolerant of
order, accents, hyphens and what somebody is known as. The search is entered with what it showed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.people.linking.facts import names_in
from services.people.own_cases.opening import OwnOpening, own_labels
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import SignedInPractitioner
from services.profile.families.deaths import death_by_label, labelled_name, listed_name, seen
from services.profile.families.listing import (
    FamilySummary,
    Searching,
    TooManySearches,
    enter_search,
    may_search,
)
from services.profile.model import PersonView

_MOST = 5000
"""Of how many of one's own is looked for the day of birth; more than any school has."""


@dataclass(frozen=True, slots=True, repr=False)
class NameSought:
    """What was typed: a surname, or first and last names, and the day of birth."""

    name: str
    born: date

    def is_of(self, given: Iterable[str | None], family: Iterable[str | None]) -> bool:
        """Whether every word typed is one of these names, and one of them a family name."""
        typed, surnames = names_in((self.name,)), names_in(family)
        return not typed.isdisjoint(surnames) and typed <= surnames | names_in(given)

    def day_among(self, told: Iterable[str | None]) -> str | None:
        """The day of birth, where it is one of those that are told."""
        day = self.born.isoformat()
        return day if day in set(told) else None


def find_by_name(
    sought: NameSought, who: SignedInPractitioner, *, searching: Searching, own: OwnOpening
) -> Sequence[FamilySummary] | TooManySearches:
    """Those of one's own who are called so and were born on that day; nobody where there is none.

    The same is done whoever is sought, and counted as any search is.
    """
    if not may_search(who, searching):
        return TooManySearches()
    opening = searching.opening
    mine = dict(opening.relationships.of(who.id, most=_MOST))
    born = [p for p in searching.persons.born_on(mine, sought.born) if p in mine]
    views = {person: seen(who, person, opening) for person in born}
    nameless = [p for p, view in views.items() if view is not None and not view.names]
    labels = own_labels(who, nameless, opening=own)
    found = [
        hit
        for person, view in views.items()
        if view is not None
        and (hit := _hit(person, view, labels.get(person), sought, mine[person].label)) is not None
    ]
    hits = [_with_death(hit, labels.get(hit.person), uk_day(opening.at)) for hit in found]
    enter_search(len(hits), who, searching)
    return hits


def _hit(
    person: PersonId, view: PersonView, label: OwnLabel | None, sought: NameSought, because: str
) -> FamilySummary | None:
    if view.names:
        given = [n for claim in view.names for n in (*claim.given_names, claim.known_as)]
        family = [
            n
            for claim in view.names
            for n in (claim.family_name, claim.known_as_family, *claim.former_names)
        ]
        is_so = sought.is_of(given, family)
        name, born = listed_name(view), sought.day_among(c.value for c in view.dates_of_birth)
    elif label is not None:
        is_so = sought.is_of(label.label.given_names, (label.label.family_name,))
        name, born = labelled_name(label), sought.day_among((label.label.date_of_birth,))
    else:
        return None
    if not is_so or born is None:
        return None
    return FamilySummary(person, name, born, because, not view.names, view.death)


def _with_death(hit: FamilySummary, label: OwnLabel | None, today: date) -> FamilySummary:
    if hit.death is not None or label is None:
        return hit
    return replace(hit, death=death_by_label(label, today))
