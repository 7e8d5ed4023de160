"""Opening an agency's own labels, for one practitioner at a time; each opening is entered."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.deciding.own import may_see_own
from consent.ledger import entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import MOST_ITEMS
from consent.ports import Decisions, Ledger
from schemas.identifiers import PersonId
from services.people.own_cases.model import OwnDeath
from services.people.own_cases.postgres_deaths import told_of_death, with_deaths
from services.people.own_cases.postgres_labels import LabelKeys, OwnLabel, SealedLabels
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.postgres import PostgresRelationships
from services.platform.database.direct import direct_pool
from services.platform.database.engine import Engine

Members = Callable[[Collection[PersonId]], Mapping[PersonId, Sequence[PersonId]]]
"""For each person all who are one with them, themselves among them."""


@dataclass(frozen=True, slots=True)
class OwnOpening:
    """What labels are opened with. All but `shelf` joins one transaction, which comes first."""

    relationships: PostgresRelationships
    decisions: Decisions
    members: Members
    shelf: "OwnShelf | None"
    ledger: Ledger
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnShelf:
    """Where labels are read, and what is told of a death: by a database role for nothing else."""

    engine: Engine
    keys: LabelKeys

    def labels(self, persons: Collection[PersonId], agency: str) -> list[OwnLabel]:
        """The labels that this agency has of these persons, with what its feeds told of a death."""
        with self.engine.connect() as connection:
            found = SealedLabels(connection, self.keys).of(persons, agency=agency)
            return with_deaths(found, connection, self.keys, agency=agency)

    def told_of_death(self, persons: Collection[PersonId], agency: str) -> frozenset[PersonId]:
        """Of whose death its feeds told, without opening what they said."""
        with direct_pool(self.engine).alone() as connection:
            return told_of_death(persons, connection, agency)


def own_deaths(
    who: SignedInPractitioner, persons: Collection[PersonId], *, opening: OwnOpening
) -> Mapping[PersonId, OwnLabel]:
    """The labels of those of these persons of whose death the practitioner's own agency was told.

    Nothing is opened, and nothing entered, of anybody of whom it was not.
    """
    if not persons or opening.shelf is None:
        return {}
    members = opening.members(persons)
    everyone = {member for person in persons for member in members[person]}
    told = opening.shelf.told_of_death(everyone, who.agency_code)
    of_them = [person for person in persons if not told.isdisjoint(members[person])]
    return own_labels(who, of_them, opening=opening) if of_them else {}


def own_labels(
    who: SignedInPractitioner, persons: Collection[PersonId], *, opening: OwnOpening
) -> Mapping[PersonId, OwnLabel]:
    """How the practitioner's own agency knows those of these persons whom they may see.

    Each under the id that was asked for. Somebody who may not be seen is left out, as somebody
    whom nobody knows is. To be shown once the caller's transaction, with the entry, is committed.
    """
    seen = _may_be_seen(who, persons, opening)
    if not seen or opening.shelf is None:
        return {}
    members = opening.members(seen)
    everyone = {member for person in seen for member in members[person]}
    by_member = {one.person: one for one in opening.shelf.labels(everyone, who.agency_code)}
    found = {
        person: replace(by_member[own[0]], person=person, deaths=_deaths(by_member, own))
        for person in seen
        if (own := [member for member in members[person] if member in by_member])
    }
    _enter(who, sorted(found), opening)
    return found


def _deaths(
    by_member: Mapping[PersonId, OwnLabel], members: Collection[PersonId]
) -> tuple[OwnDeath, ...]:
    """What was told of the death of any who are one, the latest first."""
    told = [death for member in members for death in by_member[member].deaths]
    return tuple(sorted(told, key=lambda death: death.version, reverse=True))


def _may_be_seen(
    who: SignedInPractitioner, persons: Collection[PersonId], opening: OwnOpening
) -> list[PersonId]:
    relationships = opening.relationships.relationships(who.id, persons)
    on_record = opening.decisions.on_record(persons)
    return [
        person
        for person in persons
        if may_see_own(
            who.id,
            who.role,
            person,
            relationships=relationships,
            restrictions=on_record[person].restrictions if person in on_record else (),
            exclusions=on_record[person].exclusions if person in on_record else (),
            at=opening.at,
        )
    ]


def _enter(who: SignedInPractitioner, shown: Sequence[PersonId], opening: OwnOpening) -> None:
    """One entry for as many as an entry may name."""
    opening.ledger.append(
        [
            ledger_entry(
                LedgerEvent.OWN_LABELS_OPENED,
                {"subjects": shown[first : first + MOST_ITEMS]},
                at=opening.at,
                actor=who.actor,
                entry_id=entry_id_for(
                    "own-labels", who.id, opening.at.isoformat(), *shown[first : first + MOST_ITEMS]
                ),
            )
            for first in range(0, len(shown), MOST_ITEMS)
        ]
    )
