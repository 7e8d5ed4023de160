"""Which families a practitioner works with, whom they may find, and who is closed to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.ledger import ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.records.payloads import Relationship, RelationshipKind
from schemas.uk_time import uk_day
from schemas.vocabulary import Category
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.own_cases.opening import OwnOpening, own_deaths, own_labels
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.persons.postgres import PostgresPersonIndex
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_limits import PostgresLimits, limit_reached
from services.profile.families.deaths import (
    death_by_label,
    labelled_name,
    listed_name,
    seen_with_siblings,
)
from services.profile.model import DeathView, ProfileRefused
from services.profile.opening import view_family
from services.profile.ports import Looks, StoredRecords
from services.profile.reading import refuse
from services.profile.viewing import NOBODY, Opening, Viewing, reading_order

_MOST_LISTED = 50
_COUNTING = "job:limits"
# Of several grounds the one that reaches furthest is named.
_RANK = list(RelationshipGround)


@dataclass(frozen=True, slots=True, repr=False)
class FamilySummary:
    """A line of "My families": the child, with a name where this practitioner may see one.

    `expected` is the day on which a child not born yet is. `is_own_label` where that is how the
    practitioner's own agency sent it, and nothing is shared. `is_agencys` where it is on the books
    of the agency alone. `siblings` are those of whom the practitioner may read that they are some.
    """

    person: PersonId
    name: str | None
    date_of_birth: str | None
    because: str
    is_own_label: bool = False
    death: DeathView | None = None
    expected: str | None = None
    family_name: str | None = None
    is_agencys: bool = False
    siblings: frozenset[PersonId] = frozenset()


def my_families(
    who: SignedInPractitioner, *, opening: Opening, own: OwnOpening
) -> Sequence[FamilySummary]:
    """Children with whom the practitioner has a legitimate relationship, youngest first.

    Of one's own case always with name and date of birth, as the agency sent them, also where
    nothing is shared.
    """
    grounds: dict[PersonId, list[RelationshipGround]] = {}
    for person, ground in opening.relationships.of(who.id, most=_MOST_LISTED):
        grounds.setdefault(person, []).append(ground)
    listed = [
        _summary(who, person, min(found, key=_RANK.index), opening)
        for person, found in grounds.items()
    ]
    known = [summary for summary in listed if summary is not None]
    labels = own_labels(who, [s.person for s in known if s.name is None], opening=own)
    living = [s.person for s in known if s.name is not None and s.death is None]
    deaths = own_deaths(who, living, opening=own)
    told = [_as_own(s, labels.get(s.person), deaths.get(s.person), opening.at) for s in known]
    return sorted(told, key=lambda s: s.date_of_birth or "", reverse=True)


@dataclass(frozen=True, slots=True)
class TooManySearches:
    """Nobody was looked for: whoever asks has searched as often as anybody may in an hour."""


@dataclass(frozen=True, slots=True)
class Searching:
    """What a family is searched with; every port joins one transaction."""

    persons: PostgresPersonIndex
    opening: Opening
    limits: PostgresLimits
    queue: Queue
    ledger: Ledger


# By who asks alone, so that a limit tells nothing of whom they found. Figures of 29 November 2026.

SEARCHES_TOLD = 20
"""More in an hour than governance hears nothing of."""
MOST_SEARCHES = 60
"""More in an hour than are made."""


def find_family(
    subject: Subject, who: SignedInPractitioner, *, searching: Searching
) -> PersonId | TooManySearches | None:
    """The person behind an identifier, if the practitioner may open them; the search is recorded.

    Whoever is unknown, not theirs, or protected is looked up in the same way and not found.
    """
    if not may_search(who, searching):
        return TooManySearches()
    opening = searching.opening
    person = searching.persons.typed(subject) or NOBODY
    shown = person if is_findable(person, who, opening=opening) else None
    enter_search(int(shown is not None), who, searching)
    return shown


def enter_search(results: int, who: SignedInPractitioner, searching: Searching) -> None:
    """Enter that somebody searched, and how many they were shown."""
    at = searching.opening.at
    entry = ledger_entry(
        LedgerEvent.SEARCH_MADE,
        {"search": str(new_entry_id(at)), "results": results},
        at=at,
        actor=who.actor,
    )
    searching.ledger.append([entry])


def may_search(who: SignedInPractitioner, searching: Searching) -> bool:
    """Whether this is not one too many; that there are many, governance is told either way."""
    limits, at = searching.limits, searching.opening.at
    if not limits.take("searches-told", [who.id], SEARCHES_TOLD):
        kind = ItemKind.MANY_SEARCHES
        raise_item(
            kind, who.actor, by=_COUNTING, queue=searching.queue, ledger=searching.ledger, at=at
        )
    if limits.take("searches", [who.id], MOST_SEARCHES):
        return True
    entry = limit_reached("searches", MOST_SEARCHES, actor=who.actor, at=at)
    searching.ledger.append([entry])
    return False


def is_findable(person: PersonId, who: SignedInPractitioner, *, opening: Opening) -> bool:
    """Whether the practitioner may find the person: whom they may open, and nobody else."""
    found = opening.relationships.may_open(who.id, [person])[person]
    is_theirs = any(r.subject == person for r in found.relationships)
    return is_theirs and not found.is_restricted


def refusal_to_open(
    who: SignedInPractitioner,
    persons: Collection[PersonId],
    *,
    opening: Opening,
    looks: Looks,
    ledger: Ledger,
    one_is_enough: bool = False,
) -> ProfileRefused | None:
    """Why pages about these persons' decisions are closed to the practitioner, if they are.

    The same question as opening each of their profiles. To take back what was agreed, or to have
    it in writing, a family turns to whoever works with one of them: there `one_is_enough`. What
    could share more of somebody asks for a relationship with everybody. A refusal is in the
    ledger, as one of reading is, when the caller commits: about each who is closed.
    """
    closed = [
        (viewing, reasons)
        for viewing in (_viewing(who, person, opening) for person in sorted(persons))
        if (reasons := viewing.refusal()) is not None
    ]
    if not closed or (one_is_enough and len(closed) < len(persons)):
        return None
    refused = [refuse(*one, looks=looks, ledger=ledger) for one in closed]
    return refused[0]


def _viewing(who: SignedInPractitioner, person: PersonId, opening: Opening) -> Viewing:
    viewing, _ = view_family(reading_order(who, person, who.purpose), opening=opening)
    return viewing


def _summary(
    who: SignedInPractitioner, person: PersonId, ground: RelationshipGround, opening: Opening
) -> FamilySummary | None:
    """A line of the list: only what the practitioner could read on the family's page."""
    found = seen_with_siblings(who, person, opening)
    if found is None:
        return None
    view, siblings = found
    return FamilySummary(
        person,
        listed_name(view),
        view.date_of_birth,
        ground.label,
        death=view.death,
        expected=view.expected_date_of_birth,
        family_name=view.names[0].family_name if view.names else None,
        is_agencys=ground is RelationshipGround.OWN,
        siblings=siblings,
    )


