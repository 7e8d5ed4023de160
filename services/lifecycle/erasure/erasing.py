"""Erasing a person (UK GDPR Article 17): begin it, destroy their keys, finish it. Pure.

Who may order it, and when it is due, is in `ordering`. (1) `order_erasure` deletes what is held and
takes the keys out of the rows, in one transaction. (2) The caller has the vault destroy what the
handles name. (3) `finish_erasure` deletes what transactions left that had begun before, and enters
that the keys are destroyed, which is true by then. Whatever dies in between, doing (2) and (3)
again for what is unfinished completes it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from consent.ledger import FieldValue, LedgerEntry, entry_id_for, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Ledger
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import PersonId
from schemas.topics import PROFILES_CHANGED
from schemas.vocabulary import LabelledCode

# What erasing needs from the outside world. All calls join one transaction.


class ErasureGround(LabelledCode):
    """Why a person is erased (UK GDPR Article 17(1)), as far as it applies to a council."""

    NO_LONGER_NEEDED = "no-longer-needed", "What is held is no longer needed"
    CONSENT_WITHDRAWN = "consent-withdrawn", "Consent was withdrawn and nothing else allows it"
    OBJECTION_UPHELD = "objection-upheld", "The person objected, and nothing overrides that"
    UNLAWFUL = "unlawful", "It should not have been held"
    LEGAL_OBLIGATION = "legal-obligation", "A law or a court requires it"
    RESTORED_BACKUP = "restored-backup", "They were erased before; a backup brought them back"


class ErasureRefusal(LabelledCode):
    """Why nobody was erased."""

    NOT_ALLOWED = "not-allowed", "Only information governance and administrators may erase"
    NOT_ORDERED = "not-ordered", "Nobody is erased without an order of two"
    UNKNOWN_PERSON = "unknown-person", "No such person"
    RESTRICTED = "restricted", "A restriction protects them; if they come again it would not"
    NOT_ALONE = (
        "not-alone",
        "Others were joined with them and would go too; name each, or undo the join first",
    )
    HELD = "held", "An inquiry or a court wants their records kept; release them first"
    OLD_KEY = (
        "old-key",
        "Their key is from before keys could be destroyed; run `tell-once keys rotate` first",
    )


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: everybody who was that person, and by what their keys are destroyed."""

    id: str
    persons: tuple[PersonId, ...]
    handles: tuple[bytes, ...]
    because: ErasureGround
    ordered_by: str
    ordered_at: datetime
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows went, and whose profiles changed besides."""

    records: int
    kept_back: int
    parked: int
    others: frozenset[PersonId]


class Erasures(Protocol):
    """What is held about persons, as far as it can be deleted, and who was erased."""

    def lock(self, person: PersonId) -> Sequence[PersonId]:
        """Everybody who is that person and not erased, locked until commit; nobody if unknown."""

    def find(self, person: PersonId) -> Erasure | None:
        """The erasure that this person was part of."""

    def obstacles(self, persons: Collection[PersonId]) -> Sequence[ErasureRefusal]:
        """Everything that forbids erasing them, the first to be dealt with first."""

    def leave_tombstone(self, erasure: Erasure) -> None:
        """Keep what is to come back to whoever comes again under the same identifiers."""

    def delete(self, persons: Collection[PersonId], *, by: str) -> Deleted:
        """Delete what is held about them, by whatever it is found; again deletes what is left.

        What the ledger vouches for is entered as gone, by who ordered it.
        """

    def begin(self, erasure: Erasure) -> Erasure:
        """Take their keys out of their rows and keep the order; gives it with the handles."""

    def unfinished(self) -> Sequence[Erasure]:
        """The erasures whose keys may not be destroyed yet."""

    def finish(self, erasure: Erasure, *, at: datetime) -> None:
        """Remember that the keys are destroyed."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """What erasing works with; every port joins one transaction."""

    erasures: Erasures
    announce: Callable[[Sequence[Event]], None]
    ledger: Ledger
    clock: Clock


_SOURCE = "urn:tell-once:erasure"


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Order: erase everything about somebody.

    `actor` asked for it, `order` is the order of two that somebody else confirmed and that is due.
    Without one nobody is erased but whom a backup brought back: two hands were there before.
    `also` are all who were joined with them, named by whoever is sure that they are one: a join
    can be undone, and who was erased by a wrong one cannot be brought back.
    """

    person: PersonId
    because: ErasureGround
    actor: str
    order: str | None
    also: frozenset[PersonId] = frozenset()


