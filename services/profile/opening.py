"""Opening a family: the child first, then outward along what this practitioner may read."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from consent import OnRecord, Practitioner
from consent.ports import Decisions
from consent.question import LETS_ASK
from schemas.identifiers import PersonId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.people.relationships.model import MayOpen
from services.profile.ports import StoredRecord, StoredRecords
from services.profile.protection.homes import (
    Onlooker,
    is_seen_by_family,
    without_protected_homes,
    without_protected_places,
)
from services.profile.viewing import Opening, ReadProfile, Viewing

_GENERATIONS = 2


def view_family(
    command: ReadProfile, *, opening: Opening
) -> tuple[Viewing, Sequence[StoredRecord]]:
    """Open the child and go outward, along relationships that this practitioner may read.

    Whoever was joined is opened as the person whom they are one with. To whom the person is closed,
    nothing that is stored is read: the same is done whether there is such a person or not.
    """
    at, records, decisions = opening.at, opening.records, opening.decisions
    may_open = _may_open(command, opening)
    known = records.known_as(command.person)
    if known != command.person:
        command = replace(command, person=known)
        may_open = _may_open(command, opening)
    going = _Going(command, at, may_open, records, decisions)
    if going.is_closed:
        return going.only_on_record(), ()
    viewing = going.to({command.person})
    for _ in range(_GENERATIONS):
        reached = _reachable(viewing, going.found) - going.persons
        if not reached:
            break
        viewing = going.to(reached)
    found: Sequence[StoredRecord] = going.found
    found = without_protected_places(
        found,
        opened=command.person,
        purpose=command.purpose,
        relationships=viewing.practitioner.relationships,
        at=at,
    )
    reads_along = is_seen_by_family(command.purpose, viewing.practitioner.relationships, at)
    onlooker = Onlooker(command.practitioner, at, reads_along)
    found, there = without_protected_homes(found, onlooker, decisions)
    return replace(viewing, protected_homes=there), found


def _may_open(command: ReadProfile, opening: Opening) -> MayOpen:
    """Asked first, as it tells who is one with whom by the way."""
    person = command.person
    return opening.relationships.may_open(command.practitioner, [person])[person]


@dataclass(slots=True)
class _Going:
    """Going outward through a family: what was read of whom. Nobody is read twice."""

    command: ReadProfile
    at: datetime
    may_open: MayOpen
    records: StoredRecords
    decisions: Decisions
    persons: set[PersonId] = field(default_factory=set)
    on_record: dict[PersonId, OnRecord] = field(default_factory=dict)
    _found: dict[tuple[str, ...], StoredRecord] = field(default_factory=dict)

    @property
    def found(self) -> Sequence[StoredRecord]:
        """All that is stored about those who were reached."""
        return list(self._found.values())

    @property
    def is_closed(self) -> bool:
        """Whether nothing of the person opened may be shown, whatever is stored."""
        lets_ask = any(
            r.subject == self.command.person and r.ground in LETS_ASK
            for r in self.may_open.relationships
        )
        opens = self.command.role in OPENS_FAMILY_RECORDS and lets_ask
        return not opens or self.may_open.is_restricted

    def only_on_record(self) -> Viewing:
        """What is on record about the person themselves, from which it follows why."""
        self.on_record |= self.decisions.on_record({self.command.person})
        return self._viewing()

    def to(self, reached: AbstractSet[PersonId]) -> Viewing:
        """Read what is stored and on record about these as well."""
        found = self.records.in_parts(reached)
        # What is somebody's own record is complete only among all of theirs.
        self._found = {p: r for p, r in self._found.items() if r.persons[0] not in reached}
        self._found |= {_place(r): r for r in found if r.persons[0] not in self.persons}
        self.persons |= reached
        concerned = reached | {person for record in found for person in record.persons}
        unread = concerned - self.on_record.keys()
        if unread:
            self.on_record |= self.decisions.on_record(unread)
        return self._viewing()

    def _viewing(self) -> Viewing:
        command, on_record = self.command, dict(self.on_record)
        practitioner = Practitioner(
            command.practitioner, command.role, command.agency, self.may_open.relationships
        )
        return Viewing(command, practitioner, on_record, self.at)


def _place(record: StoredRecord) -> tuple[str, ...]:
    return record.stored_under, record.source, record.key


def _reachable(viewing: Viewing, found: Sequence[StoredRecord]) -> set[PersonId]:
    return {
        person
        for record in found
        if len(record.persons) > 1 and viewing.ask(record).is_permitted
        for person in record.persons
    }