def _as_own(
    summary: FamilySummary, named: OwnLabel | None, died: OwnLabel | None, at: datetime
) -> FamilySummary:
    """With the name, and with the death, that one's own agency was told and nobody else shares."""
    own = named or died
    if own is None:
        return summary
    summary = replace(summary, death=summary.death or death_by_label(own, uk_day(at)))
    if named is None:
        return summary
    name, born = labelled_name(named), named.label.date_of_birth
    family_name = named.label.family_name
    told = replace(summary, name=name, date_of_birth=born, family_name=family_name)
    return replace(told, is_own_label=True)


_ANSWER_FOR_CHILDREN = frozenset(
    {RelationshipKind.MOTHER, RelationshipKind.FATHER, RelationshipKind.PARENT}
)


def children_of(person: PersonId, *, records: StoredRecords) -> Collection[PersonId]:
    """The children whose records name the person as a parent, or as who has responsibility.

    Their ids alone, for whoever confirms that the person is there: nothing of them is shown.
    """
    known = records.known_as(person)
    of_others = [
        record
        for record in records.about([known])
        if record.category is Category.FAMILY_AND_HOUSEHOLD and known in record.persons[1:]
    ]
    return {r.persons[0] for r in records.open(of_others) if _answers_for(r.payload)}


def _answers_for(payload: object) -> bool:
    match payload:
        case Relationship(kind=kind, has_responsibility=has_it):
            return bool(has_it) or kind in _ANSWER_FOR_CHILDREN
        case _:
            return False