def order_erasure(command: ErasePerson, *, erasing: Erasing) -> Erasure | ErasureRefusal:
    """Delete what is held about a person, whoever is one with them included.

    Someone who was erased before gives that erasure, finished or not. A refusal is entered too.
    """
    persons = erasing.erasures.lock(command.person)
    before = None if persons else erasing.erasures.find(command.person)
    if before is not None:
        return before
    refusal = ErasureRefusal.NOT_ORDERED if _is_one_hand(command) else None
    refusal = refusal or why_not_erased(command, persons, erasing)
    if refusal is not None:
        enter_refusal(command, refusal, erasing)
        return refusal
    return _begin(command, tuple(persons), erasing)


def why_not_erased(
    command: ErasePerson, persons: Sequence[PersonId], erasing: Erasing
) -> ErasureRefusal | None:
    """What forbids to erase these, who are all that are the person; asked when it is ordered too.

    What protected them in a backup was lifted before they were erased, or they had not been.
    """
    if not persons:
        return ErasureRefusal.UNKNOWN_PERSON
    found = list(erasing.erasures.obstacles(persons))
    if not command.also.union([command.person]).issuperset(persons):
        found.append(ErasureRefusal.NOT_ALONE)
    if command.because is ErasureGround.RESTORED_BACKUP:
        found = [each for each in found if each is ErasureRefusal.OLD_KEY]
    return next(iter(found), None)


def enter_refusal(command: ErasePerson, why: ErasureRefusal, erasing: Erasing) -> None:
    """Enter that nobody was erased, and why."""
    fields: dict[str, FieldValue] = {"person": command.person, "because": why.value}
    event, at = LedgerEvent.PERSON_ERASURE_REFUSED, erasing.clock.now()
    erasing.ledger.append([ledger_entry(event, fields, at=at, actor=command.actor)])


def finish_erasure(erasure: Erasure, *, erasing: Erasing) -> Sequence[LedgerEntry]:
    """Enter that the keys are destroyed, once they are; gives the entries, as they then stand.

    What was left behind by transactions that had begun before the order goes too.
    """
    now = erasing.clock.now()
    deleted = erasing.erasures.delete(erasure.persons, by=erasure.ordered_by)
    erasing.erasures.finish(erasure, at=now)
    entries = [_entry_of_key(person, erasure, now) for person in erasure.persons]
    erasing.ledger.append(entries)
    _announce({*erasure.persons, *deleted.others}, erasure, now, erasing)
    return entries


def key_entry_ids(erasure: Erasure) -> list[str]:
    """The ids of the ledger entries that say that the keys are destroyed."""
    return [str(_key_entry_id(person, erasure)) for person in erasure.persons]


def _is_one_hand(command: ErasePerson) -> bool:
    return command.order is None and command.because is not ErasureGround.RESTORED_BACKUP


def _begin(command: ErasePerson, persons: tuple[PersonId, ...], erasing: Erasing) -> Erasure:
    now = erasing.clock.now()
    order = Erasure(
        str(new_entry_id(now)), persons, (), command.because, command.actor, now, is_finished=False
    )
    erasing.erasures.leave_tombstone(order)
    deleted = erasing.erasures.delete(persons, by=command.actor)
    erasure = erasing.erasures.begin(order)
    fields: dict[str, FieldValue] = {
        "erasure": erasure.id,
        "persons": persons,
        "because": command.because.value,
        "records": deleted.records,
        "held": deleted.kept_back,
        "parked": deleted.parked,
    }
    entry = ledger_entry(LedgerEvent.PERSON_ERASED, fields, at=now, actor=command.actor)
    erasing.ledger.append([entry])
    _announce({*persons, *deleted.others}, erasure, now, erasing)
    return erasure


def _entry_of_key(person: PersonId, erasure: Erasure, at: datetime) -> LedgerEntry:
    return ledger_entry(
        LedgerEvent.KEY_DESTROYED,
        {"person": person},
        at=at,
        actor=erasure.ordered_by,
        entry_id=_key_entry_id(person, erasure),
    )


def _key_entry_id(person: PersonId, erasure: Erasure) -> UUID:
    return entry_id_for("key-destroyed", person, erasure.id)


def _announce(
    persons: Collection[PersonId], erasure: Erasure, at: datetime, erasing: Erasing
) -> None:
    """Say that something changed, not what."""
    time = at.isoformat()
    erasing.announce(
        [
            Event(
                topic=PROFILES_CHANGED,
                key=person,
                id=str(entry_id_for("profile-changed", person, erasure.id, time)),
                type=EventType.PROFILE_CHANGED,
                source=_SOURCE,
                subject=person,
                time=time,
                content_type=PLAIN,
                data=b"{}",
            )
            for person in sorted(persons)
        ]
    )
