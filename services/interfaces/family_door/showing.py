"""What every page of the door enters, and how it names those whom somebody reaches."""

from collections.abc import Collection, Sequence

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Label
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.work import UnitOfWork

_PROTECTED = frozenset({Label.PROTECTED_LOCATION, Label.THIRD_PARTY})


def ones_of(session: FamilySession, door: FamilyDoor) -> Collection[PersonId]:
    """All who are one with whom is signed in."""
    return door.clusters.all_of([session.person])


def enter_page(
    page: str, reached: Sequence[Reached], rows: int, session: FamilySession, door: FamilyDoor
) -> None:
    """Enter that somebody of a family saw a page, of whom it was, and how much was on it."""
    fields: dict[str, FieldValue] = {
        "page": page,
        "subjects": [one.person for one in reached],
        "rows": rows,
    }
    door.enter(LedgerEvent.FAMILY_PAGE_SEEN, fields, by=session.actor)


def named(reached: Sequence[Reached], work: UnitOfWork) -> Sequence[tuple[Reached, str | None]]:
    """Each with the first name by which a family tells its children apart; no more is opened."""
    children = [one.person for one in reached if not one.is_oneself]
    names: dict[PersonId, str] = {}
    if children:
        records = [
            record
            for record in work.records.about(children)
            if record.category is Category.IDENTITY_AND_CONTACT
            and len(record.persons) == 1
            and record.labels.isdisjoint(_PROTECTED)
        ]
        for record in work.records.open(records):
            name = _first_name(record.payload)
            if name is not None:
                names.setdefault(record.persons[0], name)
    known = {child: work.records.known_as(child) for child in children}
    return [(one, names.get(known.get(one.person, one.person))) for one in reached]


def _first_name(payload: object) -> str | None:
    if not isinstance(payload, PersonDetails) or payload.placeholder_name:
        return None
    return payload.known_as or next(iter(payload.given_names), None)
