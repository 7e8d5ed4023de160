"""Which families a practitioner works with, whom they may find, and who is closed to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from consent.ledger import ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from consent.ports import Ledger
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.records.payloads import PersonDetails
from schemas.records.published import PublishedRecord
from services.people.persons.postgres import PostgresPersonIndex
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.postgres import PostgresRelationships
from services.profile.model import ProfileRefused
from services.profile.ports import Looks
from services.profile.reading import refuse
from services.profile.viewing import Opening, Viewing, is_hidden, reading_order, view_family

_MOST_LISTED = 50


@dataclass(frozen=True, slots=True, repr=False)
class FamilySummary:
    """A line of "My families": the child, with a name where this practitioner may see one."""

    person: PersonId
    name: str | None
    date_of_birth: str | None
    because: str


def my_families(
    who: SignedInPractitioner, *, relationships: PostgresRelationships, opening: Opening
) -> Sequence[FamilySummary]:
    """Children with whom the practitioner has a legitimate relationship, youngest first."""
    mine = dict(relationships.of(who.id, most=_MOST_LISTED))
    listed = [_summary(who, person, ground, opening) for person, ground in mine.items()]
    known = [summary for summary in listed if summary is not None]
    return sorted(known, key=lambda s: s.date_of_birth or "", reverse=True)


def find_family(
    subject: Subject,
    who: SignedInPractitioner,
    *,
    persons: PostgresPersonIndex,
    opening: Opening,
    ledger: Ledger,
) -> PersonId | None:
    """The person behind an identifier, if known and not protected; the search is recorded."""
    found = persons.resolve([subject])[0].person
    is_shown = found is not None and is_findable(found, who, opening=opening)
    shown = opening.records.known_as(found) if found is not None and is_shown else None
    search, results = str(new_entry_id(opening.at)), int(shown is not None)
    entry = ledger_entry(
        LedgerEvent.SEARCH_MADE,
        {"search": search, "results": results},
        at=opening.at,
        actor=who.actor,
    )
    ledger.append([entry])
    return shown


def is_findable(person: PersonId, who: SignedInPractitioner, *, opening: Opening) -> bool:
    """Whether the practitioner may find the person: a protected one only on the allow-list."""
    return not is_hidden(opening.decisions.on_record([person])[person], who.id, opening.at)


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
    viewing, found = view_family(reading_order(who, person, who.purpose), opening=opening)
    if viewing.refusal() is not None:
        return None
    own = [r for r in found if r.persons[0] == person and viewing.ask(r).is_permitted]
    return _line(person, ground, list(opening.records.open(own)))


def _line(
    person: PersonId, ground: RelationshipGround, records: Sequence[PublishedRecord]
) -> FamilySummary:
    details = sorted(
        (r for r in records if isinstance(r.payload, PersonDetails)), key=lambda r: r.version
    )
    payload = details[-1].payload if details else None
    if not isinstance(payload, PersonDetails):
        return FamilySummary(person, None, None, ground.label)
    name = " ".join((*payload.given_names[:1], payload.family_name or "")).strip()
    return FamilySummary(person, name or None, payload.date_of_birth, ground.label)
